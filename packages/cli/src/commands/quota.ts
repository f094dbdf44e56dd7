import type { Command } from "commander";
import { type Cli, EXIT } from "../cli.ts";
import { envFileOption, jsonOption, rootOption, stateDirOption, urlOption } from "../options.ts";
import { type QuotaAnswer, quotaText } from "../records/quota-text.ts";
import { type GatewayWhere, runningGateway } from "../running-gateway.ts";

interface Options extends GatewayWhere {
  readonly json?: true;
  readonly all?: true;
}

export function registerQuota(program: Command, cli: Cli): void {
  program
    .command("quota")
    .description(
      "what the limits of all accounts still allow, when they reset, and how long the free tiers last",
    )
    .option("--all", "unused limits too")
    .addOption(urlOption())
    .addOption(envFileOption())
    .addOption(stateDirOption())
    .addOption(jsonOption())
    .addOption(rootOption())
    .addHelpText(
      "after",
      `
From the running gateway, which counts the limits. The forecast takes the rate of the last 3 hours.`,
    )
    .action(cli.run((options: Options) => quota(cli, options)));
}

async function quota(cli: Cli, options: Options): Promise<number> {
  const answer = (await runningGateway(cli, options).request("GET", "/admin/quota")) as QuotaAnswer;
  cli.out(options.json === true ? JSON.stringify(answer, null, 2) : quotaText(answer, options.all === true));
  return EXIT.ok;
}
