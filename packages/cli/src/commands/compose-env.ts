import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { OPTIONS } from "@headgate/contract";
import type { Command } from "commander";
import { assemble } from "../assemble.ts";
import { type Cli, EXIT, Failure } from "../cli.ts";
import { composeEnv, composeProfiles, lacksBudget } from "../compose-env.ts";
import { type EnvFile, readEnvFile } from "../environment.ts";
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
  const envFile = readEnvFile({ cwd: cli.cwd, env: cli.env, ...place, given: options.envFile });
  const variables = containerVariables(envFile);
  for (const name of envFile.sealed)
    cli.err(
      `headgate: ${name} is sealed, and containers get no sealed keys; give them this one by HEADGATE_KEYS_FILE`,
    );
  const profiles = composeProfiles(resolved.catalog, variables);
  const { vramBudget } = OPTIONS;
  if (lacksBudget(resolved.catalog, profiles, variables[vramBudget.env]))
    throw new Failure(
      `the gateway's container cannot measure a GPU; set ${vramBudget.env} in .env, such as 0:7GiB for a card of 8 GB (docs/local.md)`,
    );
  const path = resolve(cli.cwd, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, composeEnv(variables), { mode: 0o600 });
  chmodSync(path, 0o600);
  cli.out(profiles.join(","));
  return EXIT.ok;
}

/** What containers get: the keys file's keys, and no path or secret of this machine. Sealed keys are never written out. */
function containerVariables({ variables, keys, sealed }: EnvFile): Record<string, string> {
  const { keysFile, secret } = OPTIONS;
  const left = new Set<string>([keysFile.env, secret.env, ...sealed]);
  return Object.fromEntries(Object.entries({ ...variables, ...keys }).filter(([name]) => !left.has(name)));
}
