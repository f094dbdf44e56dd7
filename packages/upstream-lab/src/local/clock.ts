/** Time for the local fakes: the real one, or one that a test moves. */
import { setImmediate as nextTurn, setTimeout as timer } from "node:timers/promises";
import { Conditions } from "../record.ts";

export interface LocalClock {
  /** Milliseconds. */
  nowMs(): number;
  /** Resolves after `ms`, or early when `gone` fires. */
  sleep(ms: number, gone: AbortSignal): Promise<void>;
}

export interface ManualClock extends LocalClock {
  /** Moves time on, waking in order whoever's time has come, those who fall asleep on the way included. */
  advance(ms: number): Promise<void>;
  /** How many sleep now. */
  readonly sleeping: number;
  /** Resolves once at least `count` sleep. */
  asleep(count?: number): Promise<void>;
}

export const realClock: LocalClock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  sleep: async (ms, signal) => {
    if (ms > 0) await timer(ms, undefined, { signal }).catch(() => undefined);
  },
};

/** Stands still until it is moved. Whoever sleeps for no time at all is not held up. */
export function manualClock(startMs = 0): ManualClock {
  let nowMs = startMs;
  const sleepers = new Set<{ readonly untilMs: number; readonly wake: () => void }>();
  const conditions = new Conditions();
  const next = () => [...sleepers].reduce((a, b) => (b.untilMs < a.untilMs ? b : a));
  return {
    nowMs: () => nowMs,
    get sleeping() {
      return sleepers.size;
    },
    asleep: (count = 1) => conditions.when(() => sleepers.size >= count),
    sleep(ms, gone) {
      if (ms <= 0 || gone.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = (): void => {
          sleepers.delete(sleeper);
          gone.removeEventListener("abort", wake);
          resolve();
        };
        const sleeper = { untilMs: nowMs + ms, wake };
        gone.addEventListener("abort", wake, { once: true });
        sleepers.add(sleeper);
        conditions.changed();
      });
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      while (sleepers.size > 0 && next().untilMs <= untilMs) {
        const sleeper = next();
        nowMs = Math.max(nowMs, sleeper.untilMs);
        sleeper.wake();
        await nextTurn();
      }
      nowMs = Math.max(nowMs, untilMs);
      // Whoever only moves time on, in a loop, must not keep sockets from being read.
      await nextTurn();
    },
  };
}
