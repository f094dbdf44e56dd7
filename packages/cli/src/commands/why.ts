import type { FoundRecord } from "@headgate/contract";
import type { Command } from "commander";
import { type Cli, EXIT, Failure } from "../cli.ts";
import { envFileOption, jsonOption, rootOption, stateDirOption, urlOption } from "../options.ts";
import { askOrRead } from "../records/where.ts";
import { whyText } from "../records/why-text.ts";
import type { GatewayWhere } from "../running-gateway.ts";

interface Options extends GatewayWhere {
  readonly json?: true;
}

export function registerWhy(program: Command, cli: Cli): void {
  program
    .command("why")
    .description("why a request was answered from there: plan, attempts, failures, tokens and cost")
    .argument("<request-id>", "the id in the answer's header x-request-id")
    .addOption(urlOption())
    .addOption(envFileOption())
    .addOption(stateDirOption())
    .addOption(jsonOption())
    .addOption(rootOption())
    .addHelpText(
      "after",
      `
From the running gateway, else from the records in the state directory. A record is stored within a second.

  $ headgate why Zx81kq000001`,
    )
    .action(cli.run((id: string, options: Options) => why(cli, id, options)));
}

async function why(cli: Cli, id: string, options: Options): Promise<number> {
  const found = await askOrRead<FoundRecord | undefined>(
    cli,
    options,
    `/admin/requests/${encodeURIComponent(id)}`,
    (records) => records.find(id),
  );
  if (found === undefined)
    throw new Failure(
      `there is no usage record of request ${JSON.stringify(id)}; its id is in the answer's header x-request-id, and headgate tail lists the newest`,
    );
  cli.out(options.json === true ? JSON.stringify(found, null, 2) : whyText(found, cli.colour()));
  return EXIT.ok;
}
