import { type Command, InvalidArgumentError, Option } from "commander";
import type { Cli } from "../cli.ts";
import { isDay } from "../models/change-log.ts";
import type { RefreshOptions } from "../models/refresh-options.ts";
import { envFileOption, jsonOption, rootOption, stateDirOption } from "../options.ts";

const DEFAULT_TIMEOUT_MS = 60_000;

export function registerModelsRefresh(group: Command, cli: Cli): void {
  group
    .command("refresh")
    .description("compare the fragments with the models that active providers list, and update them")
    .option("--provider <id>", "only this provider")
    .option("--all", "also providers that are off, where their list needs no key")
    .addOption(
      new Option("--since <day>", "show the changes that earlier looks found since a day; sends no request")
        .argParser(dayOf)
        .conflicts(["update", "catalogue", "prune"]),
    )
    .option("--update", "write the changes to the overlay, after a confirmation")
    .addOption(
      new Option("--catalogue", "write them to the fragments of a clone instead, for maintainers").conflicts(
        "update",
      ),
    )
    .option("--yes", "with --update or --catalogue: write without a confirmation")
    .option("--force", "retire more than a fifth of a provider's models at once")
    .addOption(
      new Option("--prune", "take retired models out of chains and groups; sends no request").conflicts(
        "update",
      ),
    )
    .addOption(
      new Option("--show", "retired and deprecated models; sends no request").conflicts([
        "update",
        "catalogue",
      ]),
    )
    .addOption(
      new Option("--unused", "models that no chain and no group names; sends no request").conflicts([
        "update",
        "catalogue",
      ]),
    )
    .option("--retest-failed", "test again the models that failed permanently")
    .addOption(
      new Option("--show-cache", "show the models that failed permanently; sends no request").conflicts([
        "update",
        "catalogue",
        "retestFailed",
        "clearCache",
      ]),
    )
    .addOption(
      new Option(
        "--clear-cache <id>",
        "clear the failures of a provider, or of `all`; sends no request",
      ).conflicts(["update", "catalogue", "retestFailed", "provider"]),
    )
    .option("--timeout-ms <n>", "timeout of one request, in ms", timeoutOf, DEFAULT_TIMEOUT_MS)
    .addOption(envFileOption())
    .addOption(jsonOption())
    .addOption(rootOption())
    .addOption(stateDirOption())
    .addHelpText(
      "after",
      `
Reads every page of each provider's list. Chat models that the fragment lacks are tested with one token each, within the
provider's limit per minute and at most half of its limit per day; so are its models that are no longer listed, before they
count as retired. Where a list states prices and windows (OpenRouter, Together, DeepInfra, SambaNova, Groq and others), they are
compared too; a figure that differs by more than forty times is only reported. A free provider's models that cost money are left out. Permanent failures are remembered in the state
directory, passing ones are not.

A model that its provider no longer has is retired, with the day and the nearest model in its place; its name goes on working.
Chains and groups stay as they are written, and leave it out. With --all, a list that was read without a key deprecates what it
lacks, which is then tried last, and adds nothing. Each change is logged for its provider in the state directory. Without --update or --catalogue nothing is written. With one, all
files are changed or none; comments and formatting stay, and the old texts are kept in the state directory. New models get an
alias and enter no other model's chain.

Exit codes: 0 success, 1 every provider failed or the result would not validate (nothing is changed), 2 wrong usage`,
    )
    .action(
      cli.run(async (options: RefreshOptions, command: Command) => {
        if (options.yes === true && options.update !== true && options.catalogue !== true)
          command.error("error: option '--yes' needs '--update' or '--catalogue'");
        // Loaded here, so that no other command loads the code that calls upstreams.
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

function dayOf(text: string): string {
  if (isDay(text)) return text;
  throw new InvalidArgumentError("It must be a day, such as 2026-11-20.");
}
