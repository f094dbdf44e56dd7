/**
 * A machine with GPUs and a backend that loads models on them, in fake time: memory that really runs out, answers that come
 * late, lies, crashes. It checks what must hold at every decision, and throws a sentence when something does not.
 */
import { present } from "@headgate/contract";
import { createScheduler, type Scheduler } from "../core/scheduler.ts";
import type { Decision, FoundModel, ModelNeed, SchedulerEvent } from "../core/types.ts";
import type { DeviceId } from "../driver.ts";
import { BACKEND, type History, type Machine, needOf, type Op, UNIT } from "./history.ts";

interface Part {
  readonly device: DeviceId;
  readonly bytes: number;
  /** Of these, what the backend put here although it was not set aside here. */
  readonly oddBytes: number;
}

interface Resident {
  readonly need: ModelNeed;
  readonly parts: readonly Part[];
  state: "loading" | "loaded" | "unloading";
  served: boolean;
  /** Its waiters when its load was decided. */
  readonly loadedFor: ReadonlySet<number>;
}

interface Job {
  readonly waiter: number;
  readonly need: ModelNeed;
  readonly lease: number;
  /** The scheduler's generation; a lease of an earlier one means nothing to this one. */
  readonly generation: number;
  /** False once its backend ended. */
  alive: boolean;
}

interface Waiter {
  readonly id: number;
  readonly need: ModelNeed;
  readonly serviceMs: number;
  headSinceMs: number | undefined;
}

interface Later {
  readonly atMs: number;
  readonly seq: number;
  readonly run: () => void;
}

export const FAIR = { maxHeadWaitMs: 30_000, quantumFactor: 8 } as const;
const SETTLE_MS = 4_000_000;
const UNLOAD_MS = 200;

export class World {
  nowMs = 1_000;
  readonly machine: Machine;
  readonly needs: readonly ModelNeed[];
  readonly residents = new Map<string, Resident>();
  readonly waiters = new Map<number, Waiter>();
  readonly jobs = new Map<string, Job>();
  /** The longest time that a waiter was first in its model's queue, and the waiter. */
  longestHead = { ms: 0, key: "" };
  longestServiceMs = 0;
  #scheduler: Scheduler;
  #generation = 0;
  #ids = 0;
  #seq = 0;
  #wakeMs = Number.NaN;
  #agenda: Later[] = [];
  readonly #external: number[];
  /** As the scheduler last saw it. */
  readonly #seenExternal: number[];
  #lingering: { device: DeviceId; bytes: number }[] = [];
  /** What operators set in this generation of the scheduler. */
  readonly #pins = new Map<string, boolean>();
  #lyingUnloads = 0;
  #failingLoads: Extract<Op, { op: "failing-load" }>["kind"][] = [];
  #reclaimMs = 0;
  #downUntilMs = 0;
  #inbox: SchedulerEvent[] = [];
  #busy = false;
  #granted = 0;
  #settled = 0;

  constructor(machine: Machine) {
    this.machine = machine;
    this.needs = machine.models.map(needOf);
    this.#external = machine.gpus.map(() => 0);
    this.#seenExternal = machine.gpus.map(() => 0);
    this.#scheduler = this.#create();
    this.send({ type: "tick" });
  }

