/** `headgate keys verify`: assemble, test, report. Nothing here catches Ctrl-C, so that it stops at once. */
import { type Catalog, type CatalogProvider, instanceVariables, present } from "@headgate/contract";
import { type KeyCheck, verifyKeys } from "@headgate/runtime/verify-keys";
import { assemble } from "../assemble.ts";
import { chosen, entryOf, nothingToDo } from "../choose-provider.ts";
import { type Cli, EXIT, Failure } from "../cli.ts";
import { readCatalogEnvironment, readEnvFile } from "../environment.ts";
import { report, summarise } from "../report.ts";
import { readSecrets } from "../serve/active-table.ts";
import { type Place, remedyFor } from "./remedy.ts";
import { type KeyRow, keyTable, type Skipped } from "./row.ts";
import { findUnready } from "./unready.ts";

export interface VerifyOptions {
  readonly envFile?: string;
  readonly json?: true;
  readonly provider?: string;
  readonly root?: string;
  readonly timeoutMs: number;
}

export async function verify(cli: Cli, options: VerifyOptions): Promise<number> {
  const assembly = await assemble(cli, options);
  const { resolved, compilation, place } = assembly;
  if (resolved === undefined) {
    report(cli, "pretty", assembly, true);
    cli.err(summarise(assembly, compilation.providerCount, compilation.modelCount));
    return EXIT.failed;
  }
  const { catalog, table, resolution } = resolved;
  const isWanted = chosen(catalog, options.provider);
  const envFile = readEnvFile({ cwd: cli.cwd, env: cli.env, ...place, given: options.envFile });
  const { values } = readCatalogEnvironment(envFile, cli.env, catalog);
  const unready = findUnready(resolution, values);

  const only = new Set(table.providers.map(({ id }) => id).filter(isWanted));
  const { checks, inProcess } = await verifyKeys({
    table,
    secrets: readSecrets(table, envFile, cli.env),
    version: cli.version,
    timeoutMs: options.timeoutMs,
    nowMs: cli.nowMs,
    only,
    onChecked: (done, total) => cli.progress(`${done} of ${total} checked`),
  });
  cli.progress("");

  const rows = [...checks.map((check) => rowOf(check, catalog)), ...unready.rows]
    .filter(({ provider }) => isWanted(provider))
    .toSorted((a, b) => (a.provider < b.provider ? -1 : a.provider > b.provider ? 1 : 0));
  const skipped: readonly Skipped[] = [
    ...inProcess.map(({ id }) => ({ provider: id, reason: "it runs inside the gateway and has no key" })),
    ...unready.skipped.filter(({ provider }) => isWanted(provider)),
  ];
  if (rows.length === 0 && skipped.length === 0) throw new Failure(nothingToDo(options.provider, resolution));
  const ok = rows.every(({ state }) => state === "OK");
  cli.out(
    options.json === true
      ? JSON.stringify({ ok, keys: rows, skipped }, null, 2)
      : keyTable(rows, skipped, cli.colour()),
  );
  return ok ? EXIT.ok : EXIT.failed;
}

function rowOf(check: KeyCheck, catalog: Catalog): KeyRow {
  const { provider, variable, state, by, failure } = check;
  const known = entryOf(catalog, provider.id);
  if (known === undefined) throw new Error(`${provider.id} is in the table and not in the catalogue`);
  return {
    provider: provider.id,
    key: variable ?? null,
    state,
    remedy: remedyFor(check, { known, baseUrlVariable: baseUrlVariable(known, provider.id) }),
    ...present({
      by,
      message: failure?.message,
      class: failure?.class,
      status: failure?.status,
      retryAfterMs: failure?.retryAfterMs,
    }),
  };
}

function baseUrlVariable(
  { id, baseUrl, instances }: CatalogProvider,
  routed: string,
): Place["baseUrlVariable"] {
  if (instances === undefined) return baseUrl?.env;
  return instanceVariables(instances.prefix, Number(routed.slice(id.length + 1))).baseUrl;
}
