/**
 * Models over several devices of one class. Their backends put layers on each device in proportion to its free memory, so each
 * device is charged with the part of the model that its room is of all room.
 *
 * Ollama splits what fits on no single GPU (https://docs.ollama.com/faq), llama.cpp by default
 * (https://github.com/ggml-org/llama.cpp/blob/master/docs/multi-gpu.md).
 */
import type { DeviceId } from "../driver.ts";
import { capacityBytes, type Device, settledBytes } from "./device-memory.ts";
import { devicesOf, isPresent, type Part, type Residency } from "./residency.ts";
import { type Core, placesOf } from "./state.ts";

/** What a part may be where this much is free: every device must have room for the jobs, and a byte for rounding. */
export const spareBytes = (freeBytes: number, jobBytes: number): number =>
  Math.max(0, Math.floor(freeBytes) - jobBytes - 1);

/** The most that a model can be, alone on its devices and without work. */
export function mostBaseBytes(core: Core, residency: Residency): number {
  const { transientBytes } = residency.need;
  const places = placesOf(core, residency);
  const capacities = places.map((place) => capacityBytes(place) ?? Number.POSITIVE_INFINITY);
  const [only] = capacities;
  if (only === undefined) return Number.POSITIVE_INFINITY;
  if (capacities.length === 1) return only - transientBytes;
  return capacities.reduce((sum, capacity) => sum + spareBytes(capacity, transientBytes), 0);
}

/** Parts in proportion to these weights; one without a weight takes no part. */
export function spread(devices: readonly Device[], weights: readonly number[]): Part[] {
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return devices.flatMap((device, index): Part[] => {
    const share = (weights[index] ?? 0) / all;
    return share > 0 ? [partAt(device, share)] : [];
  });
}

const partAt = (device: Device, share: number): Part => ({
  device: device.config.id,
  share,
  mostBytes: capacityBytes(device) ?? Number.POSITIVE_INFINITY,
});

/** All of its class, when none alone can hold these bytes, its work among them, and its backend splits models; else none. */
export function devicesToSplitOver(core: Core, { need }: Residency, bytes: number): Device[] {
  if (!need.splits) return [];
  const known = core.devices.filter(
    (device) => device.class === need.deviceClass && capacityBytes(device) !== undefined,
  );
  const some = known.length > 1 && known.every((device) => bytes > (capacityBytes(device) ?? 0));
  return some ? known : [];
}

/**
 * Where a split model is in fact. The backend chooses its parts and does not report them: where it is seen to have less than
 * was thought, the rest is taken to be where use is unexplained.
 */
export function correctParts(core: Core, residency: Residency, all: readonly Residency[]): void {
  if (residency.state !== "ready") return;
  const held = devicesOf(residency).reduce((sum, device) => sum + settledBytes(residency, device), 0);
  const alone = residency.parts.length === 1;
  const devices = alone
    ? devicesToSplitOver(core, residency, held + residency.need.transientBytes)
    : core.devices.filter((device) => device.class === residency.need.deviceClass);
  if (devices.length === 0 || held <= 0) return;
  const { toleranceBytes } = core.settings;
  const bytes = devices.map(({ config }) =>
    devicesOf(residency).includes(config.id) ? settledBytes(residency, config.id) : 0,
  );
  let moved = false;
  for (const [from, { config, usedBytes }] of devices.entries()) {
    const had = bytes[from] ?? 0;
    if (usedBytes === undefined || had === 0) continue;
    let missing = had - Math.max(0, usedBytes - othersOn(config.id, residency, all));
    if (missing <= toleranceBytes) continue;
    for (const [to, device] of devices.entries()) {
      if (to === from || device.usedBytes === undefined || device.externalBytes <= toleranceBytes) continue;
      const part = Math.min(missing, device.externalBytes);
      if (part <= 0) continue;
      device.externalBytes -= part;
      missing -= part;
      bytes[from] = (bytes[from] ?? 0) - part;
      bytes[to] = (bytes[to] ?? 0) + part;
      moved = true;
    }
  }
  if (moved) residency.parts = spread(devices, bytes);
}

function othersOn(device: DeviceId, residency: Residency, all: readonly Residency[]): number {
  let sum = 0;
  for (const other of all) {
    if (other !== residency && isPresent(other)) sum += settledBytes(other, device);
  }
  return sum;
}
