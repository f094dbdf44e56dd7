/** How sure refusals must be before they are a limit, and how an inferred limit is tested and ends. */
import type { Limit } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { candidatesWith } from "../table.fixture.ts";
import {
  amountOf,
  answer,
  call,
  end,
  MINUTE_MS,
  meterOf,
  NOON,
  refuse,
  start,
  UNLIMITED,
} from "./attempts.fixture.ts";
import type { Meter } from "./meter.ts";
import { SURE_OF_PERIOD } from "./period-reading.ts";

const OF_A = "p@/a|requests/minute";
const windowMs = (window: number): number => NOON + 1_000 + 2 * window * MINUTE_MS;
const stated: Limit = { scope: "model", unit: "requests", window: "minute", amount: 30 };

describe("what was answered lately", () => {
  const amountAfter = (quietWindows: number, refusals: number): number | undefined => {
    const [candidate] = candidatesWith([]);
    answer(candidate, 30, NOON);
    for (let window = 0; window < refusals; window += 1) {
      const nowMs = NOON + (quietWindows + 2 * window) * MINUTE_MS + 29;
      answer(candidate, 10, nowMs - 15);
      refuse(candidate, nowMs);
    }
    return amountOf(candidate, OF_A);
  };

  it("makes a limit far below it doubtful: it takes twice as many windows", () => {
    expect([amountAfter(2, 3), amountAfter(2, 5), amountAfter(2, 6)]).toEqual([UNLIMITED, UNLIMITED, 10]);
  });

  it("counts for sixty windows", () => {
    // The third refusal comes four windows after the first.
    expect([amountAfter(56, 3), amountAfter(57, 3)]).toEqual([UNLIMITED, 10]);
  });

  it("is the most that was used, until that is long ago", () => {
    const [candidate] = candidatesWith([]);
    const { highest } = meterOf(candidate, OF_A);
    expect(highest.count).toBe(0);
    answer(candidate, 5, NOON);
    const meter = meterOf(candidate, OF_A);
    expect(meter.highest).toEqual({ count: 5, atMs: NOON + 4 });
    answer(candidate, 3, NOON + 2 * MINUTE_MS);
    expect(meter.highest).toEqual({ count: 5, atMs: NOON + 4 });
    call(candidate, NOON + 4 + 60 * MINUTE_MS);
    expect(meter.highest.count).toBe(5);
    call(candidate, NOON + 5 + 60 * MINUTE_MS);
    expect(meter.highest.count).toBe(2);
  });
});

describe("a stated wait", () => {
  /** Ten calls from a moment on, each a second after the other, and a refusal that states a wait. */
  const refusedTwice = (
    limits: readonly Limit[],
    beginMs: number,
    refusedMs: number,
    waitMs: number,
  ): Meter => {
    const [candidate] = candidatesWith(limits);
    for (const at of [0, 5 * MINUTE_MS]) {
      for (let second = 0; second < 10; second += 1) call(candidate, NOON + at + beginMs + second * 1_000);
      refuse(candidate, NOON + at + refusedMs, { retryAfterMs: waitMs });
    }
    return meterOf(candidate, OF_A);
  };

  it("that ends when the oldest call leaves the window is evidence, to a second and a half", () => {
    // The first call of 10 s past the minute leaves at 70.25 s.
    const amount = (waitMs: number): number => refusedTwice([], 10_000, 30_000, waitMs).amount;
    expect([40_250 - 1_500, 40_250, 40_250 + 1_500].map(amount)).toEqual([10, 10, 10]);
    expect([40_250 - 1_501, 40_250 + 1_501].map(amount)).toEqual([UNLIMITED, UNLIMITED]);
  });

  it("that ends with the full minute is evidence of periods, to a second and a half", () => {
    const outcome = (waitMs: number): readonly [number, boolean] => {
      const { amount, byPeriod } = refusedTwice([], 10_000, 30_000, waitMs);
      return [amount, byPeriod];
    };
    for (const waitMs of [28_500, 30_000, 31_500]) expect(outcome(waitMs), `${waitMs}`).toEqual([10, true]);
    for (const waitMs of [28_499, 31_501]) expect(outcome(waitMs), `${waitMs}`).toEqual([UNLIMITED, false]);
    expect(refusedTwice([], 10_000, 30_000, 30_000).period?.test.score).toBe(SURE_OF_PERIOD);
  });

  it("that ends with the full minute is none where units are known to come back one by one", () => {
    expect(refusedTwice([{ ...stated, reset: "rolling" }], 10_000, 30_000, 30_000).amount).toBe(30);
  });

  it("below three seconds is none: it fits by chance", () => {
    const amount = (waitMs: number): number => refusedTwice([], 30_000, 60_000 - waitMs, waitMs).amount;
    expect([amount(2_999), amount(3_000)]).toEqual([UNLIMITED, 10]);
  });
});

