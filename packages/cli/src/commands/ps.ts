import { setTimeout as wait } from "node:timers/promises";
import type { Command } from "commander";
import { type Cli, EXIT } from "../cli.ts";
import { envFileOption, jsonOption, rootOption, stateDirOption, urlOption } from "../options.ts";
import { type LocalResources, resourcesText } from "../resources-text.ts";
import { type GatewayWhere, runningGateway } from "../running-gateway.ts";

interface Options extends GatewayWhere {
  readonly json?: true;
  readonly once?: true;
  readonly evict?: string;
  readonly pin?: string;
  readonly unpin?: string;
}

const REFRESH_MS = 1_000;
/** Cursor home, then clear below it: the screen does not flash. */
const REDRAW = "\u001b[H\u001b[J";
const CLEAR = "\u001b[2J";

export function registerPs(program: Command, cli: Cli): void {
  program
    .command("ps")
    .description(
      "local models of the running gateway: loaded models, their jobs, waiting requests; live on a terminal",
    )
    .option("--once", "print once, also on a terminal")
    .option("--evict <model>", "unload it as soon as it has no job")
    .option("--pin <model>", "never evict it, from now or from its next load on")
    .option("--unpin <model>", "allow its eviction again")
    .addOption(urlOption())
    .addOption(envFileOption())
    .addOption(stateDirOption())
    .addOption(jsonOption())
    .addOption(rootOption())
    .action(cli.run((options: Options) => ps(cli, options)));
}

async function ps(cli: Cli, options: Options): Promise<number> {
  const gateway = runningGateway(cli, options);
  const command = (["evict", "pin", "unpin"] as const).find((what) => options[what] !== undefined);
  if (command !== undefined) {
    const model = options[command];
    const answer = (await gateway.request("POST", `/admin/resources/${command}`, { model })) as {
      key: string;
    };
    cli.out(options.json === true ? JSON.stringify(answer) : `${DONE[command]}: ${answer.key}`);
    return EXIT.ok;
  }
  const fetchState = async (): Promise<LocalResources> =>
    (await gateway.request("GET", "/admin/resources")) as LocalResources;
  if (options.json === true) cli.out(JSON.stringify(await fetchState(), null, 2));
  else if (options.once === true || !cli.screen)
    cli.out(resourcesText(await fetchState(), cli.nowMs(), cli.colour()));
  else {
    // The screen is cleared once a gateway has answered.
    for (let clear = CLEAR; ; clear = "") {
      const text = resourcesText(await fetchState(), cli.nowMs(), cli.colour());
      cli.out(`${clear}${REDRAW}${text}\n\nUpdated every second; Ctrl-C ends it.`);
      await wait(REFRESH_MS);
    }
  }
  return EXIT.ok;
}

const DONE = {
  evict: "is unloaded as soon as it has no job",
  pin: "stays loaded",
  unpin: "may be evicted again",
} as const;
