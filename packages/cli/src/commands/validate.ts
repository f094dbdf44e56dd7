import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { formatOption, rootOption } from "../options.ts";
import type { ValidateOptions } from "../validate.ts";

export function registerValidate(program: Command, cli: Cli): void {
  program
    .command("validate")
    .description("check every fragment and chain, and the overlay; each finding has a fix")
    .addOption(formatOption())
    .option("--strict", "exit 1 on warnings too")
    .option(
      "--as-of <day>",
      "also tell which announced ends have come by this day (YYYY-MM-DD), and exit 1 on any",
    )
    .addOption(rootOption())
    .addHelpText(
      "after",
      "\nChecks the overlay too. Of .env only HEADGATE_OVERLAY_DIR is read: `headgate build` checks the rest. Exits 1 on errors.",
    )
    .action(
      cli.run(async (options: ValidateOptions) => (await import("../validate.ts")).validate(cli, options)),
    );
}
