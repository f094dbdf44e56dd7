/** Time for the local fakes: real time, or a clock that a test advances. */
import { setImmediate as nextTurn, setTimeout as timer } from "node:timers/promises";
import { Conditions } from "../record.ts";

export interface LocalClock {
  /** Milliseconds. */
  nowMs(): number;
  /** Resolves after `ms`, or early when `gone` fires. */
  sleep(ms: number, gone: AbortSignal): Promise<void>;
}

export interface ManualClock extends LocalClock {
  /** Advances time and ends the due waits in order, new ones on the way included. */
  advance(ms: number): Promise<void>;
  /** The number of current waits. */
  readonly sleeping: number;
  /** Resolves once there are at least `count` waits. */
  asleep(count?: number): Promise<void>;
}

export const realClock: LocalClock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  sleep: async (ms, signal) => {
    if (ms > 0) await timer(ms, undefined, { signal }).catch(() => undefined);
  },
};

/** Stays at its time until it is advanced. A wait of 0 ms ends at once. */
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
      // A loop of advances must not keep sockets from being read.
      await nextTurn();
    },
  };
}
