/** What a compilation finds, without the catalogue. */
import type { Compilation, CompileInput } from "./compile.ts";
import { kept } from "./kept.ts";

export type Verdict = Pick<Compilation, "passed" | "diagnostics" | "files" | "providerCount" | "modelCount">;

/** Never throws for anything under the root: whatever is wrong with it becomes a diagnostic. */
export function check(input: CompileInput): Promise<Verdict> {
  return kept("verdict", input, ({ passed, diagnostics, providerCount, modelCount }) => ({
    passed,
    diagnostics,
    providerCount,
    modelCount,
  }));
}
