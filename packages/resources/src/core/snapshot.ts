/** The scheduler as people see it: `GET /admin/resources` and `headgate ps`. Plain data, safe as JSON. */
import type { DeviceId, ResidencyOptions } from "../driver.ts";
import { actualBytes, capacityBytes, committedBytes, returningBytes, roomBytes } from "./device-memory.ts";
import { concurrencyOf, devicesOf, isPinned, partBytes, type Residency } from "./residency.ts";
import { type Core, type Counts, estimateWaitMs } from "./state.ts";
import type { LeaseId, ResidencyState, WaiterId } from "./types.ts";

export interface DeviceSnapshot {
  readonly device: DeviceId;
  readonly totalBytes: number | undefined;
  readonly usedBytes: number | undefined;
  /** Used by other programs. */
  readonly externalBytes: number;
  /** For models if no other program used memory, and now; undefined: unknown, and nothing is loaded. */
  readonly capacityBytes: number | undefined;
  readonly roomBytes: number | undefined;
  /** Planned for, and there in fact. */
  readonly committedBytes: number;
  readonly actualBytes: number;
  /** Of `actualBytes`, what models that are gone have not given back as far as is seen. */
  readonly returningBytes: number;
}

export interface ResidencySnapshot {
  readonly key: string;
  readonly backend: string;
  readonly model: string;
  readonly options: ResidencyOptions;
  readonly state: ResidencyState;
  readonly epoch: number;
  /** `cuda:0`, or `cuda:0+cuda:1` for a split model; undefined: nowhere. */
  readonly device: string | undefined;
  /** What is charged to each of its devices. */
  readonly parts: readonly { readonly device: DeviceId; readonly chargeBytes: number }[];
  /** Charged to all of its devices together, and measured by the backend. */
  readonly chargeBytes: number;
  readonly spillBytes: number;
  readonly measuredBytes: number | undefined;
  readonly leases: number;
  readonly concurrency: number;
  readonly waiting: number;
  readonly pinned: boolean;
  readonly served: boolean;
  readonly loads: number;
  readonly sinceMs: number;
  readonly lastUsedMs: number;
  /** The model that it makes room for. */
  readonly drainsFor: string | undefined;
  readonly failure: string | undefined;
  readonly cooldownUntilMs: number | undefined;
}

export interface QueueSnapshot {
  readonly key: string;
  /** Why its head waits. */
  readonly why: string;
  readonly estimateMs: number;
  readonly waiters: readonly {
    readonly waiter: WaiterId;
    /** 1 is next. */
    readonly position: number;
    readonly waitedMs: number;
    readonly deadlineMs: number;
    /** The load under way or reserved has a lease for this waiter. */
    readonly attached: boolean;
  }[];
}

export interface Snapshot {
  readonly devices: readonly DeviceSnapshot[];
  readonly backends: readonly {
    readonly backend: string;
    readonly status: "unknown" | "up" | "down";
    readonly slots: number | undefined;
    readonly why: string | undefined;
  }[];
  /** All that are loaded, on their way, failed, or waited for. */
  readonly residencies: readonly ResidencySnapshot[];
  readonly leases: readonly {
    readonly lease: LeaseId;
    readonly waiter: WaiterId;
    readonly key: string;
    readonly heldMs: number;
  }[];
  readonly queues: readonly QueueSnapshot[];
  readonly counts: Readonly<Counts>;
}

export function takeSnapshot(core: Core, nowMs: number): Snapshot {
  const all = [...core.residencies.values()];
  return {
    devices: core.devices.map((device) => ({
      device: device.config.id,
      totalBytes: device.totalBytes,
      usedBytes: device.usedBytes,
      externalBytes: device.externalBytes,
      capacityBytes: capacityBytes(device),
      roomBytes: roomBytes(device),
      committedBytes: committedBytes(all, device.config.id),
      actualBytes: actualBytes(all, device),
      returningBytes: returningBytes(device),
    })),
    backends: [...core.backends.values()].map(({ id, status, slots, why }) => ({
      backend: id,
      status,
      slots,
      why,
    })),
    residencies: all
      .filter((residency) => residency.state !== "cold" || residency.queue.length > 0)
      .map(residencySnapshot),
    leases: [...core.leases.values()].map(({ id, waiter, residency, grantedMs }) => ({
      lease: id,
      waiter,
      key: residency.key,
      heldMs: nowMs - grantedMs,
    })),
    queues: all
      .filter((residency) => residency.queue.length > 0)
      .map((residency) => queueSnapshot(core, residency, nowMs)),
    counts: { ...core.counts },
  };
}

function residencySnapshot(residency: Residency): ResidencySnapshot {
  const { need, key, state, epoch } = residency;
  const parts = residency.parts.map((part) => ({
    device: part.device,
    chargeBytes: partBytes(residency, part),
  }));
  return {
    key,
    backend: need.spec.backend,
    model: need.spec.model,
    options: need.spec.options,
    state,
    epoch,
    device: parts.length === 0 ? undefined : devicesOf(residency).join("+"),
    parts,
    chargeBytes: parts.reduce((sum, part) => sum + part.chargeBytes, 0),
    spillBytes: residency.spillBytes,
    measuredBytes: residency.measuredBytes,
    leases: residency.leases,
    concurrency: concurrencyOf(residency),
    waiting: residency.queue.length,
    pinned: isPinned(residency),
    served: residency.served,
    loads: residency.loads,
    sinceMs: residency.sinceMs,
    lastUsedMs: residency.lastUsedMs,
    drainsFor: residency.drainsFor,
    failure: residency.lastFailure,
    cooldownUntilMs: state === "failed" ? residency.cooldownUntilMs : undefined,
  };
}

function queueSnapshot(core: Core, residency: Residency, nowMs: number): QueueSnapshot {
  const attached =
    residency.state === "reserved" || residency.state === "loading" ? concurrencyOf(residency) : 0;
  let position = 0;
  return {
    key: residency.key,
    why: residency.blocked ?? residency.state,
    estimateMs: estimateWaitMs(core, residency),
    waiters: Array.from(residency.queue, (waiter) => {
      position += 1;
      return {
        waiter: waiter.id,
        position,
        waitedMs: nowMs - waiter.arrivedMs,
        deadlineMs: waiter.deadlineMs,
        attached: position <= attached,
      };
    }),
  };
}
