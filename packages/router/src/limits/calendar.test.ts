import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { type Period, periodEndMs } from "./calendar.ts";

const ZONES = [
  "UTC",
  "America/Los_Angeles",
  "Europe/Berlin",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Pacific/Auckland",
  // Midnight itself is skipped there when summer time begins.
  "America/Santiago",
  "Africa/Cairo",
];
const HOUR_MS = 3_600_000;

const dateIn = (zone: string, atMs: number): string =>
  new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" }).format(atMs);

describe("the end of a period", () => {
  it.each([
    ["day", "UTC", "2026-12-31T23:59:59.999Z", "2027-01-01T00:00:00Z"],
    ["day", "UTC", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"],
    ["month", "UTC", "2028-02-10T00:00:00Z", "2028-03-01T00:00:00Z"],
    ["month", "UTC", "2026-12-15T00:00:00Z", "2027-01-01T00:00:00Z"],
    // Summer time begins on 8 March 2026 and ends on 1 November in Los Angeles: days of 23 and of 25 hours.
    ["day", "America/Los_Angeles", "2026-03-08T08:00:00Z", "2026-03-09T07:00:00Z"],
    ["day", "America/Los_Angeles", "2026-11-01T07:00:00Z", "2026-11-02T08:00:00Z"],
    ["month", "Europe/Berlin", "2026-10-01T00:00:00Z", "2026-10-31T23:00:00Z"],
    ["day", "Europe/Berlin", "2026-03-29T00:30:00Z", "2026-03-29T22:00:00Z"],
    // 6 September 2026 begins at 01:00 in Santiago.
    ["day", "America/Santiago", "2026-09-05T12:00:00Z", "2026-09-06T04:00:00Z"],
  ] as const)("%s in %s after %s is %s", (period, zone, now, end) => {
    expect(new Date(periodEndMs(period, zone, Date.parse(now))).toISOString()).toBe(
      new Date(end).toISOString(),
    );
  });

  it("makes one format for each zone, and none for UTC: a format costs more than all the rest", () => {
    const made = vi.spyOn(Intl, "DateTimeFormat");
    const nowMs = Date.UTC(2026, 10, 21);
    for (const zone of ["UTC", "Asia/Tokyo", "Asia/Tokyo", "Asia/Seoul", "Asia/Tokyo"])
      for (const period of ["day", "month"] as const) periodEndMs(period, zone, nowMs);
    expect(made.mock.calls.map(([, options]) => options?.timeZone)).toEqual(["Asia/Tokyo", "Asia/Seoul"]);
    made.mockRestore();
  });

  it("is that of the moment asked for, whatever was asked before: earlier, later, or in the same period", () => {
    const zone = "Europe/Berlin";
    const ends = [12, 20, 36, 22.9, 23, 11, -3, 12].map((hour) =>
      periodEndMs("day", zone, Date.UTC(2026, 10, 21) + hour * HOUR_MS),
    );
    const midnightMs = (days: number): number => Date.UTC(2026, 10, 20 + days, 23);
    expect(ends).toEqual([1, 1, 2, 1, 2, 1, 0, 1].map(midnightMs));
  });

  it("is the first moment that shows another date, in every zone, clocks changed or not", () => {
    const moment = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2029, 0, 1) });
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.constantFrom<Period>("day", "month"),
        moment,
        (zone, period, nowMs) => {
          const part = (atMs: number): string => dateIn(zone, atMs).slice(0, period === "day" ? 10 : 7);
          const endMs = periodEndMs(period, zone, nowMs);
          expect(endMs).toBeGreaterThan(nowMs);
          expect(part(endMs)).not.toBe(part(nowMs));
          expect(part(endMs - 1)).toBe(part(nowMs));
          const longest = period === "day" ? 25 : 31 * 24 + 1;
          expect(endMs - nowMs).toBeLessThanOrEqual(longest * HOUR_MS);
        },
      ),
      { numRuns: 300 },
    );
  });
});
