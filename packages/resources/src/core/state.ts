/** All that the scheduler remembers, and the few ways in which it changes. */
import type { DeviceId } from "../driver.ts";
import { createDevice, type Device, heldOn } from "./device-memory.ts";
import { concurrencyOf, createResidency, NOWHERE, type Residency } from "./residency.ts";
import type {
  Decision,
  LeaseId,
  ModelNeed,
  RefusalReason,
  ResidencyState,
  SchedulerConfig,
  WaiterId,
} from "./types.ts";
import { DeadlineHeap, type Waiter } from "./waiters.ts";

type Settings = Required<Omit<SchedulerConfig, "devices" | "backends">>;

export interface Backend {
  readonly id: string;
  readonly slots: number | undefined;
  /** `unknown` until it was looked at for the first time: nothing is loaded there, no waiter is refused. */
  status: "unknown" | "up" | "down";
  why: string | undefined;
  /** An answer is under way. */
  inspecting: boolean;
  nextLookMs: number;
  /** Looks in a row that found it down. */
  failures: number;
  /** While it is down: when a request makes it be looked at again. */
  wantedLookMs: number;
  /** How long its loads took, as a multiple of what was declared. */
  loadRatio: number;
}

export interface Lease {
  readonly id: LeaseId;
  readonly waiter: WaiterId;
  readonly residency: Residency;
  readonly grantedMs: number;
}

export interface Counts {
  granted: number;
  released: number;
  /** Releases of a lease that was not there: released twice, or never granted. */
  strayReleases: number;
  rejected: number;
  aborted: number;
  loads: number;
  failedLoads: number;
  /** Unloads to make room, for others or because of others. */
  evictions: number;
  idleUnloads: number;
}

export interface Core {
  readonly settings: Settings;
  readonly devices: readonly Device[];
  readonly deviceById: ReadonlyMap<DeviceId, Device>;
  readonly backends: ReadonlyMap<string, Backend>;
  readonly residencies: Map<string, Residency>;
  readonly waiters: Map<WaiterId, Waiter>;
  readonly leases: Map<LeaseId, Lease>;
  readonly deadlines: DeadlineHeap;
  readonly counts: Counts;
  changes: number;
  arrivals: number;
  /** Of the latest waiters, the part that gave up soon: 0 to 1. */
  givingUp: number;
  measuring: boolean;
  nextMeasureMs: number;
  wakeMs: number;
  out: Decision[];
}

const MAX_REMEMBERED = 256;

export function createCore(config: SchedulerConfig): Core {
  const devices = config.devices.map(createDevice);
  const { devices: _devices, backends: _backends, ...given } = config;
  return {
    settings: {
      maxHeadWaitMs: 30_000,
      quantumFactor: 8,
      priorityStepMs: 5_000,
      patienceFactor: 0.5,
      earnestFactor: 0.6,
      maxQueuePerModel: 256,
      maxQueue: 2_048,
      maxWaitMs: 600_000,
      reclaimPollMs: 250,
      reclaimTimeoutMs: 60_000,
      lookIntervalMs: 30_000,
      freshMs: 1_000,
      loadBackoffMs: 1_000,
      maxLoadFailures: 3,
      toleranceBytes: 64 * 2 ** 20,
      ...given,
    },
    devices,
    deviceById: new Map(devices.map((device) => [device.config.id, device])),
    backends: new Map(
      config.backends.map(({ id, slots }) => [
        id,
        {
          id,
          slots,
          status: "unknown",
          why: undefined,
          inspecting: false,
          nextLookMs: 0,
          failures: 0,
          wantedLookMs: 0,
          loadRatio: 1,
        },
      ]),
    ),
    residencies: new Map(),
    waiters: new Map(),
    leases: new Map(),
    deadlines: new DeadlineHeap(),
    counts: {
      granted: 0,
      released: 0,
      strayReleases: 0,
      rejected: 0,
      aborted: 0,
      loads: 0,
      failedLoads: 0,
      evictions: 0,
      idleUnloads: 0,
    },
    changes: 0,
    arrivals: 0,
    givingUp: 0,
    measuring: false,
    nextMeasureMs: 0,
    wakeMs: Number.NaN,
    out: [],
  };
}

export function backendOf(core: Core, residency: Residency): Backend {
  const backend = core.backends.get(residency.need.spec.backend);
  if (backend === undefined) {
    throw new Error(
      `the scheduler has no backend ${residency.need.spec.backend}, which ${residency.key} names; name it in its config`,
    );
  }
  return backend;
}

/** The devices that `residency` is on or is to be on. */
export const placesOf = (core: Core, { parts }: Residency): Device[] =>
  parts.flatMap(({ device }) => core.deviceById.get(device) ?? []);

/** The residency of a need, made when it is new; what is declared now counts from now on. */
export function residencyOf(core: Core, need: ModelNeed): Residency {
  const known = core.residencies.get(need.spec.key);
  if (known !== undefined) {
    known.need = need;
    return known;
  }
  if (core.residencies.size >= MAX_REMEMBERED) forgetUnused(core);
  const residency = createResidency(need);
  residency.loadMs *= backendOf(core, residency).loadRatio;
  core.residencies.set(residency.key, residency);
  return residency;
}

