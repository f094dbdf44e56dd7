/**
 * One resource manager for all processes of a state directory: the process with the leader lock (the leader) runs it, the
 * others (the followers) call it. When the leader ends, a follower gets the leader lock and adopts what is loaded; requests
 * that waited are sent again. The new leader does not know leases of the old one: their jobs go on, and their release is ignored.
 * The leader holds a process lock, so a kill is seen at once; a leader that hangs keeps its leader lock until the lock expires (docs/adr/0017).
 */
import { setTimeout as after } from "node:timers/promises";
import type { LeaderLock, StateStore } from "@headgate/contract";
import type { Ask, CommandResult, Lease, Refusal, Snapshot } from "@headgate/resources";
import type { ProcessLock } from "@headgate/state";
import { connectToLeader, type FollowerMemory } from "./follower-memory.ts";
import { LeaderMemory, type ManagerInput } from "./leader-memory.ts";
import { type LeaderPaths, leaderPaths } from "./leader-paths.ts";
import { type LeaderServer, serveFollowers } from "./leader-server.ts";
import {
  type Command,
  LeaderGone,
  type LocalMemory,
  type Managed,
  type ManagedMemory,
  refused,
} from "./local-memory.ts";

/** How often a follower looks for the leader's socket, in ms. A new leader needs about as long to listen. */
const LOOK_MS = 25;
const LOCK_RETRY_MS = 1_000;
/** The longest wait for a leader: longer than the leader lock of a leader that hangs takes to expire. */
const PATIENCE_MS = 10_000;
const NO_LEADER = "no process of this machine manages its models at the moment";

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
  /** Set while this process holds the leader lock. */
  #holding: Promise<unknown> | undefined;
  #connection: FollowerMemory | undefined;
  /** The memory that requests go to: this process's own, or the leader's. */
  #current: LocalMemory | undefined;
  readonly #onCurrent = new Set<() => void>();
  /** The greatest token of a leader so far. */
  #token = 0;
  #closed = false;

  constructor(input: ElectedMemoryInput) {
    this.#input = input;
  }

  /** While no backend is managed, this process holds no lock, opens no socket and calls no leader. */
  async configure(managed: Managed): Promise<void> {
    this.#managed = managed;
    if (managed.backends.length === 0) return this.#leave();
    if (this.#membership === undefined) {
      const paths = await leaderPaths(this.#input.stateDir);
      // A later call may have come first.
      if (this.#membership === undefined && !this.#closed && this.#managed.backends.length > 0)
        this.#join(paths);
    } else await this.#own?.configure(managed);
  }

  #join(paths: LeaderPaths): void {
    const stop = new AbortController();
    const ended = Promise.all([this.#seek(paths, stop.signal), this.#follow(paths, stop.signal)]);
    this.#membership = { stop, ended: ended.then(() => {}) };
  }

  async #leave(): Promise<void> {
    const before = this.#membership;
    this.#membership = undefined;
    before?.stop.abort(new Error("no local model is managed here any more"));
    await before?.ended;
  }

  /** Competes for the leader lock as long as there is something to manage. */
  async #seek(paths: LeaderPaths, signal: AbortSignal): Promise<void> {
    const { store, manager } = this.#input;
    while (!signal.aborted) {
      const processLock = await this.#processLock(paths.folder);
      let givenBack = true;
      try {
        const leaderLock = await (store.leaderLockHere ?? store.leaderLock)(
          paths.leaderLock,
          signal,
          processLock?.path,
        );
        givenBack = false;
        const holding = this.#hold(paths, leaderLock, signal);
        this.#holding = holding;
        givenBack = await holding;
      } catch (error) {
        if (signal.aborted) return;
        manager.log.warn("the leader lock of local models is not available", {
          why: String(error),
        });
        await pause(LOCK_RETRY_MS, signal);
      } finally {
        this.#holding = undefined;
        // The store may still name this process: an ended process lock shows the others that it is no leader.
        processLock?.end(givenBack);
      }
    }
  }

  async #processLock(folder: string): Promise<ProcessLock | undefined> {
    const { holdProcessLock } = await import("@headgate/state");
    try {
      return holdProcessLock(folder);
    } catch (error) {
      const why = String(error);
      this.#input.manager.log.warn(
        "no process lock is available: if this process is killed, others notice when its leader lock expires",
        { why },
      );
      return undefined;
    }
  }

  /** Leads until the lock is lost or the signal aborts. @returns whether the lock was released, and not lost */
  async #hold({ path, folder }: LeaderPaths, leaderLock: LeaderLock, signal: AbortSignal): Promise<boolean> {
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
        manager.log.warn("other processes cannot reach this one for local models", {
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

  /** Connects to the leader, while it is another process. */
  async #follow({ path }: LeaderPaths, signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(LOOK_MS, signal);
      await this.#holding?.catch(() => {});
      if (signal.aborted) return;
      const connection = await connectToLeader(path, this.#token, this.#input.nowMs, signal).catch(
        () => undefined,
      );
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
        return refused(late ? "deadline" : "load-failed", NO_LEADER);
      }
      const answer = await memory.acquire(ask);
      if (answer.granted || answer.reason !== "closing" || this.#closed) return answer;
      // The leader closes, and this process does not: the next leader is tried, as long as the request may wait.
      this.#drop(memory);
    }
  }

  /** Waits for a leader. @returns undefined when the wait ended without one */
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
      // A timer counts whole ms and may fire 1 ms early.
      const timer = setTimeout(done, Math.ceil(leftMs) + 1);
      timer.unref();
      signal?.addEventListener("abort", done, { once: true });
      this.#onCurrent.add(done);
    });
  }

  async command(what: Command, key: string): Promise<CommandResult> {
    if (this.#membership === undefined) return { ok: false, why: "no local model is managed here" };
    return (await this.#memoryWithin()).command(what, key);
  }

  async snapshot(waitMs = PATIENCE_MS): Promise<Snapshot | undefined> {
    if (this.#membership === undefined) return undefined;
    return (await this.#memoryWithin(waitMs)).snapshot();
  }

  async #memoryWithin(waitMs = PATIENCE_MS): Promise<LocalMemory> {
    const memory = this.#current ?? (await this.#next(undefined, this.#input.nowMs() + waitMs));
    if (memory === undefined) throw new LeaderGone(NO_LEADER);
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

/** Resolves early when the signal aborts. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  after(ms, undefined, { signal, ref: false }).catch(() => {});
