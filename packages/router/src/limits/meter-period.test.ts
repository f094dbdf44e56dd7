/** A meter whose units come back with the full minute or hour: what it counts, what it lets through, and what outlives it. */
import { describe, expect, it } from "vitest";
import { Meter, type MeterSpec, readStored, shapeOf } from "./meter.ts";
import { SURE_OF_PERIOD } from "./period-reading.ts";

const NOON = Date.UTC(2026, 10, 21, 12);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Room for clocks that differ: a period begins here so much after the full minute. */
const MARGIN_MS = 250;
const NEXT = NOON + MINUTE_MS + MARGIN_MS;

const specOf = (more: Partial<MeterSpec> = {}): MeterSpec => {
  const limit = { unit: more.unit ?? "requests", window: more.window ?? "minute" } as const;
  return { id: "m", ...limit, ...shapeOf(limit), declared: 10, verified: true, ...more };
};
const meterOf = (more: Partial<MeterSpec> = {}): Meter => new Meter(specOf(more), () => {});
const byPeriod = (more: Partial<MeterSpec> = {}): Meter => {
  const meter = meterOf(more);
  meter.period?.prove();
  return meter;
};
const stored = (meter: Meter, nowMs: number) => {
  const found = readStored(meter.record(nowMs).data);
  if (found === undefined) throw new Error("nothing is stored");
  return found;
};

describe("a meter that counts by the full minute", () => {
  it("is full until the next one, and then has all its room at once", () => {
    const meter = byPeriod();
    meter.take(10, NOON + 50_000);
    expect(meter.opensAtMs(1, NOON + 50_000)).toBe(NEXT);
    expect(meter.opensAtMs(10, NOON + 50_000)).toBe(NEXT);
    expect(meter.opensAtMs(11, NOON + 50_000)).toBe(Number.POSITIVE_INFINITY);
    expect([meter.used(NEXT - 1), meter.fits(1, NEXT - 1)]).toEqual([10, false]);
    expect([meter.used(NEXT), meter.fits(10, NEXT), meter.fits(11, NEXT)]).toEqual([0, true, false]);
    // One by one they would come back a minute after they were taken.
    expect(meter.usedSliding(NEXT)).toBe(10);
    expect(meter.seenUse(NEXT)).toEqual({ used: 10, inPeriod: 0 });
  });

  it("counts what a call really used, in the minute in which it was taken", () => {
    const meter = byPeriod();
    meter.take(6, NOON + 10_000);
    meter.settle(6, 2, NOON + 10_000, NOON + 20_000);
    expect(meter.used(NOON + 20_000)).toBe(2);
    meter.take(6, NEXT);
    meter.settle(6, 6, NEXT, NEXT + 10);
    expect(meter.used(NEXT + 10)).toBe(6);
    const late = byPeriod();
    late.take(6, NOON + 10_000);
    late.take(3, NEXT);
    late.settle(6, 2, NOON + 10_000, NEXT + 10);
    expect(late.used(NEXT + 10)).toBe(3);
  });

  it("takes over what the provider states, where that is of this minute", () => {
    const meter = byPeriod();
    meter.take(3, NEXT);
    meter.setUsed(7, NEXT + 10);
    expect(meter.seenUse(NEXT + 10)).toEqual({ used: 7, inPeriod: 7 });
    meter.setUsed(9, NEXT + 20, NOON + 10_000);
    expect(meter.used(NEXT + 20)).toBe(7);
  });

  it("has no period where its units are known to come back one by one, or by the day", () => {
    for (const more of [
      { rolling: true as const },
      { window: "day" as const },
      { shape: { kind: "bucket" as const, windowMs: MINUTE_MS } },
      { unit: "concurrency" as const, shape: { kind: "concurrency" as const } },
    ]) {
      const meter = byPeriod(more);
      meter.take(4, NOON + 50_000);
      expect(meter.period).toBeUndefined();
      expect(meter.periodClaim(1, NOON + 50_000)).toEqual({});
      expect(meter.used(NOON + 50_000)).toBe(4);
      expect(meter.seenUse(NOON + 50_000)).toEqual({ used: 4, inPeriod: 4 });
    }
    expect(meterOf({ window: "hour" }).period?.test).toEqual({ score: 0, atMs: 0, gapMs: HOUR_MS });
  });
});

