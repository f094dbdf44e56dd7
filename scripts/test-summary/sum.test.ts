import { describe, expect, it } from "vitest";
import { printPart, sumParts } from "./sum.ts";

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
    expect(printPart({ folder: "tests" }, 1_000, 6)).toBe("tests   did not run to its end");
  });

  it("shows the seconds of each part, or that it comes from the cache", () => {
    expect(printPart({ folder: "packages/router", summary: router }, 1_000, 15)).toBe(
      "packages/router    2.5 s  50 passed, 0 failed, 4 skipped",
    );
    expect(printPart({ folder: "packages/state", summary: state }, 1_000, 15)).toBe(
      "packages/state    cached  9 passed, 1 failed, 0 skipped",
    );
  });
});
