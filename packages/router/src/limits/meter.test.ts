import type { Limit } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { Meter, type MeterSpec, readStored, shapeOf, WINDOW_MS } from "./meter.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const MINUTE_MS = 60_000;
const spec = (
  limit: Pick<Limit, "unit" | "window" | "reset">,
  declared: number | undefined = 10,
): MeterSpec => ({
  id: "m",
  unit: limit.unit,
  ...(limit.window === undefined ? {} : { window: limit.window }),
  ...shapeOf(limit),
  ...(declared === undefined ? {} : { declared }),
  verified: true,
});
const SLIDING = spec({ unit: "requests", window: "minute" });
const BUCKET = spec({ unit: "requests", window: "minute", reset: "bucket" });
const DAILY = spec({ unit: "requests", window: "day", reset: "00:00 America/Los_Angeles" });
const AT_ONCE = spec({ unit: "concurrency" });
const meterOf = (of: MeterSpec, onChange: (meter: Meter) => void = () => {}): Meter =>
  new Meter(of, onChange);

describe("the shape that a limit's reset means", () => {
  it.each<[Pick<Limit, "unit" | "window" | "reset">, Partial<MeterSpec>]>([
    [{ unit: "concurrency" }, { shape: { kind: "concurrency" } }],
    [{ unit: "concurrency", window: "minute" }, { shape: { kind: "concurrency" } }],
    [{ unit: "requests" }, { shape: { kind: "concurrency" } }],
    [
      { unit: "requests", window: "hour", reset: "bucket" },
      { shape: { kind: "bucket", windowMs: 3_600_000 } },
    ],
    [
      { unit: "requests", window: "day", reset: "00:00 Europe/Berlin" },
      { shape: { kind: "calendar" }, zone: "Europe/Berlin" },
    ],
    [
      { unit: "requests", window: "month", reset: "1st 00:00 UTC" },
      { shape: { kind: "calendar" }, zone: "UTC" },
    ],
    [
      { unit: "requests", window: "hour", reset: "00:00 UTC" },
      { shape: { kind: "sliding", windowMs: 3_600_000, slices: 240 } },
    ],
    [
      { unit: "requests", window: "day", reset: "some other time" },
      { shape: { kind: "sliding", windowMs: 86_400_000, slices: 288 } },
    ],
    [{ unit: "tokens", window: "minute" }, { shape: { kind: "sliding", windowMs: MINUTE_MS, slices: 240 } }],
    [
      { unit: "tokens", window: "month" },
      { shape: { kind: "sliding", windowMs: 30 * 86_400_000, slices: 720 } },
    ],
  ])("%j: %j", (limit, expected) => {
    expect(shapeOf(limit)).toStrictEqual(expected);
  });

  it("windows have these lengths", () => {
    expect(WINDOW_MS).toEqual({
      minute: 60_000,
      hour: 3_600_000,
      day: 86_400_000,
      month: 30 * 86_400_000,
    });
  });
});

