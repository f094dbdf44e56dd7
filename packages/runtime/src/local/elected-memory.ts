/**
 * One resource manager for all processes of a state directory: whoever holds the leader lock makes it, the others ask it. When
 * the holder is gone, one of the others gets the leader lock and takes over what is loaded; those who waited ask again. Leases
 * that the holder before had granted are not known to the next: their jobs go on, and their release means nothing to it.
 * The leader holds a process lock, so a kill is seen at once; a leader that hangs keeps its leader lock until the lock expires (docs/adr/0017).
 */
import { setTimeout as after } from "node:timers/promises";
import type { LeaderLock, StateStore } from "@headgate/contract";
import type { Ask, CommandResult, Lease, Refusal, Snapshot } from "@headgate/resources";
import type { ProcessLock } from "@headgate/state";
import { askAt, type FollowerMemory } from "./follower-memory.ts";
import { LeaderMemory, type ManagerInput } from "./leader-memory.ts";
import { type LeaderServer, serveFollowers } from "./leader-server.ts";
import {
  type Command,
  LeaderGone,
  type LocalMemory,
  type Managed,
  type ManagedMemory,
  refused,
} from "./local-memory.ts";
import { type Meeting, meetingOf } from "./socket-place.ts";

/** A holder is looked for so often; one that has just got the leader lock takes about as long to listen. */
const LOOK_MS = 25;
const LOCK_RETRY_MS = 1_000;
/** So long one waits for somebody to hold the role: more than a role outlives a holder that hangs. */
const PATIENCE_MS = 10_000;
const NOBODY = "no process of this machine loads its models just now";

export interface ElectedMemoryInput {
  readonly store: Pick<StateStore, "leaderLock" | "leaderLockHere">;
  readonly stateDir: string;
  readonly manager: ManagerInput;
  readonly nowMs: () => number;
}

interface Membership {
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

export class ElectedMemory implements ManagedMemory {
  readonly #input: ElectedMemoryInput;
  #managed: Managed = { backends: [], models: [] };
  #membership: Membership | undefined;
  #own: LeaderMemory | undefined;
  /** While this process holds the leader lock. */
  #holding: Promise<unknown> | undefined;
  #connection: FollowerMemory | undefined;
  /** Who is asked now. */
  #current: LocalMemory | undefined;
  readonly #onCurrent = new Set<() => void>();
  /** The greatest token heard of. */
  #token = 0;
  #closed = false;

  constructor(input: ElectedMemoryInput) {
    this.#input = input;
  }

  /** Nothing is held, listened to or asked while no backend is managed. */
  async configure(managed: Managed): Promise<void> {
    this.#managed = managed;
    if (managed.backends.length === 0) return this.#leave();
    if (this.#membership === undefined) {
      const meeting = await meetingOf(this.#input.stateDir);
      // Another table may have come meanwhile.
      if (this.#membership === undefined && !this.#closed && this.#managed.backends.length > 0)
        this.#join(meeting);
    } else await this.#own?.configure(managed);
  }

  #join(meeting: Meeting): void {
    const stop = new AbortController();
    const ended = Promise.all([this.#seek(meeting, stop.signal), this.#follow(meeting, stop.signal)]);
    this.#membership = { stop, ended: ended.then(() => {}) };
  }

  async #leave(): Promise<void> {
    const before = this.#membership;
    this.#membership = undefined;
    before?.stop.abort(new Error("no local model is managed here any more"));
    await before?.ended;
  }

  /** Wants the leader lock for as long as there is something to manage. */
  async #seek(meeting: Meeting, signal: AbortSignal): Promise<void> {
    const { store, manager } = this.#input;
    while (!signal.aborted) {
      const processLock = await this.#live(meeting.folder);
      let givenBack = true;
      try {
        const leaderLock = await (store.leaderLockHere ?? store.leaderLock)(
          meeting.leaderLock,
          signal,
          processLock?.path,
        );
        givenBack = false;
        const holding = this.#hold(meeting, leaderLock, signal);
        this.#holding = holding;
        givenBack = await holding;
      } catch (error) {
        if (signal.aborted) return;
        manager.log.warn("the leader lock of the process that loads local models cannot be had", {
          why: String(error),
        });
        await pause(LOCK_RETRY_MS, signal);
      } finally {
        this.#holding = undefined;
        // Where the store still names this holder, the others must see that it acts no more.
        processLock?.end(givenBack);
      }
    }
  }

  async #live(folder: string): Promise<ProcessLock | undefined> {
    const { holdProcessLock } = await import("@headgate/state");
    try {
      return holdProcessLock(folder);
    } catch (error) {
      const why = String(error);
      this.#input.manager.log.warn("no lock can be had here, so a kill of this process shows late", { why });
      return undefined;
    }
  }

