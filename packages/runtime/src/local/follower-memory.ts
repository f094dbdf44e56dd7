/** A follower's side: the local memory that the leader manages, asked over a Unix domain socket. */
import { createConnection, type Socket } from "node:net";
import { present } from "@headgate/contract";
import type { Ask, CommandResult, Lease, LeaseOutcome, Refusal, Snapshot } from "@headgate/resources";
import { type Command, LeaderGone, type LocalMemory, refused } from "./local-memory.ts";
import { FORMAT, type FromAsker, hear, isMessage, say } from "./messages.ts";

/** A holder that says nothing for so long hangs, or is not the holder any more. */
const SILENT_MS = 6_000;

interface PendingCall {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

type Question = FromAsker extends infer One
  ? One extends FromAsker
    ? Omit<One, "token" | "id">
    : never
  : never;

/**
 * @param leastToken a holder with a lesser one is late and not listened to
 * @throws {DeskGone} when nobody listens at the path, or nobody of this format
 */
export function askAt(
  path: string,
  leastToken: number,
  nowMs: () => number,
  signal: AbortSignal,
): Promise<FollowerMemory> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path });
    const stop = (): void => void socket.destroy();
    signal.addEventListener("abort", stop, { once: true });
    socket.on("error", () => {});
    socket.setTimeout(SILENT_MS, stop);
    socket.once("close", () => {
      signal.removeEventListener("abort", stop);
      reject(new LeaderGone("the process that loads this machine's models is gone"));
    });
    let memory: FollowerMemory | undefined;
    hear(socket, (message) => {
      const { token, is, format } = message;
      if (memory !== undefined) memory.hear(message);
      else if (is === "hello" && format === FORMAT && typeof token === "number" && token >= leastToken) {
        memory = new FollowerMemory(socket, token, nowMs);
        resolve(memory);
      } else socket.destroy();
    });
  });
}

export class FollowerMemory implements LocalMemory {
  /** The holder's. */
  readonly token: number;
  /** Resolves when the connection is closed. */
  readonly gone: Promise<void>;
  readonly #socket: Socket;
  readonly #nowMs: () => number;
  readonly #asked = new Map<number, PendingCall>();
  #ids = 0;

  constructor(socket: Socket, token: number, nowMs: () => number) {
    this.token = token;
    this.#socket = socket;
    this.#nowMs = nowMs;
    this.gone = new Promise((resolve) => {
      socket.once("close", () => {
        const error = new LeaderGone("the process that loads this machine's models is gone");
        for (const { reject } of this.#asked.values()) reject(error);
        this.#asked.clear();
        resolve();
      });
    });
  }

  /** Takes one message of the holder's. */
  hear({ token, is, id, value, why }: Readonly<Record<string, unknown>>): void {
    if (token !== this.token || typeof id !== "number") return;
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (is === "answer") asked?.resolve(value);
    else asked?.reject(new Error(String(why)));
  }

  #ask(question: Question): { id: number; answer: Promise<unknown> } {
    this.#ids += 1;
    const id = this.#ids;
    const answer = new Promise((resolve, reject) => {
      if (!this.#socket.writable) return reject(new LeaderGone("its connection is closed"));
      this.#asked.set(id, { resolve, reject });
      this.#tell(id, question);
    });
    return { id, answer };
  }

  #tell(id: number, question: Question): void {
    // A spread of a union is no member of it for the compiler, though each is.
    say(this.#socket, { token: this.token, id, ...question } as FromAsker);
  }

  async acquire({ need, signal, deadlineMs, priority }: Ask): Promise<Lease | Refusal> {
    signal?.throwIfAborted();
    const { id, answer } = this.#ask({
      ask: "acquire",
      need,
      ...present({ leftMs: deadlineMs === undefined ? undefined : deadlineMs - this.#nowMs() }),
      ...present({ priority }),
    });
    const onAbort = (): void => {
      const asked = this.#asked.get(id);
      this.#asked.delete(id);
      this.#tell(id, { ask: "abort" });
      asked?.reject(signal?.reason);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      const value = await answer;
      if (!isMessage(value)) throw new LeaderGone("its answer cannot be read");
      if (value.granted !== true) {
        const { reason, message, retryAfterMs } = value as unknown as Refusal;
        return refused(reason, message, retryAfterMs);
      }
      let open = true;
      return {
        ...(value as unknown as Lease),
        // The token goes with it: a later holder, whose lease it is not, never hears of it.
        release: (outcome: LeaseOutcome = "done") => {
          if (open) this.#tell(id, { ask: "release", outcome });
          open = false;
        },
      };
    } catch (error) {
      // As a holder that shuts down would say it: whoever asked may ask the next one.
      if (error instanceof LeaderGone) return refused("closing", error.message);
      throw error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async command(ask: Command, key: string): Promise<CommandResult> {
    return (await this.#ask({ ask, key }).answer) as CommandResult;
  }

  async snapshot(): Promise<Snapshot | undefined> {
    return (await this.#ask({ ask: "snapshot" }).answer) as Snapshot | undefined;
  }

  close(): void {
    this.#socket.destroy();
  }
}
