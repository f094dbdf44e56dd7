import { type Command, Option } from "commander";
import type { Cli } from "../cli.ts";
import { envFileOption, hostOption, portOption, rootOption, stateDirOption } from "../options.ts";
import type { ServeOptions } from "../serve/setup.ts";

export function registerServe(program: Command, cli: Cli): void {
  program
    .command("serve")
    .description(
      "assemble the routing table for this .env and serve it; changes to .env and fragments apply while it runs",
    )
    .addOption(envFileOption())
    .addOption(hostOption())
    .addOption(portOption())
    .addOption(stateDirOption())
    .addOption(rootOption())
    .addOption(new Option("--background", "for headgate start").hideHelp())
    .addHelpText(
      "after",
      `
  $ headgate serve --port 4001
  $ headgate start                  the same in the background`,
    )
    .action(
      cli.run(async (options: ServeOptions) => {
        // Loaded here, so that no other command loads the gateway.
        const { serve } = await import("../serve/serve.ts");
        return serve(cli, options);
      }),
    );
}
