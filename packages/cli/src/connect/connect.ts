/** `headgate connect`: shows what would change in a client's files, changes it, and takes it back. */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { type Options, readOptions } from "@headgate/contract";
import { redactSecrets } from "@headgate/diagnostics";
import { createTwoFilesPatch } from "diff";
import { createColors } from "picocolors";
import { type Cli, EXIT, Failure } from "../cli.ts";
import { clientsOf } from "../clients/where.ts";
import { readEnvFile, readOptionEnvironment } from "../environment.ts";
import { findPlace, resolveStateDir } from "../place.ts";
import { type GatewayWhere, reachable } from "../running-gateway.ts";
import { writeWhole } from "../settings/files.ts";
import { makeStateDir } from "../state-dir.ts";
import {
  type Change,
  isUntouched,
  readJournal,
  removeJournal,
  restore,
  takeStock,
  writeJournal,
} from "./journal.ts";
import { merge } from "./merge.ts";
import { filled, type Recipe, readRecipe, type Values } from "./recipe.ts";

export interface ConnectOptions extends GatewayWhere {
  readonly dryRun?: true;
  readonly yes?: true;
  readonly undo?: true;
  readonly model: string;
  readonly haiku?: string;
  readonly sonnet?: string;
  readonly opus?: string;
  readonly subagent?: string;
}

/** Stands for the key in what is shown. */
const SHOWN_KEY = "<a key of its own>";

interface Edit {
  readonly path: string;
  readonly before: string;
  /** With this key. */
  readonly after: (key: string) => string;
}

export async function connect(cli: Cli, id: string, options: ConnectOptions): Promise<number> {
  const recipe = withModels(readRecipe(id), options);
  const { stateDir, url } = placeOf(cli, options);
  if (options.undo === true) return undo(cli, recipe, stateDir, options);
  const values = (key: string): Values => ({ url, key, model: options.model });
  if (recipe.proof === "none")
    cli.err(`headgate: this recipe is untested: ${recipe.notes ?? "no run and no schema"}`);
  const edits = recipe.files.map((file): Edit => {
    const path = pathOf(cli, file.path);
    const before = existsSync(path) ? readFileSync(path, "utf8") : "";
    return { path, before, after: (key) => merge(path, file.format, before, filled(file.set, values(key))) };
  });
  if (edits.length === 0) return printSteps(cli, recipe, values("$(headgate key)"));
  const colour = cli.colour();
  for (const { path, before, after } of edits) cli.out(differenceOf(path, before, after(SHOWN_KEY), colour));
  if (options.dryRun === true) {
    cli.err("nothing was written (--dry-run)");
    return EXIT.ok;
  }
  if (options.yes !== true) {
    if (cli.confirm === undefined) throw new Failure("nothing was written; --yes writes without a question");
    if (!(await cli.confirm(`Connect ${recipe.name}?`))) {
      cli.err("nothing was written");
      return EXIT.ok;
    }
  }
  const earlier = readJournal(stateDir, id);
  const { name, key } = await keyFor(cli, id, earlier?.client, options);
  makeStateDir(stateDir);
  const changes = edits.map(({ path, after }): [Change, string] => {
    const text = after(key);
    return [
      takeStock(
        path,
        earlier?.changes.find((change) => change.path === path),
        text,
      ),
      text,
    ];
  });
  // First the way back, then the change.
  writeJournal(stateDir, id, {
    client: name,
    ...(options.url === undefined ? {} : { url: options.url }),
    changes: changes.map(([change]) => change),
  });
  for (const [{ path, mode }, text] of changes) writeWhole(path, text, mode);
  cli.err(
    `${recipe.name} uses the gateway at ${url} as ${name}; headgate connect ${id} --undo takes it back`,
  );
  if (recipe.steps.length > 0) printSteps(cli, recipe, values("$(headgate key)"));
  return EXIT.ok;
}

/** Claude Code's models of each size, where the command names them. */
function withModels(recipe: Recipe, { haiku, sonnet, opus, subagent }: ConnectOptions): Recipe {
  const models = {
    ANTHROPIC_DEFAULT_HAIKU_MODEL: haiku,
    ANTHROPIC_DEFAULT_SONNET_MODEL: sonnet,
    ANTHROPIC_DEFAULT_OPUS_MODEL: opus,
    CLAUDE_CODE_SUBAGENT_MODEL: subagent,
  };
  const given = Object.entries(models).filter(([, model]) => model !== undefined);
  if (given.length === 0) return recipe;
  if (recipe.id !== "claude-code")
    throw new Failure("--haiku, --sonnet, --opus and --subagent are for claude-code", EXIT.usage);
  const [file, ...others] = recipe.files;
  if (file === undefined) return recipe;
  const set = [...file.set, ...given.map(([name, value]) => ({ at: `env.${name}`, value }))];
  return { ...recipe, files: [{ ...file, set }, ...others] };
}

