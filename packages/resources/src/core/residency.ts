/** One model with its load options, from cold to cold. */
import type { DeviceId } from "../driver.ts";
import type { ModelNeed, ResidencyState } from "./types.ts";
import { WaiterQueue } from "./waiters.ts";

/** What a model has or is to have on one device. */
export interface Part {
  readonly device: DeviceId;
  /** Of its memory, spilled RAM left out: 1 where it is on one device, and over all parts. */
  readonly share: number;
  /** A model that is there fits there: no more is charged than the device has. Endless for a model on one device. */
  readonly mostBytes: number;
}

export interface Residency {
  readonly key: string;
  need: ModelNeed;
  state: ResidencyState;
  /**
   * The scheduler's count of changes when this one last changed: an answer to an older epoch, or a look at the backend
   * that began before it, means nothing.
   */
  epoch: number;
  /** Where it is or is to be: one, several for a split model, none while cold or failed. */
  parts: readonly Part[];
  /** The part of its memory that is RAM although its device is a GPU. */
  spillBytes: number;
  /** The most ever measured. */
  peakBytes: number;
  /** Measured since it was loaded last. */
  measuredBytes: number | undefined;
  /** Jobs at a time, as its backend reported since it was loaded last. */
  concurrency: number | undefined;
  /** What a load costs, in ms: as measured, else as declared and corrected by its backend's other loads. */
  loadMs: number;
  /** Whether one of its own loads was measured. */
  timed: boolean;
  /** When it last was made to go: it has had its quantum, so its head counts as waiting from then on. */
  quantumEndMs: number;
  readonly queue: WaiterQueue;
  /** Leases of the residency that is loaded now. */
  leases: number;
  /** Jobs that the backend works on and that have no lease here, as found after a restart. */
  strangers: number;
  /** True from the first lease after a load on. */
  served: boolean;
  readyMs: number;
  lastUsedMs: number;
  sinceMs: number;
  /** The key of the model that it makes room for; undefined: none (idle, or evicted by an operator). */
  drainsFor: string | undefined;
  /** Models that make room for this one. */
  victims: string[];
  /** Failed loads in a row. */
  failures: number;
  /** Out-of-memory answers since the last success: the next plan leaves more room. */
  shortfalls: number;
  lastFailure: string | undefined;
  /** No load before this time. */
  cooldownUntilMs: number;
  /** No eviction before this time, because the last attempt failed. */
  staysUntilMs: number;
  abortAsked: boolean;
  /** What an operator set, over what is configured. */
  pin: boolean | undefined;
  /** Smoothed time of one job, time between two arrivals, and how far that strays; undefined before there is one. */
  serviceMs: number | undefined;
  gapMs: number | undefined;
  strayMs: number | undefined;
  lastArrivalMs: number | undefined;
  loads: number;
  /** Why its head waits, for people. */
  blocked: string | undefined;
}

export const NOWHERE: readonly Part[] = [];

/** All of a model on one device. */
export const wholeOn = (device: DeviceId): readonly Part[] => [
  { device, share: 1, mostBytes: Number.POSITIVE_INFINITY },
];

export const partOn = (residency: Residency, device: DeviceId): Part | undefined => {
  for (const part of residency.parts) if (part.device === device) return part;
  return undefined;
};

export const devicesOf = ({ parts }: Residency): DeviceId[] => parts.map(({ device }) => device);

/** Whole bytes, so that the parts of a split model never add up to less than it is. */
export const shareOf = ({ share }: Part, bytes: number): number =>
  share === 1 ? bytes : Math.ceil(bytes * share);

export function createResidency(need: ModelNeed): Residency {
  return {
    key: need.spec.key,
    need,
    state: "cold",
    epoch: 0,
    parts: NOWHERE,
    spillBytes: 0,
    peakBytes: 0,
    measuredBytes: undefined,
    concurrency: undefined,
    loadMs: need.loadCostMs,
    timed: false,
    quantumEndMs: Number.NEGATIVE_INFINITY,
    queue: new WaiterQueue(),
    leases: 0,
    strangers: 0,
    served: false,
    readyMs: 0,
    lastUsedMs: 0,
    sinceMs: 0,
    drainsFor: undefined,
    victims: [],
    failures: 0,
    shortfalls: 0,
    lastFailure: undefined,
    cooldownUntilMs: 0,
    staysUntilMs: 0,
    abortAsked: false,
    pin: undefined,
    serviceMs: undefined,
    gapMs: undefined,
    strayMs: undefined,
    lastArrivalMs: undefined,
    loads: 0,
    blocked: undefined,
  };
}

