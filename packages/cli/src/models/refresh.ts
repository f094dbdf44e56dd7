/**
 * `headgate models refresh`: list, try, compare, show, and only if asked write. Nothing catches Ctrl-C but the moment in
 * which files are put in place, so that it stops at once and leaves no half behind.
 */
import { setTimeout as timer } from "node:timers/promises";
import { readOptions } from "@headgate/contract";
import { isListing, type Survey, surveyModels } from "@headgate/runtime/refresh-models";
import { type Assembly, assemble } from "../assemble.ts";
import { chosen, entryOf, nothingToDo } from "../choose-provider.ts";
import { type Cli, EXIT, Failure } from "../cli.ts";
import type { RefreshOptions } from "../commands/models-refresh.ts";
import { readCatalogEnvironment, readEnvFile, readOptionEnvironment } from "../environment.ts";
import { findUnready } from "../keys/unready.ts";
import { resolveStateDir } from "../place.ts";
import { report, summarise } from "../report.ts";
import { readSecrets } from "../serve/active-table.ts";
import { type Comparison, candidatesOf, compare } from "./compare.ts";
import { unifiedDiff } from "./diff.ts";
import { type Edits, makeEdits } from "./edits.ts";
import {
  cachePath,
  type KnownFailure,
  type KnownFailures,
  type ReadCache,
  readCache,
  writeCache,
} from "./failure-cache.ts";
import { judge, type Reasoned, type Verdict } from "./judge.ts";
import type { Outcome } from "./outcome.ts";
import { type Skipped, showEdits, showOutcomes } from "./show.ts";
import { type Written, writeEdits } from "./write.ts";

type Resolved = NonNullable<Assembly["resolved"]>;

export async function refresh(cli: Cli, options: RefreshOptions): Promise<number> {
  if (options.update === true && options.yes !== true && cli.confirm === undefined) {
    throw new Failure(
      "--update asks before it writes, and there is no terminal to ask on; add --yes to write unasked",
      EXIT.usage,
    );
  }
  const assembly = await assemble(cli, options);
  const { place, resolved, compilation } = assembly;
  if (place.builtIn) {
    throw new Failure(
      "there is no providers/ folder here: models refresh changes fragments, and an installed package has none of " +
        "its own; run it in a checkout, or give --root",
    );
  }
  if (resolved === undefined) {
    report(cli, "pretty", assembly, true);
    cli.err(summarise(assembly, compilation.providerCount, compilation.modelCount));
    return EXIT.failed;
  }
  const envFile = readEnvFile({ cwd: cli.cwd, ...place, given: options.envFile });
  const gateway = readOptions(readOptionEnvironment(envFile, cli.env).values).options;
  const stateDir = resolveStateDir(cli.cwd, place.home, options.stateDir, gateway.stateDir);
  const cache = readCache(stateDir);
  if (cache.warning !== undefined) cli.err(`headgate: ${cache.warning}`);

  const { catalog, table } = resolved;
  const { values } = readCatalogEnvironment(envFile, cli.env, catalog);
  const { only, skipped: unasked } = whomToAsk(resolved, chosen(catalog, options.provider), values);
  const compared = new Map<string, Comparison>();
  const { surveys, inProcess } = await surveyModels({
    table,
    secrets: readSecrets(table, envFile, cli.env),
    version: cli.version,
    timeoutMs: options.timeoutMs,
    nowMs: cli.nowMs,
    wait: (ms) => timer(ms),
    only,
    choose({ id }, listed) {
      const provider = entryOf(catalog, id);
      if (provider === undefined) throw new Error(`${id} is in the table and not in the catalogue`);
      const failures =
        options.retestFailed === true
          ? new Map()
          : (cache.failures.get(id) ?? new Map<string, KnownFailure>());
      const comparison = compare({ provider, listed, failures });
      compared.set(id, comparison);
      return candidatesOf(comparison);
    },
    onProgress: ({ listed, providers, tried, toTry }) =>
      cli.progress(`${listed} of ${providers} providers listed, ${tried} of ${toTry} models tried`),
  });
  cli.progress("");
  const skipped: readonly Skipped[] = [
    ...unasked,
    ...inProcess.map(({ id }) => ({ provider: id, reason: "it answers by itself and has no list" })),
  ];
  if (surveys.length === 0 && skipped.length === 0)
    throw new Failure(nothingToDo(options.provider, resolved.resolution));

  const judged = surveys.map((survey) => {
    const comparison = compared.get(survey.provider.id);
    const verdict =
      comparison === undefined ? undefined : judge(comparison, survey.probes, survey.stopped, cli.nowMs());
    return { survey, comparison, verdict };
  });
  if (cache.writable) save(cli, stateDir, cache, remembered(cache, judged));
  const sound = judged.flatMap(({ survey, verdict }) => {
    const provider = entryOf(catalog, survey.provider.id);
    return provider === undefined || verdict === undefined || verdict.trouble !== undefined
      ? []
      : [{ provider, verdict }];
  });
  const edits = await makeEdits({
    root: place.root,
    catalog,
    adapters: compilation.adapters,
    verdicts: sound,
    date: new Date(cli.nowMs()).toISOString().slice(0, 10),
  });
  const outcomes = judged.map((entry) => outcomeOf(entry, edits));
  if (options.json !== true) {
    cli.out(showOutcomes(outcomes, skipped, cli.colour()));
    if (edits.files.length > 0) cli.out(showEdits(edits, cli.colour()));
  }
  const failed = surveys.length > 0 && sound.length === 0;
  const end: Written = failed
    ? { code: EXIT.failed, written: false, said: "Every provider failed, so nothing was touched." }
    : await writeEdits(cli, edits, {
        root: place.root,
        stateDir,
        compilation,
        update: options.update === true,
        yes: options.yes === true,
      });
  if (options.json === true) {
    const { files, pruned } = edits;
    const { code, written, backup } = end;
    const changes = files.map((file) => ({ path: file.path, diff: unifiedDiff(file) }));
    const document = { ok: code === EXIT.ok, providers: outcomes, skipped, changes, pruned, written };
    cli.out(JSON.stringify(backup === undefined ? document : { ...document, backup }, null, 2));
  } else cli.out(`\n${end.said}`);
  return end.code;
}

