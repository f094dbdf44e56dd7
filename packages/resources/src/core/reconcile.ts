/** What backends and the machine report, against the scheduler's state. Reports win. */
import type { DeviceId, DeviceReading } from "../driver.ts";
import { capacityBytes, type Device, hasReturned, takeReading } from "./device-memory.ts";
import { isPresent, NOWHERE, type Part, type Residency, shareOf, wholeOn } from "./residency.ts";
import { correctParts, devicesToSplitOver, mostBaseBytes, spread } from "./split.ts";
import {
  type Backend,
  becomeReady,
  type Core,
  move,
  placesOf,
  rejectAll,
  residencyOf,
  startLeaving,
  stopLeaving,
} from "./state.ts";
import type { FoundModel } from "./types.ts";

/** While something is unclear it is looked at this often. */
const LOOK_SOON_MS = 1_000;
const LOOK_DOWN_MAX_MS = 30_000;
/** The same where requests come for it. */
const LOOK_WANTED_MAX_MS = 5_000;

export function takeReadings(
  core: Core,
  readings: readonly DeviceReading[],
  startedMs: number,
  nowMs: number,
): void {
  core.measuring = false;
  const all = [...core.residencies.values()];
  for (const device of core.devices) {
    const reading = readings.find((one) => one.device === device.config.id);
    if (device.usedBytes !== undefined && reading?.usedBytes !== undefined) {
      const ofJobs = device.ended.reduce((sum, one) => sum + one.bytes, 0);
      creditFreed(device.usedBytes - reading.usedBytes - ofJobs, device);
    }
    device.ended = device.ended.filter((one) => one.atMs > startedMs);
    takeReading(device, reading, startedMs, all);
  }
  for (const residency of all) if (residency.need.splits) correctParts(core, residency, all);
  for (const device of core.devices) settleLeaving(core, device, all, startedMs, nowMs);
  const soon = core.devices.some(({ leaving }) => leaving.length > 0);
  const { reclaimPollMs, freshMs, lookIntervalMs } = core.settings;
  // A waiter may need memory that other programs use, and no event shows when they are gone.
  const waiting = core.waiters.size > 0;
  core.nextMeasureMs = nowMs + (soon ? reclaimPollMs : waiting ? freshMs : lookIntervalMs);
}

/**
 * Use that goes down was freed by those on their way out, the first of them first: loads that are under way only add. So
 * freed memory is seen even while another model fills it.
 */
function creditFreed(bytes: number, { leaving }: Device): void {
  let left = bytes;
  for (const one of leaving) {
    if (left <= 0) return;
    const freed = Math.min(left, one.bytes - one.freedBytes);
    one.freedBytes += freed;
    left -= freed;
  }
}

/** A job of `residency` ended: what it took for itself is given back at some time from now on. */
export function noteEnd(core: Core, residency: Residency, nowMs: number): void {
  const { transientBytes: bytes } = residency.need;
  if (bytes === 0) return;
  for (const { ended } of placesOf(core, residency)) ended.push({ atMs: nowMs, bytes });
}

/** Memory that left is back when it is seen to be, or counts as external when it never comes back. */
function settleLeaving(
  core: Core,
  device: Device,
  all: readonly Residency[],
  startedMs: number,
  nowMs: number,
): void {
  const { toleranceBytes, reclaimTimeoutMs } = core.settings;
  const isDue = (goneMs: number | undefined): goneMs is number => goneMs !== undefined && startedMs >= goneMs;
  if (!device.leaving.some(({ goneMs }) => isDue(goneMs))) return;
  const allBack = hasReturned(device, all, toleranceBytes);
  let late = false;
  device.leaving = device.leaving.filter(({ bytes, freedBytes, goneMs }) => {
    if (!isDue(goneMs)) return true;
    if (allBack || freedBytes >= bytes - toleranceBytes) return false;
    if (nowMs - goneMs < reclaimTimeoutMs) return true;
    late = true;
    return false;
  });
  if (!late) return;
  const { totalBytes, usedBytes } = device;
  takeReading(device, { device: device.config.id, totalBytes, usedBytes }, startedMs, all);
}

/**
 * Its backend reports it gone: it can be placed anew, and readings that begin from now on show whether its memory is back.
 * @param onDemand its backend frees the memory by itself as soon as another load needs it
 */
export function beginReclaim(core: Core, residency: Residency, nowMs: number, onDemand = false): void {
  if (residency.state !== "unloading") startLeaving(core, residency, nowMs);
  for (const { leaving } of core.devices) {
    for (const one of leaving) {
      if (one.key !== residency.key || one.goneMs !== undefined) continue;
      one.goneMs = nowMs;
      one.onDemand = onDemand;
    }
  }
  move(core, residency, residency.cooldownUntilMs > nowMs ? "failed" : "cold", nowMs);
  residency.abortAsked = false;
  core.nextMeasureMs = Math.min(core.nextMeasureMs, nowMs);
}

/** What it holds is unknown: it stays charged until the backend reports. */
export function suspect(core: Core, residency: Residency, nowMs: number): void {
  stopLeaving(core, residency);
  move(core, residency, "suspect", nowMs);
  residency.abortAsked = false;
  const backend = core.backends.get(residency.need.spec.backend);
  if (backend !== undefined && backend.status === "up") backend.nextLookMs = nowMs;
}

