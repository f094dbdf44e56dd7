import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { assemble } from "../assemble.ts";
import { type Cli, EXIT } from "../cli.ts";
import { composeEnv, composeProfiles } from "../compose-env.ts";
import { readEnvFile } from "../environment.ts";
import { envFileOption, rootOption } from "../options.ts";
import { report, summarise } from "../report.ts";

interface Options {
  readonly envFile?: string;
  readonly root?: string;
}

export function registerComposeEnv(program: Command, cli: Cli): void {
  program
    .command("compose-env")
    .description("write .env in Docker Compose's spelling, and print the profiles that it switches on")
    .argument("<file>", "the file to write; only its owner may read it")
    .addOption(envFileOption())
    .addOption(rootOption())
    .addHelpText(
      "after",
      "\n`make up` runs it. Compose reads the values as Headgate does: quotes, `$` and # included.",
    )
    .action(cli.run((file: string, options: Options) => run(cli, file, options)));
}

async function run(cli: Cli, file: string, options: Options): Promise<number> {
  const assembly = await assemble(cli, options);
  const { place, resolved, compilation } = assembly;
  report(cli, "pretty", assembly, true);
  if (assembly.failed || resolved === undefined) {
    cli.err(summarise(assembly, compilation.providerCount, compilation.modelCount));
    return EXIT.failed;
  }
  const { variables } = readEnvFile({ cwd: cli.cwd, ...place, given: options.envFile });
  const path = resolve(cli.cwd, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, composeEnv(variables), { mode: 0o600 });
  chmodSync(path, 0o600);
  cli.out(composeProfiles(resolved.catalog, variables).join(","));
  return EXIT.ok;
}
