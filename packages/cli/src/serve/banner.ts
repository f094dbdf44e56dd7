/** The text that `serve` prints when it is ready: what is on, how many others are off, and one request that works. */
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
  /** A command of this program with the gateway's own flags, such as `npx headgate key`. It never holds a key. */
  readonly command: (name: string) => string;
  readonly colour: boolean;
}

const SHARED =
  "The gateways share the client key and one account of this machine's memory; each counts the limits of its own requests.";

/** With the lines around them the text fits a terminal of 24 lines. */
const MOST_ROWS = 10;

export function banner({ table, version, url, neighbours, command, colour }: BannerInput): string {
  const paint = createColors(colour);
  const lines = [`${paint.bold(`headgate ${version}`)}  ${paint.underline(url)}`, ""];
  if (neighbours.length > 0) lines.push(`Joins ${neighbours.join(", ")} on one state directory.`, SHARED, "");
  lines.push(providerLines(table, command("providers"), colour), "");
  const model = exampleModel(table);
  if (model !== undefined) lines.push("Try it:", curlLine(url, command("key"), model), "");
  return lines.join("\n");
}

/** What is on, and in one line what is off. */
export function providerLines(table: RoutingTable, command: string, colour: boolean): string {
  const paint = createColors(colour);
  const on = new Set(table.providers.map((provider) => provider.id));
  const active = table.providers.map((provider, index) => {
    const models = table.deployments.filter((deployment) => deployment.provider === index).length;
    const keys = provider.keyVars.length === 0 ? "" : `, ${count(provider.keyVars.length, "key")}`;
    const limited =
      provider.status === undefined ? "" : ` (${provider.status.state}: ${provider.status.reason})`;
    return ["", "on", provider.id, `${count(models, "model")}${keys}${limited}`];
  });
  const shown = active.length > MOST_ROWS ? active.slice(0, MOST_ROWS - 1) : active;
  const off = new Set(table.inactive.flatMap(({ provider }) => (on.has(provider) ? [] : [provider])));
  return [
    ...(shown.length === 0 ? ["No provider is on."] : []),
    alignColumns(shown, (cell) => paint.green(cell)),
    ...(shown.length === active.length ? [] : [`  ${active.length - shown.length} more are on`]),
    ...(off.size === 0
      ? []
      : [paint.dim(`${off.size} more ${off.size === 1 ? "is" : "are"} off: ${command}`)]),
  ]
    .filter((line) => line !== "")
    .join("\n");
}

/** The demo where it is on, since it always answers; otherwise the first chat model that is served. */
export function exampleModel(table: RoutingTable): string | undefined {
  const served = table.deployments.filter(
    (deployment) => deployment.operation === "chat" && deployment.served,
  );
  return (served.find((deployment) => deployment.alias === "demo") ?? served[0])?.alias;
}

export const curlLine = (url: string, keyCommand: string, model: string): string =>
  [
    `  curl -s ${url}/v1/chat/completions \\`,
    `    -H "Authorization: Bearer $(${keyCommand})" \\`,
    `    -H "Content-Type: application/json" \\`,
    `    -d '${JSON.stringify({ model, messages: [{ role: "user", content: "Hello!" }] })}'`,
  ].join("\n");
