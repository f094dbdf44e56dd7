import { type Command, InvalidArgumentError } from "commander";
import type { Cli } from "../cli.ts";
import type { FactsOptions } from "../facts/verify.ts";
import { envFileOption, jsonOption, rootOption, stateDirOption, timeoutOption } from "../options.ts";

const DEFAULT_CALLS = 60;

export function registerFacts(program: Command, cli: Cli): void {
  program
    .command("facts")
    .description("check the catalogue's facts of a provider under your own key")
    .helpCommand(false)
    .usage("verify <provider> [options]")
    .command("verify")
    .description(
      "compare ids, windows, prices, tools, refused fields, errors and limits with what the provider does",
    )
    .argument("<provider>", "the provider's id; it must be on")
    .option("--spend <usd>", "the most that the calls may cost, in dollars", amountOf, 0)
    .option("--calls <n>", "the most requests", callsOf, DEFAULT_CALLS)
    .option("--contribute <folder>", "write the edit and the refusals, without keys, for a pull request")
    .option("--again", "do not go on from an earlier run of the last 24 hours")
    .option("--yes", "call without a confirmation")
    .addOption(timeoutOption())
    .addOption(envFileOption())
    .addOption(jsonOption())
    .addOption(rootOption())
    .addOption(stateDirOption())
    .addHelpText(
      "after",
      `
Reads the provider's list, then calls each chat model: one short answer with the usual fields, one call of a tool, one answer that is
longer than it can give, and one field that the fragment leaves out. All stay within the provider's limit per minute and half of its
limit per day, --calls and --spend. A paid model whose highest cost is above --spend is not called. A run that is broken off goes on
where it ended.

--contribute writes no key, address, name or account: only the fragment, its figures, and error texts with such parts removed.

Exit codes: 0 nothing is contradicted, 1 something is or no call could be made, 2 wrong usage`,
    )
    .action(
      cli.run(async (provider: string, options: FactsOptions) => {
        // Loaded here, so that no other command loads the code that calls upstreams.
        const { verifyFacts } = await import("../facts/verify.ts");
        return verifyFacts(cli, provider, options);
      }),
    );
}

function amountOf(text: string): number {
  const usd = Number(text);
  if (/^\d{1,6}(\.\d{1,6})?$/.test(text)) return usd;
  throw new InvalidArgumentError("It must be an amount in dollars, such as 0.05.");
}

function callsOf(text: string): number {
  const calls = Number(text);
  if (/^\d{1,5}$/.test(text) && calls > 0) return calls;
  throw new InvalidArgumentError("It must be a whole number of at least 1.");
}
