import { describe, expect, it } from "vitest";
import { countTests } from "./test-summary.ts";

type ReportedModule = Parameters<typeof countTests>[0][number];

/** Only the fields that the count reads; the runner's own objects cannot be made by hand. */
const moduleOf = (state: string, tests: string[]): ReportedModule =>
  ({
    state: () => state,
    children: { allTests: () => tests.map((test) => ({ result: () => ({ state: test }) })) },
  }) as unknown as ReportedModule;

describe("the count of tests", () => {
  it("adds up what each file reports", () => {
    const modules = [
      moduleOf("passed", ["passed", "skipped", "passed"]),
      moduleOf("failed", ["failed", "passed"]),
    ];
    expect(countTests(modules, 0)).toEqual({ passed: 3, failed: 1, skipped: 1 });
  });

  it("counts a file that could not be loaded, and an error outside any test, as failures", () => {
    expect(countTests([moduleOf("failed", [])], 2)).toEqual({ passed: 0, failed: 3, skipped: 0 });
  });

  it("does not count a test that never ended as passed", () => {
    expect(countTests([moduleOf("passed", ["pending"])], 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});
