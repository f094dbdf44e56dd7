import { relative, resolve } from "node:path";
import type { Command } from "commander";
import { assemble } from "../assemble.ts";
import { type Cli, count, EXIT } from "../cli.ts";
import type { Format } from "../formats.ts";
import { envFileOption, formatOption, rootOption } from "../options.ts";
import { activeDirectory } from "../place.ts";
import { report, summarise } from "../report.ts";
import { writeFiles } from "../write-files.ts";

interface Options {
  readonly format: Format;
  readonly envFile?: string;
  readonly out?: string;
  readonly root?: string;
  readonly quiet?: true;
}

export function registerBuild(program: Command, cli: Cli): void {
  program
    .command("build")
    .description("assemble the routing table for this .env")
    .addOption(envFileOption())
    .option("--out <dir>", "where to write routing.json (default: generated/active)")
    .addOption(rootOption())
    .addOption(formatOption())
    .option("--quiet", "print only findings")
    .addHelpText(
      "after",
      "\nOn errors nothing is written, and an earlier table stays. `serve` runs this by itself.",
    )
    .action(cli.run((options: Options) => build(cli, options)));
}

async function build(cli: Cli, options: Options): Promise<number> {
  const assembly = await assemble(cli, options);
  const { place, compilation, resolved } = assembly;
  report(cli, options.format, assembly, true);
  if (assembly.failed || resolved === undefined) {
    cli.err(summarise(assembly, compilation.providerCount, compilation.modelCount));
    return EXIT.failed;
  }
  const { emitActive } = await import("@headgate/compiler");
  const out = options.out === undefined ? activeDirectory(place) : resolve(cli.cwd, options.out);
  const { table } = resolved;
  writeFiles(out, emitActive(table));
  if (options.quiet) return EXIT.ok;
  const active = `${count(table.providers.length, "provider")}, ${count(table.deployments.length, "model")}`;
  cli.err(`wrote ${relative(cli.cwd, out) || "."} (${active}, table ${table.fingerprint.slice(0, 12)})`);
  return EXIT.ok;
}
