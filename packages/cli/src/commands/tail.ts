import { setTimeout as wait } from "node:timers/promises";
import type { UsageRecord } from "@headgate/contract";
import { type Command, InvalidArgumentError } from "commander";
import { type Cli, EXIT } from "../cli.ts";
import { envFileOption, jsonOption, rootOption, stateDirOption, urlOption } from "../options.ts";
import { tailLine } from "../records/tail-text.ts";
import { type GatewayWhere, runningGateway } from "../running-gateway.ts";

interface Options extends GatewayWhere {
  readonly json?: true;
  readonly once?: true;
}

const DEFAULT_LINES = 20;
const POLL_MS = 500;
/** Records of all workers arrive within a second or two; those that were printed are left out. */
const OVERLAP_MS = 10_000;
const MAX_AT_ONCE = 1_000;

export function registerTail(program: Command, cli: Cli): void {
  program
    .command("tail")
    .description("the latest requests of the running gateway, one line each, and new ones as they finish")
    .argument("[n]", "how many of the latest to print first", linesOf, DEFAULT_LINES)
    .option("--once", "print the latest and end")
    .addOption(urlOption())
    .addOption(envFileOption())
    .addOption(stateDirOption())
    .addOption(jsonOption())
    .addOption(rootOption())
    .addHelpText(
      "after",
      "\nYellow: moved on to another candidate. Red: failed. --json prints one record per line.",
    )
    .action(cli.run((lines: number, options: Options) => tail(cli, lines, options)));
}

async function tail(cli: Cli, lines: number, options: Options): Promise<number> {
  const gateway = runningGateway(cli, options);
  const fetchNewest = async (query: string): Promise<readonly UsageRecord[]> => {
    const answer = (await gateway.request("GET", `/admin/requests?${query}`)) as { requests: UsageRecord[] };
    return answer.requests.toReversed();
  };
  const printed = new Map<string, number>();
  const print = (records: readonly UsageRecord[]): void => {
    for (const record of records) {
      if (printed.has(record.uid)) continue;
      printed.set(record.uid, record.atMs + record.durationMs);
      cli.out(options.json === true ? JSON.stringify(record) : tailLine(record, cli.colour()));
    }
  };
  print(await fetchNewest(`limit=${lines}`));
  if (options.once === true) return EXIT.ok;
  let fromMs = Math.max(0, ...printed.values());
  for (;;) {
    await wait(POLL_MS);
    print(await fetchNewest(`limit=${MAX_AT_ONCE}&since=${Math.max(0, fromMs - OVERLAP_MS)}`));
    fromMs = Math.max(fromMs, ...printed.values());
    for (const [uid, endedMs] of printed) if (endedMs < fromMs - 2 * OVERLAP_MS) printed.delete(uid);
  }
}

function linesOf(text: string): number {
  const lines = Number(text);
  if (/^[0-9]{1,4}$/.test(text) && lines >= 1 && lines <= MAX_AT_ONCE) return lines;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_AT_ONCE}.`);
}
