/** How often a wrong key may be tried: a few times a minute from one address, and somewhat more from all together. */

const WINDOW_MS = 60_000;
const PER_ADDRESS = 10;
const ALL = 60;

export class SignInAttempts {
  /** Failures of the last minute, the oldest first. */
  #failures: { readonly address: string; readonly atMs: number }[] = [];

  /** @returns how long the address must wait, in ms; 0: it may try */
  waitMs(address: string, nowMs: number): number {
    this.#failures = this.#failures.filter(({ atMs }) => nowMs - atMs < WINDOW_MS);
    const own = this.#failures.filter((failure) => failure.address === address);
    const oldest =
      own.length >= PER_ADDRESS ? own[0] : this.#failures.length >= ALL ? this.#failures[0] : undefined;
    return oldest === undefined ? 0 : oldest.atMs + WINDOW_MS - nowMs;
  }

  failed(address: string, nowMs: number): void {
    this.#failures.push({ address, atMs: nowMs });
  }
}
