import { type ProviderCondition, type ProviderStatus, present } from "@headgate/contract";
import type { Command } from "commander";
import { createColors } from "picocolors";
import { assemble } from "../assemble.ts";
import { agedFacts, agedText, OLD_DAYS } from "../catalog/age.ts";
import { type Cli, count, EXIT } from "../cli.ts";
import { cooldownTable, type LiveCooldown } from "../cooldowns-text.ts";
import { envFileOption, jsonOption, rootOption, stateDirOption, urlOption } from "../options.ts";
import { report, summarise } from "../report.ts";
import { askIfRunning, type GatewayWhere } from "../running-gateway.ts";
import { alignColumns } from "../table.ts";

interface Options extends GatewayWhere {
  readonly json?: true;
  readonly age?: true;
}

/** One line of the table. */
export interface ProviderRow {
  readonly provider: string;
  readonly tier: string;
  readonly flag: string;
  /** The number of keys; `none needed`, `optional` or `missing` where there is none. */
  readonly key: string;
  readonly keys: number;
  /** Active models, of all models of the provider. */
  readonly models: { readonly active: number; readonly all: number };
  readonly active: boolean;
  /** Why it is not active, with the remedy; empty when it is active. */
  readonly reason: string;
  /** A known problem of the provider itself. */
  readonly condition?: ProviderCondition;
  /** What cools down in the running gateway; absent where none answers. */
  readonly cooldowns?: readonly LiveCooldown[];
}

export function registerProviders(program: Command, cli: Cli): void {
  program
    .command("providers")
    .description("the providers that this .env switches on, and why others are off")
    .option("--age", `facts of the catalogue that were read more than ${OLD_DAYS} days ago`)
    .addOption(urlOption())
    .addOption(envFileOption())
    .addOption(stateDirOption())
    .addOption(jsonOption())
    .addOption(rootOption())
    .addHelpText(
      "after",
      "\nWhere the gateway runs, its cooldowns are shown too; headgate clear <provider|alias> ends them.",
    )
    .action(cli.run((options: Options) => providers(cli, options)));
}

async function providers(cli: Cli, options: Options): Promise<number> {
  const assembly = await assemble(cli, options);
  const { resolved, compilation } = assembly;
  if (resolved === undefined) {
    report(cli, "pretty", assembly, true);
    cli.err(summarise(assembly, compilation.providerCount, compilation.modelCount));
    return EXIT.failed;
  }
  if (options.age === true) {
    const facts = agedFacts(resolved.catalog, cli.nowMs());
    cli.out(options.json === true ? JSON.stringify(facts, null, 2) : agedText(facts));
    return EXIT.ok;
  }
  const live = await askIfRunning(cli, options, "/admin/cooldowns");
  const cooldowns = (live?.answer as { cooldowns: LiveCooldown[] } | undefined)?.cooldowns;
  const statusOf = new Map(resolved.resolution.providers.map((status) => [status.id, status]));
  const rows = resolved.catalog.providers.flatMap(({ id, tier, auth, models, instances }): ProviderRow[] => {
    const status = statusOf.get(id);
    if (status === undefined) return [];
    const { flag, active, reason, keys, condition } = status;
    // What .env names is all there is.
    const all = instances === undefined ? models.length : status.models;
    const key = keyCell(instances === undefined ? auth : { optional: true }, status);
    const known = present({ condition, cooldowns: cooldowns?.filter((one) => one.provider === id) });
    const offered = { active: status.models, all };
    return [{ provider: id, tier, flag, key, keys, models: offered, active, reason, ...known }];
  });
  if (options.json === true) cli.out(JSON.stringify(rows, null, 2));
  else {
    const cooling = live === undefined ? "" : `\n\n${coolingText(live.url, cooldowns ?? [])}`;
    cli.out(providerTable(rows, cli.colour()) + cooling);
  }
  return EXIT.ok;
}

export const coolingText = (url: string, cooldowns: readonly LiveCooldown[]): string =>
  cooldowns.length === 0
    ? `Nothing cools down in the gateway at ${url}.`
    : `Cooling down in the gateway at ${url}:\n\n${cooldownTable(cooldowns)}`;

function keyCell(auth: { readonly optional: boolean } | undefined, { keys }: ProviderStatus): string {
  if (auth === undefined) return "none needed";
  if (keys > 0) return count(keys, "key");
  return auth.optional ? "optional" : "missing";
}

/** An unusable provider's reason is its condition already. */
function stateOf({ active, reason, condition }: ProviderRow): string {
  const limited = condition?.state === "limited" ? ` (limited: ${condition.reason})` : "";
  return `${active ? "active" : `off: ${reason}`}${limited}`;
}

export function providerTable(rows: readonly ProviderRow[], colour: boolean): string {
  const paint = createColors(colour);
  const active = rows.filter((row) => row.active);
  const cells = [...active, ...rows.filter((row) => !row.active)].map((row) => [
    row.provider,
    row.tier,
    row.flag,
    row.key,
    row.active && row.models.active !== row.models.all
      ? `${row.models.active} of ${row.models.all}`
      : String(row.models.all),
    stateOf(row),
  ]);
  const table = alignColumns(
    [["PROVIDER", "TIER", "FLAG", "KEY", "MODELS", "STATE"], ...cells],
    (cell, row) => {
      if (row === 0) return paint.dim(cell);
      return row <= active.length ? paint.green(cell) : cell;
    },
  );
  return `${table}\n\n${active.length} of ${count(rows.length, "provider")} active`;
}
