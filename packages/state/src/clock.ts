/** Time, passed in so that tests need not wait. */
export interface Clock {
  /** Ms since the epoch; may jump when someone sets the clock. */
  nowMs(): number;
  /** Ms from anywhere; never jumps. */
  monotonicMs(): number;
  /** Runs once, later; keeps no process alive. Returns what calls it off. */
  after(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: Date.now,
  monotonicMs: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};
