/** What each device has, what is charged to it, and what others use there. */
import type { DeviceId, DeviceReading } from "../driver.ts";
import {
  baseBytes,
  chargedLeases,
  isCommitted,
  isPresent,
  partBytes,
  partOn,
  type Residency,
  shareOf,
} from "./residency.ts";
import type { DeviceClass, DeviceConfig } from "./types.ts";

/** Memory of a model on its way out, until a reading shows that it is back. */
export interface Leaving {
  readonly key: string;
  readonly bytes: number;
  /** Of these, what has been seen to come back. */
  freedBytes: number;
  /** When its unload began. */
  readonly leavesMs: number;
  /** When its backend reported it gone; undefined while it is being unloaded. */
  goneMs: number | undefined;
  /** Its backend holds it until another load needs it, and frees it then by itself. */
  onDemand: boolean;
}

export interface Device {
  readonly config: DeviceConfig;
  readonly class: DeviceClass;
  totalBytes: number | undefined;
  usedBytes: number | undefined;
  /** Used by other programs. */
  externalBytes: number;
  /** Memory of jobs that ended, which a reading may or may not show as gone yet. */
  ended: { readonly atMs: number; readonly bytes: number }[];
  /** The first to leave comes first. */
  leaving: Leaving[];
  /** When the look began that gave these; undefined before the first. */
  readMs: number | undefined;
}

export const createDevice = (config: DeviceConfig): Device => ({
  config,
  class: config.id === "cpu" ? "cpu" : "cuda",
  totalBytes: undefined,
  usedBytes: undefined,
  externalBytes: 0,
  ended: [],
  leaving: [],
  readMs: undefined,
});

/** What models could take here if no other program used memory; undefined: unknown. */
export function capacityBytes(device: Device): number | undefined {
  const { declaredBytes, headroomBytes } = device.config;
  if (device.totalBytes === undefined) return declaredBytes;
  return Math.max(0, Math.min(declaredBytes ?? Number.POSITIVE_INFINITY, device.totalBytes - headroomBytes));
}

/** What models may take here now. A declared budget already leaves others what it leaves them. */
export function roomBytes(device: Device): number | undefined {
  const { declaredBytes, headroomBytes } = device.config;
  if (device.totalBytes === undefined) return declaredBytes;
  const left = device.totalBytes - headroomBytes - device.externalBytes;
  return Math.max(0, Math.min(declaredBytes ?? Number.POSITIVE_INFINITY, left));
}

/** What `residency` is charged on `device`. */
export function chargeOn(residency: Residency, device: DeviceId): number {
  const part = partOn(residency, device);
  if (part !== undefined) return partBytes(residency, part);
  return device === "cpu" && residency.parts.length > 0 ? residency.spillBytes : 0;
}

export function committedBytes(residencies: Iterable<Residency>, device: DeviceId): number {
  let sum = 0;
  for (const residency of residencies) if (isCommitted(residency)) sum += chargeOn(residency, device);
  return sum;
}

const presentBytes = (residencies: Iterable<Residency>, device: DeviceId): number => {
  let sum = 0;
  for (const residency of residencies) if (isPresent(residency)) sum += chargeOn(residency, device);
  return sum;
};

/** Of models that are gone, what has not been seen to come back, and does not come back by itself on the next load. */
export function returningBytes({ leaving }: Device): number {
  let sum = 0;
  for (const one of leaving) if (one.goneMs !== undefined && !one.onDemand) sum += one.bytes - one.freedBytes;
  return sum;
}

/** In memory as far as is known: models that are there, and what is coming back of those that are gone. */
export const actualBytes = (residencies: Iterable<Residency>, device: Device): number =>
  presentBytes(residencies, device.config.id) + returningBytes(device);

/**
 * Whether `bytes` more can be taken here at once: by the accounts, or because the memory measured as free covers it. The
 * accounts alone would hold a load up where the freed memory is filled again between two readings, or was never measured as
 * used (mapped files).
 */
export function hasRoomFor(bytes: number, device: Device, residencies: Iterable<Residency>): boolean {
  const room = roomBytes(device);
  if (room === undefined) return false;
  const all = [...residencies];
  if (actualBytes(all, device) + bytes <= room) return true;
  return device.leaving.length > 0 && isMeasuredFree(bytes, device, all);
}

