import { expect, it } from "vitest";
import { KeepAlives, type Ticker } from "./keep-alive.ts";

/** A clock of this test, and when each stream was kept alive. */
function setup(everyMs: number) {
  const clock = { nowMs: 0, timers: 0 };
  let timer: { readonly tick: () => void; readonly ms: number; dueMs: number } | undefined;
  const ticker: Ticker = (tick, ms) => {
    clock.timers += 1;
    timer = { tick, ms, dueMs: clock.nowMs + ms };
    return () => {
      timer = undefined;
    };
  };
  const alive = new KeepAlives(everyMs, ticker);
  const pass = (ms: number): void => {
    const untilMs = clock.nowMs + ms;
    while (timer !== undefined && timer.dueMs <= untilMs) {
      clock.nowMs = timer.dueMs;
      timer.dueMs += timer.ms;
      timer.tick();
    }
    clock.nowMs = untilMs;
  };
  const stream = () => {
    const sentMs: number[] = [];
    return { sentMs, keepAlive: () => void sentMs.push(clock.nowMs) };
  };
  return { alive, clock, pass, stream, ticking: () => timer !== undefined };
}

it("leaves no stream silent for longer than the interval, whenever it begins", () => {
  for (const beginMs of [0, 1, 7_499, 7_500, 9_000, 14_999]) {
    const { alive, pass, stream, clock } = setup(15_000);
    const first = stream();
    alive.add(first);
    pass(beginMs);
    const late = stream();
    const begunMs = clock.nowMs;
    alive.add(late);
    pass(60_000);
    const moments = [begunMs, ...late.sentMs];
    expect(moments.length).toBeGreaterThan(4);
    for (const [at, moment] of moments.entries())
      if (at > 0) expect(moment - (moments[at - 1] ?? 0)).toBeLessThanOrEqual(15_000);
  }
});

it("sends nothing to a stream that begins within half the interval, and stops its timer", () => {
  const { alive, pass, stream, ticking, clock } = setup(15_000);
  const quick = stream();
  const place = alive.add(quick);
  pass(7_400);
  alive.remove(place);
  pass(60_000);
  expect(quick.sentMs).toEqual([]);
  expect(ticking()).toBe(false);
  alive.add(quick);
  alive.add(stream());
  expect(clock.timers).toBe(2);
});
