import type { Diagnostic } from "../diagnostic.ts";

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;

/** `3 errors, 1 warning in 17 files`; `no problems in 17 files` when there is none. */
export function summary(diagnostics: readonly Diagnostic[], fileCount: number): string {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error").length;
  const warnings = diagnostics.length - errors;
  const parts: string[] = [];
  if (errors > 0) parts.push(count(errors, "error"));
  if (warnings > 0) parts.push(count(warnings, "warning"));
  return `${parts.length === 0 ? "no problems" : parts.join(", ")} in ${count(fileCount, "file")}`;
}
