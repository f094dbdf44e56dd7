import { present, USAGE_GROUPS, type UsageGroup } from "@headgate/contract";
import { type Command, Option } from "commander";
import { type Cli, EXIT } from "../cli.ts";
import { envFileOption, jsonOption, rootOption, stateDirOption, urlOption } from "../options.ts";
import { sinceMsOf } from "../records/since.ts";
import { type UsageAnswer, usageText } from "../records/usage-text.ts";
import { askOrRead } from "../records/where.ts";
import type { GatewayWhere } from "../running-gateway.ts";

interface Options extends GatewayWhere {
  readonly json?: true;
  readonly by?: UsageGroup;
  readonly since: string;
}

export function registerUsage(program: Command, cli: Cli): void {
  program
    .command("usage")
    .description("requests, success, tokens, speed and cost over a period")
    .addOption(new Option("--by <what>", "one row for each").choices([...USAGE_GROUPS]))
    .option("--since <period>", "30m, 24h, 7d or a date", "7d")
    .addOption(urlOption())
    .addOption(envFileOption())
    .addOption(stateDirOption())
    .addOption(jsonOption())
    .addOption(rootOption())
    .addHelpText(
      "after",
      `
From the running gateway, else from the records in the state directory. AS ASKED is what the same tokens cost at the list price
of the models that were asked for. A model is the name that the client sent; a provider counts its own attempts' tokens.

  $ headgate usage --by provider --since 24h`,
    )
    .action(cli.run((options: Options) => usage(cli, options)));
}

async function usage(cli: Cli, options: Options): Promise<number> {
  const { by } = options;
  const untilMs = cli.nowMs() + 1;
  const sinceMs = sinceMsOf(options.since, untilMs - 1);
  const query = new URLSearchParams({ since: String(sinceMs), ...present({ by }) });
  const answer = await askOrRead<UsageAnswer>(cli, options, `/admin/usage?${query}`, async (records) => {
    const rows = await records.usage({ ...present({ by }), sinceMs, untilMs });
    const [total] = by === undefined ? rows : await records.usage({ sinceMs, untilMs });
    return {
      since: new Date(sinceMs).toISOString(),
      until: new Date(untilMs).toISOString(),
      by: by ?? null,
      rows,
      total: total ?? null,
    };
  });
  cli.out(options.json === true ? JSON.stringify(answer, null, 2) : usageText(answer));
  return EXIT.ok;
}
