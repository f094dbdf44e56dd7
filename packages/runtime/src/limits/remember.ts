/** Keeps the router's memory in a store: cooldowns at once, counters a moment later. */
import type { StateStore } from "@headgate/contract";
import type { Memory } from "@headgate/router";

/** How old a counter in the store may be. */
const FLUSH_MS = 250;
/** What has expired is dropped from the store this often. */
const SWEEP_MS = 60_000;

export class Remembering {
  readonly #memory: Memory;
  readonly #store: StateStore;
  readonly #nowMs: () => number;
  readonly #timer: NodeJS.Timeout;
  readonly #sweeper: NodeJS.Timeout;

  /**
   * Takes over what an earlier process left, and keeps the store up to date from then on.
   * @param maxBytes what each space of kept records may take
   */
  static async begin(
    memory: Memory,
    store: StateStore,
    nowMs: () => number,
    maxBytes: Readonly<Record<string, number>>,
  ): Promise<Remembering> {
    memory.restore(await store.load(), nowMs());
    return new Remembering(memory, store, nowMs, maxBytes);
  }

  private constructor(
    memory: Memory,
    store: StateStore,
    nowMs: () => number,
    maxBytes: Readonly<Record<string, number>>,
  ) {
    this.#memory = memory;
    this.#store = store;
    this.#nowMs = nowMs;
    store.onCooldowns?.((records) => {
      for (const record of records) memory.applyCooldown(record, nowMs());
    });
    this.#timer = setInterval(() => this.flush(), FLUSH_MS);
    this.#timer.unref();
    this.#sweeper = setInterval(() => store.kept.sweep(nowMs(), maxBytes), SWEEP_MS);
    this.#sweeper.unref();
  }

  /** After an attempt: a cooldown that has begun is durable before the next request. */
  attempted(): void {
    if (this.#memory.hasChangedCooldowns) this.#store.saveCooldowns(this.#memory.changedCooldowns());
  }

  flush(): void {
    this.attempted();
    const records = this.#memory.changedMeters(this.#nowMs());
    if (records.length > 0) this.#store.saveMeters(records);
  }

  forget(ids: readonly string[]): void {
    if (ids.length > 0) this.#store.forget(ids);
  }

  /** Writes what is waiting. The store is its opener's to close. */
  end(): void {
    clearInterval(this.#timer);
    clearInterval(this.#sweeper);
    this.flush();
  }
}