export const isPinned = (residency: Residency): boolean => residency.pin ?? residency.need.pinned;

/** Since when its head waits, for the order of queues. Without a queue: never. */
export const claimMs = (residency: Residency): number =>
  residency.queue.head === undefined
    ? Number.POSITIVE_INFINITY
    : Math.max(residency.queue.head.orderMs, residency.quantumEndMs);

/** Loaded, in no use, and none of its waiters can be served here and now. */
export const isIdle = (residency: Residency): boolean =>
  residency.leases === 0 && residency.strangers === 0 && residency.queue.length === 0;

/** Loaded for a waiter that still waits. Evicting it now would load for ever and serve no request. */
export const isUnserved = (residency: Residency): boolean => !residency.served && residency.queue.length > 0;

/** The memory of the loaded model alone. Each out-of-memory answer adds an eighth: the declaration was too small. */
export const baseBytes = (residency: Residency): number =>
  Math.max(residency.need.bytes, residency.peakBytes) * (1 + residency.shortfalls / 8);

/** Leases that are charged: at least one, so that every loaded model can work. */
export const chargedLeases = (residency: Residency): number =>
  Math.max(1, residency.leases + residency.strangers);

/** What it is charged for on a device that it has to itself. */
export const chargeBytes = (residency: Residency): number =>
  baseBytes(residency) - residency.spillBytes + residency.need.transientBytes * chargedLeases(residency);

/**
 * What it is charged for one of its parts. Jobs are charged wholly on each: backends do not report where a split model's layers put
 * their work, and each device can need buffers as large as those of one device.
 */
export const partBytes = (residency: Residency, part: Part): number =>
  Math.min(
    part.mostBytes,
    shareOf(part, baseBytes(residency) - residency.spillBytes) +
      residency.need.transientBytes * chargedLeases(residency),
  );

/** In plans: all that is or will be there. What is on its way out is not, unless that failed. */
export const isCommitted = (residency: Residency): boolean =>
  residency.state === "reserved" ||
  residency.state === "loading" ||
  residency.state === "ready" ||
  residency.state === "suspect";

/** In memory as far as is known. */
export const isPresent = (residency: Residency): boolean =>
  residency.state !== "cold" && residency.state !== "failed" && residency.state !== "reserved";

/**
 * The same model with other load options. A backend holds one of the two at a time: Ollama reloads its runner when
 * num_ctx changes.
 */
export const areTwins = (a: Residency, b: Residency): boolean =>
  a !== b && a.need.spec.backend === b.need.spec.backend && a.need.spec.model === b.need.spec.model;

/** Taken for a model that came once. */
const UNKNOWN_GAP_MS = 60_000;

/**
 * When the next request for it is expected, from now. Arrivals that keep time come a gap after the last; those that do not
 * come a gap from now, as a memoryless process would, or later the longer they have stayed away. What lies between is weighed
 * by how far the gaps stray.
 */
export function expectedInMs(residency: Residency, nowMs: number): number {
  const sinceMs = Math.max(1, nowMs - (residency.lastArrivalMs ?? 0));
  const { gapMs = UNKNOWN_GAP_MS, strayMs = gapMs } = residency;
  const memorylessMs = Math.max(gapMs, sinceMs);
  const leftMs = gapMs - sinceMs;
  const regularMs = leftMs > -strayMs ? Math.max(leftMs, 1) : memorylessMs;
  const regularity = Math.max(0, 1 - (2 * strayMs) / Math.max(gapMs, 1));
  return regularity * regularMs + (1 - regularity) * memorylessMs;
}

/** What keeping it is worth: the load that it saves, per byte and per time until its next request. Least is evicted first. */
export const worth = (residency: Residency, nowMs: number): number =>
  residency.loadMs / Math.max(residency.need.bytes, 1) / expectedInMs(residency, nowMs);

/** Jobs that it runs at a time: as its backend reports, else as declared. */
export const concurrencyOf = ({ concurrency, need }: Residency): number => concurrency ?? need.concurrency;
