/** The messages between a worker and its primary. One transfer carries a list: what one turn of the event loop sends. */
import type {
  Claim,
  CooldownRecord,
  MeterCorrection,
  MeterRecord,
  MeterSettlement,
  Remembered,
  SharedGrant,
} from "@headgate/contract";

/** Without an answer. */
export type Notice =
  | readonly ["settle", ticket: string, meters: readonly MeterSettlement[]]
  | readonly ["cancel", ticket: string]
  | readonly ["correct", readonly MeterCorrection[]]
  | readonly ["addUsed", readonly MeterSettlement[]]
  | readonly ["cooldowns", readonly CooldownRecord[]]
  | readonly ["meters", readonly MeterRecord[]]
  | readonly ["forget", readonly string[]]
  | readonly ["put", space: string, key: string, base64: string, expiresAtMs: number]
  | readonly ["sweep", nowMs: number, maxBytes: Readonly<Record<string, number>>]
  | readonly ["unlock", question: number];

/** A question and its answer. */
export interface Questions {
  reserve: (claims: readonly Claim[], nowMs: number) => SharedGrant;
  load: () => Remembered;
  get: (space: string, key: string, nowMs: number) => string | null;
  delete: (space: string, key: string) => boolean;
  /** Answered when the leader lock is held; `unlock` with the question's number releases it, or stops the wait. */
  leaderLock: (name: string, here: boolean, processLock: string | null) => number;
  /** Answered when everything before it is written. */
  flush: () => boolean;
}

export type Question = keyof Questions;
export type Answer<Q extends Question> = ReturnType<Questions[Q]>;

export type FromWorker =
  | readonly ["question", number: number, question: Question, args: readonly unknown[]]
  | Notice;

export type FromPrimary =
  | readonly ["answer", number: number, value: unknown]
  | readonly ["failed", number: number, message: string]
  | readonly ["cooldowns", readonly CooldownRecord[]]
  | readonly ["lost", question: number, why: string];

/** Gathers what one turn of the event loop sends; while much is under way it gathers longer, which is the backpressure. */
export class Batches<Message> {
  #waiting: Message[] = [];
  #underWay = 0;
  #woken = false;
  readonly #send: (messages: readonly Message[], sent: () => void) => void;

  constructor(send: (messages: readonly Message[], sent: () => void) => void) {
    this.#send = send;
  }

  get size(): number {
    return this.#waiting.length;
  }

  push(message: Message): void {
    this.#waiting.push(message);
    if (this.#woken) return;
    this.#woken = true;
    queueMicrotask(() => {
      this.#woken = false;
      if (this.#underWay < MOST_UNDER_WAY) this.flush();
    });
  }

  /** Sends now, whatever is under way. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const messages = this.#waiting;
    this.#waiting = [];
    this.#underWay += 1;
    this.#send(messages, () => {
      this.#underWay -= 1;
      if (this.#underWay < MOST_UNDER_WAY) this.flush();
    });
  }
}

const MOST_UNDER_WAY = 4;
