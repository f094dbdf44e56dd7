/**
 * Local backends as data: the properties of each driver, the memory that a model needs, and how a backend is started.
 * Plain JSON, a part of the catalogue and of the routing table. Sizes are in bytes, times in milliseconds.
 */
import { bytesOf } from "./bytes.ts";
import type { BringUpWay, LocalDriver } from "./fragment.ts";
import { present } from "./present.ts";

export interface DriverFacts {
  /** True where Headgate loads and unloads its models and queues its requests. */
  readonly managed?: true;
  /** How many models it holds or runs at a time, where the driver fixes that. */
  readonly slots?: number;
  /** Its load options; a change of one means another residency. */
  readonly options: Readonly<Record<string, LoadOption>>;
  /** Jobs that one residency runs at a time; the fragment may state another number. */
  readonly concurrency: number;
  /** True where the backend itself spreads a model over several GPUs when no single one can hold it. */
  readonly splits?: true;
  /** After how long the backend itself unloads an idle model, in ms; absent: never. */
  readonly idleUnloadMs?: number;
  /** Tokens of context without the load option `num_ctx`; absent: the context is no load option. */
  readonly contextTokens?: number;
}

/** The values of a load option: true or false, or a whole number from `least` to `most`. */
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

/** The reason why a value is not valid for a load option, for an error message; undefined: it is valid. */
export function loadOptionLack(kind: LoadOption, value: unknown): string | undefined {
  if (kind === "flag") return typeof value === "boolean" ? undefined : "true or false";
  const whole = typeof value === "number" && Number.isInteger(value);
  return whole && value >= kind.least && value <= kind.most
    ? undefined
    : `a whole number from ${kind.least} to ${kind.most}`;
}

const MINUTE_MS = 60_000;

export const DRIVERS: Readonly<Record<LocalDriver, DriverFacts>> = {
  // https://docs.ollama.com/faq: a model that fits on no single GPU is spread over all of them. OLLAMA_NUM_PARALLEL is 1, keep_alive
  // 5 minutes, OLLAMA_CONTEXT_LENGTH 4096.
  ollama: {
    managed: true,
    options: OLLAMA_LOAD_OPTIONS,
    concurrency: 1,
    splits: true,
    idleUnloadMs: 5 * MINUTE_MS,
    contextTokens: 4096,
  },
  // 409 while another model runs; TALKIES_MODEL_TTL.
  talkies: { managed: true, slots: 1, options: {}, concurrency: 1, idleUnloadMs: 10 * MINUTE_MS },
  // One model and one image at a time; IDLE_TIMEOUT.
  sdcpp: { managed: true, slots: 1, options: {}, concurrency: 1, idleUnloadMs: 5 * MINUTE_MS },
  "sd-server": { slots: 1, options: {}, concurrency: 1 },
  // `--parallel` of llama-server is 4 by default. Layers go to all GPUs (`--split-mode layer`):
  // https://github.com/ggml-org/llama.cpp/blob/master/docs/multi-gpu.md.
  llamacpp: { managed: true, options: {}, concurrency: 4, splits: true },
  // A server has one model, with a sleep mode. The number of its GPUs is fixed at its start (tensor parallelism).
  vllm: { managed: true, slots: 1, options: {}, concurrency: 64 },
  process: { options: {}, concurrency: 1 },
};

/** The memory of one residency of a model, and how long it stays loaded. */
export interface ModelMemory {
  readonly device: "cpu" | "cuda";
  /** One residency without running jobs. */
  readonly bytes: number;
  /** In addition, per running job. */
  readonly transientBytes: number;
  /** In addition, per job and per token of context beyond what `bytes` includes; absent: the context cannot be chosen. */
  readonly contextTokenBytes?: number;
  readonly loadMs: number;
  /** Jobs that one residency runs at a time. */
  readonly concurrency: number;
  /** Load options: sent with every request; another value means another residency. */
  readonly options: Readonly<Record<string, number | boolean>>;
  /** Never unloaded to make room. */
  readonly pinned: boolean;
  /** Loaded at the start, and again once there is room after it made way. */
  readonly warm?: true;
  /** Absent: it stays until its memory is needed. */
  readonly idleUnloadMs?: number;
}

/** The least bytes per second of a cold load: a slow SSD for the CPU, the same through a warm cache for a GPU. */
const LOAD_RATE = { cpu: 0.5e9, cuda: 1e9 } as const;
/** Starting a runner, whatever its size. */
const LOAD_FLOOR_MS = 2000;

/**
 * A high estimate of the bytes per token of context: the KV cache at 16 bits per value and the attention's working memory,
 * for a model of this size (4 to 5 bits per weight) whose heads share no keys. Most current models share them: a fourth.
 */
const contextTokenBytesOf = (bytes: number): number => Math.round(0.3 * bytes ** (2 / 3));

/** The memory of a model of which only the size is known: a load time estimated from it, and the driver's defaults. */
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
 * @param windowTokens the model's context window, the most that a driver allocates
 */
export function bytesWith(
  { bytes, contextTokenBytes = 0, concurrency }: ModelMemory,
  driver: LocalDriver,
  { num_ctx }: Readonly<Record<string, number | boolean>>,
  windowTokens = Number.POSITIVE_INFINITY,
): number {
  const { contextTokens } = DRIVERS[driver];
  if (typeof num_ctx !== "number" || contextTokens === undefined) return bytes;
  // Each parallel job has a context of its own.
  const moreTokens = Math.max(0, Math.min(num_ctx, windowTokens) - contextTokens) * concurrency;
  return bytes + moreTokens * contextTokenBytes;
}

/** `cuda 6 GB`: a device and a size, in the form that .env has for a server's models. */
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

/** How a backend is started, from its fragment. */
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

/** A routed provider's local backend. */
export interface RoutedLocal {
  readonly driver: LocalDriver;
  readonly slots?: number;
  readonly bringUp: BringUp;
  /** The server's own models are looked for: all of them, or these, which it may still have to download. */
  readonly offer?: "all" | readonly string[];
}

/** The ways that a fragment describes. `external` always is one. */
export const bringUpWays = (bringUp: CatalogBringUp): BringUpWay[] => [
  "external",
  ...(bringUp.compose === undefined ? [] : (["compose"] as const)),
  ...(bringUp.process === undefined ? [] : (["process"] as const)),
];

/** Of background requests, in the scheduler's steps of 5 s: they count as having come a minute later. */
export const BACKGROUND_PRIORITY = -12;
