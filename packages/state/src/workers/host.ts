/**
 * The primary's side: it owns the store, and its one thread owns the shared limits, so a reservation is atomic without a lock.
 * When a worker ends, its leases and its leader locks are released; what it sent upstream stays counted.
 */
import type {
  Claim,
  CooldownRecord,
  LeaderLock,
  MeterRecord,
  SharedGrant,
  StateStore,
} from "@headgate/contract";
import { type Clock, systemClock } from "../clock.ts";
import { messageOf } from "../failures.ts";
import { grantOf, SharedLimitsCore } from "../limits/core.ts";
import { SKEW_MS } from "../limits/rules.ts";
import { readCounter, storeCounter } from "../limits/stored.ts";
import type { Channel } from "./channel.ts";
import { Batches, type FromPrimary, type FromWorker, type Notice, type Question } from "./messages.ts";

export interface HostOptions {
  readonly clock?: Clock;
}

export interface Host {
  /** Serves one worker until its channel closes. */
  attach(channel: Channel): void;
  /** The wall clock was set by `deltaMs` while no time passed. Call before the first message that is of the new time. */
  shift(deltaMs: number): void;
  /** Gives every leader lock back and closes the store. */
  close(): Promise<void>;
}

/** What the shared limits count is kept among the meters under names that no router uses. */
const SHARED = "limits\n";
/** A worker's leases end with the worker, so they need no renewal. */
const LEASE_MS = 24 * 60 * 60 * 1000;

/** @throws what `store.load` throws */
export async function hostStore(store: StateStore, options: HostOptions = {}): Promise<Host> {
  const clock = options.clock ?? systemClock;
  const untilMs = new Map<string, number>();
  const changed = new Set<string>();
  const workers = new Set<HostedWorker>();
  let woken = false;
  let shiftedMs = 0;

  const limits = new SharedLimitsCore({
    leaseMs: LEASE_MS,
    untilMs: (id) => untilMs.get(id) ?? 0,
    changed(id) {
      changed.add(id);
      if (woken) return;
      woken = true;
      setImmediate(save);
    },
  });
  const save = (): void => {
    woken = false;
    const records: MeterRecord[] = [];
    for (const id of changed) {
      const state = limits.state(id);
      // What is in flight ends with this process.
      if (state !== undefined && state.kind !== "concurrency") {
        records.push({ id: SHARED + id, data: storeCounter(state) });
      }
    }
    changed.clear();
    if (records.length > 0) store.saveMeters(records);
  };

  const remembered = await store.load();
  for (const { id, untilMs: until } of remembered.cooldowns) untilMs.set(id, until);
  for (const { id, data } of remembered.meters) {
    if (!id.startsWith(SHARED)) continue;
    const counter = readCounter(data);
    if (counter !== undefined) limits.restore(id.slice(SHARED.length), counter);
  }
  const announce = (records: readonly CooldownRecord[], from?: HostedWorker): void => {
    for (const record of records) untilMs.set(record.id, record.untilMs);
    for (const worker of workers) if (worker !== from) worker.send(["cooldowns", records]);
  };
  store.onCooldowns?.((records) => announce(records));

  const context: HostContext = {
    store,
    limits,
    clock,
    saved: announce,
    forget(ids) {
      for (const id of ids) untilMs.delete(id);
      limits.forget(ids);
      store.forget([...ids, ...ids.map((id) => SHARED + id)]);
    },
    sentBeforeShift: (callerMs, nowMs) => shiftedMs !== 0 && Math.abs(callerMs + shiftedMs - nowMs) < SKEW_MS,
  };
  return {
    attach(channel) {
      const worker = new HostedWorker(channel, context);
      workers.add(worker);
      channel.onClose(() => {
        workers.delete(worker);
        worker.gone();
      });
    },
    shift(deltaMs) {
      shiftedMs = deltaMs;
      for (const [id, until] of untilMs) untilMs.set(id, until + deltaMs);
      limits.shift(deltaMs);
    },
    async close() {
      for (const worker of workers) worker.gone();
      workers.clear();
      save();
      await store.close();
    },
  };
}

interface HostContext {
  readonly store: StateStore;
  readonly limits: SharedLimitsCore;
  readonly clock: Clock;
  saved(records: readonly CooldownRecord[], from: HostedWorker): void;
  forget(ids: readonly string[]): void;
  /** Whether a message that names `callerMs` left its worker before the clock was set, and arrived afterwards. */
  sentBeforeShift(callerMs: number, nowMs: number): boolean;
}

let workersSoFar = 0;

class HostedWorker {
  readonly #context: HostContext;
  readonly #out: Batches<FromPrimary>;
  readonly #tickets = new Set<string>();
  /** Leader locks that are held or waited for, by the question's number. */
  readonly #locks = new Map<number, { readonly stop: AbortController; leaderLock?: LeaderLock }>();
  readonly #name: string;
  #count = 0;

