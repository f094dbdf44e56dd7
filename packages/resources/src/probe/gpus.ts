/** GPUs and their memory, as nvidia-smi reports. */
import type { DeviceReading, MemoryProbe } from "../driver.ts";
import { APPS_QUERY, GPU_QUERY, type Gpu, type GpuProcess, parseApps, parseGpus } from "./nvidia-smi.ts";
import { type Ran, type Run, runCommand } from "./run.ts";

/** A driver that is being loaded takes seconds, one that hangs takes for ever. */
const TIMEOUT_MS = 5_000;
/** A program that is missing is looked for again this often: each try costs milliseconds, and a load waits for it. */
const MISSING_MS = 60_000;

export type Discovery =
  /** An empty list: the driver is there and has no GPU. */
  | { readonly ok: true; readonly gpus: readonly Gpu[] }
  /** `missing`: no nvidia-smi, so most likely no such GPU. `broken`: there may be GPUs, and nothing is known. */
  | { readonly ok: false; readonly kind: "missing" | "broken"; readonly why: string };

export interface GpuProbe extends MemoryProbe {
  discover(signal: AbortSignal): Promise<Discovery>;
  /** Processes that use memory, by GPU. `undefined`: the driver does not report it. */
  processes(signal: AbortSignal): Promise<readonly GpuProcess[] | undefined>;
  /** GPUs seen once are reported with unknown use while nvidia-smi fails. */
  read(signal: AbortSignal): Promise<readonly DeviceReading[]>;
}

export interface GpuProbeOptions {
  /** Default: runs the program of the machine. */
  readonly run?: Run | undefined;
  readonly timeoutMs?: number | undefined;
  /** A clock in ms; default the process's. */
  readonly nowMs?: (() => number) | undefined;
}

export function gpuProbe({
  run = runCommand,
  timeoutMs = TIMEOUT_MS,
  nowMs = () => performance.now(),
}: GpuProbeOptions = {}): GpuProbe {
  let last: readonly Gpu[] = [];
  let missingUntilMs = Number.NEGATIVE_INFINITY;

  const discover = async (signal: AbortSignal): Promise<Discovery> => {
    const ran = await run("nvidia-smi", GPU_QUERY, { timeoutMs, signal });
    if (ran.kind === "missing") return { ok: false, kind: "missing", why: "nvidia-smi is not installed" };
    if (ran.kind === "done" && /no devices were found/i.test(ran.stdout + ran.stderr)) {
      last = [];
      return { ok: true, gpus: last };
    }
    const gpus = ran.kind === "done" && ran.code === 0 ? parseGpus(ran.stdout) : undefined;
    if (gpus === undefined) return { ok: false, kind: "broken", why: why(ran, timeoutMs) };
    last = gpus;
    return { ok: true, gpus };
  };

  return {
    discover,

    async processes(signal) {
      const ran = await run("nvidia-smi", APPS_QUERY, { timeoutMs, signal });
      return ran.kind === "done" && ran.code === 0 ? parseApps(ran.stdout) : undefined;
    },

    async read(signal) {
      if (nowMs() < missingUntilMs) return [];
      const found = await discover(signal);
      if (!found.ok && found.kind === "missing" && last.length === 0) missingUntilMs = nowMs() + MISSING_MS;
      return found.ok
        ? found.gpus.map(({ device, totalBytes, usedBytes }) => ({ device, totalBytes, usedBytes }))
        : last.map(({ device, totalBytes }) => ({ device, totalBytes, usedBytes: undefined }));
    },
  };
}

const MAX_WORDS = 200;

function why(ran: Exclude<Ran, { kind: "missing" }>, timeoutMs: number): string {
  if (ran.kind === "timeout") return `nvidia-smi did not answer within ${timeoutMs} ms`;
  if (ran.kind === "failed") return `nvidia-smi could not be run: ${ran.why}`;
  const output = (ran.stdout.trim() || ran.stderr.trim()).replace(/\s+/g, " ").slice(0, MAX_WORDS);
  if (ran.code !== 0)
    return `nvidia-smi failed with exit code ${ran.code}${output === "" ? "" : `: ${output}`}`;
  return `nvidia-smi printed other fields than were requested: ${output}`;
}
