/**
 * The resource manager: the one loop that owns the scheduler, carries out what it decides through drivers and the memory
 * probe, and hands leases to callers. One process of a machine runs one.
 */

import { present } from "@headgate/contract";
import { type Clock, systemClock } from "./clock.ts";
import { createScheduler } from "./core/scheduler.ts";
import type { Snapshot } from "./core/snapshot.ts";
import type {
  Decision,
  DeviceConfig,
  LeaseId,
  ModelNeed,
  RefusalReason,
  SchedulerConfig,
  SchedulerEvent,
} from "./core/types.ts";
import type { DeviceId, Driver, MemoryProbe } from "./driver.ts";
import { CALL_LIMITS, type Call, type CallLimits, call, failureOf, whyOf } from "./driver-calls.ts";
import { matchFound } from "./found.ts";

export interface ManagerOptions {
  readonly devices: readonly DeviceConfig[];
  readonly backends: readonly {
    readonly driver: Driver;
    /** Models it holds at the same time; absent: as many as there is memory for. */
    readonly slots?: number | undefined;
    /** It spreads a model over several GPUs where none alone can hold it. Default false. */
    readonly splits?: boolean | undefined;
  }[];
  readonly probe: MemoryProbe;
  /** What is declared, so that models found loaded are known before their first request. */
  readonly models?: readonly ModelNeed[];
  readonly tuning?: Omit<SchedulerConfig, "devices" | "backends">;
  readonly limits?: CallLimits;
  readonly clock?: Clock;
  /** Called when a backend stops or starts to answer; `why` is what was tried and failed. */
  readonly onBackend?: (backend: string, why: string | undefined) => void;
}

export interface Ask {
  readonly need: ModelNeed;
  /** Ends the wait; acquire then rejects with its reason. */
  readonly signal?: AbortSignal;
  /** On the clock of `timers`. */
  readonly deadlineMs?: number;
  /** The same clock: the wait ends here unless its model is being loaded for it by then. */
  readonly startByMs?: number;
  /** Instead of the model's own. */
  readonly priority?: number;
}

export type LeaseOutcome = "done" | "failed" | "unreachable";

export interface Lease {
  readonly granted: true;
  readonly id: LeaseId;
  readonly key: string;
  /** One, or all that a split model is on. */
  readonly devices: readonly DeviceId[];
  /** Gives it back. Only the first call counts; later ones are counted as stray and do nothing. */
  release(outcome?: LeaseOutcome): void;
}

export interface Refusal {
  readonly granted: false;
  readonly reason: RefusalReason;
  /** A sentence for people. */
  readonly message: string;
  readonly retryAfterMs: number | undefined;
}

export type CommandResult = { readonly ok: true } | { readonly ok: false; readonly why: string };

export interface ResourceManager {
  /**
   * Waits until the model is loaded and has a lease for one more job.
   * @throws the signal's reason when it ends the wait
   * @throws {Error} for a need that names a backend that is not there
   */
  acquire(ask: Ask): Promise<Lease | Refusal>;
  /** Unloads it as soon as it is idle. */
  evict(key: string): CommandResult;
  /** Loads it, as a request would, and resolves when it is loaded. */
  load(key: string): Promise<CommandResult>;
  /** Keeps it loaded, from now or from its next load on, whatever is configured. */
  pin(key: string): CommandResult;
  unpin(key: string): CommandResult;
  snapshot(): Snapshot;
  /** Refuses all waiters and aborts every call. What is loaded stays loaded; leases may still be released. */
  close(): void;
}

interface Waiting {
  readonly resolve: (answer: Lease | Refusal) => void;
  /** Stops listening to the signal. */
  readonly stop: () => void;
}

const MAX_UNDECLARED = 256;

export function createManager(options: ManagerOptions): ResourceManager {
  return new Manager(options);
}

class Manager implements ResourceManager {
  readonly #clock: Clock;
  readonly #limits: Required<CallLimits>;
  readonly #drivers: ReadonlyMap<string, Driver>;
  readonly #probe: MemoryProbe;
  readonly #hasGpu: boolean;
  readonly #splitting: ReadonlySet<string>;
  readonly #scheduler: ReturnType<typeof createScheduler>;
  readonly #needs = new Map<string, ModelNeed>();
  readonly #declared: ReadonlySet<string>;
  readonly #onBackend: NonNullable<ManagerOptions["onBackend"]>;
  /** Backends that do not answer. */
  readonly #down = new Set<string>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #calls = new Set<Call>();
  readonly #loads = new Map<string, { readonly epoch: number; readonly call: Call }>();
  readonly #inbox: SchedulerEvent[] = [];
  #stepping = false;
  #closed = false;
  #ids = 0;
  #cancelWake: () => void = () => {};

