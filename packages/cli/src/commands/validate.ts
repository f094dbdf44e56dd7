import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { formatOption, rootOption } from "../options.ts";
import { type ValidateOptions, validate } from "../validate.ts";

export function registerValidate(program: Command, cli: Cli): void {
  program
    .command("validate")
    .description("check every fragment and chain; each finding has a fix")
    .addOption(formatOption())
    .option("--strict", "exit 1 on warnings too")
    .addOption(rootOption())
    .addHelpText("after", "\nReads no .env: `headgate build` checks that. Exits 1 on errors.")
    .action(cli.run((options: ValidateOptions) => validate(cli, options)));
}