/** A key of the client's own; a second `connect` replaces the first one's. */
async function keyFor(
  cli: Cli,
  id: string,
  former: string | undefined,
  options: ConnectOptions,
): Promise<{ readonly name: string; readonly key: string }> {
  const clients = await clientsOf(cli, options);
  try {
    const known = new Map((await clients.list()).map((client) => [client.name, client.state]));
    if (former !== undefined && known.has(former) && known.get(former) !== "revoked")
      return await clients.rotate(former, "0");
    let name = id;
    for (let number = 2; known.has(name); number += 1) name = `${id}-${number}`;
    return await clients.add(name, {});
  } finally {
    await clients.close();
  }
}

async function undo(cli: Cli, recipe: Recipe, stateDir: string, options: ConnectOptions): Promise<number> {
  const journal = readJournal(stateDir, recipe.id);
  if (journal === undefined) {
    cli.err(`${recipe.name} is not connected by this folder; nothing was changed`);
    return EXIT.ok;
  }
  const touched = journal.changes.filter((change) => !isUntouched(change)).map(({ path }) => path);
  if (touched.length > 0 && options.yes !== true)
    throw new Failure(
      `${touched.join(", ")} was changed since; nothing was restored. Take the change over by hand, or run it again with --yes to lose it`,
    );
  if (options.dryRun === true) {
    for (const { path, before } of journal.changes)
      cli.out(`${before === null ? "delete" : "restore"} ${path}`);
    return EXIT.ok;
  }
  for (const change of journal.changes) restore(change);
  await revoke(cli, journal.client, {
    ...options,
    ...(journal.url === undefined ? {} : { url: journal.url }),
  });
  removeJournal(stateDir, recipe.id);
  cli.err(`${recipe.name} is as it was before; its key is revoked`);
  return EXIT.ok;
}

/** The files are restored already: a gateway that does not answer is no reason to fail. */
async function revoke(cli: Cli, name: string, where: GatewayWhere): Promise<void> {
  try {
    const clients = await clientsOf(cli, where);
    await clients.revoke(name).finally(() => clients.close());
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    cli.err(`headgate: its key is not revoked (${error.message}); headgate clients revoke ${name} does it`);
  }
}

function placeOf(cli: Cli, options: ConnectOptions): { readonly stateDir: string; readonly url: string } {
  const place = findPlace(cli, options.root);
  const envFile = readEnvFile({ cwd: cli.cwd, env: cli.env, ...place, given: options.envFile });
  const { options: own }: { options: Options } = readOptions(readOptionEnvironment(envFile, cli.env).values);
  const url = options.url ?? `http://${reachable(own.host)}:${own.port}`;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new Failure(`--url takes an address such as http://gateway.lan:4000, not ${url}`, EXIT.usage);
  return {
    stateDir: resolveStateDir(cli.cwd, place.home, options.stateDir, own.stateDir),
    url: url.replace(/\/+$/, ""),
  };
}

function pathOf({ env }: Pick<Cli, "env">, path: string): string {
  const home = env.HOME ?? homedir();
  const xdg = env.XDG_CONFIG_HOME;
  const config = xdg !== undefined && isAbsolute(xdg) ? xdg : join(home, ".config");
  return resolve(path.replace(/^~(?=\/)/, home).replace("{config}", config));
}

function differenceOf(path: string, before: string, after: string, colour: boolean): string {
  if (before === after) return `${path} is as it should be`;
  const paint = createColors(colour);
  const lines = createTwoFilesPatch(path, path, before, after, "as it is", "as it would be", {
    context: 2,
  }).split("\n");
  return (
    lines
      .slice(1)
      // Another provider's key, or the one of an earlier connect.
      .map((line) => redactSecrets(line).replace(/hgk?-[A-Za-z0-9_-]{20,}/g, "<a key>"))
      .map((line) =>
        /^\+(?!\+\+)/.test(line) ? paint.green(line) : /^-(?!--)/.test(line) ? paint.red(line) : line,
      )
      .join("\n")
  );
}

function printSteps(cli: Cli, recipe: Recipe, values: Values): number {
  cli.out(
    [`${recipe.name}:`, ...recipe.steps.map((step, at) => `  ${at + 1}. ${filled(step, values)}`)].join("\n"),
  );
  return EXIT.ok;
}
