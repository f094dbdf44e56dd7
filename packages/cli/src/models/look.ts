/** Lists the models of active providers, tests them, and judges the results. */
import { setTimeout as timer } from "node:timers/promises";
import { present, readOptions, withTag } from "@headgate/contract";
import { isListing, surveyModels } from "@headgate/runtime/refresh-models";
import type { Assembly } from "../assemble.ts";
import { chosen, entryOf, nothingToDo } from "../choose-provider.ts";
import { type Cli, Failure } from "../cli.ts";
import { readCatalogEnvironment, readEnvFile, readOptionEnvironment } from "../environment.ts";
import { findUnready } from "../keys/unready.ts";
import { type Place, resolveStateDir } from "../place.ts";
import { readSecrets } from "../serve/active-table.ts";
import { type Comparison, candidatesOf, compare } from "./compare.ts";
import { describedModels } from "./described.ts";
import { cachePath, type KnownFailures, type ReadCache, readCache, writeCache } from "./failure-cache.ts";
import { judge, judgeList } from "./judge.ts";
import { withKeyless } from "./keyless.ts";
import type { Judged } from "./outcome.ts";
import type { RefreshOptions } from "./refresh-options.ts";
import type { Skipped } from "./show.ts";

type Resolved = NonNullable<Assembly["resolved"]>;

export interface Looked {
  readonly judged: readonly Judged[];
  readonly skipped: readonly Skipped[];
  readonly stateDir: string;
}

/**
 * Remembers permanent failures.
 * @throws {Failure} when no provider is to be listed
 */
export async function look(
  cli: Cli,
  options: RefreshOptions,
  place: Place,
  resolved: Resolved,
): Promise<Looked> {
  const envFile = readEnvFile({ cwd: cli.cwd, env: cli.env, ...place, given: options.envFile });
  const stateDir = stateDirOf(cli, options, place);
  const cache = readCache(stateDir);
  if (cache.warning !== undefined) cli.err(`headgate: ${cache.warning}`);

  const { catalog, table, resolution } = resolved;
  const { values } = readCatalogEnvironment(envFile, cli.env, catalog);
  const isWanted = chosen(catalog, options.provider);
  const { only: on, skipped } = providersToList(resolved, isWanted, values);
  const keyless = options.all === true ? withKeyless(catalog, table, values) : undefined;
  const only = new Set([...on, ...[...(keyless?.ids ?? [])].filter(isWanted)]);
  const secrets = { ...keyless?.secrets, ...readSecrets(table, envFile, cli.env) };
  const described = await describedModels(table, secrets, only);
  const compared = new Map<string, Comparison>();
  const { surveys, inProcess } = await surveyModels({
    table: keyless?.table ?? table,
    ...present({ keyless: keyless?.ids }),
    secrets,
    version: cli.version,
    timeoutMs: options.timeoutMs,
    nowMs: cli.nowMs,
    wait: (ms) => timer(ms),
    only,
    choose({ id }, listed) {
      const provider = entryOf(catalog, id);
      if (provider === undefined) throw new Error(`${id} is in the table and not in the catalogue`);
      const known = options.retestFailed === true ? undefined : cache.failures.get(id);
      const own = described.get(id);
      const stated = own === undefined ? listed : listed.map((model) => own.get(withTag(model.id)) ?? model);
      const comparison = compare({ provider, listed: stated, failures: known ?? new Map() });
      compared.set(id, comparison);
      return candidatesOf(comparison);
    },
    onProgress: ({ listed, providers, tried, toTry }) =>
      cli.progress(`${listed} of ${providers} providers listed, ${tried} of ${toTry} models tested`),
  });
  cli.progress("");
  const notListed: readonly Skipped[] = [
    ...skipped,
    ...inProcess.map(({ id }) => ({ provider: id, reason: "it runs inside the gateway and has no list" })),
  ];
  if (surveys.length === 0 && notListed.length === 0)
    throw new Failure(nothingToDo(options.provider, resolution));

  const judged = surveys.map((survey): Judged => {
    const { id } = survey.provider;
    const comparison = compared.get(id);
    if (comparison === undefined) return { survey };
    const force = options.force === true;
    const verdict =
      keyless?.ids.has(id) === true
        ? judgeList(comparison, force)
        : judge(comparison, survey.probes, survey.stopped, cli.nowMs(), force);
    return { survey, comparison, verdict };
  });
  if (cache.writable) save(cli, stateDir, cache, remembered(cache, judged));
  return { judged, skipped: notListed, stateDir };
}

export function stateDirOf(cli: Cli, options: RefreshOptions, place: Place): string {
  const envFile = readEnvFile({ cwd: cli.cwd, env: cli.env, ...place, given: options.envFile });
  const { stateDir } = readOptions(readOptionEnvironment(envFile, cli.env).values).options;
  return resolveStateDir(cli.cwd, place.home, options.stateDir, stateDir);
}

/** A refresh works without its cache too, so a failed write is only reported. */
function save(cli: Cli, stateDir: string, old: ReadCache, failures: KnownFailures): void {
  const isEmpty = (map: KnownFailures): boolean => [...map.values()].every((models) => models.size === 0);
  if (isEmpty(failures) && isEmpty(old.failures) && old.warning === undefined) return;
  try {
    writeCache(stateDir, failures);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    cli.err(`headgate: ${cachePath(stateDir)} cannot be written (${code ?? "unknown error"})`);
  }
}

/** Active, chosen, and with models in a fragment. */
function providersToList(
  { catalog, table, resolution }: Resolved,
  isWanted: (id: string) => boolean,
  values: Readonly<Record<string, string>>,
): { readonly only: ReadonlySet<string>; readonly skipped: readonly Skipped[] } {
  const active = table.providers.map(({ id }) => id).filter(isWanted);
  const named = active.filter((id) => entryOf(catalog, id)?.instances === undefined);
  const unready = findUnready(resolution, values);
  return {
    only: new Set(named),
    skipped: [
      ...active
        .filter((id) => !named.includes(id))
        .map((provider) => ({ provider, reason: "its models are named in .env, not in a fragment" })),
      ...unready.rows
        .filter(({ provider }) => isWanted(provider) && !active.includes(provider))
        .map(({ provider, remedy }) => ({ provider, reason: remedy })),
      ...unready.skipped.filter(({ provider }) => isWanted(provider)),
    ],
  };
}

/** The known failures, without models that answer now or are no longer listed, and with the new ones. */
function remembered(cache: ReadCache, judged: readonly Judged[]): KnownFailures {
  const failures = new Map(cache.failures);
  for (const { survey, verdict } of judged) {
    const { id } = survey.provider;
    if (verdict === undefined || !isListing(survey.listing)) continue;
    const listed = new Set(survey.listing.models.map((model) => model.id));
    const known = new Map([...(cache.failures.get(id) ?? [])].filter(([upstream]) => listed.has(upstream)));
    for (const { id: upstream } of verdict.add) known.delete(upstream);
    for (const [upstream, failure] of verdict.remember) known.set(upstream, failure);
    failures.set(id, known);
  }
  return failures;
}
