/** Slows wrong keys down, per address: the first few are answered at once, later ones after a growing delay. */

const FREE = 5;
const FIRST_MS = 250;
const MAX_MS = 5_000;
/** A wrong key is forgotten after this time. */
const FORGET_MS = 60_000;
/** Addresses that are remembered; the longest unseen goes first. */
const MAX_ADDRESSES = 10_000;

export class WrongKeys {
  readonly #nowMs: () => number;
  readonly #seen = new Map<string, { count: number; atMs: number }>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Counts one. @returns how long its answer waits, in ms */
  add(address: string): number {
    const nowMs = this.#nowMs();
    const before = this.#seen.get(address);
    const lasts = before !== undefined && Math.abs(nowMs - before.atMs) < FORGET_MS;
    const count = (lasts ? before.count : 0) + 1;
    this.#seen.delete(address);
    this.#seen.set(address, { count, atMs: nowMs });
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size <= MAX_ADDRESSES) break;
      this.#seen.delete(oldest);
    }
    return count <= FREE ? 0 : Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(20, count - FREE - 1));
  }
}
