/**
 * Streams that have sent nothing yet. Proxies cut a silent connection after 60 to 100 s, so each gets bytes that its client
 * ignores, one interval after it began at the latest. One timer serves all streams: a stream that starts at once costs an
 * entry in a set and no timer.
 */

/** A stream's end towards its client. */
export interface SilentStream {
  /** Sends the bytes, unless the stream has begun. */
  keepAlive(): void;
}

/** Calls `tick` every `ms`, until the returned function is called. */
export type Ticker = (tick: () => void, ms: number) => () => void;

export const realTicker: Ticker = (tick, ms) => {
  const timer = setInterval(tick, ms);
  timer.unref();
  return () => clearInterval(timer);
};

export class KeepAlives {
  readonly #tickMs: number;
  readonly #ticker: Ticker;
  /** Began since the last tick. */
  readonly #young = new Set<SilentStream>();
  readonly #waiting = new Set<SilentStream>();
  #stop: (() => void) | undefined;

  /** @param everyMs the longest silence */
  constructor(everyMs: number, ticker: Ticker) {
    // A stream begins at any moment between two ticks, and waits for the second one.
    this.#tickMs = Math.max(1, Math.floor(everyMs / 2));
    this.#ticker = ticker;
  }

  add(stream: SilentStream): void {
    this.#young.add(stream);
    this.#stop ??= this.#ticker(() => this.#tick(), this.#tickMs);
  }

  delete(stream: SilentStream): void {
    if (!this.#young.delete(stream)) this.#waiting.delete(stream);
  }

  #tick(): void {
    for (const stream of this.#waiting) stream.keepAlive();
    for (const stream of this.#young) this.#waiting.add(stream);
    this.#young.clear();
    if (this.#waiting.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }
}
