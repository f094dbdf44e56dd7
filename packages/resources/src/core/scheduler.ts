/**
 * The scheduler of scarce memory: events in, decisions out. It does no I/O, reads no clock and sets no timer; it states when
 * it wants to be woken. Design, invariants and what departs from the sketch: docs/adr/0014.
 */

import { BACKGROUND_PRIORITY } from "@headgate/contract";
import { availability, isUrgent } from "./eviction.ts";
import { idleEndMs, pump } from "./pump.ts";
import {
  backendDown,
  beginReclaim,
  noteEnd,
  observe,
  suspect,
  takeFound,
  takeReadings,
} from "./reconcile.ts";
import { baseBytes, claimMs, isIdle, isPinned, isUnserved, type Residency } from "./residency.ts";
import { type Snapshot, takeSnapshot } from "./snapshot.ts";
import { mostBaseBytes } from "./split.ts";
import {
  backendOf,
  becomeReady,
  type Core,
  createCore,
  estimateWaitMs,
  leave,
  move,
  noteGivenUp,
  noteLoadTime,
  reject,
  rejectAll,
  residencyOf,
  stopLeaving,
} from "./state.ts";
import {
  type Decision,
  MAX_PRIORITY,
  type RefusalReason,
  type SchedulerConfig,
  type SchedulerEvent,
  type WaiterId,
} from "./types.ts";
import type { Waiter } from "./waiters.ts";

export interface Scheduler {
  /**
   * Takes in one event and returns all that follows from it, in order.
   * @throws {Error} for a need that names a backend which the config does not
   */
  step(event: SchedulerEvent, nowMs: number): Decision[];
  /** What is where, what waits and why: for people, pages and metrics. */
  snapshot(nowMs: number): Snapshot;
}

const BUSY_COOLDOWN_MS = 2_000;
const MAX_COOLDOWN_MS = 60_000;

export function createScheduler(config: SchedulerConfig): Scheduler {
  const core = createCore(config);
  return {
    step(event, nowMs) {
      core.out = [];
      apply(core, event, nowMs);
      pump(core, nowMs);
      look(core, nowMs);
      const atMs = nextWakeMs(core, nowMs);
      if (atMs !== core.wakeMs) {
        core.wakeMs = atMs;
        core.out.push({ type: "wake", atMs });
      }
      return core.out;
    },
    snapshot: (nowMs) => takeSnapshot(core, nowMs),
  };
}

type EventOf<T extends SchedulerEvent["type"]> = Extract<SchedulerEvent, { type: T }>;

function apply(core: Core, event: SchedulerEvent, nowMs: number): void {
  switch (event.type) {
    case "arrive":
      arrive(core, event, nowMs);
      break;
    case "abort":
      abort(core, event.waiter, nowMs);
      break;
    case "release":
      release(core, event, nowMs);
      break;
    case "loaded":
    case "load-failed":
    case "unloaded":
    case "unload-failed":
      answered(core, event, nowMs);
      break;
    case "reading":
      takeReadings(core, event.devices, event.startedMs, nowMs);
      break;
    case "found": {
      const backend = core.backends.get(event.backend);
      if (backend !== undefined) takeFound(core, backend, event.models, event.stamp, nowMs);
      break;
    }
    case "backend-down": {
      const backend = core.backends.get(event.backend);
      if (backend !== undefined) backendDown(core, backend, event.why, nowMs);
      break;
    }
    case "pin":
    case "unpin":
    case "evict":
      command(core, event, nowMs);
      break;
    case "know":
      residencyOf(core, event.need);
      break;
    case "tick":
      // The requested wake is used up.
      core.wakeMs = Number.NaN;
  }
}

function abort(core: Core, id: WaiterId, nowMs: number): void {
  const waiter = core.waiters.get(id);
  if (waiter === undefined) return;
  core.counts.aborted += 1;
  noteGivenUp(core, waiter, nowMs);
  leave(core, waiter);
}

type Answer = EventOf<"loaded" | "load-failed" | "unloaded" | "unload-failed">;

/** A driver's answer; one that comes too late to mean anything does nothing. */
function answered(core: Core, event: Answer, nowMs: number): void {
  const residency = core.residencies.get(event.key);
  if (residency === undefined || residency.epoch !== event.epoch) return;
  const awaited = event.type === "loaded" || event.type === "load-failed" ? "loading" : "unloading";
  if (residency.state !== awaited) return;
  if (event.type === "loaded") {
    becomeReady(core, residency, nowMs);
    observe(core, residency, event);
    if (event.tookMs !== undefined) noteLoadTime(core, residency, event.tookMs);
  } else if (event.type === "load-failed") loadFailed(core, residency, event, nowMs);
  else if (event.type === "unloaded") beginReclaim(core, residency, nowMs);
  else unloadFailed(core, residency, event, nowMs);
}

