import { describe, expect, it } from "vitest";
import { printParts, sumParts } from "./sum.ts";

const router = { passed: 50, failed: 0, skipped: 4, wallMs: 2_460, endedAtMs: 2_000 };
const state = { passed: 9, failed: 1, skipped: 0, wallMs: 900, endedAtMs: 500 };

describe("the sum of tests", () => {
  it("adds up all parts, those from the cache included", () => {
    const parts = [
      { folder: "packages/router", summary: router },
      { folder: "packages/state", summary: state },
    ];
    expect(sumParts(parts)).toEqual({ passed: 59, failed: 1, skipped: 4 });
  });

  it("counts a part that did not run to its end as a failure", () => {
    const parts = [{ folder: "packages/router", summary: router }, { folder: "tests" }];
    expect(sumParts(parts)).toEqual({ passed: 50, failed: 1, skipped: 4 });
    expect(printParts(parts, 1_000)).toContain("tests            did not run to its end");
  });

  it("shows the seconds of each part, or that it comes from the cache", () => {
    const parts = [
      { folder: "packages/router", summary: router },
      { folder: "packages/state", summary: state },
    ];
    expect(printParts(parts, 1_000)).toBe(
      [
        "packages/router    2.5 s  50 passed, 0 failed, 4 skipped",
        "packages/state    cached  9 passed, 1 failed, 0 skipped",
      ].join("\n"),
    );
  });
});