  constructor({
    devices,
    backends,
    probe,
    models = [],
    tuning,
    limits,
    clock = systemClock,
    onBackend = () => {},
  }: ManagerOptions) {
    this.#onBackend = onBackend;
    this.#clock = clock;
    this.#limits = { ...CALL_LIMITS, ...limits };
    this.#probe = probe;
    this.#drivers = new Map(backends.map(({ driver }) => [driver.backend, driver]));
    this.#splitting = new Set(backends.flatMap(({ driver, splits }) => (splits ? [driver.backend] : [])));
    this.#hasGpu = devices.some((device) => device.id !== "cpu");
    for (const need of models) this.#needs.set(need.spec.key, need);
    this.#declared = new Set(this.#needs.keys());
    this.#scheduler = createScheduler({
      ...tuning,
      devices,
      backends: backends.map(({ driver, slots }) => ({ id: driver.backend, slots })),
    });
    for (const need of models) if (need.warm === true) this.#send({ type: "know", need });
    this.#send({ type: "tick" });
  }

  acquire({ need, signal, deadlineMs, startByMs, priority }: Ask): Promise<Lease | Refusal> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const { key, backend } = need.spec;
      if (!this.#drivers.has(backend)) {
        const known = [...this.#drivers.keys()].join(", ") || "none";
        throw new Error(
          `${key} names the backend ${backend}, which the resource manager does not have (${known})`,
        );
      }
      if (this.#closed) {
        resolve(refusal("closing", `${key} is not loaded any more: the gateway is shutting down`, undefined));
        return;
      }
      const waiter = ++this.#ids;
      const onAbort = (): void => {
        this.#waiting.delete(waiter);
        this.#send({ type: "abort", waiter });
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      const stop = (): void => signal?.removeEventListener("abort", onAbort);
      this.#waiting.set(waiter, { resolve, stop });
      this.#remember(need);
      this.#send({ type: "arrive", waiter, need, ...present({ deadlineMs, startByMs, priority }) });
    });
  }

  /** Load options that clients choose make new keys without end; unused ones are dropped. */
  #remember(need: ModelNeed): void {
    this.#needs.set(need.spec.key, need);
    if (this.#needs.size <= this.#declared.size + MAX_UNDECLARED) return;
    const used = new Set(this.snapshot().residencies.map((one) => one.key));
    for (const key of this.#needs.keys()) {
      if (!used.has(key) && !this.#declared.has(key) && key !== need.spec.key) this.#needs.delete(key);
    }
  }

  evict(key: string): CommandResult {
    const now = this.#residency(key);
    if (now === undefined || now.state === "failed" || now.state === "cold")
      return no(`${key} is not loaded`);
    if (now.pinned) return no(`${key} is pinned; unpin it first`);
    if (now.state !== "ready") return no(`${key} is ${now.state}; try again when it is ready`);
    if (!now.served && now.waiting > 0) return no(`${key} was just loaded for its waiters`);
    this.#send({ type: "evict", key });
    return { ok: true };
  }

  async load(key: string): Promise<CommandResult> {
    const need = this.#needs.get(key);
    if (need === undefined) return no(`no model ${key} is known`);
    const answer = await this.acquire({ need });
    if (!answer.granted) return no(answer.message);
    answer.release();
    return { ok: true };
  }

  pin(key: string): CommandResult {
    return this.#command("pin", key);
  }

  unpin(key: string): CommandResult {
    return this.#command("unpin", key);
  }

  #command(type: "pin" | "unpin", key: string): CommandResult {
    const need = this.#needs.get(key);
    if (need === undefined) return no(`no model ${key} is known`);
    this.#send({ type, key, need });
    return { ok: true };
  }

  snapshot(): Snapshot {
    return this.#scheduler.snapshot(this.#clock.nowMs());
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelWake();
    for (const one of [...this.#calls]) one.abort();
    for (const [waiter, { resolve, stop }] of this.#waiting) {
      stop();
      this.#step({ type: "abort", waiter });
      resolve(refusal("closing", "the gateway is shutting down", undefined));
    }
    this.#waiting.clear();
  }

  #residency(key: string) {
    return this.snapshot().residencies.find((one) => one.key === key);
  }

  /** One event at a time: what a decision leads to at once waits until the decisions before it are carried out. */
  #send(event: SchedulerEvent): void {
    this.#inbox.push(event);
    if (this.#stepping) return;
    this.#stepping = true;
    try {
      for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
        for (const decision of this.#step(next)) this.#act(decision);
      }
    } finally {
      this.#stepping = false;
    }
  }

  #step(event: SchedulerEvent): Decision[] {
    const decisions = this.#scheduler.step(event, this.#clock.nowMs());
    return this.#closed ? [] : decisions;
  }

  #act(decision: Decision): void {
    switch (decision.type) {
      case "grant":
        this.#grant(decision);
        break;
      case "reject": {
        const { reason, message, retryAfterMs } = decision;
        this.#take(decision.waiter)?.resolve(refusal(reason, message, retryAfterMs));
        break;
      }
      case "load":
        this.#load(decision);
        break;
      case "abort-load": {
        const load = this.#loads.get(decision.key);
        if (load?.epoch === decision.epoch) load.call.abort();
        break;
      }
      case "unload":
        this.#unload(decision);
        break;
      case "inspect":
        this.#inspect(decision);
        break;
      case "measure":
        this.#measure();
        break;
      case "wake":
        this.#cancelWake();
        this.#cancelWake = () => {};
        if (decision.atMs === Number.POSITIVE_INFINITY) break;
        this.#cancelWake = this.#clock.after(decision.atMs - this.#clock.nowMs(), () =>
          this.#send({ type: "tick" }),
        );
    }
  }

  #take(waiter: number): Waiting | undefined {
    const waiting = this.#waiting.get(waiter);
    this.#waiting.delete(waiter);
    waiting?.stop();
    return waiting;
  }

  #grant({ lease, waiter, key, devices }: Extract<Decision, { type: "grant" }>): void {
    const release = (outcome: LeaseOutcome = "done"): void => this.#send({ type: "release", lease, outcome });
    const waiting = this.#take(waiter);
    if (waiting === undefined) release("done");
    else waiting.resolve({ granted: true, id: lease, key, devices, release });
  }

  #call(
    limitMs: number,
    work: (signal: AbortSignal) => Promise<SchedulerEvent>,
    onError: (error: unknown) => SchedulerEvent,
  ): Call {
    const made: Call = call(this.#clock, limitMs, work, onError, (event) => {
      this.#calls.delete(made);
      this.#send(event);
    });
    this.#calls.add(made);
    return made;
  }

  #driver(backend: string): Driver {
    const driver = this.#drivers.get(backend);
    if (driver === undefined) throw new Error(`there is no driver for ${backend}`);
    return driver;
  }

  #load({ key, epoch, spec, devices }: Extract<Decision, { type: "load" }>): void {
    // A model that is split is bound to no device.
    const device = devices.length === 1 ? devices[0] : undefined;
    const over = (): void => {
      if (this.#loads.get(key)?.epoch === epoch) this.#loads.delete(key);
    };
    const startedMs = this.#clock.nowMs();
    const made = this.#call(
      this.#limits.loadMs,
      async (signal) => {
        const driver = this.#driver(spec.backend);
        const { bytes, gpuBytes, concurrency } = await driver.load(spec, signal, device);
        over();
        const tookMs = driver.loadsOnFirstJob ? undefined : this.#clock.nowMs() - startedMs;
        return { type: "loaded", key, epoch, bytes, gpuBytes, concurrency, tookMs };
      },
      (error) => {
        over();
        return { type: "load-failed", key, epoch, ...failureOf(error) };
      },
    );
    this.#loads.set(key, { epoch, call: made });
  }

  #unload({ key, epoch, spec }: Extract<Decision, { type: "unload" }>): void {
    this.#call(
      this.#limits.unloadMs,
      async (signal) => {
        await this.#driver(spec.backend).unload(spec, signal);
        return { type: "unloaded", key, epoch };
      },
      (error) => {
        const { kind, why } = failureOf(error);
        return { type: "unload-failed", key, epoch, kind: kind === "aborted" ? "unverified" : kind, why };
      },
    );
  }

  #inspect({ backend, stamp }: Extract<Decision, { type: "inspect" }>): void {
    this.#call(
      this.#limits.lookMs,
      async (signal) => {
        const reported = await this.#driver(backend).loaded(signal);
        const present = new Set(
          this.snapshot().residencies.flatMap((one) => (one.device === undefined ? [] : [one.key])),
        );
        const models = matchFound(backend, reported, this.#needs.values(), (key) => present.has(key), {
          deviceClass: this.#hasGpu ? "cuda" : "cpu",
          splits: this.#splitting.has(backend),
        });
        if (this.#down.delete(backend)) this.#onBackend(backend, undefined);
        return { type: "found", backend, stamp, models };
      },
      (error) => {
        const why = whyOf(error);
        if (!this.#closed && !this.#down.has(backend)) this.#onBackend(backend, why);
        this.#down.add(backend);
        return { type: "backend-down", backend, why };
      },
    );
  }

  /** Unknown is unknown: a failed probe shows nothing about any device. */
  #measure(): void {
    const startedMs = this.#clock.nowMs();
    this.#call(
      this.#limits.lookMs,
      async (signal) => ({ type: "reading", startedMs, devices: await this.#probe.read(signal) }),
      () => ({ type: "reading", startedMs, devices: [] }),
    );
  }
}

const refusal = (reason: RefusalReason, message: string, retryAfterMs: number | undefined): Refusal => ({
  granted: false,
  reason,
  message,
  retryAfterMs,
});

const no = (why: string): CommandResult => ({ ok: false, why });
