/** Keeps the router's memory in a store: cooldowns at once, counters within FLUSH_MS. */
import type { StateStore } from "@headgate/contract";
import type { Memory } from "@headgate/router";

/** The greatest age of a counter in the store. */
const FLUSH_MS = 250;
/** How often expired records are dropped from the store. */
const SWEEP_MS = 60_000;

export class Remembering {
  readonly #memory: Memory;
  readonly #store: StateStore;
  readonly #nowMs: () => number;
  readonly #timer: NodeJS.Timeout;
  readonly #sweeper: NodeJS.Timeout;

  /**
   * Restores what the store holds, and keeps the store up to date from then on.
   * @param maxBytes the most bytes of each space of kept records
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
    store.onCooldowns?.((records) => memory.applyCooldowns(records, nowMs()));
    this.#timer = setInterval(() => this.flush(), FLUSH_MS);
    this.#timer.unref();
    this.#sweeper = setInterval(() => store.kept.sweep(nowMs(), maxBytes), SWEEP_MS);
    this.#sweeper.unref();
  }

  /** Call after an attempt: a new cooldown is durable before the next request. */
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

  /** Writes what is pending. The caller closes the store. */
  end(): void {
    clearInterval(this.#timer);
    clearInterval(this.#sweeper);
    this.flush();
  }
}