function isMeasuredFree(bytes: number, device: Device, residencies: readonly Residency[]): boolean {
  const { usedBytes: used, readMs } = device;
  const { id, headroomBytes } = device.config;
  const capacity = capacityBytes(device);
  if (used === undefined || readMs === undefined || device.totalBytes === undefined) return false;
  // A look from before a model left may be from before it came.
  if (device.leaving.some(({ goneMs, leavesMs }) => readMs < (goneMs ?? leavesMs))) return false;
  if (capacity === undefined || presentBytes(residencies, id) + bytes > capacity) return false;
  let soon = used;
  for (const residency of residencies) {
    if (!isPresent(residency) || residency.state === "unloading") continue;
    // What the reading cannot have shown is still to come.
    const shown = residency.readyMs <= readMs ? settledBytes(residency, id) : 0;
    soon += Math.max(0, mostBytesOn(residency, id) - shown);
  }
  for (const one of device.leaving) if (one.onDemand) soon -= one.bytes - one.freedBytes;
  return soon + bytes <= device.totalBytes - headroomBytes;
}

/** What it holds there without work: as measured, else as charged. */
export function heldOn(residency: Residency, device: DeviceId): number {
  const part = partOn(residency, device);
  if (part === undefined) return chargeOn(residency, device);
  return shareOf(part, (residency.measuredBytes ?? baseBytes(residency)) - residency.spillBytes);
}

/** Certainly in memory: what was measured, else what is charged. Jobs may or may not use theirs. */
export function settledBytes(residency: Residency, device: DeviceId): number {
  if (residency.state !== "ready" && residency.state !== "draining") return 0;
  const held = heldOn(residency, device);
  if (partOn(residency, device) === undefined) return held;
  if (residency.measuredBytes !== undefined) return held;
  return held + residency.need.transientBytes * (chargedLeases(residency) - Math.max(1, residency.leases));
}

/** The most that `residency` can be using there. A split model may have been given more than is charged. */
const mostBytesOn = (residency: Residency, device: DeviceId): number =>
  residency.parts.length > 1
    ? Math.max(chargeOn(residency, device), settledBytes(residency, device))
    : chargeOn(residency, device);

/** Nothing about its use is open: it is not there, or it is, measured and without work. */
const isSettled = (residency: Residency): boolean =>
  !isPresent(residency) ||
  (residency.state === "ready" &&
    residency.leases + residency.strangers === 0 &&
    residency.measuredBytes !== undefined);

/**
 * Takes in a reading. What others use lies between used − the most that we can be using and used − the least; inside
 * that range the old figure stays, so that a model in mid-load is not taken for a stranger, until all is quiet.
 */
export function takeReading(
  device: Device,
  reading: DeviceReading | undefined,
  startedMs: number,
  residencies: readonly Residency[],
): void {
  device.readMs = startedMs;
  device.totalBytes = reading?.totalBytes;
  device.usedBytes = reading?.usedBytes;
  const used = device.usedBytes;
  if (used === undefined) return;
  let least = 0;
  let most = 0;
  for (const residency of residencies) {
    if (!isPresent(residency)) continue;
    least += settledBytes(residency, device.config.id);
    most += mostBytesOn(residency, device.config.id);
  }
  for (const one of device.leaving) if (one.goneMs !== undefined) most += one.bytes - one.freedBytes;
  const quiet =
    device.leaving.length === 0 &&
    residencies.every((residency) => isSettled(residency) || chargeOn(residency, device.config.id) === 0);
  const known = quiet ? used - least : Math.min(device.externalBytes, used - least);
  device.externalBytes = Math.max(0, used - most, known);
}

/** True when the last reading shows that nothing of what left is still used. Leases that run may use all of theirs. */
export function hasReturned(
  device: Device,
  residencies: readonly Residency[],
  toleranceBytes: number,
): boolean {
  const id = device.config.id;
  if (device.usedBytes === undefined) return true;
  let others = 0;
  for (const residency of residencies) {
    if (!isPresent(residency)) continue;
    others += settledBytes(residency, id);
    if (residency.state === "unloading" || residency.state === "suspect") others += chargeOn(residency, id);
    if (partOn(residency, id) !== undefined) others += residency.need.transientBytes * residency.leases;
  }
  return device.usedBytes <= device.externalBytes + others + toleranceBytes;
}
