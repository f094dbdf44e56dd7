/** Prints findings in the four formats. */

import { renderGithub, renderJson, renderPretty, renderSarif } from "@headgate/diagnostics";
import type { Cli } from "./cli.ts";
import type { Format } from "./formats.ts";
import type { Findings } from "./summarise.ts";

export { type Findings, summarise } from "./summarise.ts";

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
