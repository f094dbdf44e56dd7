import { describe, expect, it } from "vitest";
import { isZone, periodEdges, type Step } from "./periods.ts";

const iso = (edges: readonly number[]): string[] =>
  edges.map((ms) => new Date(ms).toISOString().slice(0, 16));
const edges = (since: string, until: string, step: Step, zone: string) =>
  periodEdges({ sinceMs: Date.parse(since), untilMs: Date.parse(until), step, zone });

describe("periods", () => {
  it("begin at the hours and days of the zone, half hours apart from UTC too", () => {
    expect(iso(edges("2026-11-30T20:07:00Z", "2026-11-30T22:00:00Z", "hour", "Asia/Kolkata"))).toEqual([
      "2026-11-30T20:00",
      "2026-11-30T20:30",
      "2026-11-30T21:30",
      "2026-11-30T22:00",
    ]);
    expect(iso(edges("2026-11-29T00:00:00Z", "2026-12-01T00:00:00Z", "day", "Asia/Kolkata"))).toEqual([
      "2026-11-29T00:00",
      "2026-11-29T18:30",
      "2026-11-30T18:30",
      "2026-12-01T00:00",
    ]);
  });

  it("count 25 hours on the day on which the clock goes back, and 23 where it goes forward", () => {
    // Berlin: 2026-10-25 and 2026-03-29.
    const back = edges("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", "hour", "Europe/Berlin");
    expect(back).toHaveLength(26);
    const forward = edges("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "hour", "Europe/Berlin");
    expect(forward).toHaveLength(24);
    const days = edges("2026-10-24T22:00:00Z", "2026-10-26T23:00:00Z", "day", "Europe/Berlin");
    expect(iso(days)).toEqual(["2026-10-24T22:00", "2026-10-25T23:00", "2026-10-26T23:00"]);
  });

  it("are whole minutes and quarters, rounded outwards", () => {
    expect(iso(edges("2026-12-01T10:00:30Z", "2026-12-01T10:02:10Z", "minute", "UTC"))).toEqual([
      "2026-12-01T10:00",
      "2026-12-01T10:01",
      "2026-12-01T10:02",
      "2026-12-01T10:03",
    ]);
    expect(edges("2026-12-01T10:10:00Z", "2026-12-01T10:50:00Z", "quarter", "UTC")).toHaveLength(5);
  });

  it("know a zone from a text that is none", () => {
    expect([isZone("Asia/Kolkata"), isZone("Mars/Base")]).toEqual([true, false]);
  });
});
