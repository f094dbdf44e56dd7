/**
 * What nvidia-smi prints. https://docs.nvidia.com/deploy/nvidia-smi/
 *
 * A field that the driver cannot or may not report is `[N/A]`, `[Not Supported]`, `[Insufficient Permissions]` (MIG) or
 * `[Unknown Error]`: unknown, never 0.
 */
import type { DeviceId } from "../driver.ts";

export const GPU_QUERY = [
  "--query-gpu=index,uuid,memory.total,memory.used,memory.free",
  "--format=csv,noheader,nounits",
] as const;

export const APPS_QUERY = [
  "--query-compute-apps=gpu_uuid,pid,used_memory",
  "--format=csv,noheader,nounits",
] as const;

const MIB = 2 ** 20;

export interface Gpu {
  readonly device: Exclude<DeviceId, "cpu">;
  readonly uuid: string;
  readonly totalBytes: number | undefined;
  /** What cannot be had: in use, or held back by the driver. */
  readonly usedBytes: number | undefined;
}

/** One process on one GPU. */
export interface GpuProcess {
  readonly uuid: string;
  readonly pid: number;
  readonly usedBytes: number | undefined;
}

/** @returns `undefined` when a line is something else than the five requested fields. */
export function parseGpus(csv: string): readonly Gpu[] | undefined {
  const gpus: Gpu[] = [];
  for (const [index, uuid, total, used, free, ...more] of rows(csv)) {
    const known = index !== undefined && /^\d{1,4}$/.test(index) && uuid !== undefined && uuid !== "";
    if (!known || free === undefined || more.length > 0) return undefined;
    const device = `cuda:${Number(index)}` as const;
    if (gpus.some((other) => other.device === device)) return undefined;
    const totalBytes = bytes(total);
    const inUse = bytes(used);
    const freeBytes = bytes(free);
    // Total is used + free + what the driver reserves, which is in neither.
    const taken = totalBytes !== undefined && freeBytes !== undefined ? totalBytes - freeBytes : undefined;
    const usedBytes = inUse === undefined ? taken : Math.max(inUse, taken ?? 0);
    gpus.push({ device, uuid, totalBytes, usedBytes });
  }
  return gpus;
}

/** @returns `undefined` when a line is something else than the three requested fields. */
export function parseApps(csv: string): readonly GpuProcess[] | undefined {
  const processes: GpuProcess[] = [];
  for (const [uuid, pid, used, ...more] of rows(csv)) {
    const known = uuid !== undefined && uuid !== "" && pid !== undefined && /^\d+$/.test(pid);
    if (!known || used === undefined || more.length > 0) return undefined;
    processes.push({ uuid, pid: Number(pid), usedBytes: bytes(used) });
  }
  return processes;
}

const rows = (csv: string): string[][] =>
  csv
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "")
    .map((line) => line.split(",").map((field) => field.trim()));

/** MiB → bytes. */
const bytes = (field: string | undefined): number | undefined =>
  field !== undefined && /^\d{1,9}$/.test(field) ? Number(field) * MIB : undefined;
