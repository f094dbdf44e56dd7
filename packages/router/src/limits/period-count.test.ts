import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chargePeriod, newPeriodCount, PERIOD_MARGIN_MS, periodEndOf, usedInPeriod } from "./period-count.ts";

const MINUTE_MS = 60_000;
const NOON = Date.UTC(2026, 10, 21, 12);

describe("units since the last full minute", () => {
  it("are free again a margin after the next one, all at once", () => {
    const count = newPeriodCount(MINUTE_MS);
    chargePeriod(count, 3, NOON + 10_000, NOON + 10_000);
    chargePeriod(count, 4, NOON + 50_000, NOON + 50_000);
    expect(usedInPeriod(count, NOON + MINUTE_MS + PERIOD_MARGIN_MS - 1)).toBe(7);
    expect(usedInPeriod(count, NOON + MINUTE_MS + PERIOD_MARGIN_MS)).toBe(0);
  });

  it("count for both minutes where they were taken close to the boundary", () => {
    const count = newPeriodCount(MINUTE_MS);
    chargePeriod(count, 1, NOON + MINUTE_MS - PERIOD_MARGIN_MS, NOON + MINUTE_MS - PERIOD_MARGIN_MS);
    chargePeriod(count, 1, NOON + MINUTE_MS + 10, NOON + MINUTE_MS + 10);
    expect(usedInPeriod(count, NOON + MINUTE_MS + 10)).toBe(2);
    expect(usedInPeriod(count, NOON + MINUTE_MS + PERIOD_MARGIN_MS)).toBe(2);
    expect(usedInPeriod(count, NOON + 2 * MINUTE_MS + PERIOD_MARGIN_MS)).toBe(0);
  });

  it("are given back only while their minute lasts, and never below nothing", () => {
    const count = newPeriodCount(MINUTE_MS);
    chargePeriod(count, 2, NOON + 1_000, NOON + 1_000);
    chargePeriod(count, -1, NOON + 1_000, NOON + 2_000);
    expect(usedInPeriod(count, NOON + 2_000)).toBe(1);
    chargePeriod(count, 5, NOON + 90_000, NOON + 90_000);
    chargePeriod(count, -1, NOON + 1_000, NOON + 90_000);
    expect(usedInPeriod(count, NOON + 90_000)).toBe(5);
    chargePeriod(count, -9, NOON + 90_000, NOON + 91_000);
    expect(usedInPeriod(count, NOON + 91_000)).toBe(0);
  });

  it("are never fewer than what the upstream counts, whenever the calls come", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 40 }), (waits) => {
        const count = newPeriodCount(MINUTE_MS);
        const taken: number[] = [];
        let nowMs = NOON;
        for (const waitMs of waits) {
          nowMs += waitMs;
          const endsAtMs = periodEndOf(MINUTE_MS, nowMs);
          const from = endsAtMs - MINUTE_MS - PERIOD_MARGIN_MS;
          expect(usedInPeriod(count, nowMs)).toBeGreaterThanOrEqual(
            taken.filter((atMs) => atMs >= from).length,
          );
          chargePeriod(count, 1, nowMs, nowMs);
          taken.push(nowMs);
        }
      }),
    );
  });
});