describe("whether more fits", () => {
  it("goes by what is used and what is wanted, to the last unit", () => {
    const meter = meterOf(SLIDING);
    meter.take(7, NOW);
    expect([2, 3, 4].map((need) => meter.fits(need, NOW))).toEqual([true, true, false]);
    // Sums of fractions come out a little above.
    const fractions = meterOf({ ...SLIDING, unit: "usd", declared: 0.3 });
    fractions.take(0.1, NOW);
    expect(fractions.fits(0.2, NOW)).toBe(true);
  });

  it("is never in doubt where no limit is known", () => {
    const { declared: _, ...unstated } = SLIDING;
    const meter = meterOf(unstated);
    meter.take(1e9, NOW);
    expect(meter.fits(1e9, NOW)).toBe(true);
    expect(meter.opensAtMs(1e9, NOW)).toBe(NOW);
    expect(meter.amount).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([
    ["sliding", SLIDING, NOW + MINUTE_MS + 250],
    ["bucket", BUCKET, NOW + 6_000],
    ["calendar", DAILY, Date.UTC(2026, 10, 22, 8)],
    ["in flight", AT_ONCE, Number.POSITIVE_INFINITY],
  ] as const)("%s: says when it does", (_, of, opensAtMs) => {
    const meter = meterOf(of);
    meter.take(10, NOW);
    expect(meter.opensAtMs(1, NOW)).toBe(opensAtMs);
    // Asked again, and later, it says the same.
    expect(meter.opensAtMs(1, NOW + 1)).toBe(opensAtMs);
    if (opensAtMs === Number.POSITIVE_INFINITY) return;
    expect(meter.fits(1, opensAtMs - 1)).toBe(false);
    expect(meter.fits(1, opensAtMs)).toBe(true);
    expect(meter.opensAtMs(1, opensAtMs)).toBe(opensAtMs);
  });

  it("says never for more than the whole", () => {
    for (const of of [SLIDING, BUCKET, DAILY])
      expect(meterOf(of).opensAtMs(11, NOW)).toBe(Number.POSITIVE_INFINITY);
  });

  it("is found out anew when the question or the count has changed", () => {
    const meter = meterOf(SLIDING);
    meter.take(5, NOW);
    meter.take(5, NOW + 30_000);
    const soon = NOW + MINUTE_MS + 250;
    expect(meter.opensAtMs(5, NOW + 30_000)).toBe(soon);
    expect(meter.opensAtMs(6, NOW + 30_000)).toBe(soon + 30_000);
    meter.take(1, NOW + 30_000);
    expect(meter.opensAtMs(5, NOW + 30_000)).toBe(soon + 30_000);
    meter.settle(1, 0, NOW + 30_000, NOW + 30_000);
    expect(meter.opensAtMs(5, NOW + 30_000)).toBe(soon);
    meter.learn(9, "header", NOW + 30_000);
    expect(meter.opensAtMs(5, NOW + 30_000)).toBe(soon + 30_000);
    meter.unlearn();
    expect(meter.opensAtMs(5, NOW + 30_000)).toBe(soon);
    meter.setUsed(0, NOW + 30_000);
    expect(meter.opensAtMs(5, NOW + 30_000)).toBe(NOW + 30_000);
  });
});

describe("what an attempt took", () => {
  it("is corrected to what it used, up or down, and is pending until then", () => {
    const meter = meterOf(SLIDING);
    meter.take(4, NOW);
    meter.take(2, NOW);
    expect(meter.pending).toBe(6);
    meter.settle(4, 1, NOW, NOW + 1_000);
    expect([meter.pending, meter.used(NOW + 1_000)]).toEqual([2, 3]);
    meter.settle(2, 5, NOW, NOW + 1_000);
    expect([meter.pending, meter.used(NOW + 1_000)]).toEqual([0, 6]);
    meter.settle(3, 3, NOW, NOW + 1_000);
    expect([meter.pending, meter.used(NOW + 1_000)]).toEqual([0, 6]);
  });

  it("comes back whole in flight, whatever it used", () => {
    const meter = meterOf(AT_ONCE);
    meter.take(1, NOW);
    meter.take(1, NOW);
    meter.settle(1, 1, NOW, NOW + 1);
    expect([meter.used(NOW + 1), meter.pending]).toEqual([1, 1]);
  });

  it("is remembered for a while, from the first time that somebody asks", () => {
    const meter = meterOf(SLIDING);
    meter.take(2, NOW);
    // Nothing was noted yet: all that is under way may be meant.
    expect(meter.takenSince(NOW)).toBe(2);
    meter.take(3, NOW + 10);
    meter.take(4, NOW + 20);
    expect([NOW, NOW + 9, NOW + 10, NOW + 19, NOW + 20].map((at) => meter.takenSince(at))).toEqual([
      7, 7, 4, 4, 0,
    ]);
    for (let count = 0; count < 64; count += 1) meter.take(1, NOW + 30);
    expect(meter.takenSince(NOW)).toBe(64);
  });
});

describe("what is learned of a limit", () => {
  it("holds at once and says where it is from, and what equals the stated figure is nothing learned", () => {
    const meter = meterOf(SLIDING);
    meter.learn(20, "header", NOW);
    expect(meter).toMatchObject({ amount: 20, learned: { amount: 20, from: "header", atMs: NOW } });
    meter.learn(10, "message", NOW);
    expect(meter.amount).toBe(10);
    expect(meter.learned).toBeUndefined();
  });

  it("is gone when it turns out to be another meter's", () => {
    const meter = meterOf(SLIDING);
    meter.learn(5, "refusals", NOW);
    meter.limitProbe = { atMs: NOW, gapMs: 1 };
    meter.unlearn();
    expect(meter).toMatchObject({ amount: 10, learned: undefined, limitProbe: undefined });
  });

  it("of how a window comes back leaves what is used as it was", () => {
    const meter = meterOf(SLIDING);
    meter.take(6, NOW);
    meter.reshape({ kind: "bucket", windowMs: MINUTE_MS }, NOW);
    expect(meter.spec.shape.kind).toBe("bucket");
    expect(meter.used(NOW)).toBe(6);
    expect(meter.used(NOW + 6_000)).toBe(5);
  });

  it("of what is used is as old as the answer that it came with, where it comes back without a pause", () => {
    const bucket = meterOf(BUCKET);
    bucket.setUsed(6, NOW, NOW - 6_000);
    expect(bucket.used(NOW)).toBe(5);
    const sliding = meterOf(SLIDING);
    sliding.setUsed(6, NOW, NOW - 6_000);
    expect(sliding.used(NOW + 59_000)).toBe(6);
    bucket.setUsed(6, NOW);
    expect(bucket.used(NOW)).toBe(6);
  });
});

describe("the end of a calendar period", () => {
  it("is its zone's next midnight, or the first of its next month, and UTC's where no zone is stated", () => {
    expect(meterOf(DAILY).endsAtMs(NOW)).toBe(Date.UTC(2026, 10, 22, 8));
    const monthly = spec({ unit: "requests", window: "month", reset: "1st 00:00 America/Los_Angeles" });
    expect(meterOf(monthly).endsAtMs(NOW)).toBe(Date.UTC(2026, 11, 1, 8));
    const { zone: _, ...utc } = DAILY;
    expect(meterOf(utc).endsAtMs(NOW)).toBe(Date.UTC(2026, 10, 22));
  });
});

describe("a meter and its store", () => {
  it("is told of a change once until it is written", () => {
    const told: Meter[] = [];
    const meter = meterOf(SLIDING, (changed) => told.push(changed));
    meter.take(1, NOW);
    meter.setUsed(3, NOW);
    meter.learn(9, "header", NOW);
    expect(told).toEqual([meter]);
    meter.record(NOW);
    meter.settle(1, 1, NOW, NOW);
    expect(told).toHaveLength(1);
    for (const change of [
      () => meter.settle(1, 2, NOW, NOW),
      () => meter.learn(8, "header", NOW),
      () => meter.unlearn(),
      () => meter.reshape({ kind: "bucket", windowMs: MINUTE_MS }, NOW),
      () => meter.setUsed(1, NOW),
    ]) {
      const before = told.length;
      change();
      expect(told).toHaveLength(before + 1);
      meter.record(NOW);
    }
  });

  it("is told nothing of what is in flight: it ends with the process", () => {
    const told: Meter[] = [];
    meterOf(AT_ONCE, (changed) => told.push(changed)).take(1, NOW);
    expect(told).toEqual([]);
  });

  it.each([
    ["sliding", SLIDING],
    ["bucket", BUCKET],
    ["calendar", DAILY],
  ] as const)("%s: comes back as it was, with what it learned", (_, of) => {
    const meter = meterOf(of);
    meter.take(4, NOW);
    meter.learn(7, "refusals", NOW);
    meter.limitProbe = { atMs: NOW + 5, gapMs: 9, base: 6 };
    const stored = readStored(meter.record(NOW).data);
    if (stored === undefined) throw new Error("nothing is stored");
    const again = meterOf(of);
    again.restore(stored, NOW);
    expect(again.used(NOW)).toBe(4);
    expect(again).toMatchObject({ amount: 7, learned: meter.learned, limitProbe: meter.limitProbe });
    expect(meter.record(NOW).id).toBe("m");
  });

  it("that learned nothing stores nothing of it, and unlearns nothing", () => {
    const meter = meterOf(SLIDING);
    meter.take(1, NOW);
    const stored = readStored(meter.record(NOW).data);
    expect(Object.keys(stored ?? {}).sort()).toEqual(["counter", "spec"]);
    const again = meterOf(SLIDING);
    if (stored !== undefined) again.restore(stored, NOW);
    expect(again).toMatchObject({ amount: 10, learned: undefined, limitProbe: undefined });
  });

  it("counts what it did under another figure, but does not keep what was learned against that", () => {
    const meter = meterOf(SLIDING);
    meter.take(4, NOW);
    meter.learn(7, "header", NOW);
    const stored = readStored(meter.record(NOW).data);
    if (stored === undefined) throw new Error("nothing is stored");
    const restated = meterOf({ ...SLIDING, declared: 50 });
    restated.restore(stored, NOW);
    expect(restated).toMatchObject({ amount: 50, learned: undefined });
    expect(restated.used(NOW)).toBe(4);
    const reshaped = meterOf(BUCKET);
    reshaped.restore(stored, NOW);
    expect(reshaped.used(NOW)).toBe(0);
  });

  it.each([
    "",
    "null",
    "7",
    "{}",
    '{"spec":{}}',
    '{"spec":{"id":7,"shape":{"kind":"bucket"}},"counter":[]}',
    '{"spec":{"id":"m"},"counter":[]}',
    '{"spec":{"id":"m","shape":{}},"counter":[]}',
    '{"spec":{"id":"m","shape":{"kind":"bucket"}}}',
    '{"spec":{"id":"m","shape":{"kind":"bucket"}},"counter":[1,null]}',
    '{"spec":{"id":"m","shape":{"kind":"bucket"}},"counter":{}}',
  ])("takes nothing over from what no version wrote: %s", (data) => {
    expect(readStored(data)).toBeUndefined();
  });

  it.each([-5, 5, 0.25])(
    "comes back in what was left of its day when the clock is set by %d days",
    (days) => {
      const deltaMs = days * 86_400_000;
      const meter = meterOf({ ...DAILY, zone: "UTC" });
      meter.take(10, NOW);
      meter.shift(deltaMs);
      const opensAtMs = Math.min(NOW + 12 * 3_600_000, meter.endsAtMs(NOW + deltaMs) - deltaMs) + deltaMs;
      expect(meter.opensAtMs(1, NOW + deltaMs)).toBe(opensAtMs);
      expect(meter.used(opensAtMs)).toBe(0);
    },
  );

  it("counts as changed when the clock is set, so that a store holds no moment of the old clock", () => {
    const changed: Meter[] = [];
    const meter = meterOf(SLIDING, (one) => changed.push(one));
    meter.take(3, NOW);
    meter.record(NOW);
    meter.shift(86_400_000);
    expect(changed).toEqual([meter, meter]);
    const later = meterOf(SLIDING);
    const stored = readStored(meter.record(NOW + 86_400_000).data);
    if (stored !== undefined) later.restore(stored, NOW + 86_400_000);
    expect(later.used(NOW + 86_400_000)).toBe(3);
  });

  it("knows what was taken since a call, also when the clock was set meanwhile", () => {
    const meter = meterOf(SLIDING);
    meter.takenSince(NOW);
    meter.take(2, NOW + 5);
    meter.shift(86_400_000);
    expect(meter.takenSince(NOW + 86_400_000)).toBe(2);
    expect(meter.takenSince(NOW + 86_400_005)).toBe(0);
  });

  it("moves with the clock when that is set, its probe too", () => {
    const meter = meterOf(SLIDING);
    meter.take(10, NOW);
    meter.limitProbe = { atMs: NOW + 5, gapMs: 9 };
    expect(meter.opensAtMs(1, NOW)).toBe(NOW + MINUTE_MS + 250);
    meter.shift(3_600_000);
    expect(meter.opensAtMs(1, NOW + 3_600_000)).toBe(NOW + 3_600_000 + MINUTE_MS + 250);
    expect(meter.limitProbe).toEqual({ atMs: NOW + 3_600_005, gapMs: 9 });
  });
});
