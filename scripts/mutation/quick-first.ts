/**
 * The order of test files for a mutant: those named after the mutated file, then the quickest. The first failure ends the run,
 * and vitest's own order begins with the slowest.
 */
import { basename, dirname } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** How long a file takes with all its tests, in ms, as the first run shows; later runs take a part of them. */
const durationMs = new Map<string, number>();

export class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    for (const file of files) {
      const known = this.ctx.cache.getTestSpecificationResult(file)?.duration;
      if (known !== undefined && !durationMs.has(file.moduleId)) durationMs.set(file.moduleId, known);
    }
    const [mutated = ""] = this.ctx.config.related ?? [];
    const rank = ({ moduleId }: TestSpecification): number => (isNamedAfter(moduleId, mutated) ? 0 : 1);
    const takes = ({ moduleId }: TestSpecification): number => durationMs.get(moduleId) ?? 0;
    return files.toSorted((a, b) => rank(a) - rank(b) || takes(a) - takes(b));
  }
}

/** `a/plan.test.ts` and `a/plan-larger.test.ts` are named after `a/plan.ts`. */
function isNamedAfter(test: string, mutated: string): boolean {
  const stem = basename(mutated, ".ts");
  const name = basename(test);
  return (
    dirname(test) === dirname(mutated) && [`${stem}.`, `${stem}-`].some((begin) => name.startsWith(begin))
  );
}
