import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import type { InitOptions } from "../init.ts";
import { envFileOption, rootOption, timeoutOption } from "../options.ts";

export function registerInit(program: Command, cli: Cli): void {
  program
    .command("init")
    .description("choose providers, paste their keys, and write .env")
    .argument("[providers...]", "such as groq gemini; without any the command asks")
    .addOption(timeoutOption())
    .addOption(envFileOption())
    .addOption(rootOption())
    .addHelpText(
      "after",
      `
Prints where each key is created, and checks it as it is pasted, with a request that is free where the provider has one.
An .env that exists keeps its other lines. Only its owner may read it.

  $ headgate init
  $ headgate init groq cerebras`,
    )
    .action(
      cli.run(async (providers: string[], options: InitOptions) => {
        // Loaded here, so that no other command loads the code that calls upstreams.
        const { init } = await import("../init.ts");
        return init(cli, providers, options);
      }),
    );
}