describe("units that come back with the full minute", () => {
  it("are found by refusals at one count of the minute, at other counts of the window", () => {
    const [candidate] = candidatesWith([]);
    for (const [window, before] of [0, 6, 3].entries()) {
      const minuteMs = NOON + 3 * window * MINUTE_MS;
      answer(candidate, before, minuteMs - 10_000);
      answer(candidate, 10, minuteMs + 5_000);
      refuse(candidate, minuteMs + 6_000);
    }
    const meter = meterOf(candidate, OF_A);
    expect(meter).toMatchObject({ amount: 10, byPeriod: true, period: { test: { score: SURE_OF_PERIOD } } });
    // Full for a window, and open: the minute is new.
    answer(candidate, 10, NOON + 20 * MINUTE_MS - 10_000);
    expect(meter.fits(1, NOON + 20 * MINUTE_MS + 250)).toBe(true);
  });

  it("explain a refusal by the count of the minute, and not by that of the window", () => {
    const evidence = (before: number, since: number) => {
      const [candidate] = candidatesWith([{ ...stated, amount: 10 }]);
      const meter = meterOf(candidate, OF_A);
      meter.period?.prove();
      answer(candidate, before, NOON - 10_000);
      answer(candidate, since, NOON + 5_000);
      refuse(candidate, NOON + 6_000);
      return meter.evidence.period?.low;
    };
    expect([evidence(7, 3), evidence(7, 10)]).toEqual([3, undefined]);
  });

  /** Full by the window at the end of a minute, and one call at the beginning of the next. */
  const across = (meter: Meter, one: (nowMs: number) => void, minute: number): void => {
    const minuteMs = NOON + 3 * minute * MINUTE_MS;
    meter.setUsed(10, minuteMs - 10_000);
    one(minuteMs + 500);
  };
  const limited = () => {
    const [candidate] = candidatesWith([{ ...stated, amount: 10 }]);
    return { candidate, meter: meterOf(candidate, OF_A) };
  };

  it("are sure after three answers that only they explain, and no answer makes them surer", () => {
    const { candidate, meter } = limited();
    for (let minute = 1; minute <= 5; minute += 1) {
      across(meter, (nowMs) => call(candidate, nowMs), minute);
      expect([meter.period?.test.score, meter.byPeriod]).toEqual([Math.min(3, minute), minute >= 3]);
    }
    for (let minute = 6; minute <= 8; minute += 1) {
      across(meter, (nowMs) => refuse(candidate, nowMs), minute);
      expect([meter.period?.test.score, meter.byPeriod]).toEqual([8 - minute, minute < 8]);
    }
  });

  it("are not shown by what the window explains too, nor by more than the limit", () => {
    const { candidate, meter } = limited();
    answer(candidate, 9, NOON - 10_000);
    call(candidate, NOON + 500);
    expect(meter.period?.test.score).toBe(0);
    answer(candidate, 9, NOON + 600);
    Object.assign(meter.period?.test ?? {}, { score: 0 });
    call(candidate, NOON + 700);
    expect(meter.period?.test.score).toBe(0);
  });

  it("are tested after twice as long with each refusal, up to 64 windows, and after one with an answer", () => {
    const { candidate, meter } = limited();
    const gaps: (number | undefined)[] = [];
    for (let minute = 1; minute <= 8; minute += 1) {
      across(meter, (nowMs) => refuse(candidate, nowMs), minute);
      gaps.push((meter.period?.test.gapMs ?? 0) / MINUTE_MS);
      expect(meter.period?.test.score).toBe(0);
    }
    expect(gaps).toEqual([2, 4, 8, 16, 32, 64, 64, 64]);
    across(meter, (nowMs) => call(candidate, nowMs), 9);
    expect(meter.period?.test).toMatchObject({ score: 1, gapMs: MINUTE_MS });
  });

  it("are tested again a gap after a refused test", () => {
    const { candidate, meter } = limited();
    across(meter, (nowMs) => refuse(candidate, nowMs), 1);
    const testedMs = NOON + 3 * MINUTE_MS + 500;
    // A window after the test, and another one because it was refused.
    expect(meter.period?.test.atMs).toBe(testedMs + 2 * MINUTE_MS);
  });
});

