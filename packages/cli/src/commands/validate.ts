import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { formatOption, rootOption } from "../options.ts";
import { type ValidateOptions, validate } from "../validate.ts";

export function registerValidate(program: Command, cli: Cli): void {
  program
    .command("validate")
    .description("check every fragment and chain, and show how to correct what is wrong")
    .addOption(formatOption())
    .option("--strict", "let warnings fail too")
    .addOption(rootOption())
    .addHelpText("after", "\nThe .env file is not read: `headgate build` checks it. Exits 1 on errors.")
    .action(cli.run((options: ValidateOptions) => validate(cli, options)));
}
