import { type Command, InvalidArgumentError } from "commander";
import type { Cli } from "../cli.ts";
import type { VerifyOptions } from "../keys/verify.ts";
import { envFileOption, jsonOption, rootOption } from "../options.ts";

const DEFAULT_TIMEOUT_MS = 15_000;

export function registerKeys(program: Command, cli: Cli): void {
  const group = program
    .command("keys")
    .description("look after the providers' keys")
    .helpCommand(false)
    .usage("verify [options]");
  group
    .command("verify")
    .description("try every key of every active provider, and say what to do about those that fail")
    .option("--provider <id>", "only this provider")
    .option("--timeout-ms <n>", "how long one request may take", timeoutOf, DEFAULT_TIMEOUT_MS)
    .addOption(envFileOption())
    .addOption(jsonOption())
    .addOption(rootOption())
    .addHelpText(
      "after",
      `
Asks for the list of models, which is free; only where that proves nothing about the key, for an answer of one token.
Shows the names of variables, never a key. Exit code 0: every key is OK.`,
    )
    .action(
      cli.run(async (options: VerifyOptions) => {
        // Loaded here, so that no other command loads what speaks to upstreams.
        const { verify } = await import("../keys/verify.ts");
        return verify(cli, options);
      }),
    );
}

function timeoutOf(text: string): number {
  const ms = Number(text);
  if (/^[0-9]{1,7}$/.test(text) && ms > 0) return ms;
  throw new InvalidArgumentError("It must be a whole number of milliseconds, at least 1.");
}
