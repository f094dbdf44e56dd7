/**
 * RAM: the machine's (/proc/meminfo), or what the container may have of it where that is less (cgroup v2).
 * https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files
 */
import { readFile } from "node:fs/promises";
import type { DeviceReading, MemoryProbe } from "../driver.ts";

/** `undefined`: no such file, or it may not be read. */
export type ReadText = (path: string) => Promise<string | undefined>;

const readText: ReadText = (path) => readFile(path, "utf8").catch(() => undefined);

const KIB = 1024;
const CGROUPS = "/sys/fs/cgroup";

export function ramProbe(read: ReadText = readText): MemoryProbe {
  return {
    async read(signal) {
      signal.throwIfAborted();
      const [meminfo, own] = await Promise.all([read("/proc/meminfo"), read("/proc/self/cgroup")]);
      const machine = parseMeminfo(meminfo ?? "");
      const limits = await Promise.all(groups(own ?? "").map((group) => limit(read, group)));
      return [
        combine(
          machine,
          limits.filter((one) => one !== undefined),
        ),
      ];
    },
  };
}

interface Room {
  readonly totalBytes: number;
  readonly freeBytes: number;
}

/** `MemAvailable` counts caches that can be given up, as `MemFree` does not. */
export function parseMeminfo(text: string): Room | undefined {
  const value = (name: string): number | undefined => {
    const kib = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1];
    return kib === undefined ? undefined : Number(kib) * KIB;
  };
  const totalBytes = value("MemTotal");
  const freeBytes = value("MemAvailable");
  return totalBytes === undefined || freeBytes === undefined ? undefined : { totalBytes, freeBytes };
}

/** The own group and those around it, since each may have a limit. Inside a container this is the root alone. */
function groups(own: string): string[] {
  const path = /^0::(\/.*)$/m.exec(own)?.[1] ?? "/";
  // `/../x` is a group outside of this namespace, whose files are not here.
  const parts = path.split("/").filter((part) => part !== "");
  if (parts.includes("..")) return [CGROUPS];
  return [CGROUPS, ...parts.map((_, index) => [CGROUPS, ...parts.slice(0, index + 1)].join("/"))];
}

async function limit(read: ReadText, group: string): Promise<Room | undefined> {
  const [max, current, stat] = await Promise.all([
    read(`${group}/memory.max`),
    read(`${group}/memory.current`),
    read(`${group}/memory.stat`),
  ]);
  const totalBytes = whole(max);
  const usedBytes = whole(current);
  if (totalBytes === undefined || usedBytes === undefined) return undefined;
  // Pages of files not used for a while are given up before anything fails.
  const reclaimable = whole(/^inactive_file (\d+)$/m.exec(stat ?? "")?.[1]) ?? 0;
  return { totalBytes, freeBytes: Math.max(0, totalBytes - Math.max(0, usedBytes - reclaimable)) };
}

/** `max`, which is no limit, is not a number. */
const whole = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+$/.test(text.trim()) ? Number(text) : undefined;

function combine(machine: Room | undefined, limits: readonly Room[]): DeviceReading {
  if (machine === undefined) return { device: "cpu", totalBytes: undefined, usedBytes: undefined };
  const rooms = [machine, ...limits];
  const totalBytes = Math.min(...rooms.map((room) => room.totalBytes));
  const freeBytes = Math.min(...rooms.map((room) => room.freeBytes));
  return { device: "cpu", totalBytes, usedBytes: Math.max(0, totalBytes - freeBytes) };
}
