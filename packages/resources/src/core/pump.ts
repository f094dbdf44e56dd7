/** After every event: everything that can be decided now is decided, in one pass over the models. */
import type { DeviceId } from "../driver.ts";
import { chargeOn, committedBytes, type Device, hasRoomFor, roomBytes } from "./device-memory.ts";
import { isUrgent } from "./eviction.ts";
import { type Claim, type Claims, type Placement, placementFor } from "./placement.ts";
import {
  areTwins,
  claimMs,
  concurrencyOf,
  devicesOf,
  isCommitted,
  isIdle,
  isPinned,
  isPresent,
  isUnserved,
  partOn,
  type Residency,
  worth,
} from "./residency.ts";
import {
  backendOf,
  type Core,
  estimateWaitMs,
  leave,
  move,
  noteStayed,
  placesOf,
  reject,
  rejectAll,
} from "./state.ts";
import type { ModelNeed } from "./types.ts";
import type { Waiter } from "./waiters.ts";

export function pump(core: Core, nowMs: number): void {
  expire(core, nowMs);
  endCooldowns(core, nowMs);
  revoke(core, nowMs);
  serveHeads(core, nowMs);
  warmUp(core, nowMs);
  shed(core, nowMs);
  idleUnload(core, nowMs);
  finishDrains(core, nowMs);
  startLoads(core, nowMs);
  abandonLoads(core);
}

function expire(core: Core, nowMs: number): void {
  for (;;) {
    const waiter = core.deadlines.peek();
    if (waiter === undefined || waiter.checkMs > nowMs) return;
    const residency = core.residencies.get(waiter.key);
    if (waiter.deadlineMs > nowMs && residency !== undefined && isLoadingFor(residency, waiter)) {
      core.deadlines.postpone(Math.min(waiter.deadlineMs, nowMs + core.settings.freshMs));
      continue;
    }
    leave(core, waiter);
    const waitedS = ((nowMs - waiter.arrivedMs) / 1_000).toFixed(1);
    const retryAfterMs = residency === undefined ? undefined : estimateWaitMs(core, residency);
    const why = residency?.blocked ?? residency?.state ?? "busy";
    reject(core, waiter, "deadline", `${waiter.key} was not free within ${waitedS} s (${why})`, retryAfterMs);
  }
}

/** Whether its load is under way and has a lease for this waiter. */
function isLoadingFor(residency: Residency, waiter: Waiter): boolean {
  if (residency.state !== "loading") return false;
  let left = concurrencyOf(residency);
  for (const one of residency.queue) {
    if (one === waiter) return true;
    left -= 1;
    if (left === 0) return false;
  }
  return false;
}

function endCooldowns(core: Core, nowMs: number): void {
  for (const residency of core.residencies.values()) {
    if (residency.state === "failed" && residency.cooldownUntilMs <= nowMs)
      move(core, residency, "cold", nowMs);
  }
}

const slotsTaken = (core: Core, backend: string, counts: (residency: Residency) => boolean): number => {
  let taken = 0;
  for (const residency of core.residencies.values()) {
    if (residency.need.spec.backend === backend && counts(residency)) taken += 1;
  }
  return taken;
};

function hasTwin(core: Core, residency: Residency, counts: (twin: Residency) => boolean): boolean {
  for (const other of core.residencies.values()) if (areTwins(other, residency) && counts(other)) return true;
  return false;
}

/** Reservations that the room, or the slots, no longer bear: the youngest head gives its own back. */
function revoke(core: Core, nowMs: number): void {
  for (;;) {
    let youngest: Residency | undefined;
    for (const residency of core.residencies.values()) {
      if (residency.state !== "reserved") continue;
      const head = residency.queue.head;
      const wanted = head !== undefined || residency.need.warm === true;
      if (!wanted || backendOf(core, residency).status === "down") {
        unreserve(core, residency, nowMs);
        continue;
      }
      if (bears(core, residency)) continue;
      if (youngest === undefined || claimMs(residency) > claimMs(youngest)) youngest = residency;
    }
    if (youngest === undefined) return;
    unreserve(core, youngest, nowMs);
  }
}

function bears(core: Core, residency: Residency): boolean {
  const backend = backendOf(core, residency);
  if (slotsTaken(core, backend.id, isCommitted) > (backend.slots ?? Number.POSITIVE_INFINITY)) return false;
  const devices = placesOf(core, residency);
  return (
    devices.length > 0 &&
    devices.every((device) => {
      const room = roomBytes(device);
      return room !== undefined && committedBytes(core.residencies.values(), device.config.id) <= room;
    })
  );
}

function unreserve(core: Core, residency: Residency, nowMs: number): void {
  const { victims } = residency;
  residency.victims = [];
  move(core, residency, "cold", nowMs);
  keepVictims(core, residency.key, victims, nowMs);
}

