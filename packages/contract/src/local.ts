/**
 * Local backends as data: what the kinds of drivers have in common, a model's need of memory, and how a backend comes up.
 * Plain JSON, a part of the catalogue and of the routing table. Sizes are in bytes, times in milliseconds.
 */
import { bytesOf } from "./bytes.ts";
import type { BringUpWay, LocalDriver } from "./fragment.ts";
import { present } from "./present.ts";

export interface DriverFacts {
  /** How many models it holds or works with at a time, where its kind fixes that. */
  readonly slots?: number;
  /** Load options that it knows; a change of one is another residency. */
  readonly options: Readonly<Record<string, LoadOption>>;
  /** Jobs that one residency works on at a time, where the fragment does not say. */
  readonly concurrency: number;
  /** It spreads a model that no GPU alone can hold over several by itself; absent: it does not. */
  readonly splits?: true;
  /** When it unloads an idle model by itself; absent: never. */
  readonly idleUnloadMs?: number;
  /** Tokens of context that it loads a model with where `num_ctx` does not say; absent: its context is no load option. */
  readonly contextTokens?: number;
}

/** What a load option may be: true or false, or a whole number from `least` to `most`. */
export type LoadOption = "flag" | { readonly least: number; readonly most: number };

const MOST = 2 ** 31 - 1;

/**
 * Load options of Ollama: a request with another value than the residency has makes it load the model anew
 * (`needsReload` in https://github.com/ollama/ollama/blob/main/server/sched.go). The bounds are those of llama.cpp's 32-bit
 * integers; `num_gpu` -1 and `num_thread` 0 leave the choice to Ollama.
 */
export const OLLAMA_LOAD_OPTIONS: Readonly<Record<string, LoadOption>> = {
  main_gpu: { least: 0, most: MOST },
  num_batch: { least: 1, most: MOST },
  num_ctx: { least: 1, most: MOST },
  num_gpu: { least: -1, most: MOST },
  num_thread: { least: 0, most: MOST },
  use_mmap: "flag",
};

/** What a load option must be, for people, where this value is not that; undefined: it is. */
export function loadOptionLack(kind: LoadOption, value: unknown): string | undefined {
  if (kind === "flag") return typeof value === "boolean" ? undefined : "true or false";
  const whole = typeof value === "number" && Number.isInteger(value);
  return whole && value >= kind.least && value <= kind.most
    ? undefined
    : `a whole number from ${kind.least} to ${kind.most}`;
}

const MINUTE_MS = 60_000;

export const DRIVERS: Readonly<Record<LocalDriver, DriverFacts>> = {
  // https://docs.ollama.com/faq: what fits on no single GPU is spread over all of them. OLLAMA_NUM_PARALLEL is 1, keep_alive
  // 5 minutes, OLLAMA_CONTEXT_LENGTH 4096.
  ollama: {
    options: OLLAMA_LOAD_OPTIONS,
    concurrency: 1,
    splits: true,
    idleUnloadMs: 5 * MINUTE_MS,
    contextTokens: 4096,
  },
  // 409 while another model is at work; TALKIES_MODEL_TTL.
  talkies: { slots: 1, options: {}, concurrency: 1, idleUnloadMs: 10 * MINUTE_MS },
  // One model and one image at a time; IDLE_TIMEOUT.
  sdcpp: { slots: 1, options: {}, concurrency: 1, idleUnloadMs: 5 * MINUTE_MS },
  "sd-server": { slots: 1, options: {}, concurrency: 1 },
  // `--parallel` of llama-server is 4 where it is not given. Layers go to all GPUs (`--split-mode layer`):
  // https://github.com/ggml-org/llama.cpp/blob/master/docs/multi-gpu.md.
  llamacpp: { options: {}, concurrency: 4, splits: true },
  // A server has one model, which sleeps and wakes. How many GPUs it takes is said when it is started (tensor parallelism).
  vllm: { slots: 1, options: {}, concurrency: 64 },
  process: { options: {}, concurrency: 1 },
};

/** What one residency of a model needs, and how it is kept. */
export interface ModelMemory {
  readonly device: "cpu" | "cuda";
  /** One residency, without work. */
  readonly bytes: number;
  /** Beside that, for each running job. */
  readonly transientBytes: number;
  /** For each token of a larger context than `bytes` is of, and each job; absent: its context cannot be chosen. */
  readonly contextTokenBytes?: number;
  readonly loadMs: number;
  /** Jobs that one residency works on at a time. */
  readonly concurrency: number;
  /** They make another residency, and go with every request. */
  readonly options: Readonly<Record<string, number | boolean>>;
  /** Never unloaded to make room. */
  readonly pinned: boolean;
  /** Absent: it stays until its room is needed. */
  readonly idleUnloadMs?: number;
}

