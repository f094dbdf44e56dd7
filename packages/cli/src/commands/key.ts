import { readOptions } from "@headgate/contract";
import type { Command } from "commander";
import { type Cli, EXIT, Failure } from "../cli.ts";
import { readOrCreateClientKey, rotateClientKey } from "../client-key.ts";
import { graceMsOf } from "../clients/grace.ts";
import { readEnvFile, readOptionEnvironment } from "../environment.ts";
import { envFileOption, rootOption, stateDirOption } from "../options.ts";
import { findPlace, resolveStateDir } from "../place.ts";

interface Options {
  readonly stateDir?: string;
  readonly envFile?: string;
  readonly root?: string;
  readonly rotate?: true;
  readonly grace: string;
}

export function registerKey(program: Command, cli: Cli): void {
  program
    .command("key")
    .description("print the key that clients send")
    .usage("[options]")
    // Its plural is another command, so that its words are taken for a slip.
    .argument("[words...]")
    .option("--rotate", "make a new key; the old one stays valid for the grace period")
    .option("--grace <period>", "24h, 30m, or 0", "24h")
    .addOption(stateDirOption())
    .addOption(envFileOption())
    .addOption(rootOption())
    .addHelpText(
      "after",
      `
It is the operator's: it opens the admin routes and has no limits. headgate clients gives others keys of their own.
It is HEADGATE_API_KEY where that is set; otherwise one is created once and kept in the state directory, readable by you only.

  $ curl -H "Authorization: Bearer $(headgate key)" http://127.0.0.1:4000/v1/models`,
    )
    .action(
      cli.run((words: string[], options: Options) => {
        if (words.length > 0)
          throw new Failure(
            "headgate key prints the key that clients send, and takes no words; headgate keys verify tests the providers' keys",
            EXIT.usage,
          );
        return printKey(cli, options);
      }),
    );
}

function printKey(cli: Cli, options: Options): number {
  const place = findPlace(cli, options.root);
  const envFile = readEnvFile({ cwd: cli.cwd, env: cli.env, ...place, given: options.envFile });
  const gateway = readOptions(readOptionEnvironment(envFile, cli.env).values).options;
  const stateDir = resolveStateDir(cli.cwd, place.home, options.stateDir, gateway.stateDir);
  if (options.rotate === true) {
    if (gateway.apiKey !== undefined)
      throw new Failure("the key is HEADGATE_API_KEY; change it where it is set, and restart the gateway");
    const key = rotateClientKey(stateDir, graceMsOf(options.grace), cli.nowMs());
    cli.err(
      `headgate: a running gateway takes the new key within a second, and the old one for ${options.grace} more`,
    );
    cli.out(key);
    return EXIT.ok;
  }
  cli.out(gateway.apiKey ?? readOrCreateClientKey(stateDir).key);
  return EXIT.ok;
}