function arrive(core: Core, { waiter: id, need, ...request }: EventOf<"arrive">, nowMs: number): void {
  const { settings } = core;
  const residency = residencyOf(core, need);
  const { key, queue } = residency;
  noteArrival(residency, nowMs);
  const refusal = refuseAtOnce(core, residency, nowMs);
  if (refusal !== undefined) {
    reject(core, { id, key }, ...refusal);
    return;
  }
  const asked = request.priority ?? need.priority;
  const priority =
    asked === BACKGROUND_PRIORITY ? asked : Math.max(-MAX_PRIORITY, Math.min(MAX_PRIORITY, asked));
  const deadlineMs = Math.min(request.deadlineMs ?? Number.POSITIVE_INFINITY, nowMs + settings.maxWaitMs);
  const waiter: Waiter = {
    id,
    key,
    seq: ++core.arrivals,
    arrivedMs: nowMs,
    orderMs: nowMs - priority * settings.priorityStepMs,
    deadlineMs,
    checkMs: Math.min(deadlineMs, request.startByMs ?? deadlineMs),
    waiting: true,
    before: undefined,
    after: undefined,
  };
  core.waiters.set(id, waiter);
  queue.push(waiter);
  core.nextMeasureMs = Math.min(core.nextMeasureMs, nowMs + settings.freshMs);
  core.deadlines.push(waiter);
}

type Refusal = readonly [reason: RefusalReason, message: string, retryAfterMs: number];

/** Why waiting is pointless, or the queue is full. */
function refuseAtOnce(core: Core, residency: Residency, nowMs: number): Refusal | undefined {
  const { settings } = core;
  const { key, queue } = residency;
  const backend = backendOf(core, residency);
  if (backend.status === "down") {
    // It may be back. Once the next look is due, the request waits for what that shows.
    backend.nextLookMs = Math.min(backend.nextLookMs, Math.max(nowMs, backend.wantedLookMs));
    const waitMs = backend.nextLookMs - nowMs;
    if (waitMs > 0) return ["backend-down", `${backend.id} does not answer: ${backend.why}`, waitMs];
  }
  if (residency.state === "failed" && residency.failures >= settings.maxLoadFailures) {
    return ["load-failed", loadFailure(residency), residency.cooldownUntilMs - nowMs];
  }
  const fullKey = queue.length >= settings.maxQueuePerModel;
  if (!fullKey && core.waiters.size < settings.maxQueue) return undefined;
  const full = fullKey ? `${queue.length} wait for ${key}` : `${core.waiters.size} wait`;
  return ["queue-full", `${full} already`, estimateWaitMs(core, residency)];
}

const smooth = (old: number | undefined, sample: number): number =>
  old === undefined ? sample : old * 0.75 + sample * 0.25;

function noteArrival(residency: Residency, nowMs: number): void {
  if (residency.lastArrivalMs !== undefined) {
    const gapMs = nowMs - residency.lastArrivalMs;
    residency.strayMs = smooth(residency.strayMs, Math.abs(gapMs - (residency.gapMs ?? 0)));
    residency.gapMs = smooth(residency.gapMs, gapMs);
  }
  residency.lastArrivalMs = nowMs;
}

function release(core: Core, event: EventOf<"release">, nowMs: number): void {
  const lease = core.leases.get(event.lease);
  if (lease === undefined) {
    core.counts.strayReleases += 1;
    return;
  }
  core.leases.delete(event.lease);
  core.counts.released += 1;
  const { residency } = lease;
  residency.leases -= 1;
  noteEnd(core, residency, nowMs);
  residency.lastUsedMs = nowMs;
  residency.serviceMs = smooth(residency.serviceMs, nowMs - lease.grantedMs);
  if (event.outcome === "unreachable" || residency.state === "suspect") {
    const backend = backendOf(core, residency);
    if (backend.status === "up") backend.nextLookMs = nowMs;
  }
}

const loadFailure = (residency: Residency): string =>
  `${residency.key} could not be loaded: ${residency.lastFailure ?? "no reason given"}`;