/** Bytes a second that a cold load reads at least: a slow SSD for the CPU, the same through a warm cache for a GPU. */
const LOAD_RATE = { cpu: 0.5e9, cuda: 1e9 } as const;
/** Starting a runner, whatever its size. */
const LOAD_FLOOR_MS = 2000;

/**
 * A high estimate of what a token of context takes: the KV cache, 16 bits a value, and the attention's work of a model of
 * this size (at 4 to 5 bits a weight) whose heads share no keys. Most models of today share them and take a fourth.
 */
const contextTokenBytesOf = (bytes: number): number => Math.round(0.3 * bytes ** (2 / 3));

/** What a driver's model needs of whom no more is known than its size: a load time estimated from it, the driver's defaults. */
export function memoryOfSize(
  driver: LocalDriver | undefined,
  device: ModelMemory["device"],
  bytes: number,
): ModelMemory {
  const facts = driver === undefined ? undefined : DRIVERS[driver];
  return {
    device,
    bytes,
    transientBytes: 0,
    ...present({
      contextTokenBytes: facts?.contextTokens === undefined ? undefined : contextTokenBytesOf(bytes),
    }),
    loadMs: Math.round(LOAD_FLOOR_MS + (bytes / LOAD_RATE[device]) * 1000),
    concurrency: facts?.concurrency ?? 1,
    options: {},
    pinned: false,
    ...present({ idleUnloadMs: facts?.idleUnloadMs }),
  };
}

/**
 * Memory of one residency with options that a client chose beside the fragment's.
 * @param windowTokens the model's own: a driver gives no more context than that
 */
export function bytesWith(
  { bytes, contextTokenBytes = 0, concurrency }: ModelMemory,
  driver: LocalDriver,
  { num_ctx }: Readonly<Record<string, number | boolean>>,
  windowTokens = Number.POSITIVE_INFINITY,
): number {
  const { contextTokens } = DRIVERS[driver];
  if (typeof num_ctx !== "number" || contextTokens === undefined) return bytes;
  // Each place for a job has a context of its own.
  const moreTokens = Math.max(0, Math.min(num_ctx, windowTokens) - contextTokens) * concurrency;
  return bytes + moreTokens * contextTokenBytes;
}

/** `cuda 6 GB`: a device and a size, as .env says them of a server's models. */
export function readMemory(
  text: string,
): { readonly device: ModelMemory["device"]; readonly bytes: number } | undefined {
  const match = /^(cpu|cuda) +([0-9]+(?:\.[0-9]+)? ?(?:MB|GB|MiB|GiB))$/i.exec(text.trim());
  if (match === null) return undefined;
  const device = match[1]?.toLowerCase() === "cuda" ? "cuda" : "cpu";
  return { device, bytes: bytesOf(match[2] ?? "") };
}

/** A backend as a container of `generated/docker-compose.yaml`. */
export interface ComposeUp {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly port: number;
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly data?: { readonly folder: string; readonly target: string };
  readonly health?: readonly string[];
  readonly startPeriodMs: number;
  readonly capabilities: readonly string[];
}

/** A backend as a program that Headgate starts; exactly one of `command` and `builtin` is there. */
export interface ProcessUp {
  readonly command?: string;
  readonly builtin?: "espeak";
  readonly needs: readonly string[];
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly inherit: readonly string[];
  readonly install: string;
}

/** What a fragment says about bringing a backend up. */
export interface CatalogBringUp {
  readonly default: BringUpWay;
  readonly env: string;
  readonly health: string;
  readonly readyMs: number;
  readonly compose?: ComposeUp;
  readonly process?: ProcessUp;
}

export interface CatalogLocal {
  readonly driver: LocalDriver;
  /** Absent: it has no bound of its own. */
  readonly slots?: number;
  readonly bringUp?: CatalogBringUp;
}

/** How a backend comes up in one environment. */
export type BringUp = { readonly way: "external" } | StartedBringUp;

export type StartedBringUp =
  | {
      readonly way: "compose";
      /** The service, which is its profile too. */
      readonly service: string;
      readonly health: string;
      readonly readyMs: number;
      /** The variable that chooses another way. */
      readonly env: string;
    }
  | {
      readonly way: "process";
      readonly health: string;
      readonly readyMs: number;
      readonly env: string;
      readonly process: ProcessUp;
    };

/** A routed provider's backend on one's own machine. */
export interface RoutedLocal {
  readonly driver: LocalDriver;
  readonly slots?: number;
  readonly bringUp: BringUp;
}

/** The ways that a fragment describes. `external` always is one. */
export const bringUpWays = (bringUp: CatalogBringUp): BringUpWay[] => [
  "external",
  ...(bringUp.compose === undefined ? [] : (["compose"] as const)),
  ...(bringUp.process === undefined ? [] : (["process"] as const)),
];
