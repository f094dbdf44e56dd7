/** `headgate init`: which providers, a key for each, checked as it is pasted, written to .env. */
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Catalog, type CatalogProvider, closest, resolve, type Tier } from "@headgate/contract";
import { type KeyCheck, verifyKeys } from "@headgate/runtime/verify-keys";
import { createColors } from "picocolors";
import { assemble } from "./assemble.ts";
import { type Cli, count, EXIT, Failure } from "./cli.ts";
import { readCatalogEnvironment, readEnvFile } from "./environment.ts";
import { remedyFor } from "./keys/remedy.ts";
import { report, summarise } from "./report.ts";
import { selfCommand } from "./self-command.ts";
import { setVariables } from "./settings/env-text.ts";
import { writeWhole } from "./settings/files.ts";
import { alignColumns } from "./table.ts";

export interface InitOptions {
  readonly envFile?: string;
  readonly root?: string;
  readonly timeoutMs: number;
}

const ORDER: readonly Tier[] = ["free", "subscription", "paid"];
const TITLES: Readonly<Partial<Record<Tier, string>>> = {
  free: "Free within limits",
  subscription: "On a subscription of yours",
  paid: "Paid by use",
};

/** @param named the providers of the command line; none: the user is asked */
export async function init(cli: Cli, named: readonly string[], options: InitOptions): Promise<number> {
  const assembly = await assemble(cli, options);
  const { resolved, place, compilation } = assembly;
  if (resolved === undefined) {
    report(cli, "pretty", assembly, true);
    cli.err(summarise(assembly, compilation.providerCount, compilation.modelCount));
    return EXIT.failed;
  }
  const envFile = readEnvFile({ cwd: cli.cwd, env: cli.env, ...place, given: options.envFile });
  const { path } = envFile;
  const { catalog } = resolved;
  const { values } = readCatalogEnvironment(envFile, cli.env, catalog);
  const before = textOf(path, place.root);
  const offered = offeredBy(catalog);
  const wanted = named.length > 0 ? pick(named, offered) : await choose(cli, offered);
  const added: Record<string, string> = {};
  for (const provider of wanted)
    Object.assign(added, await keyFor(cli, catalog, provider, { ...values, ...added }, options.timeoutMs));
  if (existsSync(path) && Object.keys(added).length === 0) {
    cli.err(`${path} is as it was`);
    return EXIT.ok;
  }
  writeWhole(path, setVariables(before, added), 0o600);
  if (process.platform !== "win32") chmodSync(path, 0o600);
  const flags = Object.values(added).filter((value) => value === "1").length;
  cli.err(`wrote ${path}: ${count(flags, "provider")} switched on`);
  cli.out(`Next: ${selfCommand(cli)} serve`);
  return EXIT.ok;
}

/** What .env has, or what it begins with. */
function textOf(path: string, root: string): string {
  for (const file of [path, join(root, ".env.example")])
    if (existsSync(file)) return readFileSync(file, "utf8");
  return "";
}

/** Those that take a key and have an address of their own, free ones first. */
const offeredBy = ({ providers }: Catalog): CatalogProvider[] =>
  ORDER.flatMap((tier) =>
    providers.filter(
      (one) =>
        one.tier === tier &&
        one.auth !== undefined &&
        one.status?.state !== "unusable" &&
        one.baseUrl?.default?.startsWith("https:") === true,
    ),
  );

async function choose(cli: Cli, offered: readonly CatalogProvider[]): Promise<CatalogProvider[]> {
  const paint = createColors(cli.colourErrors());
  for (const tier of ORDER) {
    const rows = offered
      .filter((provider) => provider.tier === tier)
      .map(({ id, models, signup }) => ["", id, count(models.length, "model"), signup ?? ""]);
    if (rows.length > 0) cli.err(`${paint.bold(TITLES[tier] ?? tier)}\n${alignColumns(rows)}\n`);
  }
  for (;;) {
    const answer = await cli.ask("Which providers? Ids with blanks between, Enter for none: ");
    const ids = (answer ?? "").split(/[\s,]+/).filter((id) => id !== "");
    try {
      return pick(ids, offered);
    } catch (error) {
      if (!(error instanceof Failure) || answer === undefined) throw error;
      cli.err(error.message);
    }
  }
}

/** @throws {Failure} for an id that is not offered */
function pick(ids: readonly string[], offered: readonly CatalogProvider[]): CatalogProvider[] {
  return [...new Set(ids)].map((id) => {
    const found = offered.find((provider) => provider.id === id);
    if (found !== undefined) return found;
    const near = closest(
      id,
      offered.map((provider) => provider.id),
    );
    throw new Failure(
      `no provider that takes a key is called ${id}${near === undefined ? "" : `; did you mean ${near}?`}`,
    );
  });
}

/** Asks until a key works, or is kept or skipped. @returns what to write to .env */
async function keyFor(
  cli: Cli,
  catalog: Catalog,
  provider: CatalogProvider,
  values: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<Record<string, string>> {
  const { id, name, auth, flag, signup } = provider;
  if (auth === undefined) return {};
  const optional = auth.optional ? ", Enter for none" : ", Enter to skip";
  cli.err(`\n${name}${signup === undefined ? "" : `: create a key at ${signup}`}`);
  let pending: string | undefined;
  for (;;) {
    const again = pending === undefined ? optional : ", or Enter to keep that one";
    const pasted = (await cli.ask(`Paste the key (${auth.env})${again}: `, true))?.trim() ?? "";
    if (pasted === "") {
      if (pending !== undefined) return { [flag]: "1", [auth.env]: pending };
      return auth.optional ? { [flag]: "1" } : {};
    }
    if (/\s/.test(pasted)) {
      cli.err("A key has no blanks in it.");
      continue;
    }
    pending = pasted;
    const next = { ...values, [flag]: "1", [auth.env]: pasted };
    const checked = await check(cli, catalog, next, provider, timeoutMs);
    if (checked === undefined || checked.state === "OK") {
      cli.err(checked === undefined ? `${id}: the key cannot be checked` : `${id}: the key works`);
      return { [flag]: "1", [auth.env]: pasted };
    }
    const failed = checked;
    const place = { known: provider, baseUrlVariable: provider.baseUrl?.env };
    cli.err(
      failed.failure?.class === "network" || failed.failure?.class === "timeout"
        ? `${id} cannot be reached, so the key is not checked; is there a network?`
        : `${id} ${failed.state}: ${remedyFor(failed, place)}`,
    );
  }
}

/** With the .env as it would be. */
async function check(
  cli: Cli,
  catalog: Catalog,
  values: Readonly<Record<string, string>>,
  { id, auth }: CatalogProvider,
  timeoutMs: number,
): Promise<KeyCheck | undefined> {
  const { table } = resolve(catalog, values);
  const { checks } = await verifyKeys({
    table,
    secrets: values,
    version: cli.version,
    timeoutMs,
    nowMs: cli.nowMs,
    only: new Set([id]),
  });
  return checks.find(({ variable }) => variable === auth?.env);
}
