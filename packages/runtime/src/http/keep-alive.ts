/**
 * Streams that have sent nothing yet. Proxies cut a silent connection after 60 to 100 s, so each gets bytes that its client
 * ignores, one interval after it began at the latest. One timer serves all streams: a stream that starts at once costs an
 * entry in a list and no timer.
 */

import { Roster } from "./roster.ts";

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
  /** With the count of ticks when each began. */
  readonly #streams = new Roster<{ readonly stream: SilentStream; readonly began: number }>();
  #ticks = 0;
  #stop: (() => void) | undefined;

  /** @param everyMs the longest silence */
  constructor(everyMs: number, ticker: Ticker) {
    // A stream begins at any moment between two ticks, and waits for the second one.
    this.#tickMs = Math.max(1, Math.floor(everyMs / 2));
    this.#ticker = ticker;
  }

  /** @returns its place, for `remove` */
  add(stream: SilentStream): number {
    this.#stop ??= this.#ticker(() => this.#tick(), this.#tickMs);
    return this.#streams.add({ stream, began: this.#ticks });
  }

  remove(place: number): void {
    this.#streams.remove(place);
  }

  #tick(): void {
    for (const { stream, began } of this.#streams.all()) if (began < this.#ticks) stream.keepAlive();
    this.#ticks += 1;
    if (this.#streams.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }
}
