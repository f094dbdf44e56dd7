/** docs/clients-setup.md, from the recipes of `headgate connect`. */
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";

/** What the page shows of a recipe: packages/cli/src/connect/recipe.ts has its whole shape. */
interface Recipe {
  readonly name: string;
  readonly proof: "run" | "schema" | "none";
  readonly version: string;
  readonly sources: readonly { readonly what: string; readonly url: string; readonly date: string }[];
  readonly files?: readonly {
    readonly path: string;
    readonly set: readonly { readonly at: string; readonly value: unknown; readonly key?: string }[];
  }[];
  readonly run?: { readonly program: string };
  readonly steps?: readonly string[];
  readonly notes?: string;
}

const PROOFS: Readonly<Record<Recipe["proof"], string>> = {
  run: "run with the real client",
  schema: "by its documented format",
  none: "untested",
};

const cell = (text: string): string => text.replaceAll("|", "\\|");

const shown = (text: string): string =>
  text
    .replaceAll("{url}", "http://127.0.0.1:4000")
    .replaceAll("{model}", "free-mode")
    .replaceAll("{key}", "<key>");

export function clientsSetup(root: string): string {
  const recipes = globSync("recipes/*.yaml", { cwd: root })
    .sort()
    .map((path): [string, Recipe] => [
      basename(path, ".yaml"),
      parse(readFileSync(join(root, path), "utf8")) as Recipe,
    ]);
  const rows = recipes.map(
    ([id, { name, proof, version, files }]) =>
      `| [${name}](#${id}) | \`headgate connect ${id}\` ${files === undefined ? "prints steps" : "writes files"} | ${PROOFS[proof]}${version === "" ? "" : `, ${version}`} |`,
  );
  return `<!-- Generated from recipes/ by \`make generate\`. Do not edit. -->

# Clients

\`headgate connect <client>\` shows what would change, asks, gives the client a key of its own, and merges the settings into the client's files:
comments, order and all other settings stay. \`--undo\` restores every file byte for byte and revokes the key. \`--dry-run\` writes nothing,
\`--model\` names another model than \`free-mode\`, \`--url\` another machine's gateway. \`headgate run <client>\` starts a client with the gateway
in its environment and writes nothing. \`make connect-clients\` does all of it with the real clients that npm has.

| client | command | proof |
| --- | --- | --- |
${rows.join("\n")}
${recipes.map(([id, recipe]) => `\n${section(id, recipe)}`).join("")}`;
}

function section(id: string, { name, sources, files = [], run, steps = [], notes }: Recipe): string {
  const settings = files.flatMap(({ path, set }) =>
    set.map(
      ({ at, value, key }) =>
        `| \`${path.replace("{config}", "~/.config")}\` | \`${at}${key === undefined ? "" : `[${key}]`}\` | \`${cell(shown(typeof value === "string" ? value : JSON.stringify(value)))}\` |`,
    ),
  );
  const parts = [
    `<a id="${id}"></a>\n\n## ${name}`,
    ...(notes === undefined ? [] : [notes]),
    ...(settings.length === 0
      ? []
      : [`| file | setting | value |\n| --- | --- | --- |\n${settings.join("\n")}`]),
    ...(steps.length === 0 ? [] : [steps.map((step, at) => `${at + 1}. ${shown(step)}`).join("\n")]),
    ...(run === undefined ? [] : [`Without writing anything: \`headgate run ${run.program}\`.`]),
    ...(sources.length === 0
      ? []
      : [`Sources: ${sources.map(({ what, url, date }) => `[${what}](${url}), ${date}`).join("; ")}.`]),
  ];
  return `${parts.join("\n\n")}\n`;
}
