/** A follower's side: the local memory that the leader manages, over a Unix domain socket. */
import { createConnection, type Socket } from "node:net";
import { present } from "@headgate/contract";
import type { Ask, CommandResult, Lease, LeaseOutcome, Refusal, Snapshot } from "@headgate/resources";
import { type Command, LeaderGone, type LocalMemory, refused } from "./local-memory.ts";
import { FORMAT, type FromFollower, isMessage, onMessages, send } from "./messages.ts";

/** A leader that sends nothing for so long hangs, or is no longer the leader. */
const SILENT_MS = 6_000;

interface PendingCall {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

type Call = FromFollower extends infer One
  ? One extends FromFollower
    ? Omit<One, "token" | "id">
    : never
  : never;

/**
 * @param leastToken a leader with a smaller token is late and is ignored
 * @throws {LeaderGone} when no process listens at the path, or none of this format
 */
export function connectToLeader(
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
    onMessages(socket, (message) => {
      const { token, is, format } = message;
      if (memory !== undefined) memory.receive(message);
      else if (is === "hello" && format === FORMAT && typeof token === "number" && token >= leastToken) {
        memory = new FollowerMemory(socket, token, nowMs);
        resolve(memory);
      } else socket.destroy();
    });
  });
}

export class FollowerMemory implements LocalMemory {
  /** The leader's. */
  readonly token: number;
  /** Resolves when the connection is closed. */
  readonly gone: Promise<void>;
  readonly #socket: Socket;
  readonly #nowMs: () => number;
  readonly #pending = new Map<number, PendingCall>();
  #ids = 0;

  constructor(socket: Socket, token: number, nowMs: () => number) {
    this.token = token;
    this.#socket = socket;
    this.#nowMs = nowMs;
    this.gone = new Promise((resolve) => {
      socket.once("close", () => {
        const error = new LeaderGone("the process that loads this machine's models is gone");
        for (const { reject } of this.#pending.values()) reject(error);
        this.#pending.clear();
        resolve();
      });
    });
  }

  /** Takes one message of the leader's. */
  receive({ token, is, id, value, why }: Readonly<Record<string, unknown>>): void {
    if (token !== this.token || typeof id !== "number") return;
    const call = this.#pending.get(id);
    this.#pending.delete(id);
    if (is === "answer") call?.resolve(value);
    else call?.reject(new Error(String(why)));
  }

  #call(call: Call): { id: number; answer: Promise<unknown> } {
    this.#ids += 1;
    const id = this.#ids;
    const answer = new Promise((resolve, reject) => {
      if (!this.#socket.writable) return reject(new LeaderGone("the connection to the leader is closed"));
      this.#pending.set(id, { resolve, reject });
      this.#send(id, call);
    });
    return { id, answer };
  }

  #send(id: number, call: Call): void {
    // A spread of a union is no member of it for the compiler, though each is.
    send(this.#socket, { token: this.token, id, ...call } as FromFollower);
  }

  async acquire({ need, signal, deadlineMs, startByMs, priority }: Ask): Promise<Lease | Refusal> {
    signal?.throwIfAborted();
    const left = (atMs: number | undefined): number | undefined =>
      atMs === undefined ? undefined : atMs - this.#nowMs();
    const { id, answer } = this.#call({
      ask: "acquire",
      need,
      ...present({ leftMs: left(deadlineMs), startLeftMs: left(startByMs), priority }),
    });
    const onAbort = (): void => {
      const call = this.#pending.get(id);
      this.#pending.delete(id);
      this.#send(id, { ask: "abort" });
      call?.reject(signal?.reason);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      const value = await answer;
      if (!isMessage(value)) throw new LeaderGone("the leader's answer cannot be read");
      if (value.granted !== true) {
        const { reason, message, retryAfterMs } = value as unknown as Refusal;
        return refused(reason, message, retryAfterMs);
      }
      let open = true;
      return {
        ...(value as unknown as Lease),
        // The message carries the token: a later leader, which did not grant the lease, ignores it.
        release: (outcome: LeaseOutcome = "done") => {
          if (open) this.#send(id, { ask: "release", outcome });
          open = false;
        },
      };
    } catch (error) {
      // The same reason as from a leader that shuts down: the caller may try the next leader.
      if (error instanceof LeaderGone) return refused("closing", error.message);
      throw error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async command(ask: Command, key: string): Promise<CommandResult> {
    return (await this.#call({ ask, key }).answer) as CommandResult;
  }

  async snapshot(): Promise<Snapshot | undefined> {
    return (await this.#call({ ask: "snapshot" }).answer) as Snapshot | undefined;
  }

  close(): void {
    this.#socket.destroy();
  }
}