  #create(): Scheduler {
    return createScheduler({
      devices: this.machine.gpus.map((_, index) => ({ id: `cuda:${index}` as const, headroomBytes: 0 })),
      backends: [{ id: BACKEND, slots: this.machine.slots }],
      maxQueuePerModel: 12,
      maxQueue: 30,
      ...FAIR,
    });
  }

  snapshot() {
    return this.#scheduler.snapshot(this.nowMs);
  }

  send(event: SchedulerEvent): void {
    this.#inbox.push(event);
    if (this.#busy) return;
    this.#busy = true;
    for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
      const decisions = this.#scheduler.step(next, this.nowMs);
      this.#checkAccounts(decisions, next);
      for (const decision of decisions) this.#act(decision);
      this.#checkCounts();
    }
    this.#busy = false;
  }

  #after(ms: number, run: () => void): void {
    this.#agenda.push({ atMs: this.nowMs + ms, seq: this.#seq++, run });
  }

  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      let next: Later | undefined;
      for (const one of this.#agenda) {
        if (next === undefined || one.atMs < next.atMs || (one.atMs === next.atMs && one.seq < next.seq))
          next = one;
      }
      const tick = this.#wakeMs <= endMs && (next === undefined || this.#wakeMs < next.atMs);
      if (tick) {
        this.nowMs = Math.max(this.nowMs, this.#wakeMs);
        this.#wakeMs = Number.NaN;
        this.send({ type: "tick" });
        continue;
      }
      if (next === undefined || next.atMs > endMs) break;
      this.#agenda = this.#agenda.filter((one) => one !== next);
      this.nowMs = next.atMs;
      next.run();
    }
    this.nowMs = endMs;
  }

  // --- what happens ---

  run({ ops }: History): void {
    for (const op of ops) this.#perform(op);
  }

  #perform(op: Op): void {
    switch (op.op) {
      case "arrive":
        this.#arrive(op.model, op.serviceMs, op.deadlineMs);
        return;
      case "abort": {
        const waiter = nth(this.waiters, op.which);
        if (waiter === undefined) return;
        this.#dequeue(waiter.id);
        this.send({ type: "abort", waiter: waiter.id });
        return;
      }
      case "finish":
      case "finish-twice": {
        const job = nth(this.jobs, op.which);
        if (job === undefined) return;
        this.#finish(job);
        if (op.op === "finish-twice" && job.generation === this.#generation) {
          const before = this.snapshot().counts;
          this.send({ type: "release", lease: job.lease, outcome: "done" });
          const after = this.snapshot().counts;
          must(after.released === before.released, `lease ${job.lease} was released twice`);
        }
        return;
      }
      case "wait":
        this.advance(op.ms);
        return;
      case "external":
        if (op.gpu < this.#external.length) this.#external[op.gpu] = op.units * UNIT;
        return;
      case "lying-unload":
        this.#lyingUnloads += 1;
        return;
      case "failing-load":
        this.#failingLoads.push(op.kind);
        return;
      case "reclaim":
        this.#reclaimMs = op.ms;
        return;
      case "crash":
        this.#crash(op.downMs);
        return;
      case "restart":
        this.#restart();
        return;
      case "vanish": {
        // It is unloaded from outside, as an Ollama timer does; never under a job.
        const need = this.needs[op.model % this.needs.length];
        const resident = need === undefined ? undefined : this.residents.get(need.spec.key);
        if (resident?.state === "loaded" && !this.#isWorking(resident)) this.#free(resident);
        return;
      }
      case "pin":
      case "unpin":
      case "evict": {
        const need = this.needs[op.model % this.needs.length];
        if (need === undefined) return;
        if (op.op !== "evict") this.#pins.set(need.spec.key, op.op === "pin");
        this.send({ type: op.op, key: need.spec.key, need });
      }
    }
  }

  #arrive(index: number, serviceMs: number, deadlineMs: number | undefined): void {
    const need = this.needs[index % this.needs.length];
    if (need === undefined) return;
    const id = ++this.#ids;
    this.longestServiceMs = Math.max(this.longestServiceMs, serviceMs);
    this.waiters.set(id, { id, need, serviceMs, headSinceMs: undefined });
    this.#noteHeads();
    const atMs = deadlineMs === undefined ? undefined : this.nowMs + deadlineMs;
    this.send({ type: "arrive", waiter: id, need, ...present({ deadlineMs: atMs }) });
  }

  #noteHeads(): void {
    const seen = new Set<string>();
    for (const waiter of this.waiters.values()) {
      if (seen.has(waiter.need.spec.key)) continue;
      seen.add(waiter.need.spec.key);
      waiter.headSinceMs ??= this.nowMs;
    }
  }

  #dequeue(id: number): Waiter | undefined {
    const waiter = this.waiters.get(id);
    this.waiters.delete(id);
    this.#noteHeads();
    return waiter;
  }

  #finish(job: Job): void {
    if (!this.jobs.delete(`${job.generation}:${job.lease}`)) return;
    if (job.generation !== this.#generation) return;
    this.#settled += 1;
    this.send({ type: "release", lease: job.lease, outcome: job.alive ? "done" : "unreachable" });
  }

  #crash(downMs: number): void {
    this.#downUntilMs = Math.max(this.#downUntilMs, this.nowMs + downMs);
    for (const resident of [...this.residents.values()]) this.#free(resident);
    for (const job of this.jobs.values()) job.alive = false;
    this.send({ type: "backend-down", backend: BACKEND, why: "connection refused" });
  }

  #restart(): void {
    this.#generation += 1;
    this.waiters.clear();
    this.#pins.clear();
    this.#inbox = [];
    this.#granted = 0;
    this.#settled = 0;
    this.#wakeMs = Number.NaN;
    this.#scheduler = this.#create();
    this.send({ type: "tick" });
  }

  // --- what the machine does ---

  #act(decision: Decision): void {
    switch (decision.type) {
      case "grant":
        this.#grant(decision);
        return;
      case "reject":
        must(
          this.waiters.has(decision.waiter),
          `waiter ${decision.waiter} is refused although it does not wait`,
        );
        this.#dequeue(decision.waiter);
        return;
      case "load":
        this.#load(decision);
        return;
      case "unload":
        this.#unload(decision);
        return;
      case "abort-load":
        must(
          !this.#hasWaiters(decision.key),
          `the load of ${decision.key} is given up although it has waiters`,
        );
        return;
      case "inspect": {
        const generation = this.#generation;
        this.#after(5, () => {
          if (generation === this.#generation) this.#inspected(decision.backend, decision.stamp);
        });
        return;
      }
      case "measure": {
        const generation = this.#generation;
        const startedMs = this.nowMs;
        this.#after(20, () => {
          if (generation === this.#generation) this.#measured(startedMs);
        });
        return;
      }
      case "wake":
        this.#wakeMs = decision.atMs;
    }
  }

  #inspected(backend: string, stamp: number): void {
    if (this.nowMs < this.#downUntilMs) {
      this.send({ type: "backend-down", backend, why: "connection refused" });
      return;
    }
    const models: FoundModel[] = [...this.residents.values()].map((resident) => ({
      need: resident.need,
      bytes: resident.need.bytes,
      gpuBytes: resident.need.bytes,
      busy: this.#working(resident),
      loading: resident.state === "loading",
      ...(resident.parts.length === 1 ? { device: resident.parts[0]?.device } : {}),
    }));
    this.send({ type: "found", backend, stamp, models });
  }

  #measured(startedMs: number): void {
    const devices = this.machine.gpus.map((units, index) => {
      this.#seenExternal[index] = this.#external[index] ?? 0;
      const device: DeviceId = `cuda:${index}`;
      return {
        device,
        totalBytes: units * UNIT,
        usedBytes: this.#ours(device) + (this.#external[index] ?? 0),
      };
    });
    this.send({ type: "reading", startedMs, devices });
  }

  #grant({ lease, waiter: id, key }: Extract<Decision, { type: "grant" }>): void {
    const waiter = this.#dequeue(id);
    if (waiter === undefined) throw new Error(`waiter ${id} is granted a lease although it does not wait`);
    const resident = this.residents.get(key);
    if (waiter.headSinceMs !== undefined && this.nowMs - waiter.headSinceMs > this.longestHead.ms) {
      this.longestHead = { ms: this.nowMs - waiter.headSinceMs, key };
    }
    const job: Job = {
      waiter: id,
      need: waiter.need,
      lease,
      generation: this.#generation,
      alive: resident?.state === "loaded",
    };
    this.jobs.set(`${job.generation}:${lease}`, job);
    this.#granted += 1;
    if (resident !== undefined) resident.served = true;
    if (resident !== undefined) this.#checkPhysical(resident, `a job of ${key} starts`);
    if (resident !== undefined) {
      must(this.#working(resident) <= resident.need.concurrency, `${key} works on more jobs than it can`);
    }
    this.#after(waiter.serviceMs, () => this.#finish(job));
  }

  #load({ key, epoch, spec, devices }: Extract<Decision, { type: "load" }>): void {
    const need = this.needs.find((one) => one.spec.key === key);
    if (need === undefined) throw new Error(`${key} is loaded, and no need names it`);
    must(!this.residents.has(key), `${key} is loaded twice`);
    must(this.#hasWaiters(key), `${key} is loaded, and has no waiters`);
    for (const other of this.residents.values()) {
      must(other.need.spec.model !== spec.model, `${key} is loaded beside ${other.need.spec.key}`);
    }
    must(this.residents.size < (this.machine.slots ?? 99), `${key} is loaded, and the backend is full`);
    const loadedFor = new Set(
      [...this.waiters.values()].filter((one) => one.need.spec.key === key).map(({ id }) => id),
    );
    const kind = this.nowMs < this.#downUntilMs ? "unreachable" : this.#failingLoads.shift();
    // What is not on the disk takes no memory.
    const parts = kind === "missing" ? [] : this.#partsOf(need, devices);
    const resident: Resident = { need, parts, state: "loading", served: false, loadedFor };
    this.residents.set(key, resident);
    this.#checkPhysical(resident, `${key} is loaded`);
    const generation = this.#generation;
    const answer = (event: SchedulerEvent): void => {
      if (generation === this.#generation) this.send(event);
    };
    if (kind === undefined) {
      this.#after(need.loadCostMs, () => {
        if (this.residents.get(key) === resident) {
          resident.state = "loaded";
          answer({ type: "loaded", key, epoch, bytes: need.bytes, gpuBytes: need.bytes });
        } else answer({ type: "load-failed", key, epoch, kind: "unreachable", why: "connection reset" });
      });
      return;
    }
    this.#after(need.loadCostMs / 2, () => {
      // The backend may go on with it although the driver gave up.
      const goesOn = kind === "unverified" && this.residents.get(key) === resident;
      if (goesOn) resident.state = "loaded";
      else if (kind === "missing" && this.residents.get(key) === resident) this.residents.delete(key);
      else if (this.residents.get(key) === resident) this.#free(resident);
      answer({ type: "load-failed", key, epoch, kind, why: `it was made to fail (${kind})` });
    });
  }

  /** What a backend that splits takes of each device: what was set aside there, or not quite that. */
  #partsOf(need: ModelNeed, devices: readonly DeviceId[]): Part[] {
    const { key } = need.spec;
    const [only] = devices;
    if (devices.length === 1 && only !== undefined) return [{ device: only, bytes: need.bytes, oddBytes: 0 }];
    must(need.splits, `${key} is split, which its backend cannot do`);
    must(
      this.machine.gpus.every((units) => need.bytes + need.transientBytes > units * UNIT),
      `${key} is split although one device can hold it`,
    );
    const set = this.snapshot().residencies.find((one) => one.key === key)?.parts ?? [];
    const parts = set.map(({ device, chargeBytes }) => ({
      device,
      bytes: chargeBytes - need.transientBytes,
      oddBytes: 0,
    }));
    const whole = parts.reduce((sum, { bytes }) => sum + bytes, 0);
    must(whole >= need.bytes, `${key} is set aside ${whole} bytes in all`);
    // What was set aside may be more than it is, as after an out-of-memory answer.
    for (const part of parts) part.bytes *= need.bytes / whole;
    const [from, to] = parts;
    if (from === undefined || to === undefined) return parts;
    const moved = Math.min(
      from.bytes * this.machine.oddPart,
      Math.max(0, this.#freeBytes(to.device) - to.bytes),
    );
    from.bytes -= moved;
    to.bytes += moved;
    to.oddBytes = moved;
    return parts;
  }

  #freeBytes(device: DeviceId): number {
    const index = Number(device.slice("cuda:".length));
    return (this.machine.gpus[index] ?? 0) * UNIT - this.#ours(device) - (this.#external[index] ?? 0);
  }

  #unload({ key, epoch }: Extract<Decision, { type: "unload" }>): void {
    const resident = this.residents.get(key);
    const generation = this.#generation;
    const answer = (event: SchedulerEvent): void => {
      if (generation === this.#generation) this.send(event);
    };
    must(
      !(this.#pins.get(key) ?? resident?.need.pinned ?? false),
      `${key} is unloaded although it is pinned`,
    );
    if (resident === undefined) {
      this.#after(UNLOAD_MS, () =>
        answer({ type: "unload-failed", key, epoch, kind: "missing", why: "not loaded" }),
      );
      return;
    }
    for (const job of this.jobs.values()) {
      must(
        job.need.spec.key !== key || !job.alive || job.generation !== this.#generation,
        `${key} is unloaded under a lease`,
      );
    }
    const stillWaiting = [...resident.loadedFor].some((id) => this.waiters.has(id));
    must(resident.served || !stillWaiting, `${key} is unloaded before it served those it was loaded for`);
    if (this.#isWorking(resident)) {
      this.#after(UNLOAD_MS, () => answer({ type: "unload-failed", key, epoch, kind: "busy", why: "busy" }));
      return;
    }
    if (this.#lyingUnloads > 0) {
      this.#lyingUnloads -= 1;
      this.#after(UNLOAD_MS, () =>
        answer({ type: "unload-failed", key, epoch, kind: "unverified", why: "it is still there" }),
      );
      return;
    }
    resident.state = "unloading";
    this.#after(UNLOAD_MS, () => {
      if (this.residents.get(key) === resident) this.#free(resident);
      answer({ type: "unloaded", key, epoch });
    });
  }

  /** The model is gone; its memory comes back in its own time. */
  #free(resident: Resident): void {
    this.residents.delete(resident.need.spec.key);
    if (this.#reclaimMs === 0) return;
    for (const [index, { device, bytes }] of resident.parts.entries()) {
      const held = { device, bytes };
      this.#lingering.push(held);
      // Not everywhere at the same time.
      this.#after(this.#reclaimMs * (1 + index), () => {
        this.#lingering = this.#lingering.filter((one) => one !== held);
      });
    }
  }

  #working(resident: Resident): number {
    let count = 0;
    for (const job of this.jobs.values())
      if (job.alive && job.need.spec.key === resident.need.spec.key) count += 1;
    return count;
  }

  #isWorking(resident: Resident): boolean {
    return this.#working(resident) > 0;
  }

  #hasWaiters(key: string): boolean {
    for (const waiter of this.waiters.values()) if (waiter.need.spec.key === key) return true;
    return false;
  }

  #ours(device: DeviceId): number {
    let sum = 0;
    for (const held of this.#lingering) if (held.device === device) sum += held.bytes;
    for (const resident of this.residents.values()) {
      const part = resident.parts.find((one) => one.device === device);
      if (part !== undefined) sum += part.bytes + resident.need.transientBytes * this.#working(resident);
    }
    return sum;
  }

  #oddBytes(device: DeviceId): number {
    let sum = 0;
    for (const { parts } of this.residents.values()) {
      for (const part of parts) if (part.device === device) sum += part.oddBytes;
    }
    return sum;
  }

  // --- what must hold ---

  /** More memory than there is, although others use no more than the scheduler has seen. */
  #checkPhysical({ parts }: Resident, what: string): void {
    for (const { device } of parts) this.#checkDevice(device, what);
  }

  #checkDevice(device: DeviceId, what: string): void {
    const index = Number(device.slice("cuda:".length));
    const total = (this.machine.gpus[index] ?? 0) * UNIT;
    // While models load or work, a reading leaves open how much of it is theirs.
    const charged = this.snapshot().devices.find((one) => one.device === device)?.externalBytes ?? 0;
    // What a backend puts elsewhere than it was set aside is its own doing, until it is seen.
    const ours = this.#ours(device) - this.#oddBytes(device);
    const used = ours + Math.min(this.#seenExternal[index] ?? 0, charged);
    // Parts that are put elsewhere are fractions: a byte for rounding.
    must(
      used <= total + 1,
      `${what}, and ${device} has ${total / UNIT}, of which ${used / UNIT} are then used`,
    );
  }

  #checkAccounts(decisions: readonly Decision[], event: SchedulerEvent): void {
    const { devices, residencies } = this.snapshot();
    for (const { device, roomBytes, committedBytes, actualBytes, returningBytes } of devices) {
      if (roomBytes === undefined) continue;
      const added = decisions.some(
        (one) => (one.type === "grant" || one.type === "load") && one.devices.includes(device),
      );
      must(
        !added || committedBytes <= roomBytes,
        `${device} is committed beyond its room after ${event.type}`,
      );
      // While memory comes back, what is measured as free may cover more than the accounts: #checkPhysical.
      const leaving = returningBytes > 0 || residencies.some(({ state }) => state === "unloading");
      must(
        !added || leaving || actualBytes <= roomBytes,
        `${device} is full beyond its room after ${event.type}`,
      );
      const reserved = residencies.some(
        (one) => one.state === "reserved" && one.parts.some((part) => part.device === device),
      );
      must(
        !reserved || committedBytes <= roomBytes,
        `${device} is reserved beyond its room after ${event.type}`,
      );
    }
  }

  #checkCounts(): void {
    const { counts, leases } = this.snapshot();
    must(
      counts.granted === this.#granted,
      `${counts.granted} leases are counted, ${this.#granted} were granted`,
    );
    must(
      counts.released === this.#settled,
      `${counts.released} releases are counted, ${this.#settled} were made`,
    );
    must(leases.length === this.#granted - this.#settled, "a lease is lost or left over");
  }

  /** No more arrivals and no more faults. Every waiter must be served or refused, and all charges must be true. */
  settle(): void {
    this.#external.fill(0);
    this.#lyingUnloads = 0;
    this.#failingLoads = [];
    this.#reclaimMs = 0;
    // Steps, so that what never ends shows as waiters that are left, not as a test that hangs.
    for (let ms = 0; ms < SETTLE_MS && (this.waiters.size > 0 || this.jobs.size > 0); ms += 10_000)
      this.advance(10_000);
    this.advance(120_000);
    must(
      this.waiters.size === 0,
      `${this.waiters.size} wait for ever: ${JSON.stringify(this.snapshot().queues)}`,
    );
    must(this.jobs.size === 0, "a job never ends");
    const { residencies, leases, devices } = this.snapshot();
    must(leases.length === 0, "a lease outlives its job");
    const known = residencies.filter((one) => one.state === "ready").map((one) => one.key);
    const loaded = [...this.residents.values()]
      .filter((one) => one.state === "loaded")
      .map((one) => one.need.spec.key);
    must(known.sort().join() === loaded.sort().join(), `loaded in the snapshot: ${known}; loaded: ${loaded}`);
    const odd = residencies.filter((one) => one.state !== "ready" && one.state !== "failed");
    must(odd.length === 0, `${odd.map((one) => `${one.key} is ${one.state}`).join(", ")} for ever`);
    for (const { device, externalBytes } of devices) {
      must(externalBytes < UNIT / 4, `${externalBytes / UNIT} on ${device} are taken for the use of others`);
    }
  }

  /** H, a quantum of each other model, and the end of what runs; see docs/adr/0014. */
  headBoundMs(key: string): number {
    const target = this.needs.find((one) => one.spec.key === key);
    if (target === undefined) return 0;
    const spread = 2 * 3 * 5_000;
    let boundMs = FAIR.maxHeadWaitMs + spread + this.longestServiceMs + target.loadCostMs + 1_000;
    for (const other of this.needs) {
      if (other === target) continue;
      const quantaMs = 2 * FAIR.quantumFactor * (other.loadCostMs + target.loadCostMs);
      boundMs += other.loadCostMs + quantaMs + this.longestServiceMs + 1_000;
    }
    return boundMs;
  }
}

function nth<T>(all: ReadonlyMap<unknown, T>, index: number): T | undefined {
  return [...all.values()][all.size === 0 ? 0 : index % all.size];
}

function must(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
