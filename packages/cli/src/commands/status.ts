import type { Command } from "commander";
import { type Cli, EXIT } from "../cli.ts";
import { envFileOption, jsonOption, rootOption, stateDirOption, urlOption } from "../options.ts";
import { type StatusAnswer, statusText } from "../records/status-text.ts";
import { type GatewayWhere, runningGateway } from "../running-gateway.ts";

interface Options extends GatewayWhere {
  readonly json?: true;
}

export function registerStatus(program: Command, cli: Cli): void {
  program
    .command("status")
    .description("the running gateway: process, table, keys, groups, cooldowns and the last log lines")
    .addOption(urlOption())
    .addOption(envFileOption())
    .addOption(stateDirOption())
    .addOption(jsonOption())
    .addOption(rootOption())
    .action(cli.run((options: Options) => status(cli, options)));
}

async function status(cli: Cli, options: Options): Promise<number> {
  const gateway = runningGateway(cli, options);
  const answer = (await gateway.request("GET", "/admin/status")) as StatusAnswer;
  cli.out(
    options.json === true ? JSON.stringify(answer, null, 2) : statusText(answer, gateway.url, cli.colour()),
  );
  return EXIT.ok;
}
