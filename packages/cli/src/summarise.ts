import type { Diagnostic, SourceFile } from "@headgate/diagnostics";
import { summary } from "@headgate/diagnostics/summary";
import { count } from "./cli.ts";

export interface Findings {
  readonly diagnostics: readonly Diagnostic[];
  /** The sources of the code frames. */
  readonly files: readonly SourceFile[];
}

export const summarise = (findings: Findings, providers: number, models: number): string =>
  `${summary(findings.diagnostics, findings.files.length)} (${count(providers, "provider")}, ${count(models, "model")})`;
