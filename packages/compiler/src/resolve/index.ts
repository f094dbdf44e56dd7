/** The resolve stage: what one environment switches on, and everything that is odd about it. */
import { createHash } from "node:crypto";
import {
  type Catalog,
  type Environment,
  type FoundModels,
  type Resolution,
  type RoutingTable,
  resolve,
} from "@headgate/contract";
import type { Diagnostic, SourceFile } from "@headgate/diagnostics";
import { EnvironmentReport } from "./env-report.ts";
import type { OddLine } from "./env-text.ts";
import { groupChains } from "./grouped.ts";
import { reportIssue, reportOddLine } from "./issues.ts";
import { reportOptions, reportStrangers } from "./variables.ts";

export interface ResolvedEnvironment {
  readonly resolution: Resolution;
  /** With its fingerprint. */
  readonly table: RoutingTable;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * @param envFile the .env file, for places and frames; absent when there is none
 * @param found what servers of the operator's own were found to have
 * @param odd what `oddLines` found in the file
 */
export function resolveEnvironment(
  catalog: Catalog,
  environment: Environment,
  envFile?: SourceFile,
  found: FoundModels = {},
  odd: readonly OddLine[] = [],
): ResolvedEnvironment {
  const resolution = resolve(catalog, environment.values, found);
  const report = new EnvironmentReport(envFile);
  for (const issue of groupChains(resolution.issues)) reportIssue(issue, report);
  for (const { name, winner } of environment.conflicts) {
    report.add("HG513", name, {
      message: `\`${name}\` is set in .env and in the shell, differently; ${winner === "file" ? ".env" : "the shell"} wins.`,
      fix:
        winner === "file" ? `Run \`unset ${name}\` in the shell.` : `Change or delete \`${name}\` in .env.`,
    });
  }
  for (const line of odd) reportOddLine(line, report);
  reportOptions(environment, report);
  reportStrangers(catalog, environment, report);
  return { resolution, table: fingerprinted(resolution.table), diagnostics: report.finish() };
}

function fingerprinted(table: RoutingTable): RoutingTable {
  const fingerprint = createHash("sha256").update(JSON.stringify(table)).digest("hex");
  return { ...table, fingerprint };
}