function loadFailed(core: Core, residency: Residency, event: EventOf<"load-failed">, nowMs: number): void {
  if (event.kind === "aborted" || event.kind === "unreachable" || event.kind === "unverified") {
    // Whatever was begun may still be going on there.
    suspect(core, residency, nowMs);
    return;
  }
  core.counts.failedLoads += 1;
  residency.failures += 1;
  residency.lastFailure = event.why;
  const cooldownMs = Math.min(
    MAX_COOLDOWN_MS,
    core.settings.loadBackoffMs * 2 ** Math.min(residency.failures - 1, 10),
  );
  residency.cooldownUntilMs = nowMs + cooldownMs;
  if (event.kind === "missing") {
    residency.failures = Math.max(residency.failures, core.settings.maxLoadFailures);
    rejectAll(core, residency, "model-missing", loadFailure(residency));
    move(core, residency, "failed", nowMs);
    return;
  }
  if (event.kind === "out-of-memory") askForMore(core, residency);
  if (residency.failures >= core.settings.maxLoadFailures) {
    rejectAll(core, residency, "load-failed", loadFailure(residency), cooldownMs);
  }
  beginReclaim(core, residency, nowMs);
}

/** It does not fit into its estimate. It never needs more than its devices have when they are empty. */
function askForMore(core: Core, residency: Residency): void {
  residency.shortfalls += 1;
  if (baseBytes(residency) > mostBaseBytes(core, residency)) residency.shortfalls -= 1;
}

function unloadFailed(
  core: Core,
  residency: Residency,
  event: EventOf<"unload-failed">,
  nowMs: number,
): void {
  if (event.kind === "missing" || event.kind === "orphaned") {
    beginReclaim(core, residency, nowMs, event.kind === "orphaned");
    return;
  }
  residency.staysUntilMs = nowMs + BUSY_COOLDOWN_MS;
  if (event.kind === "busy") {
    stopLeaving(core, residency);
    move(core, residency, "ready", nowMs);
  } else suspect(core, residency, nowMs);
}

function command(core: Core, { type, key, need }: EventOf<"pin" | "unpin" | "evict">, nowMs: number): void {
  const residency = need === undefined ? core.residencies.get(key) : residencyOf(core, need);
  if (residency === undefined) return;
  if (type === "pin") residency.pin = true;
  else if (type === "unpin") residency.pin = false;
  else if (residency.state === "ready" && !isPinned(residency) && !isUnserved(residency)) {
    core.counts.evictions += 1;
    move(core, residency, "draining", nowMs);
  }
  // A model that is pinned while it makes room for another stays; that reservation no longer holds.
  if (type === "pin" && residency.state === "draining") move(core, residency, "ready", nowMs);
}

/** Requests the looks that are due now. */
function look(core: Core, nowMs: number): void {
  for (const backend of core.backends.values()) {
    if (backend.inspecting || backend.nextLookMs > nowMs) continue;
    backend.inspecting = true;
    core.out.push({ type: "inspect", backend: backend.id, stamp: core.changes });
  }
  if (core.measuring || core.nextMeasureMs > nowMs) return;
  core.measuring = true;
  core.out.push({ type: "measure" });
}

/** The next time at which the clock alone changes something. */
function nextWakeMs(core: Core, nowMs: number): number {
  let atMs = Number.POSITIVE_INFINITY;
  const consider = (whenMs: number): void => {
    if (whenMs > nowMs && whenMs < atMs) atMs = whenMs;
  };
  consider(core.deadlines.peek()?.checkMs ?? Number.POSITIVE_INFINITY);
  if (!core.measuring) consider(core.nextMeasureMs);
  for (const backend of core.backends.values()) if (!backend.inspecting) consider(backend.nextLookMs);
  for (const residency of core.residencies.values()) {
    if (residency.state === "failed") consider(residency.cooldownUntilMs);
    if (residency.state === "ready" && isIdle(residency) && !isPinned(residency))
      consider(idleEndMs(residency));
    if (residency.state === "ready") consider(residency.staysUntilMs);
    if (residency.state === "cold" && residency.queue.head !== undefined)
      considerHead(core, residency, nowMs, consider);
  }
  return atMs;
}

/** A head that could not be placed: when it becomes urgent, and when one of the others may be made to go for it. */
function considerHead(
  core: Core,
  target: Residency,
  nowMs: number,
  consider: (whenMs: number) => void,
): void {
  consider(claimMs(target) + core.settings.maxHeadWaitMs);
  const urgent = isUrgent(core, target, nowMs);
  for (const other of core.residencies.values()) {
    const when = other === target ? undefined : availability(core, other, target, urgent, nowMs);
    if (typeof when === "number") consider(when);
  }
}
