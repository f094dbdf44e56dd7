/** Prints findings in the four formats. */

import {
  type Diagnostic,
  renderGithub,
  renderJson,
  renderPretty,
  renderSarif,
  type SourceFile,
  summary,
} from "@headgate/diagnostics";
import { type Cli, count } from "./cli.ts";

export const FORMATS = ["pretty", "json", "github", "sarif"] as const;
export type Format = (typeof FORMATS)[number];

export interface Findings {
  readonly diagnostics: readonly Diagnostic[];
  /** The sources of the code frames. */
  readonly files: readonly SourceFile[];
}

/**
 * Prints findings. For `json` and `sarif` stdout holds the document alone; `pretty` and `github` end with a summary.
 * @param aside pretty findings go to stderr, because stdout carries another result
 */
export function report(cli: Cli, format: Format, findings: Findings, aside = false): void {
  const { diagnostics, files } = findings;
  const write = aside && format === "pretty" ? cli.err : cli.out;
  const colour = aside ? cli.colourErrors() : cli.colour();
  if (format === "json") cli.out(renderJson(diagnostics));
  else if (format === "sarif") cli.out(renderSarif(diagnostics, cli.version));
  else if (format === "github") cli.out(renderGithub(diagnostics));
  else if (diagnostics.length > 0) write(`${renderPretty(diagnostics, { files, colour })}\n\n`);
}

export const summarise = (findings: Findings, providers: number, models: number): string =>
  `${summary(findings.diagnostics, findings.files.length)} (${count(providers, "provider")}, ${count(models, "model")})`;