/** Models chosen to make room for `target`, and not unloaded yet, stay where that fits. */
function keepVictims(core: Core, target: string, victims: readonly string[], nowMs: number): void {
  for (const key of victims) {
    const victim = core.residencies.get(key);
    if (victim === undefined || victim.state !== "draining" || victim.drainsFor !== target) continue;
    const { id, slots = Number.POSITIVE_INFINITY } = backendOf(core, victim);
    if (slotsTaken(core, id, isCommitted) >= slots || hasTwin(core, victim, isCommitted)) continue;
    if (fitsInPlan(core, victim)) move(core, victim, "ready", nowMs);
  }
}

/** Whether each of its devices has room for one that is not planned there. */
function fitsInPlan(core: Core, residency: Residency): boolean {
  const devices = placesOf(core, residency);
  return (
    devices.length > 0 &&
    devices.every((device) => {
      const { id } = device.config;
      const room = roomBytes(device);
      const planned = committedBytes(core.residencies.values(), id);
      return room !== undefined && planned + chargeOn(residency, id) <= room;
    })
  );
}

/** The heads of all queues, longest waiting first. */
function headsInOrder(core: Core): Residency[] {
  const heads: Residency[] = [];
  for (const residency of core.residencies.values()) if (residency.queue.length > 0) heads.push(residency);
  const arrival = (residency: Residency): number => residency.queue.head?.seq ?? 0;
  return heads.sort((a, b) => claimMs(a) - claimMs(b) || arrival(a) - arrival(b));
}

function serveHeads(core: Core, nowMs: number): void {
  const claims: Claims = { devices: new Map<DeviceId, Claim>(), backends: new Set<string>() };
  for (const residency of headsInOrder(core)) {
    residency.blocked = undefined;
    if (residency.state === "ready") grantAll(core, residency, nowMs);
    else if (residency.state === "cold") place(core, residency, claims, nowMs);
    else residency.blocked = WAITS_FOR[residency.state];
  }
}

const WAITS_FOR: Readonly<Record<Exclude<Residency["state"], "ready" | "cold">, string>> = {
  reserved: "others are making room",
  loading: "it is being loaded",
  draining: "it makes room for a model that has waited too long",
  unloading: "it is being unloaded",
  failed: "its last load failed",
  suspect: "its backend does not report what it holds",
};

function grantAll(core: Core, residency: Residency, nowMs: number): void {
  const devices = placesOf(core, residency);
  if (devices.length === 0 || backendOf(core, residency).status !== "up") return;
  for (const waiter of residency.queue) {
    if (residency.leases + residency.strangers >= concurrencyOf(residency)) {
      residency.blocked = "all its leases are taken";
      return;
    }
    const full = devices.find((device) => !bearsLease(core, residency, device));
    if (full !== undefined) {
      residency.blocked = `${full.config.id} has no memory for one more job`;
      return;
    }
    leave(core, waiter);
    noteStayed(core, waiter, nowMs);
    const id = ++core.counts.granted;
    core.leases.set(id, { id, waiter: waiter.id, residency, grantedMs: nowMs });
    residency.leases += 1;
    residency.served = true;
    residency.lastUsedMs = nowMs;
    core.out.push({
      type: "grant",
      lease: id,
      waiter: waiter.id,
      key: residency.key,
      devices: devicesOf(residency),
    });
  }
}

/** The first lease of a model is charged with the model itself. */
function bearsLease(core: Core, residency: Residency, device: Device): boolean {
  const room = roomBytes(device);
  // A device that can be read no more keeps what it has, as it is.
  if (room === undefined) return residency.leases + residency.strangers === 0;
  const more = residency.leases + residency.strangers > 0 ? residency.need.transientBytes : 0;
  const { id } = device.config;
  return (
    committedBytes(core.residencies.values(), id) + more <= room &&
    hasRoomFor(more, device, core.residencies.values())
  );
}

function place(core: Core, residency: Residency, claims: Claims, nowMs: number): void {
  const backend = backendOf(core, residency);
  if (backend.status !== "up") {
    residency.blocked = `${backend.id} has not answered yet`;
    return;
  }
  const found = placementFor(core, residency, claims, nowMs);
  if (found.kind === "go") reserve(core, residency, found, nowMs);
  else if (found.kind === "never") rejectAll(core, residency, found.reason, found.message);
  else {
    residency.blocked = found.why;
    if (found.kind === "later" && isUrgent(core, residency, nowMs)) {
      for (const [device, bytes] of found.wants) {
        const claim = claims.devices.get(device);
        claims.devices.set(device, {
          bytes: (claim?.bytes ?? 0) + bytes,
          sinceMs: Math.min(
            claim?.sinceMs ?? Number.POSITIVE_INFINITY,
            claimMs(residency) + core.settings.maxHeadWaitMs,
          ),
        });
      }
      if (backend.slots !== undefined) claims.backends.add(backend.id);
    }
  }
}

function reserve(core: Core, target: Residency, found: Placement & { kind: "go" }, nowMs: number): void {
  move(core, target, "reserved", nowMs);
  target.parts = found.parts;
  target.victims = found.victims.map((victim) => victim.key);
  target.blocked = WAITS_FOR.reserved;
  for (const victim of found.victims) {
    core.counts.evictions += 1;
    move(core, victim, "draining", nowMs);
    victim.drainsFor = target.key;
  }
}

