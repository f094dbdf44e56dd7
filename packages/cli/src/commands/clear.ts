import type { Command } from "commander";
import { type Cli, count, EXIT } from "../cli.ts";
import { cooldownTable, type LiveCooldown } from "../cooldowns-text.ts";
import { envFileOption, jsonOption, rootOption, stateDirOption, urlOption } from "../options.ts";
import { type GatewayWhere, runningGateway } from "../running-gateway.ts";
import { alignColumns } from "../table.ts";

interface Options extends GatewayWhere {
  readonly json?: true;
}

interface Cleared {
  readonly name: string;
  /** The cooldowns that were ended. */
  readonly cooldowns: readonly LiveCooldown[];
  /** The learned limits that were forgotten. */
  readonly limits: readonly {
    readonly id: string;
    readonly unit: string;
    readonly window: string | null;
    readonly amount: number;
    readonly from: string;
    readonly declared: number | null;
  }[];
}

export function registerClear(program: Command, cli: Cli): void {
  program
    .command("clear")
    .description(
      "end the cooldowns of a provider or a model in the running gateway, and forget its learned limits",
    )
    .argument("<name>", "a provider, an alias, <provider>/<upstream id>, or an upstream id")
    .addOption(urlOption())
    .addOption(envFileOption())
    .addOption(stateDirOption())
    .addOption(jsonOption())
    .addOption(rootOption())
    .addHelpText(
      "after",
      `
The next request may use it at once, in every worker and in every gateway that shares its store. What is used of a limit stays
counted. A model's key and provider open too: the model stays closed otherwise.

  $ headgate clear groq
  $ headgate clear groq-llama-3.3-70b --json`,
    )
    .action(cli.run((name: string, options: Options) => clear(cli, name, options)));
}

async function clear(cli: Cli, name: string, options: Options): Promise<number> {
  const cleared = (await runningGateway(cli, options).request("POST", "/admin/clear", { name })) as Cleared;
  cli.out(options.json === true ? JSON.stringify(cleared, null, 2) : clearedText(cleared));
  return EXIT.ok;
}

export function clearedText({ name, cooldowns, limits }: Cleared): string {
  const lines = [
    `${name}: ${count(cooldowns.length, "cooldown")} ended, ${count(limits.length, "learned limit")} forgotten`,
  ];
  if (cooldowns.length > 0) lines.push("", cooldownTable(cooldowns));
  if (limits.length > 0) {
    const rows = limits.map(({ id, amount, unit, window, from, declared }) => [
      id,
      `${amount} ${unit}${window === null ? " at once" : ` a ${window}`}`,
      from,
      declared === null ? "no limit" : String(declared),
    ]);
    lines.push("", alignColumns([["LIMIT", "LEARNED", "FROM", "NOW"], ...rows]));
  }
  return lines.join("\n");
}
