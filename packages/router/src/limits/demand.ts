/** How much of a limit interactive requests take, so that background ones leave them room. */

/** The rate is that of about the last ten minutes. */
const MEMORY_MS = 600_000;
/** Standard deviations of a Poisson demand that are kept free besides its mean. */
const DEVIATIONS = 2;

export class Demand {
  #perMs = 0;
  /** Of the squares of the units: the variance of a sum of so many. */
  #squaresPerMs = 0;
  #sinceMs = 0;
  #atMs = 0;

  add(units: number, nowMs: number): void {
    if (this.#sinceMs === 0) this.#sinceMs = nowMs;
    this.#fade(nowMs);
    this.#perMs += units / MEMORY_MS;
    this.#squaresPerMs += (units * units) / MEMORY_MS;
  }

  /** What is to be expected within a time at most. */
  within(ms: number, nowMs: number): number {
    this.#fade(nowMs);
    // A young average lacks what came before it began.
    const seen = 1 - Math.exp(-Math.max(1, nowMs - this.#sinceMs) / MEMORY_MS);
    const span = Math.max(0, ms) / Math.max(seen, MIN_SEEN);
    return this.#perMs * span + DEVIATIONS * Math.sqrt(this.#squaresPerMs * span);
  }

  #fade(nowMs: number): void {
    const passedMs = nowMs - this.#atMs;
    this.#atMs = nowMs;
    if (passedMs <= 0) return;
    const left = Math.exp(-passedMs / MEMORY_MS);
    this.#perMs *= left;
    this.#squaresPerMs *= left;
  }
}

/** Below a minute or so the average says little. */
const MIN_SEEN = 0.1;
