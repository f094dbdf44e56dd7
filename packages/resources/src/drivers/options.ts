/** What every driver is made from. */
import type { Dispatcher } from "undici";

export interface DriverOptions {
  /** The provider's id, such as `ollama-cuda`. */
  readonly backend: string;
  /** Where it listens; a trailing `/` or `/v1` is of no matter. */
  readonly baseUrl: string;
  /** Sent as a bearer token, and kept out of every message. */
  readonly token?: string | undefined;
  /** Connections to use; default a fresh one for each call. */
  readonly dispatcher?: Dispatcher | undefined;
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  /** Resolves after `ms`; when the signal fires it may resolve early or reject. Looks are spaced by it. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** How long a look or an order may go unanswered, in real time. Default 10 s. */
  readonly callTimeoutMs?: number | undefined;
  /** How long a load may take. Default 10 min, which is what large models on slow disks need. */
  readonly loadTimeoutMs?: number | undefined;
  /** How long the backend may still show a model after an unload. Default 30 s. */
  readonly unloadTimeoutMs?: number | undefined;
}
