/**
 * Background requests wait here for quota that interactive ones leave over. One waits in line for each name: its head looks again
 * every quarter of a second. The oldest never starves: after a minute the head goes on like an interactive request, one every
 * ten seconds.
 */
import { admit, type IndexedRoute, plan, type RequestFacts } from "@headgate/router";
import { ClientError } from "../http/client-error.ts";
import type { ClientEnd } from "../http/client-sink.ts";

const LOOK_MS = 250;
/** The age bound. */
const AGE_MS = 60_000;
const AGED_EVERY_MS = 10_000;
/** Further requests are refused at once. */
const MAX_WAITING = 1_000;

export interface BackgroundInput {
  /** The gateway's clock. */
  readonly nowMs: () => number;
  /** The longest wait; afterwards the request goes on with whatever is open, or fails. */
  readonly maxWaitMs: number;
}

/** Why a request goes on: there is quota to spare, or it has waited long enough to count as an interactive one. */
export type Turn = "spare" | "aged";

interface Waiting {
  wake(): void;
}

export class BackgroundQueue {
  readonly #input: BackgroundInput;
  readonly #lines = new Map<string, Waiting[]>();
  #waiting = 0;
  /** On the monotonic clock. */
  #agedAtMs = Number.NEGATIVE_INFINITY;

  constructor(input: BackgroundInput) {
    this.#input = input;
  }

  /**
   * @param patienceMs of a batch's line: it waits so long, and never goes on like an interactive request
   * @throws {ClientError} 429 where too many wait already, and where the patience is over
   */
  async turn(
    route: IndexedRoute,
    facts: RequestFacts,
    sink: Pick<ClientEnd, "gone" | "onGone">,
    patienceMs?: number,
  ): Promise<Turn> {
    const { nowMs, maxWaitMs } = this.#input;
    let line = this.#lines.get(route.name);
    if (line === undefined && isSpare(route, facts, nowMs())) return "spare";
    if (this.#waiting >= MAX_WAITING) throw tooMany();
    if (line === undefined) {
      line = [];
      this.#lines.set(route.name, line);
    }
    const own: Waiting = { wake: () => {} };
    line.push(own);
    this.#waiting += 1;
    const sinceMs = performance.now();
    try {
      for (;;) {
        const nowOnMs = performance.now();
        if (patienceMs !== undefined && nowOnMs - sinceMs >= patienceMs) throw nothingSpare();
        if (sink.gone || nowOnMs - sinceMs >= maxWaitMs) return "aged";
        if (line[0] === own) {
          if (isSpare(route, facts, nowMs())) return "spare";
          if (
            patienceMs === undefined &&
            nowOnMs - sinceMs >= AGE_MS &&
            nowOnMs - this.#agedAtMs >= AGED_EVERY_MS
          ) {
            this.#agedAtMs = nowOnMs;
            return "aged";
          }
        }
        await this.#pause(own, sink);
      }
    } finally {
      this.#waiting -= 1;
      line.splice(line.indexOf(own), 1);
      if (line.length === 0) this.#lines.delete(route.name);
      else line[0]?.wake();
    }
  }

  #pause(own: Waiting, sink: Pick<ClientEnd, "onGone">): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => own.wake(), LOOK_MS);
      own.wake = () => {
        clearTimeout(timer);
        sink.onGone = undefined;
        resolve();
      };
      sink.onGone = own.wake;
    });
  }
}

/** Something that costs nothing has room to spare, or nothing ever will: then the exchange says why. */
function isSpare(route: IndexedRoute, facts: RequestFacts, nowMs: number): boolean {
  const { candidates, skipped } = plan(route, facts, nowMs);
  const free = candidates.filter(({ deployment }) => deployment.tier !== "paid");
  const cooling = skipped.some(
    ({ reason, deployment }) => reason === "cooling" && deployment.tier !== "paid",
  );
  const worth = free.length > 0 || cooling ? free : candidates;
  if (worth.length === 0) return !cooling;
  return worth.some((candidate) => {
    const { skip } = admit(candidate, facts, nowMs, false);
    return skip === undefined || skip.never === true;
  });
}

const nothingSpare = (): ClientError =>
  new ClientError({
    status: 429,
    type: "rate_limit_error",
    code: "nothing_spare",
    message: "The limits leave nothing over for this request now.",
    retryAfterMs: AGE_MS / 4,
  });

const tooMany = (): ClientError =>
  new ClientError({
    status: 429,
    type: "rate_limit_error",
    code: "background_queue_full",
    message: `${MAX_WAITING} background requests wait for quota already. Try again later, or without the background priority.`,
    retryAfterMs: AGE_MS,
  });
