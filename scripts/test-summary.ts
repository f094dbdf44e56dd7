/**
 * A vitest reporter: the count of tests as one plain line on stdout. A part of the suite (`vitest run --dir …`) also
 * leaves it in `.build/test-summary.json` of its folder, for the sum over all parts.
 * A run without a single test fails, so that a misplaced pattern cannot look like success.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Reporter, Vitest } from "vitest/node";
import { type Counts, type PartSummary, printCounts, SUMMARY_FILE } from "./test-summary/sum.ts";

type ReportedModule = Parameters<NonNullable<Reporter["onTestRunEnd"]>>[0][number];

/** A file that could not be loaded has no tests to count, so it counts as one failure itself. */
export function countTests(modules: readonly ReportedModule[], unhandledErrors: number): Counts {
  const counts = { passed: 0, failed: unhandledErrors, skipped: 0 };
  for (const module of modules) {
    const failedBefore = counts.failed;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      // A test that never ran to its end (the run was interrupted) has not passed.
      counts[state === "pending" ? "failed" : state] += 1;
    }
    if (module.state() === "failed" && counts.failed === failedBefore) counts.failed += 1;
  }
  return counts;
}

export default class TestSummary implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
    if (process.env.TURBO_HASH !== undefined && process.env.HEADGATE_TEST_TOOLS === undefined) {
      // turbo would cache a test that is skipped here as one that passed.
      throw new Error("turbo does not know which programs the tests find: use make test or scripts/turbo.ts");
    }
  }

  onTestRunEnd(modules: readonly ReportedModule[], unhandledErrors: readonly unknown[]): void {
    const counts = countTests(modules, unhandledErrors.length);
    const folder = this.#vitest?.config.dir;
    if (folder !== undefined) {
      // performance.now() counts from the start of this process, so loading vitest is part of the time.
      const summary: PartSummary = {
        ...counts,
        wallMs: Math.round(performance.now()),
        endedAtMs: Date.now(),
      };
      const path = join(resolve(folder), SUMMARY_FILE);
      mkdirSync(join(path, ".."), { recursive: true });
      writeFileSync(path, `${JSON.stringify(summary)}\n`);
    }
    if (counts.passed + counts.failed === 0) {
      console.error("no test ran");
      process.exitCode = 1;
    }
    console.log(printCounts(counts));
  }
}
