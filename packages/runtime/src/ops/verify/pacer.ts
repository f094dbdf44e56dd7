const MINUTE_MS = 60_000;

/** Lets at most so many requests begin in any 60 seconds, in the order of their calls. */
export class Pacer {
  readonly #perMinute: number;
  readonly #nowMs: () => number;
  readonly #wait: (ms: number) => Promise<void>;
  /** When the last requests began or will begin, epoch milliseconds. */
  readonly #starts: number[] = [];

  constructor(perMinute: number, nowMs: () => number, wait: (ms: number) => Promise<void>) {
    this.#perMinute = Math.max(1, Math.floor(perMinute));
    this.#nowMs = nowMs;
    this.#wait = wait;
  }

  async turn(): Promise<void> {
    const now = this.#nowMs();
    const oldest = this.#starts.length < this.#perMinute ? undefined : this.#starts.shift();
    const start = Math.max(now, oldest === undefined ? now : oldest + MINUTE_MS);
    this.#starts.push(start);
    if (start > now) await this.#wait(start - now);
  }
}