/** A refresh is good for something without its memory too. */
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

/** Active, wanted, and with models that stand in a fragment. */
function whomToAsk(
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

interface Judged {
  readonly survey: Survey;
  /** Both absent where its list could not be read. */
  readonly comparison: Comparison | undefined;
  readonly verdict: Verdict | undefined;
}

/** What was known, without what answers now or is no longer listed, and with what was learned. */
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

function outcomeOf({ survey, comparison, verdict }: Judged, { added, nameless }: Edits): Outcome {
  const { listing } = survey;
  const { id } = survey.provider;
  if (comparison === undefined || verdict === undefined || !isListing(listing)) {
    const trouble = isListing(listing)
      ? "it was not compared"
      : `its list cannot be read: ${listing.message}`;
    return { ...NOTHING, provider: id, state: "failed", trouble };
  }
  const { trouble } = verdict;
  const reasoned = ({ model: { alias, upstream }, reason }: Reasoned) => ({ alias, upstream, reason });
  return {
    provider: id,
    state: trouble === undefined ? "ok" : "failed",
    ...(trouble === undefined ? {} : { trouble }),
    listed: listing.models.length,
    unchanged: comparison.unchanged.length,
    added: added
      .filter(({ provider }) => provider === id)
      .map(({ alias, upstream }) => ({ alias, upstream })),
    gone: trouble === undefined ? verdict.gone.map(reasoned) : [],
    kept: [...verdict.kept, ...(trouble === undefined ? [] : verdict.gone)].map(reasoned),
    failed: verdict.failed.map(({ upstream, failure, remembered: kept }) => ({
      upstream,
      class: failure.class,
      message: failure.message,
      remembered: kept,
    })),
    known: comparison.known.map(({ upstream, failure }) => ({ upstream, ...failure })),
    untried: verdict.untried,
    ...(survey.stopped === undefined ? {} : { stopped: survey.stopped.message }),
    leftOut: [
      ...verdict.leftOut,
      ...nameless
        .filter(({ provider }) => provider === id)
        .map(({ upstream }) => ({ upstream, reason: "no alias can be made of its id; add it by hand" })),
    ],
    unreadable: listing.unreadable,
  };
}

const NOTHING = {
  listed: 0,
  unchanged: 0,
  added: [],
  gone: [],
  kept: [],
  failed: [],
  known: [],
  untried: [],
  leftOut: [],
  unreadable: 0,
};