describe("an inferred limit", () => {
  const inferred = (amount: number, more: Partial<Meter> = {}) => {
    const [candidate] = candidatesWith([]);
    const meter = meterOf(candidate, OF_A);
    meter.learn(amount, "refusals", NOON);
    meter.limitProbe = { atMs: NOON + MINUTE_MS, gapMs: MINUTE_MS };
    return { candidate, meter: Object.assign(meter, more) };
  };
  const DUE = NOON + MINUTE_MS;

  it("ends with an answer clearly above it, to a call that began after it was inferred", () => {
    const { candidate, meter } = inferred(10);
    answer(candidate, 11, NOON + 1);
    expect(meter.amount).toBe(10);
    call(candidate, NOON + 20);
    expect(meter).toMatchObject({ amount: UNLIMITED, learned: undefined, limitProbe: undefined });
    const late = inferred(10);
    const began = Array.from({ length: 13 }, () => start(late.candidate, NOON + 5));
    late.meter.learn(10, "refusals", NOON + 6);
    for (const one of began) end(one, {}, NOON + 10);
    expect(late.meter.amount).toBe(10);
  });

  it("lets a little more through when a test is due and it is used up but for one", () => {
    const raised = (count: number, atMs: number, amount = 10): number => {
      const { candidate, meter } = inferred(amount);
      answer(candidate, count, atMs);
      return meter.amount;
    };
    expect([raised(9, DUE), raised(10, DUE - 10), raised(10, DUE)]).toEqual([10, 10, 12]);
    // A twentieth of 100, and one.
    expect(raised(100, DUE, 100)).toBe(106);
  });

  it("ends with an answer to the last call of a test, and keeps what is shown by one before", () => {
    const { candidate, meter } = inferred(100);
    answer(candidate, 103, DUE);
    expect(meter).toMatchObject({ amount: 106, limitProbe: { base: 103 } });
    answer(candidate, 2, DUE + 200);
    expect(meter).toMatchObject({ amount: 106, limitProbe: { base: 105 } });
    call(candidate, DUE + 300);
    expect(meter).toMatchObject({ amount: UNLIMITED, learned: undefined });
  });

  it("holds again when a test is refused; the next one comes after twice the time, at most 64 windows", () => {
    for (const [gap, next] of [
      [1, 2],
      [30, 60],
      [40, 64],
      [64, 64],
    ] as const) {
      const { candidate, meter } = inferred(10);
      meter.learn(12, "refusals", DUE);
      meter.limitProbe = { atMs: DUE, gapMs: gap * MINUTE_MS, base: 10 };
      answer(candidate, 10, DUE);
      refuse(candidate, DUE + 50);
      expect(meter).toMatchObject({
        amount: 10,
        learned: { from: "refusals" },
        limitProbe: { atMs: DUE + 50 + next * MINUTE_MS, gapMs: next * MINUTE_MS },
      });
      expect(meter.limitProbe).not.toHaveProperty("base");
      // Another refusal of the same burst is the same refusal.
      refuse(candidate, DUE + 60);
      expect(meter.limitProbe?.gapMs).toBe(next * MINUTE_MS);
    }
  });

  it("is tested as seldom by several gateways together as by one alone", () => {
    const { candidate, meter } = inferred(10, { shareFactor: 3 });
    meter.learn(12, "refusals", DUE);
    meter.limitProbe = { atMs: DUE, gapMs: 100 * MINUTE_MS, base: 10 };
    answer(candidate, 10, DUE);
    refuse(candidate, DUE + 50);
    expect(meter.limitProbe?.gapMs).toBe(3 * 64 * MINUTE_MS);
    const [shared] = candidatesWith([]);
    meterOf(shared, OF_A).shareFactor = 3;
    for (let window = 0; window < 3; window += 1) {
      answer(shared, 10, windowMs(window));
      refuse(shared, windowMs(window) + 20);
    }
    expect(meterOf(shared, OF_A).limitProbe).toEqual({
      atMs: windowMs(2) + 20 + 3 * MINUTE_MS,
      gapMs: 3 * MINUTE_MS,
    });
  });

  it("that an upstream states itself is neither raised nor ended by answers", () => {
    const { candidate, meter } = inferred(10);
    meter.learn(10, "header", NOON);
    answer(candidate, 15, DUE);
    expect(meter).toMatchObject({ amount: 10, learned: { from: "header" } });
  });

  it("is raised no further than the fragment states, and is that then", () => {
    const [candidate] = candidatesWith([{ ...stated, amount: 11 }]);
    const meter = meterOf(candidate, OF_A);
    meter.learn(10, "refusals", NOON);
    meter.limitProbe = { atMs: DUE, gapMs: MINUTE_MS };
    answer(candidate, 10, DUE);
    expect(meter).toMatchObject({ amount: 11, learned: undefined, limitProbe: undefined });
  });
});
