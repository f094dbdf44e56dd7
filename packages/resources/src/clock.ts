import type { Clock } from "@headgate/contract";

export type { Clock };

/** Longest delay that setTimeout takes, in ms. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** In ms; never runs backwards, and keeps no process alive. Only differences between its times mean anything. */
export const systemClock: Clock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, Math.max(0, Math.min(delayMs, MAX_DELAY_MS)));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
