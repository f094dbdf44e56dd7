import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import type { PullOptions } from "../models/pull.ts";
import { envFileOption, jsonOption, rootOption } from "../options.ts";

export function registerModelsPull(group: Command, cli: Cli): void {
  group
    .command("pull")
    .description("download the models of the active local backends")
    .argument("[model...]", "only these, by alias or upstream id (default: all)")
    .option("--provider <id>", "only at this backend")
    .option("--update", "also update models that are already downloaded")
    .addOption(envFileOption())
    .addOption(jsonOption())
    .addOption(rootOption())
    .addHelpText(
      "after",
      `
Ollama downloads on request; other backends fetch models themselves, or read them from their folder. Ctrl-C stops;
a partial download is kept and continued the next time. Exit code 0: every model is downloaded.`,
    )
    .action(
      cli.run(async (models: string[], options: PullOptions) => {
        // Loaded here, so that no other command loads the code that calls backends.
        const { pull } = await import("../models/pull.ts");
        return pull(cli, models, options);
      }),
    );
}
