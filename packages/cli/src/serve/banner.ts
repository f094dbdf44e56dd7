/** The text that `serve` prints when it is ready: active providers, why others are off, and one request that works. */
import type { RoutingTable } from "@headgate/contract";
import { createColors } from "picocolors";
import { count } from "../cli.ts";
import { alignColumns } from "../table.ts";

export interface BannerInput {
  readonly table: RoutingTable;
  readonly version: string;
  readonly url: string;
  /** The gateways that run on the same state directory. */
  readonly neighbours: readonly string[];
  /** The command that prints the client's key; never the key. */
  readonly keyCommand: string;
  readonly colour: boolean;
}

const SHARED =
  "The gateways share the client key and one account of this machine's memory; each counts the limits of its own requests.";

export function banner({ table, version, url, neighbours, keyCommand, colour }: BannerInput): string {
  const paint = createColors(colour);
  const lines = [`${paint.bold(`headgate ${version}`)}  ${paint.underline(url)}`, ""];
  if (neighbours.length > 0) lines.push(`Joins ${neighbours.join(", ")} on one state directory.`, SHARED, "");
  lines.push(providerLines(table, colour), "");
  const model = exampleModel(table);
  if (model !== undefined) lines.push("Try it:", curlLine(url, keyCommand, model), "");
  return lines.join("\n");
}

export function providerLines(table: RoutingTable, colour: boolean): string {
  const paint = createColors(colour);
  const on = new Set(table.providers.map((provider) => provider.id));
  const active = table.providers.map((provider, index) => {
    const models = table.deployments.filter((deployment) => deployment.provider === index).length;
    const keys = provider.keyVars.length === 0 ? "" : `, ${count(provider.keyVars.length, "key")}`;
    const limited =
      provider.status === undefined ? "" : ` (${provider.status.state}: ${provider.status.reason})`;
    return ["on", provider.id, `${count(models, "model")}${keys}${limited}`];
  });
  const off = new Map<string, string>();
  for (const { provider, retired, fix } of table.inactive)
    if (!on.has(provider) && retired !== true) off.set(provider, fix);
  const inactive = [...off].sort().map(([provider, fix]) => ["off", provider, fix]);
  return alignColumns(
    [...active, ...inactive].map((row) => ["", ...row]),
    (cell, row) => (row < active.length ? paint.green(cell) : paint.dim(cell)),
  );
}

/** The demo where it is on, since it always answers; otherwise the first chat model that is served. */
export function exampleModel(table: RoutingTable): string | undefined {
  const served = table.deployments.filter(
    (deployment) => deployment.operation === "chat" && deployment.served,
  );
  return (served.find((deployment) => deployment.alias === "demo") ?? served[0])?.alias;
}

export const curlLine = (url: string, keyCommand: string, model: string): string =>
  `  curl -s ${url}/v1/chat/completions -H "Authorization: Bearer $(${keyCommand})" -H "Content-Type: application/json" ` +
  `-d '${JSON.stringify({ model, messages: [{ role: "user", content: "Hello!" }] })}'`;
