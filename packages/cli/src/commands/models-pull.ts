import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import type { PullOptions } from "../models/pull.ts";
import { envFileOption, jsonOption, rootOption } from "../options.ts";

export function registerModelsPull(group: Command, cli: Cli): void {
  group
    .command("pull")
    .description("download the models of the local backends that are switched on")
    .argument("[model...]", "only these, by alias or upstream id (default: all)")
    .option("--provider <id>", "only at this backend")
    .option("--update", "also those that are there already, to bring them up to date")
    .addOption(envFileOption())
    .addOption(jsonOption())
    .addOption(rootOption())
    .addHelpText(
      "after",
      `
Ollama is told to download; other backends fetch what they need themselves, or have it put into their folder. Ctrl-C stops,
and what was downloaded is kept for the next time. Exit code 0: every model is there.`,
    )
    .action(
      cli.run(async (models: string[], options: PullOptions) => {
        // Loaded here, so that no other command loads what speaks to backends.
        const { pull } = await import("../models/pull.ts");
        return pull(cli, models, options);
      }),
    );
}
