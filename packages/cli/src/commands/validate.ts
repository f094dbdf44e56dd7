import type { Command } from "commander";
import { type Cli, EXIT } from "../cli.ts";
import { formatOption, rootOption } from "../options.ts";
import { findInstallation, findPlace } from "../place.ts";
import { type Format, report, summarise } from "../report.ts";

interface Options {
  readonly format: Format;
  readonly strict?: true;
  readonly root?: string;
}

export function registerValidate(program: Command, cli: Cli): void {
  program
    .command("validate")
    .description("check every fragment and chain; each finding has a fix")
    .addOption(formatOption())
    .option("--strict", "exit 1 on warnings too")
    .addOption(rootOption())
    .addHelpText("after", "\nReads no .env: `headgate build` checks that. Exits 1 on errors.")
    .action(cli.run((options: Options) => validate(cli, options)));
}

async function validate(cli: Cli, options: Options): Promise<number> {
  const { root } = findPlace(cli.cwd, options.root);
  const { compile } = await import("@headgate/compiler");
  const { diagnostics, files, catalog, providerCount, modelCount } = await compile({
    root,
    installation: findInstallation(),
  });
  report(cli, options.format, { diagnostics, files });
  if (options.format === "pretty" || options.format === "github") {
    cli.out(summarise({ diagnostics, files }, providerCount, modelCount));
  }
  const passed = catalog !== undefined && (options.strict !== true || diagnostics.length === 0);
  return passed ? EXIT.ok : EXIT.failed;
}
