import { type Command, InvalidArgumentError, Option } from "commander";
import type { Cli } from "../cli.ts";
import type { RefreshOptions } from "../models/refresh-options.ts";
import { envFileOption, jsonOption, rootOption, stateDirOption } from "../options.ts";

const DEFAULT_TIMEOUT_MS = 60_000;

export function registerModelsRefresh(group: Command, cli: Cli): void {
  group
    .command("refresh")
    .description("compare the fragments with what the active providers list, and bring them up to date")
    .option("--provider <id>", "only this provider")
    .option("--update", "write the changes, after asking")
    .option("--yes", "with --update: write without asking")
    .option("--retest-failed", "try models again that failed for good before")
    .addOption(
      new Option("--show-cache", "show the models that failed for good, and ask nobody").conflicts([
        "update",
        "retestFailed",
        "clearCache",
      ]),
    )
    .addOption(
      new Option(
        "--clear-cache <id>",
        "forget the failures of a provider, or of all, and ask nobody",
      ).conflicts(["update", "retestFailed", "provider"]),
    )
    .option("--timeout-ms <n>", "how long one request may take", timeoutOf, DEFAULT_TIMEOUT_MS)
    .addOption(envFileOption())
    .addOption(jsonOption())
    .addOption(rootOption())
    .addOption(stateDirOption())
    .addHelpText(
      "after",
      `
Reads every page of each provider's list. Chat models that the fragment lacks are asked for one token each, within the
provider's minute and at most half of its day; so are its models that are no longer listed, before they are called gone.
A free provider's models that cost money are left out. Failures for good are remembered in the state directory, those of the moment never.

Without --update no fragment and no chain is touched. With it, all files are changed or none; comments and formatting
stay, and the old texts are kept in the state directory. New models get an alias, and no place in other chains.

Exit codes: 0 fine, 1 every provider failed or the result would not validate (nothing is touched), 2 wrong usage`,
    )
    .action(
      cli.run(async (options: RefreshOptions, command: Command) => {
        if (options.yes === true && options.update !== true)
          command.error("error: option '--yes' is for '--update', which is missing");
        // Loaded here, so that no other command loads what speaks to upstreams.
        if (options.showCache === true || options.clearCache !== undefined) {
          const { clearCache, printCache } = await import("../models/cache-commands.ts");
          return options.clearCache === undefined
            ? printCache(cli, options)
            : clearCache(cli, options, options.clearCache);
        }
        const { refresh } = await import("../models/refresh.ts");
        return refresh(cli, options);
      }),
    );
}

function timeoutOf(text: string): number {
  const ms = Number(text);
  if (/^[0-9]{1,7}$/.test(text) && ms > 0) return ms;
  throw new InvalidArgumentError("It must be a whole number of milliseconds, at least 1.");
}
