import { describe, expect, it } from "vitest";
import { pause } from "./clock.ts";

/** A clock whose one alarm is run by hand. */
function fakeClock() {
  const alarms: (() => void)[] = [];
  let cancelled = 0;
  return {
    alarms,
    cancelled: () => cancelled,
    after: (_delayMs: number, run: () => void) => {
      alarms.push(run);
      return () => {
        cancelled += 1;
      };
    },
  };
}

describe("a pause", () => {
  it("ends when its time is over", async () => {
    const clock = fakeClock();
    const paused = pause(1_000, new AbortController().signal, clock);
    clock.alarms[0]?.();
    await expect(paused).resolves.toBeUndefined();
  });

  it("ends when its signal aborts, before or meanwhile, and leaves no alarm", async () => {
    const clock = fakeClock();
    const stop = new AbortController();
    const paused = pause(1_000, stop.signal, clock);
    stop.abort();
    await paused;
    await pause(1_000, stop.signal, clock);
    expect(clock.cancelled()).toBe(2);
  });
});
