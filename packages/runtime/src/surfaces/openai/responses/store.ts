/** The store of responses for `previous_response_id` and GET: an interface, and an implementation in memory with bounds. */
import type { JsonObject } from "@headgate/contract";

/** One exchange as it is kept. */
export interface StoredResponse {
  /** The Response object as the client got it. */
  readonly response: JsonObject;
  /** The request's own input items; earlier responses hold their own. */
  readonly input: readonly JsonObject[];
}

export interface ResponseStore {
  /** Undefined when there is none, or no longer. Reading one renews it. */
  get(id: string): StoredResponse | undefined;
  put(id: string, stored: StoredResponse): void;
  /** False when there was none. */
  delete(id: string): boolean;
}

export interface MemoryStoreOptions {
  readonly nowMs: () => number;
  /** How long an unread response is kept. */
  readonly ttlMs: number;
  /** All kept responses together, as JSON; the longest unread go first. */
  readonly maxBytes: number;
}

interface Entry {
  /** JSON, so that what is kept cannot change and its size is known. */
  readonly bytes: Buffer;
  readonly expiresAtMs: number;
}

export class MemoryResponseStore implements ResponseStore {
  readonly #options: MemoryStoreOptions;
  /** The longest unread first: that order is also the order of expiry. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(options: MemoryStoreOptions) {
    this.#options = options;
  }

  get(id: string): StoredResponse | undefined {
    this.#expire();
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    this.#entries.delete(id);
    this.#entries.set(id, { bytes: entry.bytes, expiresAtMs: this.#expiry() });
    return JSON.parse(entry.bytes.toString("utf8")) as StoredResponse;
  }

  put(id: string, stored: StoredResponse): void {
    this.delete(id);
    this.#expire();
    const bytes = Buffer.from(JSON.stringify(stored));
    if (bytes.length > this.#options.maxBytes) return;
    this.#entries.set(id, { bytes, expiresAtMs: this.#expiry() });
    this.#bytes += bytes.length;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#options.maxBytes) break;
      this.delete(oldest);
    }
  }

  delete(id: string): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    this.#bytes -= entry.bytes.length;
    this.#entries.delete(id);
    return entry.expiresAtMs > this.#options.nowMs();
  }

  #expiry(): number {
    return this.#options.nowMs() + this.#options.ttlMs;
  }

  #expire(): void {
    const nowMs = this.#options.nowMs();
    for (const [id, entry] of this.#entries) {
      if (entry.expiresAtMs > nowMs) break;
      this.delete(id);
    }
  }
}