/** Load options that clients choose make new keys without end. */
function forgetUnused(core: Core): void {
  for (const [key, residency] of core.residencies) {
    const unused = residency.state === "cold" && residency.queue.length === 0;
    if (unused && residency.pin === undefined && residency.need.warm !== true) {
      core.residencies.delete(key);
    }
  }
}

export function move(core: Core, residency: Residency, state: ResidencyState, nowMs: number): void {
  core.changes += 1;
  residency.state = state;
  residency.epoch = core.changes;
  residency.sinceMs = nowMs;
  if (state === "draining") residency.quantumEndMs = nowMs;
  if (state === "unloading") {
    startLeaving(core, residency, nowMs);
    // What was used before is what the freed memory is seen against.
    core.nextMeasureMs = nowMs;
  }
  if (state === "cold" || state === "failed") {
    residency.parts = NOWHERE;
    residency.spillBytes = 0;
    residency.measuredBytes = undefined;
    residency.concurrency = undefined;
    residency.strangers = 0;
  }
  if (state !== "draining" && state !== "unloading") residency.drainsFor = undefined;
}

/** From now on its memory comes back, on each of its devices. */
export function startLeaving(core: Core, residency: Residency, nowMs: number): void {
  for (const device of core.devices) {
    const bytes = heldOn(residency, device.config.id);
    if (bytes <= 0) continue;
    const { key } = residency;
    device.leaving.push({ key, bytes, freedBytes: 0, leavesMs: nowMs, goneMs: undefined, onDemand: false });
  }
}

/** It stays after all. */
export function stopLeaving(core: Core, { key }: Residency): void {
  for (const device of core.devices)
    device.leaving = device.leaving.filter((one) => one.key !== key || one.goneMs !== undefined);
}

/** A load took this long. Loads that were not measured yet are taken to miss their estimates alike. */
export function noteLoadTime(core: Core, residency: Residency, tookMs: number): void {
  const backend = backendOf(core, residency);
  const declaredMs = Math.max(1, residency.need.loadCostMs);
  residency.loadMs = residency.timed ? (residency.loadMs + tookMs) / 2 : tookMs;
  residency.timed = true;
  backend.loadRatio = (backend.loadRatio + tookMs / declaredMs) / 2;
  for (const other of core.residencies.values()) {
    if (other.timed || other.need.spec.backend !== backend.id) continue;
    other.loadMs = other.need.loadCostMs * backend.loadRatio;
  }
}

/** Loaded, by a load or as found. */
export function becomeReady(core: Core, residency: Residency, nowMs: number): void {
  move(core, residency, "ready", nowMs);
  residency.readyMs = nowMs;
  residency.lastUsedMs = nowMs;
  residency.served = false;
  residency.abortAsked = false;
  residency.failures = 0;
  residency.shortfalls = 0;
  residency.lastFailure = undefined;
  residency.cooldownUntilMs = 0;
}

/** Takes a waiter out, in O(1); false when it does not wait (any more). */
export function leave(core: Core, waiter: Waiter): void {
  waiter.waiting = false;
  core.waiters.delete(waiter.id);
  core.residencies.get(waiter.key)?.queue.remove(waiter);
  if (waiter.checkMs !== Number.POSITIVE_INFINITY) core.deadlines.left();
}

/** A waiter that leaves within this time gives up soon; longer waiters are taken to stay. A quarter of H. */
export const soonMs = (core: Core): number => core.settings.maxHeadWaitMs / 4;

/** Weight of one more client in the moving average. */
const GIVING_UP_WEIGHT = 1 / 16;

/** A waiter went away by itself. One that has waited for long shows nothing about those that leave soon. */
export function noteGivenUp(core: Core, waiter: Waiter, nowMs: number): void {
  const soon = nowMs - waiter.arrivedMs <= soonMs(core);
  core.givingUp += GIVING_UP_WEIGHT * (Number(soon) - core.givingUp);
}

/** A waiter was admitted. One that was admitted at once had no reason to leave. */
export function noteStayed(core: Core, waiter: Waiter, nowMs: number): void {
  if (nowMs - waiter.arrivedMs > core.settings.freshMs) core.givingUp -= GIVING_UP_WEIGHT * core.givingUp;
}

export function reject(
  core: Core,
  waiter: Pick<Waiter, "id" | "key">,
  reason: RefusalReason,
  message: string,
  retryAfterMs?: number,
): void {
  core.counts.rejected += 1;
  core.out.push({ type: "reject", waiter: waiter.id, key: waiter.key, reason, message, retryAfterMs });
}

export function rejectAll(
  core: Core,
  residency: Residency,
  reason: RefusalReason,
  message: string,
  retryAfterMs?: number,
): void {
  for (const waiter of residency.queue) {
    leave(core, waiter);
    reject(core, waiter, reason, message, retryAfterMs);
  }
}

/** A guess at when one more waiter would be served: the queue before it at the pace of late, and a load where one is due. */
export function estimateWaitMs(core: Core, residency: Residency): number {
  const { queue, serviceMs = 5_000 } = residency;
  const rounds = Math.ceil((queue.length + residency.leases) / concurrencyOf(residency));
  const load = residency.state === "ready" ? 0 : residency.loadMs;
  return Math.min(core.settings.maxWaitMs, Math.max(1_000, Math.round(load + rounds * serviceMs)));
}
