import { relative, resolve } from "node:path";
import { readOptions } from "@headgate/contract";
import type { Command } from "commander";
import { assemble } from "../assemble.ts";
import { type Cli, count, EXIT, Failure } from "../cli.ts";
import { readEnvFile, readOptionEnvironment } from "../environment.ts";
import type { Format } from "../formats.ts";
import { envFileOption, formatOption, rootOption, stateDirOption } from "../options.ts";
import { activeDirectory, type Place, resolveStateDir } from "../place.ts";
import { report, summarise } from "../report.ts";
import { writeFiles } from "../write-files.ts";

interface Options {
  readonly format: Format;
  readonly envFile?: string;
  readonly out?: string;
  readonly root?: string;
  readonly stateDir?: string;
  readonly quiet?: true;
}

export function registerBuild(program: Command, cli: Cli): void {
  program
    .command("build")
    .description("assemble the routing table for this .env")
    .addOption(envFileOption())
    .option(
      "--out <dir>",
      "where to write routing.json; `-` prints it (default: active in the state directory)",
    )
    .addOption(stateDirOption())
    .addOption(rootOption())
    .addOption(formatOption())
    .option("--quiet", "print only findings")
    .addHelpText(
      "after",
      "\nOn errors nothing is written, and an earlier table stays. `serve` runs this by itself and keeps the table in its memory.",
    )
    .action(cli.run((options: Options) => build(cli, options)));
}

async function build(cli: Cli, options: Options): Promise<number> {
  if (options.out === "-" && options.format !== "pretty")
    throw new Failure("--out - prints the table on stdout, so the findings can have no other --format there");
  const assembly = await assemble(cli, options);
  const { place, compilation, resolved } = assembly;
  report(cli, options.format, assembly, true);
  if (assembly.failed || resolved === undefined) {
    cli.err(summarise(assembly, compilation.providerCount, compilation.modelCount));
    return EXIT.failed;
  }
  const { emitActive } = await import("@headgate/compiler/table");
  const { table } = resolved;
  const files = emitActive(table);
  if (options.out === "-") {
    for (const text of files.values()) cli.out(text);
    return EXIT.ok;
  }
  const out =
    options.out === undefined ? defaultDirectory(cli, options, place) : resolve(cli.cwd, options.out);
  writeFiles(out, files);
  if (options.quiet) return EXIT.ok;
  const active = `${count(table.providers.length, "provider")}, ${count(table.deployments.length, "model")}`;
  cli.err(`wrote ${relative(cli.cwd, out) || "."} (${active}, table ${table.fingerprint.slice(0, 12)})`);
  return EXIT.ok;
}

function defaultDirectory(cli: Cli, { envFile: given, stateDir }: Options, place: Place): string {
  const envFile = readEnvFile({ cwd: cli.cwd, env: cli.env, ...place, given });
  const { options } = readOptions(readOptionEnvironment(envFile, cli.env).values);
  return activeDirectory(resolveStateDir(cli.cwd, place.home, stateDir, options.stateDir));
}
