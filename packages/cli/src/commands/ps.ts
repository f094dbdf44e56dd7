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
/** Home, and clear what is below: without a flash. */
const REDRAW = "\u001b[H\u001b[J";
const CLEAR = "\u001b[2J";

export function registerPs(program: Command, cli: Cli): void {
  program
    .command("ps")
    .description(
      "local models of the running gateway: what is loaded, who uses it, who waits; on a terminal, live",
    )
    .option("--once", "print once, also on a terminal")
    .option("--evict <model>", "unload it as soon as nobody uses it")
    .option("--pin <model>", "keep it loaded, from now or from its next load on")
    .option("--unpin <model>", "let it go again when its memory is needed")
    .addOption(urlOption())
    .addOption(envFileOption())
    .addOption(stateDirOption())
    .addOption(jsonOption())
    .addOption(rootOption())
    .action(cli.run((options: Options) => ps(cli, options)));
}

async function ps(cli: Cli, options: Options): Promise<number> {
  const gateway = runningGateway(cli, options);
  const order = (["evict", "pin", "unpin"] as const).find((what) => options[what] !== undefined);
  if (order !== undefined) {
    const model = options[order];
    const answer = (await gateway.ask("POST", `/admin/resources/${order}`, { model })) as { key: string };
    cli.out(options.json === true ? JSON.stringify(answer) : `${DONE[order]}: ${answer.key}`);
    return EXIT.ok;
  }
  const look = async (): Promise<LocalResources> =>
    (await gateway.ask("GET", "/admin/resources")) as LocalResources;
  if (options.json === true) cli.out(JSON.stringify(await look(), null, 2));
  else if (options.once === true || !cli.screen)
    cli.out(resourcesText(await look(), cli.nowMs(), cli.colour()));
  else {
    cli.out(CLEAR);
    for (;;) {
      const text = resourcesText(await look(), cli.nowMs(), cli.colour());
      cli.out(`${REDRAW}${text}\n\nEvery second; Ctrl-C ends it.`);
      await wait(REFRESH_MS);
    }
  }
  return EXIT.ok;
}

const DONE = {
  evict: "is unloaded as soon as nobody uses it",
  pin: "stays loaded",
  unpin: "may go again",
} as const;