export function backendDown(core: Core, backend: Backend, why: string, nowMs: number): void {
  backend.inspecting = false;
  backend.status = "down";
  backend.why = why;
  const cooldownMs = Math.min(LOOK_DOWN_MAX_MS, LOOK_SOON_MS * 2 ** Math.min(backend.failures, 10));
  const wantedMs = Math.min(LOOK_WANTED_MAX_MS, cooldownMs);
  backend.failures += 1;
  backend.nextLookMs = nowMs + cooldownMs;
  backend.wantedLookMs = nowMs + wantedMs;
  for (const residency of core.residencies.values()) {
    if (residency.need.spec.backend !== backend.id) continue;
    if (isPresent(residency) && residency.state !== "suspect") suspect(core, residency, nowMs);
    rejectAll(core, residency, "backend-down", `${backend.id} does not answer: ${why}`, wantedMs);
  }
}

export function takeFound(
  core: Core,
  backend: Backend,
  models: readonly FoundModel[],
  stamp: number,
  nowMs: number,
): void {
  backend.inspecting = false;
  backend.status = "up";
  backend.why = undefined;
  backend.failures = 0;
  const seen = new Set<string>();
  for (const model of models) {
    const known = core.residencies.get(model.need.spec.key);
    seen.add(model.need.spec.key);
    adopt(core, known ?? residencyOf(core, model.need), model, stamp, nowMs);
  }
  for (const residency of core.residencies.values()) {
    if (residency.need.spec.backend === backend.id && !seen.has(residency.key))
      missing(core, residency, stamp, nowMs);
  }
  const unclear = [...core.residencies.values()].some(
    (residency) =>
      residency.need.spec.backend === backend.id &&
      (residency.state === "suspect" || residency.strangers > 0),
  );
  backend.nextLookMs = nowMs + (unclear ? LOOK_SOON_MS : core.settings.lookIntervalMs);
}

function adopt(core: Core, residency: Residency, found: FoundModel, stamp: number, nowMs: number): void {
  if (residency.epoch > stamp) return;
  const present = isPresent(residency);
  switch (residency.state) {
    case "loading":
    case "unloading":
      // The driver call under way will report.
      return;
    case "ready":
    case "draining":
      break;
    case "suspect":
      if (found.loading) return;
      becomeReady(core, residency, nowMs);
      break;
    default:
      residency.victims = [];
      residency.parts = placeOf(core, residency, found);
      if (found.loading) suspect(core, residency, nowMs);
      else becomeReady(core, residency, nowMs);
  }
  observe(core, residency, found);
  if (!present) explain(core, residency);
  const strangers = Math.max(0, (found.busy ?? 0) - residency.leases);
  for (let ended = strangers; ended < residency.strangers; ended += 1) noteEnd(core, residency, nowMs);
  residency.strangers = strangers;
}

/** What was taken for the use of others is this model's: until the next reading its part is taken off. */
function explain(core: Core, residency: Residency): void {
  const bytes = (residency.measuredBytes ?? residency.need.bytes) - residency.spillBytes;
  for (const part of residency.parts) {
    const device = core.deviceById.get(part.device);
    if (device === undefined) continue;
    device.externalBytes = Math.max(0, device.externalBytes - shareOf(part, bytes));
    core.nextMeasureMs = 0;
  }
}

/** What is measured of a loaded model. A model that is there fits there, so no more than its devices have is charged. */
export function observe(
  core: Core,
  residency: Residency,
  { bytes, gpuBytes, concurrency }: Partial<Pick<FoundModel, "bytes" | "gpuBytes" | "concurrency">>,
): void {
  if (concurrency !== undefined) residency.concurrency = Math.max(1, concurrency);
  if (bytes === undefined || !Number.isFinite(bytes) || bytes < 0) return;
  const [place] = placesOf(core, residency);
  const onGpu = gpuBytes === undefined ? bytes : Math.min(bytes, Math.max(0, gpuBytes));
  residency.spillBytes = place?.class === "cuda" ? bytes - onGpu : 0;
  residency.measuredBytes = bytes;
  const believable = Math.min(bytes, Math.max(0, mostBaseBytes(core, residency) + residency.spillBytes));
  residency.peakBytes = Math.max(residency.peakBytes, believable);
}

/**
 * Where a model that was found loaded is: on the device with the most unexplained use, or over all of them
 * where it is larger than any. The next readings correct a wrong guess.
 */
function placeOf(core: Core, residency: Residency, found: FoundModel): readonly Part[] {
  if (found.device !== undefined && core.deviceById.has(found.device)) return wholeOn(found.device);
  const deviceClass = found.gpuBytes === 0 ? "cpu" : residency.need.deviceClass;
  if (deviceClass === "cuda") {
    const bytes = found.gpuBytes ?? found.bytes ?? residency.need.bytes;
    const over = devicesToSplitOver(core, residency, bytes + residency.need.transientBytes);
    const seen = over.map(({ externalBytes }) => externalBytes);
    const weights = seen.some((one) => one > 0) ? seen : over.map((one) => capacityBytes(one) ?? 0);
    const parts = spread(over, weights);
    if (parts.length > 0) return parts;
  }
  let best: { id: DeviceId; externalBytes: number } | undefined;
  for (const device of core.devices) {
    if (device.class !== deviceClass) continue;
    if (best === undefined || device.externalBytes > best.externalBytes) {
      best = { id: device.config.id, externalBytes: device.externalBytes };
    }
  }
  return best === undefined ? NOWHERE : wholeOn(best.id);
}

/** Loaded in the scheduler's state, and the backend does not list it. */
function missing(core: Core, residency: Residency, stamp: number, nowMs: number): void {
  if (residency.epoch > stamp) return;
  const { state } = residency;
  if (state !== "ready" && state !== "draining" && state !== "suspect") return;
  residency.strangers = 0;
  // Jobs run on it as far as we know: until they are settled, it may come back by itself.
  if (residency.leases === 0) beginReclaim(core, residency, nowMs);
  else if (state !== "suspect") suspect(core, residency, nowMs);
}
