/** The routing table of the current .env and fragments, built in a child process so that this one stays small. */
import { spawn } from "node:child_process";
import { ROUTING_FORMAT, type RoutingTable } from "@headgate/contract";
import { Failure } from "../cli.ts";
import { type EnvFile, readValues } from "../environment.ts";
import { ENTRY } from "../place.ts";

export interface TableSource {
  readonly cwd: string;
  /** The value of `--root`; undefined: the child finds the same folder from `cwd`, and .env beside it. */
  readonly root: string | undefined;
  /** Undefined: the default .env, which may be missing. */
  readonly envFile: string | undefined;
  /** Holds what servers of one's own were found to have. */
  readonly stateDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether findings are coloured. */
  readonly colour: boolean;
}

export type BuildTable = () => Promise<RoutingTable | undefined>;

/**
 * Compiles; findings go to stderr, and those of an earlier run are not repeated while the table has no errors. The child
 * hands the table over through its stdout: a file could be another gateway's.
 * @returns a function whose promise is undefined where the catalogue or .env has errors
 */
export function tableBuilder(source: TableSource, show: (text: string) => void): BuildTable {
  let shown = "";
  return () =>
    buildTable(source, (findings, failed) => {
      if (findings !== "" && (failed || findings !== shown)) show(findings);
      shown = findings;
    });
}

function buildTable(
  source: TableSource,
  report: (findings: string, failed: boolean) => void,
): Promise<RoutingTable | undefined> {
  const args = ["--", ENTRY, "build", "--quiet", "--out", "-"];
  if (source.root !== undefined) args.push("--root", source.root);
  if (source.envFile !== undefined) args.push("--env-file", source.envFile);
  args.push("--state-dir", source.stateDir);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: source.cwd,
      env: { ...source.env, ...(source.colour ? { FORCE_COLOR: "1" } : {}) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    let findings = "";
    child.stderr.setEncoding("utf8").on("data", (part: string) => {
      findings += part;
    });
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    child.on("error", (error) => reject(new Failure(`the compiler could not be started: ${error.message}`)));
    child.on("close", (code) => {
      report(findings, code !== 0);
      if (code !== 0) return resolve(undefined);
      try {
        resolve(parseTable(text));
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** @throws {Failure} where an upgrade replaced the compiler while an older gateway runs */
function parseTable(text: string): RoutingTable {
  let table: RoutingTable;
  try {
    table = JSON.parse(text) as RoutingTable;
  } catch (error) {
    throw new Failure(
      `the compiler's table cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (table.format !== ROUTING_FORMAT) {
    throw new Failure(
      `the compiler's table has format ${String(table.format)}, and this gateway reads format ${ROUTING_FORMAT}; restart the gateway`,
    );
  }
  return table;
}

/** The values of the table's key variables, by the rules that resolved the table. */
export function readSecrets(
  table: RoutingTable,
  file: EnvFile,
  shell: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const names = new Set(table.providers.flatMap((provider) => provider.keyVars));
  return readValues(file, shell, names);
}
