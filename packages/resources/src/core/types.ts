/**
 * What goes into the scheduler and what comes out: plain data. Times are ms on one clock that the caller owns and
 * passes in; memory is bytes.
 */
import type { DeviceId, DeviceReading, DriverError, ResidencySpec } from "../driver.ts";

export type WaiterId = number;
export type LeaseId = number;
export type DeviceClass = "cpu" | "cuda";

/** What one model with its load options takes, and how it may be treated. Declared, so it can be wrong. */
export interface ModelNeed {
  readonly spec: ResidencySpec;
  readonly deviceClass: DeviceClass;
  /** Its backend spreads it over several GPUs where none alone can hold it. */
  readonly splits: boolean;
  /** Memory while it is loaded and idle. What was measured counts where that is more. */
  readonly bytes: number;
  /** More for each job it works on. */
  readonly transientBytes: number;
  /** How long a load takes, until one was measured: what an eviction puts at stake, and what a quantum is a multiple of. */
  readonly loadCostMs: number;
  /** Jobs it works on at the same time, at least 1. */
  readonly concurrency: number;
  /** Never evicted and never unloaded for being idle. */
  readonly pinned: boolean;
  /** Each step counts as `priorityStepMs` of waiting; clamped to ±`MAX_PRIORITY`, so it never starves anyone. */
  readonly priority: number;
  /** Unloaded after this long without a job; undefined: it stays until its memory is needed. */
  readonly idleUnloadMs: number | undefined;
  /** After a load it is not evicted for this long, except for a head that waited longer than `maxHeadWaitMs`. */
  readonly minResidencyMs: number;
  /** Loaded where there is room although no request waits for it, and not unloaded for being idle. */
  readonly warm?: boolean;
}

export const MAX_PRIORITY = 3;

export interface DeviceConfig {
  readonly id: DeviceId;
  /**
   * The most that may be used here, as the operator sets it. Without it the total must be measured: a device of unknown memory
   * takes no model.
   */
  readonly declaredBytes?: number;
  /** Left free for what is not counted: contexts, fragmentation, the desktop. */
  readonly headroomBytes: number;
}

export interface BackendConfig {
  /** The provider's id. */
  readonly id: string;
  /** Models it holds at the same time; undefined: as many as there is memory for. */
  readonly slots: number | undefined;
}

export interface SchedulerConfig {
  readonly devices: readonly DeviceConfig[];
  readonly backends: readonly BackendConfig[];
  /** H: a head that waited longer may fence models that are in use. Default 30 s. */
  readonly maxHeadWaitMs?: number;
  /** θ: a model in use runs θ × (its load + the target's load) before it is fenced. Default 8. */
  readonly quantumFactor?: number;
  /** Waiting that one step of priority is worth. Default 5 s. */
  readonly priorityStepMs?: number;
  /**
   * κ: an idle model that is expected back soon stays until those that wait for it to go have together
   * waited κ × (its load + the target's load). 0 evicts idle models at once. Default 0.5.
   */
  readonly patienceFactor?: number;
  /**
   * An idle model is evicted for a head that has waited for this × (the part of clients that give up soon) × (both loads), a
   * quarter of `maxHeadWaitMs` at most. 0 evicts it at once. Default 0.6.
   */
  readonly earnestFactor?: number;
  /** Waiters for one model. Default 256. */
  readonly maxQueuePerModel?: number;
  /** Waiters for all models. Default 2048. */
  readonly maxQueue?: number;
  /** The longest wait, whatever deadline the request has. Default 10 min. */
  readonly maxWaitMs?: number;
  /** Memory is looked at this often while some is to come back. Default 250 ms. */
  readonly reclaimPollMs?: number;
  /** Memory that did not come back by then counts as used by other programs. Default 60 s. */
  readonly reclaimTimeoutMs?: number;
  /** Memory and backends are looked at this often when nothing happens. Default 30 s. */
  readonly lookIntervalMs?: number;
  /** Before a load memory is measured, unless that was done so recently. Default 1 s. */
  readonly freshMs?: number;
  /** The first cooldown after a failed load; doubles up to a minute. Default 1 s. */
  readonly loadBackoffMs?: number;
  /** Failed loads in a row after which its waiters are refused. Default 3. */
  readonly maxLoadFailures?: number;
  /** A difference of this size between two measurements means nothing. Default 64 MiB. */
  readonly toleranceBytes?: number;
}

/** One residency that a backend reports, with the need it answers to (a made-up one for an undeclared model). */
export interface FoundModel {
  readonly need: ModelNeed;
  readonly bytes: number | undefined;
  readonly gpuBytes: number | undefined;
  readonly busy: number | undefined;
  /** Jobs at a time, where the backend reports it: that holds, whatever is declared. */
  readonly concurrency?: number | undefined;
  readonly loading: boolean;
  /**
   * Absent where the backend does not report it: then the device with the most unexplained use is taken, or several where none
   * alone can hold it.
   */
  readonly device?: DeviceId | undefined;
}