  /** @returns whether the leader lock was given back, and not lost */
  async #hold({ path, folder }: Meeting, leaderLock: LeaderLock, signal: AbortSignal): Promise<boolean> {
    const { manager, nowMs } = this.#input;
    const { token, lost } = leaderLock;
    const own = new LeaderMemory(manager);
    this.#own = own;
    this.#token = Math.max(this.#token, token);
    this.#connection?.close();
    this.#use(own);
    own
      .configure(this.#managed)
      .catch((error: unknown) => manager.log.error("local models cannot be managed", { why: String(error) }));
    const server: LeaderServer | undefined = await serveFollowers({ path, memory: own, token, nowMs }).catch(
      (error: unknown) => {
        manager.log.warn("other processes cannot ask this one for local models", {
          path,
          why: String(error),
        });
        return undefined;
      },
    );
    const { sweepProcessLocks } = await import("@headgate/state");
    sweepProcessLocks(folder, nowMs());
    await aborted(AbortSignal.any([lost, signal]));
    this.#drop(own);
    this.#own = undefined;
    await own.close();
    const mine = !lost.aborted;
    await server?.close(mine);
    await leaderLock.release();
    return mine;
  }

  /** Asks the holder, while it is another process. */
  async #follow({ path }: Meeting, signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(LOOK_MS, signal);
      await this.#holding?.catch(() => {});
      if (signal.aborted) return;
      const connection = await askAt(path, this.#token, this.#input.nowMs, signal).catch(() => undefined);
      if (connection === undefined) continue;
      if (this.#holding === undefined && !signal.aborted) {
        this.#token = connection.token;
        this.#connection = connection;
        this.#use(connection);
        await connection.gone;
        this.#connection = undefined;
        this.#drop(connection);
      } else connection.close();
    }
  }

  #use(memory: LocalMemory): void {
    this.#current = memory;
    for (const wake of [...this.#onCurrent]) wake();
  }

  #drop(memory: LocalMemory): void {
    if (this.#current === memory) this.#current = undefined;
    if (this.#connection === memory) this.#connection.close();
  }

  async acquire(ask: Ask): Promise<Lease | Refusal> {
    for (;;) {
      const memory = this.#current ?? (await this.#next(ask.signal, ask.deadlineMs));
      if (memory === undefined) {
        ask.signal?.throwIfAborted();
        if (this.#closed) return refused("closing", "the gateway is shutting down");
        const late = ask.deadlineMs !== undefined && ask.deadlineMs <= this.#input.nowMs();
        return refused(late ? "deadline" : "load-failed", NOBODY);
      }
      const answer = await memory.acquire(ask);
      if (answer.granted || answer.reason !== "closing" || this.#closed) return answer;
      // Another one closes, not this: its successor is asked, for as long as the request may wait.
      this.#drop(memory);
    }
  }

  /** @returns undefined when the wait ended without one */
  #next(signal?: AbortSignal, deadlineMs = Number.POSITIVE_INFINITY): Promise<LocalMemory | undefined> {
    if (this.#closed || signal?.aborted === true) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const done = (): void => {
        this.#onCurrent.delete(done);
        signal?.removeEventListener("abort", done);
        clearTimeout(timer);
        resolve(this.#current);
      };
      const leftMs = Math.min(Math.max(0, deadlineMs - this.#input.nowMs()), PATIENCE_MS);
      // Timers count whole ms and may be one early.
      const timer = setTimeout(done, Math.ceil(leftMs) + 1);
      timer.unref();
      signal?.addEventListener("abort", done, { once: true });
      this.#onCurrent.add(done);
    });
  }

  async command(what: Command, key: string): Promise<CommandResult> {
    if (this.#membership === undefined) return { ok: false, why: "no local model is managed here" };
    return (await this.#someone()).command(what, key);
  }

  async snapshot(waitMs = PATIENCE_MS): Promise<Snapshot | undefined> {
    if (this.#membership === undefined) return undefined;
    return (await this.#someone(waitMs)).snapshot();
  }

  async #someone(waitMs = PATIENCE_MS): Promise<LocalMemory> {
    const memory = this.#current ?? (await this.#next(undefined, this.#input.nowMs() + waitMs));
    if (memory === undefined) throw new LeaderGone(NOBODY);
    return memory;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const wake of [...this.#onCurrent]) wake();
    await this.#leave();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/** Ends early, and quietly, with the signal. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  after(ms, undefined, { signal, ref: false }).catch(() => {});
