import type { Command } from "commander";
import { type Cli, EXIT } from "../cli.ts";
import { envFileOption, rootOption, stateDirOption, urlOption } from "../options.ts";
import { type GatewayWhere, runningGateway } from "../running-gateway.ts";

export function registerOpen(program: Command, cli: Cli): void {
  program
    .command("open")
    .description("print a link that signs in to the running gateway's page; it works once, within a minute")
    .addOption(urlOption())
    .addOption(envFileOption())
    .addOption(stateDirOption())
    .addOption(rootOption())
    .action(
      cli.run(async (options: GatewayWhere) => {
        cli.out(await signInLink(cli, options));
        return EXIT.ok;
      }),
    );
}

/** @throws {Failure} when no gateway answers, or its page is off */
export async function signInLink(cli: Cli, where: GatewayWhere): Promise<string> {
  const gateway = runningGateway(cli, where);
  const { path } = (await gateway.request("POST", "/admin/session/links")) as { readonly path: string };
  return gateway.url + path;
}