export type DriverFailure = DriverError["kind"];

export type SchedulerEvent =
  | {
      readonly type: "arrive";
      /** Unique for one scheduler. */
      readonly waiter: WaiterId;
      readonly need: ModelNeed;
      /** Instead of the model's own. */
      readonly priority?: number;
      /** When the client stops waiting, on the caller's clock. */
      readonly deadlineMs?: number;
      /** When it stops unless a load that has a place for it is under way. */
      readonly startByMs?: number;
    }
  | { readonly type: "abort"; readonly waiter: WaiterId }
  /** `unreachable`: the job ended with its backend, so the backend is inspected. */
  | { readonly type: "release"; readonly lease: LeaseId; readonly outcome: "done" | "failed" | "unreachable" }
  | {
      readonly type: "loaded";
      readonly key: string;
      readonly epoch: number;
      readonly bytes?: number | undefined;
      readonly gpuBytes?: number | undefined;
      readonly concurrency?: number | undefined;
      /** How long the load took; absent where the driver does not know. */
      readonly tookMs?: number | undefined;
    }
  | {
      readonly type: "load-failed";
      readonly key: string;
      readonly epoch: number;
      readonly kind: DriverFailure | "aborted";
      readonly why: string;
    }
  | { readonly type: "unloaded"; readonly key: string; readonly epoch: number }
  | {
      readonly type: "unload-failed";
      readonly key: string;
      readonly epoch: number;
      readonly kind: DriverFailure;
      readonly why: string;
    }
  /** What is measured; `startedMs` is when the look began. A device that is absent is unknown. */
  | { readonly type: "reading"; readonly startedMs: number; readonly devices: readonly DeviceReading[] }
  /** All that a backend holds, as of the `inspect` decision with this stamp. */
  | {
      readonly type: "found";
      readonly backend: string;
      readonly stamp: number;
      readonly models: readonly FoundModel[];
    }
  | { readonly type: "backend-down"; readonly backend: string; readonly why: string }
  /** `need` makes a model known that no request has named yet. */
  | { readonly type: "pin" | "unpin" | "evict"; readonly key: string; readonly need?: ModelNeed }
  /** Makes a model known that is to be loaded before its first request. */
  | { readonly type: "know"; readonly need: ModelNeed }
  /** The time that a `wake` decision named has come. */
  | { readonly type: "tick" };

/**
 * Why a waiter was refused:
 * - `queue-full`, `deadline`: too many, too long.
 * - `too-large`: it fits on no device here; `needs-split`: only over several GPUs together, and its backend cannot do that.
 * - `memory-unknown`: the device's memory is unknown.
 * - `backend-down`, `model-missing`, `load-failed`: the backend's trouble.
 * - `closing`: the manager is being closed.
 */
export type RefusalReason =
  | "queue-full"
  | "deadline"
  | "too-large"
  | "needs-split"
  | "memory-unknown"
  | "backend-down"
  | "model-missing"
  | "load-failed"
  | "closing";

export type Decision =
  | {
      readonly type: "grant";
      readonly lease: LeaseId;
      readonly waiter: WaiterId;
      readonly key: string;
      /** One, or all that a split model is on. */
      readonly devices: readonly DeviceId[];
    }
  | {
      readonly type: "reject";
      readonly waiter: WaiterId;
      readonly key: string;
      readonly reason: RefusalReason;
      /** A sentence for people: what, why and what helps. */
      readonly message: string;
      /** An estimate; undefined where waiting does not help. */
      readonly retryAfterMs: number | undefined;
    }
  | {
      readonly type: "load";
      readonly key: string;
      readonly epoch: number;
      readonly spec: ResidencySpec;
      /** Where memory is set aside for it: one, or several for the backend to split it over. */
      readonly devices: readonly DeviceId[];
    }
  /** This load has no waiters any more, and others wait for its memory. The answer is loaded or load-failed. */
  | { readonly type: "abort-load"; readonly key: string; readonly epoch: number }
  | { readonly type: "unload"; readonly key: string; readonly epoch: number; readonly spec: ResidencySpec }
  /** Inspect what the backend holds; answer with found or backend-down. */
  | { readonly type: "inspect"; readonly backend: string; readonly stamp: number }
  /** Read all devices; answer with reading. */
  | { readonly type: "measure" }
  /** Send a tick at this time, and forget earlier wakes. */
  | { readonly type: "wake"; readonly atMs: number };

export type ResidencyState =
  | "cold"
  | "reserved"
  | "loading"
  | "ready"
  | "draining"
  | "unloading"
  | "failed"
  | "suspect";
