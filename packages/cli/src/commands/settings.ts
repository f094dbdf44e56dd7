import type { SettingsChange } from "@headgate/contract";
import type { Command } from "commander";
import { type Cli, EXIT } from "../cli.ts";
import { envFileOption, rootOption, stateDirOption } from "../options.ts";
import type { Where } from "../settings/read.ts";

/** What the gateway writes to the child's stdin. */
export type SettingsRequest =
  | { readonly do: "read" }
  | { readonly do: "change"; readonly change: SettingsChange }
  | { readonly do: "rotate" };

/** The compile child of the page: it is started by the gateway, and not listed. */
export function registerSettings(program: Command, cli: Cli): void {
  program
    .command("settings", { hidden: true })
    .description(
      "read or change .env and the overlay for the gateway's page: a request on stdin, JSON on stdout",
    )
    .addOption(envFileOption())
    .addOption(stateDirOption())
    .addOption(rootOption())
    .action(
      cli.run(async (where: Where) => {
        const request = JSON.parse(await stdinText()) as SettingsRequest;
        cli.out(JSON.stringify(await carryOut(cli, where, request)));
        return EXIT.ok;
      }),
    );
}

async function carryOut(cli: Cli, where: Where, request: SettingsRequest): Promise<unknown> {
  if (request.do === "read") return (await import("../settings/read.ts")).readSettings(cli, where);
  if (request.do === "rotate") return (await import("../settings/master-key.ts")).rotateMasterKey(cli, where);
  return (await import("../settings/change.ts")).changeSettings(cli, where, request.change);
}

/** Not an argument: a change may hold a key, and arguments are shown to every user of the machine. */
async function stdinText(): Promise<string> {
  let text = "";
  process.stdin.setEncoding("utf8");
  for await (const part of process.stdin) text += String(part);
  return text;
}
