import type { Command } from "commander";
import { type Cli, EXIT } from "../cli.ts";
import type { Format } from "../formats.ts";
import { formatOption, rootOption } from "../options.ts";
import { findCache, findInstallation, findPlace } from "../place.ts";
import { summarise } from "../summarise.ts";

interface Options {
  readonly format: Format;
  readonly strict?: true;
  readonly root?: string;
}

export function registerValidate(program: Command, cli: Cli): void {
  program
    .command("validate")
    .description("check every fragment and chain, and say how to fix what is wrong")
    .addOption(formatOption())
    .option("--strict", "let warnings fail too")
    .addOption(rootOption())
    .addHelpText("after", "\nNo .env is looked at: `headgate build` reports on that. Exits 1 on errors.")
    .action(cli.run((options: Options) => validate(cli, options)));
}

async function validate(cli: Cli, options: Options): Promise<number> {
  const { root } = findPlace(cli.cwd, options.root);
  const { check } = await import("@headgate/compiler/check");
  const { passed, diagnostics, files, providerCount, modelCount } = await check({
    root,
    installation: findInstallation(),
    cacheDir: findCache(cli.env),
  });
  const wordy = options.format === "pretty" || options.format === "github";
  if (diagnostics.length > 0 || !wordy) {
    const { report } = await import("../report.ts");
    report(cli, options.format, { diagnostics, files });
  }
  if (wordy) {
    cli.out(summarise({ diagnostics, files }, providerCount, modelCount));
  }
  return passed && (options.strict !== true || diagnostics.length === 0) ? EXIT.ok : EXIT.failed;
}
