import { type Command, Option } from "commander";
import { type Cli, EXIT, Failure } from "../cli.ts";
import { fetchLive, liveText } from "../explain-live.ts";
import { envFileOption, jsonOption, rootOption, stateDirOption, urlOption } from "../options.ts";
import { report, summarise } from "../report.ts";

interface Options {
  readonly envFile?: string;
  readonly json?: true;
  readonly needs?: string;
  readonly data?: string;
  readonly root?: string;
  readonly live?: true;
  readonly url?: string;
  readonly stateDir?: string;
}

export function registerExplain(program: Command, cli: Cli): void {
  program
    .command("explain")
    .description("the candidates of a request for this model, in order, and why others are left out")
    .argument("<alias>", "an alias, a group, <provider>/<upstream id>, or an upstream id")
    .option("--needs <list>", "capabilities that the request needs: vision, tools, json, audio-input")
    .addOption(
      new Option(
        "--data <policy>",
        "as with the header x-headgate-data: only providers that do not train",
      ).choices(["no-training"]),
    )
    .option("--live", "from the running gateway: with cooldowns, used quotas and learned limits")
    .addOption(urlOption())
    .addOption(envFileOption())
    .addOption(stateDirOption())
    .addOption(jsonOption())
    .addOption(rootOption())
    .addHelpText(
      "after",
      "\nThe plan comes from the function that the gateway calls; without --live, no cooldown and no used quota counts.",
    )
    .action(cli.run((alias: string, options: Options) => runExplain(cli, alias, options)));
}

async function runExplain(cli: Cli, name: string, options: Options): Promise<number> {
  if (options.live === true) {
    const live = await fetchLive(cli, name, options);
    cli.out(options.json === true ? JSON.stringify(live, null, 2) : liveText(live, cli.colour()));
    return EXIT.ok;
  }
  // Loaded here: the catalogue and the router take longer to load than a help text.
  const [{ assemble, inputOf }, { explain, explanationText }] = await Promise.all([
    import("../assemble.ts"),
    import("../explain.ts"),
  ]);
  const assembly = await assemble(cli, options);
  const { resolved, compilation, place, overlayDir } = assembly;
  if (resolved === undefined) {
    report(cli, "pretty", assembly, true);
    cli.err(summarise(assembly, compilation.providerCount, compilation.modelCount));
    return EXIT.failed;
  }
  const needs = options.needs?.split(",").map((need) => need.trim()) ?? [];
  // Which file decided is not kept: the catalogue is compiled for it.
  const { compile } = await import("@headgate/compiler");
  const { decisions } = await compile(inputOf(cli, place, overlayDir));
  const explanation = explain(resolved.catalog, resolved.table, {
    name,
    needs,
    noTraining: options.data !== undefined,
    nowMs: cli.nowMs(),
    decisions,
  });
  if ("unknown" in explanation) throw new Failure(explanation.unknown);
  if ("usage" in explanation) throw new Failure(explanation.usage, EXIT.usage);
  cli.out(
    options.json === true ? JSON.stringify(explanation, null, 2) : explanationText(explanation, cli.colour()),
  );
  return EXIT.ok;
}
