/** What the cache keeps: recent entries in memory, and all of them in its store where there is one. */
import type { CacheStore } from "@headgate/contract";

/** In front of a store. */
const FRONT_BYTES = 32 * 1024 * 1024;
const ENTRY_BYTES = 300;

/** An entry is JSON once it is in a store; until it is read, it may be something that makes it. */
export interface Entry<T> {
  readonly storedAtMs: number;
  readonly expiresAtMs: number;
  readonly value: T;
}

interface Held {
  readonly entry: Entry<unknown>;
  readonly bytes: number;
}

export interface EntriesInput {
  readonly maxBytes: number;
  readonly nowMs: () => number;
  readonly store: CacheStore | undefined;
}

export class Entries {
  readonly #nowMs: () => number;
  readonly #store: CacheStore | undefined;
  readonly #maxBytes: number;
  /** In the order of reading. */
  readonly #held = new Map<string, Held>();
  #bytes = 0;

  constructor({ maxBytes, nowMs, store }: EntriesInput) {
    this.#nowMs = nowMs;
    this.#store = store;
    this.#maxBytes = store === undefined ? maxBytes : Math.min(maxBytes, FRONT_BYTES);
  }

  /** True where entries may be found that are not in memory. */
  get stored(): boolean {
    return this.#store !== undefined;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What is in memory. */
  peek<T>(key: string): Entry<T> | undefined {
    const held = this.#held.get(key);
    if (held === undefined) return undefined;
    this.#held.delete(key);
    if (held.entry.expiresAtMs <= this.#nowMs()) {
      this.#bytes -= held.bytes;
      return undefined;
    }
    this.#held.set(key, held);
    return held.entry as Entry<T>;
  }

  /** The same, and what the store has. Never rejects. @param read undefined for a value that is not sound */
  async find<T>(key: string, read: (value: unknown) => T | undefined): Promise<Entry<T> | undefined> {
    const here = this.peek<T>(key);
    if (here !== undefined || this.#store === undefined) return here;
    const text = await this.#store.get(key);
    if (text === undefined) return undefined;
    const entry = entryIn(text, read);
    if (entry === undefined || entry.expiresAtMs <= this.#nowMs()) return undefined;
    this.#hold(key, { entry, bytes: text.length + ENTRY_BYTES });
    return entry;
  }

  /**
   * @param bytes of the value, roughly
   * @param text its JSON, for the store; undefined: it is not stored after all
   */
  put(
    key: string,
    value: unknown,
    { forMs, bytes, text }: { forMs: number; bytes: number; text: () => string },
  ): void {
    const storedAtMs = this.#nowMs();
    const entry = { storedAtMs, expiresAtMs: storedAtMs + forMs, value };
    if (bytes + ENTRY_BYTES <= this.#maxBytes) this.#hold(key, { entry, bytes: bytes + ENTRY_BYTES });
    this.#store?.put(
      key,
      `{"storedAtMs":${storedAtMs},"expiresAtMs":${entry.expiresAtMs},"value":${text()}}`,
      entry.expiresAtMs,
    );
  }

  #hold(key: string, held: Held): void {
    const before = this.#held.get(key);
    if (before !== undefined) {
      this.#bytes -= before.bytes;
      this.#held.delete(key);
    }
    this.#held.set(key, held);
    this.#bytes += held.bytes;
    for (const [oldest, { bytes }] of this.#held) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#held.delete(oldest);
      this.#bytes -= bytes;
    }
  }
}

function entryIn<T>(text: string, read: (value: unknown) => T | undefined): Entry<T> | undefined {
  try {
    const { storedAtMs, expiresAtMs, value } = JSON.parse(text) as Entry<unknown>;
    const sound = read(value);
    if (typeof storedAtMs !== "number" || typeof expiresAtMs !== "number" || sound === undefined)
      return undefined;
    return { storedAtMs, expiresAtMs, value: sound };
  } catch {
    return undefined;
  }
}
