/** What the drivers have in common: asking, looking until something shows, and saying what went wrong. */
import { present } from "@headgate/contract";
import { DriverError, type Health } from "../driver.ts";
import { askWhole, type Question, type Reply, type Target } from "./http.ts";
import type { DriverOptions } from "./options.ts";
import { words } from "./read.ts";

const CALL_TIMEOUT_MS = 10_000;
const LOAD_TIMEOUT_MS = 600_000;
const UNLOAD_TIMEOUT_MS = 30_000;

/** Looks come quickly at first, and each is at most a fifth late: an unload of a small model takes milliseconds. */
const FIRST_LOOK_MS = 5;
const LOOK_GROWTH = 1.25;
const LAST_LOOK_MS = 2_000;

/** Ollama's, CUDA's, ggml's and Vulkan's words for a model that does not fit. */
const OUT_OF_MEMORY =
  /out of memory|cudaMalloc failed|failed to allocate|unable to allocate|requires more system memory|OutOfDeviceMemory|bad_alloc/i;

type Kind = DriverError["kind"];

export class Backend {
  readonly id: string;
  readonly callMs: number;
  readonly loadMs: number;
  readonly unloadMs: number;
  readonly target: Target;
  readonly #options: DriverOptions;

  constructor(options: DriverOptions) {
    this.id = options.backend;
    this.callMs = options.callTimeoutMs ?? CALL_TIMEOUT_MS;
    this.loadMs = options.loadTimeoutMs ?? LOAD_TIMEOUT_MS;
    this.unloadMs = options.unloadTimeoutMs ?? UNLOAD_TIMEOUT_MS;
    this.target = options;
    this.#options = options;
  }

  get(path: string, signal: AbortSignal): Promise<Reply> {
    return this.#request({ method: "GET", path, timeoutMs: this.callMs }, signal);
  }

  /** `timeoutMs` is for calls that answer only when they are done. */
  order(
    method: "POST" | "DELETE",
    path: string,
    body: unknown,
    signal: AbortSignal,
    timeoutMs: number = this.callMs,
  ): Promise<Reply> {
    return this.#request(present({ method, path, timeoutMs, body }), signal);
  }

  #request(question: Question, signal: AbortSignal): Promise<Reply> {
    return askWhole(this.target, question, signal);
  }

  /** @throws {DriverError} `unreachable` unless it is 200 and JSON: what the backend holds is then unknown. */
  async look(path: string, signal: AbortSignal): Promise<unknown> {
    const reply = await this.get(path, signal).catch((error: unknown) => {
      throw error instanceof DriverError ? new DriverError("unreachable", error.message) : error;
    });
    if (reply.status !== 200) throw this.refused(`GET ${path}`, reply, "unreachable");
    if (reply.json === undefined) throw this.error("unreachable", `GET ${path}: its answer is not JSON`);
    return reply.json;
  }

  /** Healthy is a 200 that `fits`. Rejects only when the signal fires. */
  async health(path: string, signal: AbortSignal, fits: (json: unknown) => boolean): Promise<Health> {
    try {
      const reply = await this.get(path, signal);
      if (reply.status !== 200) return { ok: false, why: this.refused(`GET ${path}`, reply).message };
      if (fits(reply.json)) return { ok: true };
      return { ok: false, why: `${this.id}: GET ${path}: another program answers there` };
    } catch (error) {
      if (error instanceof DriverError) return { ok: false, why: error.message };
      throw error;
    }
  }

  /** Looks until it shows; `undefined` when it has not within `boundMs`. Bounded whatever the clock does. */
  async until<T>(
    boundMs: number,
    look: () => Promise<T | undefined>,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    const startMs = this.#options.nowMs();
    let waitedMs = 0;
    let nextMs = FIRST_LOOK_MS;
    for (;;) {
      const seen = await look();
      if (seen !== undefined) return seen;
      if (Math.max(waitedMs, this.#options.nowMs() - startMs) >= boundMs) return undefined;
      await this.#options.wait(nextMs, signal);
      signal.throwIfAborted();
      waitedMs += nextMs;
      nextMs = Math.min(nextMs * LOOK_GROWTH, LAST_LOOK_MS);
    }
  }

  error(kind: Kind, what: string): DriverError {
    return new DriverError(kind, `${this.id}: ${what}`);
  }

  /** The error for an answer that is a no. A lack of memory shows only in its text, since no status means it. */
  refused(what: string, reply: Reply, kind: Kind = "failed"): DriverError {
    const detail = words(reply.json, reply.text, this.#options.token);
    const hint = reply.status === 401 || reply.status === 403 ? " (it wants another token)" : "";
    const message = `${what}: answered ${reply.status}${hint}${detail === "" ? "" : `: ${detail}`}`;
    return this.error(kind === "failed" && OUT_OF_MEMORY.test(detail) ? "out-of-memory" : kind, message);
  }
}