describe("room that only a new minute explains", () => {
  it("is early until the window would have it too", () => {
    const meter = byPeriod();
    meter.take(10, NOON + 50_000);
    const windowEndsMs = NOON + 50_000 + MINUTE_MS + MARGIN_MS;
    expect([NEXT, windowEndsMs - 1, windowEndsMs].map((at) => meter.isEarly(at))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("is none where the meter counts otherwise, or knows no limit", () => {
    const sliding = meterOf();
    sliding.take(10, NOON + 50_000);
    expect(sliding.isEarly(NEXT)).toBe(false);
    const { declared: _, ...unstated } = specOf();
    const endless = new Meter(unstated, () => {});
    endless.period?.prove();
    endless.take(1e9, NOON + 50_000);
    expect(endless.isEarly(NEXT)).toBe(false);
  });

  it("of calls is of one more, and of tokens of a twentieth of the limit", () => {
    const early = (unit: "requests" | "tokens", amount: number, used: number): boolean => {
      const meter = byPeriod({ unit, declared: amount });
      meter.take(used, NOON + 50_000);
      return meter.isEarly(NEXT);
    };
    expect([early("requests", 100, 99), early("requests", 100, 100)]).toEqual([false, true]);
    expect([early("tokens", 1_000, 950), early("tokens", 1_000, 951)]).toEqual([false, true]);
  });

  it("counts what the other gateways use in proportion", () => {
    const meter = byPeriod();
    meter.take(4, NOON + 50_000);
    expect([meter.usedByAll(NEXT), meter.isEarly(NEXT)]).toEqual([4, false]);
    meter.noteShared(12, NOON + 50_000);
    expect([meter.shareFactor, meter.usedByAll(NEXT), meter.isEarly(NEXT)]).toEqual([3, 12, true]);
    // The shared count may lag behind: then it is this gateway's own.
    meter.noteShared(2, NOON + 50_000);
    expect(meter.shareFactor).toBe(1);
    const unused = byPeriod();
    unused.noteShared(9, NOON);
    expect(unused.shareFactor).toBe(1);
  });
});

describe("a test of how units come back", () => {
  /** Full at the end of a minute: its window is over 10 s before the second full minute after that. */
  const full = (): Meter => {
    const meter = meterOf();
    meter.take(10, NOON + 50_000);
    return meter;
  };
  const DUE = NOON + 50_000 + MINUTE_MS;

  it("is due a window after the first call, in a minute that has room, and not where the meter is sure already", () => {
    const meter = full();
    expect([NEXT, DUE - 1, DUE].map((at) => meter.fits(1, at))).toEqual([false, false, true]);
    expect([meter.fits(10, DUE), meter.fits(11, DUE)]).toEqual([true, false]);
    meter.period?.tested(DUE);
    expect(meter.fits(1, DUE)).toBe(false);
    expect(meter.period?.test).toEqual({ score: 0, atMs: DUE + MINUTE_MS, gapMs: MINUTE_MS });
  });

  it("is put off by the call that makes it, and by no later one", () => {
    const meter = full();
    meter.take(0, NOON + 55_000);
    expect(meter.period?.test.atMs).toBe(DUE);
    const sure = full();
    sure.period?.prove();
    sure.period?.tested(NEXT);
    expect(sure.period?.test.atMs).toBe(DUE);
  });

  it("is claimed of shared limits, which know what the others took", () => {
    const meter = full();
    const startMs = (endsAtMs: number): number => endsAtMs - MINUTE_MS - 2 * MARGIN_MS;
    expect(meter.periodClaim(1, NEXT)).toEqual({ periodStartMs: startMs(NEXT + MINUTE_MS) });
    expect(meter.periodClaim(1, DUE)).toEqual({
      periodStartMs: startMs(NEXT + MINUTE_MS),
      byPeriod: true,
      endsAtMs: NEXT + MINUTE_MS,
    });
    expect(meter.periodClaim(11, DUE)).toEqual({ periodStartMs: startMs(NEXT + MINUTE_MS) });
    expect(byPeriod().periodClaim(1, NOON + 10_000)).toEqual({
      periodStartMs: startMs(NEXT),
      byPeriod: true,
      endsAtMs: NEXT,
    });
    // Without a limit there is nothing to test.
    const { declared: _, ...unstated } = specOf();
    const endless = new Meter(unstated, () => {});
    endless.take(5, NOON + 50_000);
    expect(endless.periodClaim(1, DUE)).toEqual({ periodStartMs: startMs(NEXT + MINUTE_MS) });
  });
});

describe("what outlives the process, the table and the clock", () => {
  it("is the count of the minute, as long as that lasts, and that the meter is sure of it", () => {
    const meter = byPeriod();
    meter.take(6, NOON + 10_000);
    const record = stored(meter, NOON + 20_000);
    const again = meterOf();
    again.restore(record, NOON + 30_000);
    expect([again.byPeriod, again.used(NOON + 30_000), again.period?.test.score]).toEqual([
      true,
      6,
      SURE_OF_PERIOD,
    ]);
    expect(again.used(NEXT)).toBe(0);
    const later = meterOf();
    later.restore(record, NEXT);
    expect(later.used(NEXT)).toBe(0);
  });

  it("is what was taken close to the full minute, which may count for the next one", () => {
    const meter = byPeriod();
    meter.take(2, NOON + 10_000);
    meter.take(3, NOON + MINUTE_MS);
    const again = meterOf();
    again.restore(stored(meter, NOON + MINUTE_MS), NOON + MINUTE_MS);
    expect([again.used(NOON + MINUTE_MS), again.used(NEXT)]).toEqual([5, 3]);
  });

  it("is no end later than that of the minute now: the clock may have been wrong when it was written", () => {
    const meter = byPeriod();
    meter.take(6, NOON + HOUR_MS + 5_000);
    const again = meterOf();
    again.restore(stored(meter, NOON + HOUR_MS + 5_000), NOON + 10_000);
    expect([again.used(NEXT - 1), again.used(NEXT)]).toEqual([6, 0]);
  });

  it("is nothing of periods where the meter has none, or was not sure", () => {
    const meter = byPeriod();
    meter.take(6, NOON + 10_000);
    const rolling = meterOf({ rolling: true });
    rolling.restore(stored(meter, NOON + 10_000), NOON + 10_000);
    expect(rolling.byPeriod).toBe(false);
    const unsure = meterOf();
    unsure.take(6, NOON + 10_000);
    expect(stored(unsure, NOON + 10_000)).not.toHaveProperty("period");
    expect(stored(unsure, NOON + 10_000)).not.toHaveProperty("byPeriod");
  });

  it("is that the meter counts by periods, where the count itself was not written", () => {
    const meter = meterOf();
    meter.restore({ spec: specOf(), counter: [], byPeriod: true }, NOON + 10_000);
    expect([meter.byPeriod, meter.used(NOON + 10_000)]).toEqual([true, 0]);
  });

  it("makes no test in the first window after a start", () => {
    const meter = meterOf();
    meter.restore(stored(meterOf(), NOON), NOON + 7_000);
    expect(meter.period?.test.atMs).toBe(NOON + 7_000 + MINUTE_MS);
    meter.restore(stored(meterOf(), NOON), NOON + 9_000);
    expect(meter.period?.test.atMs).toBe(NOON + 7_000 + MINUTE_MS);
  });

  it("goes on under a new table, with the tests and what was learned against the same figure", () => {
    const before = byPeriod();
    before.take(6, NOON + 10_000);
    before.learn(8, "header", NOON);
    before.limitProbe = { atMs: NOON + 5, gapMs: 9 };
    before.highest = { count: 7, atMs: NOON };
    Object.assign(before.period?.test ?? {}, { score: 2, gapMs: 4 * MINUTE_MS });
    const after = meterOf({ verified: false });
    after.continue(before);
    expect(after).toMatchObject({
      byPeriod: true,
      amount: 8,
      learned: { amount: 8, from: "header" },
      limitProbe: { atMs: NOON + 5, gapMs: 9 },
      highest: { count: 7, atMs: NOON },
      period: { test: { score: 2, gapMs: 4 * MINUTE_MS } },
      pending: 6,
    });
    expect([after.used(NOON + 20_000), after.used(NEXT)]).toEqual([6, 0]);
    const restated = meterOf({ declared: 20 });
    restated.continue(before);
    expect(restated).toMatchObject({ amount: 20, learned: undefined, limitProbe: undefined });
    const rolling = meterOf({ rolling: true });
    rolling.continue(before);
    expect([rolling.byPeriod, rolling.used(NEXT)]).toEqual([false, 6]);
  });

  it("moves with a clock that is set: the minute, the next test, and which figures are the latest", () => {
    const meter = byPeriod();
    meter.take(6, NOON + 10_000);
    meter.readOfMs = NOON + 10_000;
    meter.highest = { count: 6, atMs: NOON + 10_000 };
    meter.shift(7_000);
    expect(meter).toMatchObject({
      readOfMs: NOON + 17_000,
      highest: { count: 6, atMs: NOON + 17_000 },
      period: { test: { atMs: NOON + 17_000 + MINUTE_MS } },
    });
    expect([meter.used(NEXT + 6_999), meter.used(NEXT + 7_000)]).toEqual([6, 0]);
    const unused = meterOf();
    unused.shift(7_000);
    expect(unused).toMatchObject({ readOfMs: 0, period: { test: { atMs: 0 } } });
    unused.take(1, NOON);
    expect(unused.period?.test.atMs).toBe(NOON + MINUTE_MS);
  });
});