  constructor(channel: Channel, context: HostContext) {
    this.#context = context;
    workersSoFar += 1;
    this.#name = `w${workersSoFar}`;
    this.#out = new Batches((messages, sent) => channel.send(messages, sent));
    // Both ends are this program, of one version.
    channel.onMessage((messages) => {
      for (const message of messages as FromWorker[]) this.#receive(message);
    });
  }

  send(message: FromPrimary): void {
    this.#out.push(message);
  }

  #receive(message: FromWorker): void {
    // Read first: a jump of the clock is known before a message that is of the new time.
    const ownMs = this.#context.clock.nowMs();
    if (message[0] !== "question") {
      this.#apply(message);
      return;
    }
    const [, number, question, args] = message;
    if (question === "reserve") {
      const [claims, callerMs] = args as [Claim[], number];
      const early = this.#context.sentBeforeShift(callerMs, ownMs);
      this.send(["answer", number, this.#reserve(claims, early ? ownMs : callerMs)]);
      return;
    }
    this.#answer(number, question, args).then(
      (value) => this.send(["answer", number, value]),
      (error: unknown) => this.send(["failed", number, messageOf(error)]),
    );
  }

  #reserve(claims: readonly Claim[], nowMs: number): SharedGrant {
    this.#count += 1;
    const ticket = `${this.#name}-${this.#count.toString(36)}`;
    const verdict = this.#context.limits.reserve(ticket, claims, nowMs);
    if (verdict.index !== -1) this.#tickets.add(ticket);
    return grantOf(verdict, ticket);
  }

  async #answer(number: number, question: Question, args: readonly unknown[]): Promise<unknown> {
    const { store } = this.#context;
    switch (question) {
      case "load": {
        const { cooldowns, meters } = await store.load();
        return { cooldowns, meters: meters.filter(({ id }) => !id.startsWith(SHARED)) };
      }
      case "get": {
        const [space, key, nowMs] = args as [string, string, number];
        const value = await store.kept.get(space, key, nowMs);
        return value === undefined ? null : Buffer.from(value).toString("base64");
      }
      case "delete": {
        const [space, key] = args as [string, string];
        return store.kept.delete(space, key);
      }
      case "leaderLock": {
        const [name, here, processLock] = args as [string, boolean, string | null];
        return this.#leaderLock(number, name, here, processLock ?? undefined);
      }
      default:
        return true;
    }
  }

  async #leaderLock(
    number: number,
    name: string,
    here: boolean,
    processLock: string | undefined,
  ): Promise<number> {
    const { store } = this.#context;
    const stop = new AbortController();
    const entry: { stop: AbortController; leaderLock?: LeaderLock } = { stop };
    this.#locks.set(number, entry);
    const leaderLock = await (here ? (store.leaderLockHere ?? store.leaderLock) : store.leaderLock)(
      name,
      stop.signal,
      processLock,
    );
    entry.leaderLock = leaderLock;
    leaderLock.lost.addEventListener("abort", () =>
      this.send(["lost", number, messageOf(leaderLock.lost.reason)]),
    );
    return leaderLock.token;
  }

  #apply(message: Notice): void {
    const { store, limits, clock } = this.#context;
    switch (message[0]) {
      case "settle":
        this.#tickets.delete(message[1]);
        limits.settle(message[1], message[2], clock.nowMs());
        break;
      case "cancel":
        this.#tickets.delete(message[1]);
        limits.cancel(message[1], clock.nowMs());
        break;
      case "correct":
        limits.correct(message[1], clock.nowMs());
        break;
      case "addUsed":
        limits.addUsed(message[1], clock.nowMs());
        break;
      case "cooldowns":
        store.saveCooldowns(message[1]);
        this.#context.saved(message[1], this);
        break;
      case "meters":
        store.saveMeters(message[1]);
        break;
      case "forget":
        this.#context.forget(message[1]);
        break;
      case "put": {
        const [, space, key, base64, expiresAtMs] = message;
        store.kept.put({ space, key, value: new Uint8Array(Buffer.from(base64, "base64")), expiresAtMs });
        break;
      }
      case "sweep":
        store.kept.sweep(message[1], message[2]);
        break;
      case "unlock":
        this.#leave(message[1]);
        break;
    }
  }

  #leave(number: number): void {
    const entry = this.#locks.get(number);
    this.#locks.delete(number);
    entry?.stop.abort(new Error("the worker no longer waits"));
    entry?.leaderLock?.release().catch(() => {});
  }

  gone(): void {
    const nowMs = this.#context.clock.nowMs();
    for (const ticket of this.#tickets) this.#context.limits.abandon(ticket, nowMs);
    this.#tickets.clear();
    for (const number of [...this.#locks.keys()]) this.#leave(number);
  }
}
