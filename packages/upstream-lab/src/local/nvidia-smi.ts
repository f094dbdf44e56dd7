/** The machine's own tools, reporting the fake machine. */
import type { FakeDevice, FakeMachine } from "./machine.ts";

const MIB = 2 ** 20;

/** A program's result, in the shape of Headgate's probes. */
export type FakeRan =
  | { readonly kind: "done"; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: "missing" }
  | { readonly kind: "timeout" };

export interface FakeNvidiaSmi {
  run(command: string, args: readonly string[]): Promise<FakeRan>;
  /** Replaces its output from now on; `undefined`: the real output. */
  interfere(ran: FakeRan | undefined): void;
}

const done = (stdout: string, code = 0): FakeRan => ({ kind: "done", code, stdout, stderr: "" });

/** Answers the queries `--query-gpu` and `--query-compute-apps` for the requested fields. */
export function fakeNvidiaSmi(machine: FakeMachine): FakeNvidiaSmi {
  let interference: FakeRan | undefined;
  const gpus = (): readonly FakeDevice[] => machine.devices.filter((device) => device !== "cpu");
  const uuid = (device: FakeDevice): string =>
    `GPU-00000000-0000-0000-0000-${device.slice(5).padStart(12, "0")}`;
  const mib = (bytes: number): number => Math.ceil(bytes / MIB);

  const gpu = (device: FakeDevice): Readonly<Record<string, string | number>> => ({
    index: device.slice(5),
    uuid: uuid(device),
    "memory.total": mib(machine.totalBytes(device)),
    "memory.used": mib(machine.usedBytes(device)),
    "memory.free": mib(machine.totalBytes(device)) - mib(machine.usedBytes(device)),
  });

  const apps = (device: FakeDevice): Readonly<Record<string, string | number>>[] =>
    [...machine.holders(device)].map(([holder, bytes]) => ({
      gpu_uuid: uuid(device),
      pid: pidOf(holder),
      used_memory: mib(bytes),
    }));

  const rows = (query: string): Readonly<Record<string, string | number>>[] | undefined => {
    if (query.startsWith("--query-gpu=")) return gpus().map(gpu);
    return query.startsWith("--query-compute-apps=") ? gpus().flatMap(apps) : undefined;
  };

  return {
    interfere(ran) {
      interference = ran;
    },
    async run(command, args) {
      if (interference !== undefined) return interference;
      if (command !== "nvidia-smi" || gpus().length === 0) return { kind: "missing" };
      const [query = ""] = args;
      const found = rows(query);
      if (found === undefined || !args.includes("--format=csv,noheader,nounits")) {
        return done("Invalid combination of input arguments. Please run 'nvidia-smi -h' for help.\n", 2);
      }
      const fields = query.slice(query.indexOf("=") + 1).split(",");
      const unknown = fields.find((field) => found[0] !== undefined && found[0][field] === undefined);
      if (unknown !== undefined) return done(`Field "${unknown}" is not a valid field to query.\n`, 2);
      return done(found.map((row) => `${fields.map((field) => row[field]).join(", ")}\n`).join(""));
    },
  };
}

/** The same for the same name. */
const pidOf = (holder: string): number =>
  1000 + ([...holder].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 30_000, 7) % 30_000);

/** `/proc/meminfo` of the fake machine; no other file is there. */
export function fakeProc(machine: FakeMachine): (path: string) => Promise<string | undefined> {
  return async (path) => {
    if (path !== "/proc/meminfo" || !machine.devices.includes("cpu")) return undefined;
    const kib = (bytes: number): string => `${Math.floor(bytes / 1024)} kB`;
    const free = kib(machine.freeBytes("cpu"));
    return `MemTotal:       ${kib(machine.totalBytes("cpu"))}\nMemFree:        ${free}\nMemAvailable:   ${free}\n`;
  };
}
