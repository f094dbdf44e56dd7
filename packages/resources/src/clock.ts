/** The clock and the alarm, passed in so that tests run on fake ones. */
export interface Clock {
  /** In ms; only differences and the same clock's times mean anything. */
  nowMs(): number;
  /** Runs once, `delayMs` from now; the answer cancels. */
  after(delayMs: number, run: () => void): () => void;
}

/** setTimeout takes no more. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** Never runs backwards, and keeps no process alive. */
export const systemClock: Clock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, Math.max(0, Math.min(delayMs, MAX_DELAY_MS)));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