/** Models that are to stay loaded take what no waiter needs, and make none go. */
function warmUp(core: Core, nowMs: number): void {
  const claims: Claims = { devices: new Map<DeviceId, Claim>(), backends: new Set<string>() };
  for (const residency of core.residencies.values()) {
    if (residency.need.warm !== true || residency.state !== "cold" || residency.queue.length > 0) continue;
    if (backendOf(core, residency).status !== "up" || isInTheWay(core, residency.need)) continue;
    const found = placementFor(core, residency, claims, nowMs);
    if (found.kind === "go" && found.victims.length === 0) reserve(core, residency, found, nowMs);
  }
}

/** Others grew into our memory: idle models go until the rest fits, cheapest first. */
function shed(core: Core, nowMs: number): void {
  for (const device of core.devices) {
    const room = roomBytes(device);
    if (room === undefined) continue;
    const { id } = device.config;
    let over = committedBytes(core.residencies.values(), id) - room;
    if (over <= 0) continue;
    const idle: Residency[] = [];
    for (const residency of core.residencies.values()) {
      if (residency.state !== "ready" || isPinned(residency)) continue;
      if (partOn(residency, id) === undefined) continue;
      if (residency.leases + residency.strangers > 0 || isUnserved(residency)) continue;
      if (residency.staysUntilMs <= nowMs) idle.push(residency);
    }
    idle.sort((a, b) => worth(a, nowMs) - worth(b, nowMs));
    for (const residency of idle) {
      if (over <= 0) break;
      over -= chargeOn(residency, id);
      core.counts.evictions += 1;
      move(core, residency, "draining", nowMs);
    }
  }
}

function idleUnload(core: Core, nowMs: number): void {
  for (const residency of core.residencies.values()) {
    if (residency.state !== "ready" || !isIdle(residency) || isPinned(residency)) continue;
    if (nowMs < idleEndMs(residency)) continue;
    core.counts.idleUnloads += 1;
    move(core, residency, "draining", nowMs);
  }
}

const idleUnloadMs = ({ need }: Residency): number =>
  need.warm === true ? Number.POSITIVE_INFINITY : (need.idleUnloadMs ?? Number.POSITIVE_INFINITY);

export const idleEndMs = (residency: Residency): number =>
  Math.max(
    residency.lastUsedMs + idleUnloadMs(residency),
    residency.readyMs + residency.need.minResidencyMs,
    residency.staysUntilMs,
  );

function finishDrains(core: Core, nowMs: number): void {
  for (const residency of core.residencies.values()) {
    if (residency.state !== "draining" || residency.leases + residency.strangers > 0) continue;
    if (backendOf(core, residency).status !== "up") continue;
    move(core, residency, "unloading", nowMs);
    core.out.push({ type: "unload", key: residency.key, epoch: residency.epoch, spec: residency.need.spec });
  }
}

/** A reservation becomes a load when the memory is there in fact. The longest waiting first. */
function startLoads(core: Core, nowMs: number): void {
  const unasked = [...core.residencies.values()].filter(({ queue }) => queue.length === 0);
  const reserved = [...headsInOrder(core), ...unasked].filter(({ state }) => state === "reserved");
  for (const residency of reserved) {
    const places = placesOf(core, residency);
    const fits = places.every((device) =>
      hasRoomFor(chargeOn(residency, device.config.id), device, core.residencies.values()),
    );
    if (places.length === 0 || !fits) continue;
    const backend = backendOf(core, residency);
    if (slotsTaken(core, backend.id, isPresent) >= (backend.slots ?? Number.POSITIVE_INFINITY)) continue;
    if (hasTwin(core, residency, isPresent)) continue;
    if (places.some(({ readMs }) => readMs === undefined || readMs < nowMs - core.settings.freshMs)) {
      core.nextMeasureMs = nowMs;
      continue;
    }
    move(core, residency, "loading", nowMs);
    residency.blocked = WAITS_FOR.loading;
    residency.loads += 1;
    core.counts.loads += 1;
    const { victims, key, epoch } = residency;
    residency.victims = [];
    core.out.push({ type: "load", key, epoch, spec: residency.need.spec, devices: devicesOf(residency) });
    keepVictims(core, key, victims, nowMs);
  }
}

/** A load without waiters goes on, for the next request, unless another waiter needs its memory. */
function abandonLoads(core: Core): void {
  for (const residency of core.residencies.values()) {
    if (residency.state !== "loading" || residency.queue.length > 0 || residency.abortAsked) continue;
    if (isPinned(residency) || !isInTheWay(core, residency.need)) continue;
    residency.abortAsked = true;
    core.out.push({ type: "abort-load", key: residency.key, epoch: residency.epoch });
  }
}

/** Whether a waiter of another model may need what one with this need takes. */
function isInTheWay(core: Core, { deviceClass, spec }: ModelNeed): boolean {
  for (const other of core.residencies.values()) {
    if (other.state !== "cold" || other.queue.length === 0) continue;
    if (other.need.deviceClass === deviceClass || other.need.spec.backend === spec.backend) return true;
  }
  return false;
}
