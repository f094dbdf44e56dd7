import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import type { VerifyOptions } from "../keys/verify.ts";
import { envFileOption, jsonOption, rootOption, timeoutOption } from "../options.ts";

export function registerKeys(program: Command, cli: Cli): void {
  const group = program
    .command("keys")
    .description("test the providers' keys")
    .helpCommand(false)
    .usage("verify [options]");
  registerVerify(group, "verify", cli);
}

/** `keys verify`, which is also `audit`. */
export function registerVerify(parent: Command, name: string, cli: Cli): void {
  parent
    .command(name)
    .description("test every key of every active provider, with a remedy for each that fails")
    .argument("[provider]", "only this provider")
    .option("--provider <id>", "the same")
    .addOption(timeoutOption())
    .addOption(envFileOption())
    .addOption(jsonOption())
    .addOption(rootOption())
    .addHelpText(
      "after",
      `
Requests the list of models, which is free; where that proves nothing about the key, an answer of one token.
Prints the names of variables, never a key. Exit code 0: every key is OK.`,
    )
    .action(
      cli.run(async (provider: string | undefined, options: VerifyOptions) => {
        // Loaded here, so that no other command loads the code that calls upstreams.
        const { verify } = await import("../keys/verify.ts");
        return verify(cli, provider === undefined ? options : { ...options, provider });
      }),
    );
}
