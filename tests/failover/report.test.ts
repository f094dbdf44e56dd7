import { describe, expect, it } from "vitest";
import { cellOf, meetsBar, sumsOf, tableOf } from "./report.ts";
import type { Result, SetupResult } from "./run.ts";
import type { Observed, Verdict } from "./scoring.ts";

const OBSERVED: Observed = {
  outcome: "answer",
  complete: true,
  words: 60,
  elapsedS: 3.14,
  hasUsage: true,
  fallbackModel: "steady",
  primaryAtS: [0, 2.04],
  fallbackAtS: [],
  primaryPromptTokens: [21, 21],
  prefillRefusals: 0,
};
const result = (id: string, verdict: Verdict, observed: Partial<Observed> = {}): Result => ({
  id,
  title: `title of ${id}`,
  verdict,
  reason: verdict === "pass" ? "" : `why ${id}`,
  checks: [],
  observed: { ...OBSERVED, ...observed },
  attempts: [],
});
const setup = (bar: number, ...verdicts: readonly Verdict[]): SetupResult => ({
  id: "custom",
  title: "two servers",
  bar,
  results: verdicts.map((verdict, index) => result(`S0${index + 1}`, verdict)),
});

describe("a cell", () => {
  it("has the verdict, the attempts, the gap and the seconds", () => {
    expect(cellOf(result("S01", "pass"))).toBe("pass    2p/0f, gap 2.0 s, 3.1 s");
    expect(cellOf(result("S02", "safe", { primaryAtS: [0], fallbackAtS: [1] }))).toBe("safe    1p/1f, 3.1 s");
  });

  it("of a sequence has what was answered in the outage, and when the primary was back", () => {
    const sequence = {
      requests: 20,
      hangs: 0,
      duringOutage: 15,
      answeredDuringOutage: 14,
      primaryAttemptsDuringOutage: 7,
    };
    expect(cellOf(result("S15", "fail", { sequence }))).toBe("fail    2p/0f, 14/15 in outage, never back");
    expect(cellOf(result("S15", "pass", { sequence: { ...sequence, recoveredAfterS: 8.2 } }))).toBe(
      "pass    2p/0f, 14/15 in outage, back after 8 s",
    );
  });
});

describe("a bar", () => {
  it("is met where no more scenarios miss than it leaves of all", () => {
    expect(meetsBar(setup(15, "pass", "partial"), 16)).toBe(true);
    expect(meetsBar(setup(15, "pass", "partial", "safe"), 16)).toBe(false);
    expect(meetsBar(setup(16, "pass", "pass"), 16)).toBe(true);
    expect(meetsBar(setup(16, "pass", "partial"), 16)).toBe(false);
  });
});

describe("a table", () => {
  it("has a row for each scenario, the sums, the bars, and why a scenario does not pass", () => {
    const made = setup(15, "pass", "fail");
    expect(sumsOf(made.results)).toEqual({ pass: 1, partial: 0, safe: 0, fail: 1 });
    const table = tableOf([made], 16);
    expect(table).toMatch(/^S01 title of S01 +pass {4}2p/m);
    expect(table).toMatch(/^sum +1 pass, 0 partial, 0 safe, 1 fail$/m);
    expect(table).toMatch(/^bar +15 of 16 pass: met$/m);
    expect(table).toContain("custom S02 fail: why S02");
    expect(table).not.toContain("custom S01");
  });
});
