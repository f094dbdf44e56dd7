import { describe, expect, it } from "vitest";
import { lastsUntilMs } from "./forecast.ts";
import { HOUR_MS, quotaMeter as meter, quotaSource as source } from "./quota.fixture.ts";
import { poolOf, secondAccount } from "./quota.ts";

const rate = (requests: number, tokens = 0) => ({ requests, tokens });
/** A step is ten minutes. */
const hours = (ms: number | null): number => (ms ?? Number.NaN) / HOUR_MS;

describe("a forecast", () => {
  it("ends when what is left is used up at the rate", () => {
    expect(lastsUntilMs([source(meter({ left: 20 }))], rate(10), 0)).toBe(2 * HOUR_MS);
    expect(
      lastsUntilMs([source(meter({ left: 20 })), source(meter({ id: "b", left: 10 }))], rate(10), 0),
    ).toBe(3 * HOUR_MS);
  });

  it("counts tokens as the requests of the last hours had them", () => {
    const tokens = meter({ id: "t", unit: "tokens", amount: 9_000, left: 3_000 });
    expect(lastsUntilMs([source(meter(), tokens)], rate(10, 1_000), 0)).toBe(3 * HOUR_MS);
  });

  it("goes on where a limit resets in time", () => {
    const soon = meter({ left: 20, resetsAtMs: HOUR_MS, amount: 1_000 });
    expect(lastsUntilMs([source(soon)], rate(10), 0)).toBeNull();
    const small = meter({ left: 20, resetsAtMs: HOUR_MS, amount: 30 });
    expect(lastsUntilMs([source(small)], rate(10), 0)).toBe(4 * HOUR_MS);
  });

  it("says nothing without requests, and where no source has a limit", () => {
    expect(lastsUntilMs([source(meter())], rate(0), 0)).toBeNull();
    expect(lastsUntilMs([source()], rate(100), 0)).toBeNull();
    // What a source without a known limit carries is not counted on.
    expect(hours(lastsUntilMs([source(meter({ left: 1 })), source()], rate(100), 0))).toBeCloseTo(0.01, 1);
    expect(lastsUntilMs([], rate(1), 5)).toBe(5);
  });

  it("moves with a second account, whose shared limits stay shared", () => {
    const shared = meter({ left: 20 });
    const sources = [source(shared), source(shared)];
    const more = [...sources, ...secondAccount(sources, "a")];
    expect(poolOf(more).requests).toBe(120);
    expect(lastsUntilMs(more, rate(10), 0)).toBe(12 * HOUR_MS);
    expect(secondAccount(sources, "b")).toEqual([]);
  });

  it("counts what comes back evenly, and each unit of a window one window after its use", () => {
    const bucket = meter({ returns: "bucket", amount: 240, left: 20 });
    // Ten an hour come back to 240 a day.
    expect(hours(lastsUntilMs([source(bucket)], rate(20), 0))).toBeCloseTo(2, 0);
    expect(lastsUntilMs([source(bucket)], rate(10), 0)).toBeNull();
    const returning = [{ atMs: HOUR_MS, units: 30 }];
    const window = meter({ returns: "window", left: 20, returning });
    expect(lastsUntilMs([source(window)], rate(10), 0)).toBe(5 * HOUR_MS);
    // Two an hour are 48 a day: what is used now is back when it is needed again.
    expect(lastsUntilMs([source(meter({ returns: "window", amount: 49, left: 49 }))], rate(2), 0)).toBeNull();
    expect(lastsUntilMs([source(meter({ returns: "window", amount: 40, left: 40 }))], rate(2), 0)).toBe(
      20 * HOUR_MS,
    );
  });

  it("bounds a source by its minute, which refills, and counts a shared minute once", () => {
    const paced = (id: string, perMinute: number) => ({
      provider: "b",
      meters: [],
      paces: [{ id, unit: "requests" as const, perMinute }],
    });
    expect(lastsUntilMs([paced("m", 1)], rate(60), 0)).toBeNull();
    expect(lastsUntilMs([paced("m", 1)], rate(62), 0)).toBeNull();
    expect(lastsUntilMs([paced("m", 1)], rate(120), 0)).toBe(360_000);
    expect(lastsUntilMs([paced("m", 1), paced("m", 1)], rate(120), 0)).toBe(360_000);
    expect(hours(lastsUntilMs([paced("m", 1), source(meter({ left: 80 }))], rate(100), 0))).toBeCloseTo(2, 0);
  });
});
