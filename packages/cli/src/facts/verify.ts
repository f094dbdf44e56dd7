/** `headgate facts verify`: plan, ask, call, report, and with --contribute write. Ctrl-C stops it; what was seen is kept. */
import { mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setTimeout as timer } from "node:timers/promises";
import { type CatalogProvider, present, readOptions } from "@headgate/contract";
import { type Observation, observeFacts } from "@headgate/runtime/verify-facts";
import { createColors } from "picocolors";
import { assemble } from "../assemble.ts";
import { entryOf, nothingToDo } from "../choose-provider.ts";
import { type Cli, count, EXIT, Failure } from "../cli.ts";
import { readEnvFile, readOptionEnvironment } from "../environment.ts";
import { resolveStateDir } from "../place.ts";
import { report, summarise } from "../report.ts";
import { readSecrets } from "../serve/active-table.ts";
import { alignColumns } from "../table.ts";
import { writeFiles } from "../write-files.ts";
import { contributedEdits, recordedExchanges } from "./contribute.ts";
import { type Finding, type Findings, findingsOf } from "./findings.ts";
import { checkId, dollars, planCalls } from "./plan.ts";
import { factsDigest, readProgress, writeProgress } from "./progress.ts";
import { scrubber } from "./scrub.ts";

export interface FactsOptions {
  readonly again?: true;
  readonly calls: number;
  readonly contribute?: string;
  readonly envFile?: string;
  readonly json?: true;
  readonly root?: string;
  readonly spend: number;
  readonly stateDir?: string;
  readonly timeoutMs: number;
  readonly yes?: true;
}

export async function verifyFacts(cli: Cli, id: string, options: FactsOptions): Promise<number> {
  const assembly = await assemble(cli, options);
  const { resolved, compilation, place } = assembly;
  if (resolved === undefined) {
    report(cli, "pretty", assembly, true);
    cli.err(summarise(assembly, compilation.providerCount, compilation.modelCount));
    return EXIT.failed;
  }
  const { catalog, table, resolution } = resolved;
  const provider = entryOf(catalog, id);
  if (provider === undefined) throw new Failure(`no provider is called ${id}; headgate providers lists them`);
  const index = table.providers.findIndex((one) => one.id === provider.id);
  if (index === -1 || provider.instances !== undefined)
    throw new Failure(
      provider.instances === undefined
        ? nothingToDo(provider.id, resolution)
        : `the models of ${provider.id} are named in .env, so the catalogue has no facts of them`,
    );
  const envFile = readEnvFile({ cwd: cli.cwd, env: cli.env, ...place, given: options.envFile });
  const { options: own } = readOptions(readOptionEnvironment(envFile, cli.env).values);
  const stateDir = resolveStateDir(cli.cwd, place.home, options.stateDir, own.stateDir);
  const earlier = options.again === true ? undefined : readProgress(stateDir, provider, cli.nowMs());
  const before = earlier?.observations ?? [];
  const planned = planCalls({
    provider,
    deployments: table.deployments.filter((deployment) => deployment.provider === index),
    maxCalls: options.calls,
    spendUsd: options.spend,
    done: new Set(before.map(checkId)),
  });
  await agree(cli, provider, planned.calls.length, planned.usd, options.yes === true);

  const secrets = readSecrets(table, envFile, cli.env);
  const keyVars = table.providers[index]?.keyVars ?? [];
  const hidden = keyVars.flatMap((name) => secrets[name] ?? []).flatMap((key) => [key, ...key.split(":")]);
  const ids = [provider.id, ...provider.models.flatMap(({ alias, upstream }) => [alias, upstream])];
  const scrub = scrubber({ hidden: hidden.filter((part) => part.length >= 4), ids });
  const startedAtMs = earlier?.startedAtMs ?? cli.nowMs();
  const observed: Observation[] = [...before];
  const seen = await observeFacts({
    table,
    provider: provider.id,
    secrets,
    version: cli.version,
    timeoutMs: options.timeoutMs,
    nowMs: cli.nowMs,
    wait: (ms) => timer(ms),
    calls: planned.calls,
    maxRequests: options.calls,
    onObserved(observation, done) {
      cli.progress(`${done} of ${planned.calls.length} calls`);
      observed.push(scrubbedObservation(observation, scrub));
      writeProgress(stateDir, provider.id, {
        facts: factsDigest(provider),
        startedAtMs,
        observations: observed,
      });
    },
  });
  cli.progress("");
  if (seen === undefined)
    throw new Failure(`${provider.id} answers inside the gateway, so it has no facts to check`);
  const { listing, stopped } = seen;
  const found = findingsOf({
    provider,
    listing: "models" in listing ? listing : undefined,
    observations: observed,
    left: planned.left,
    stopped: stopped ?? ("models" in listing ? undefined : listing.message),
  });
  const clean = found.findings.map((finding) => scrubbed(finding, scrub));
  const written =
    options.contribute === undefined
      ? []
      : contribute(cli, options.contribute, {
          root: place.root,
          catalog,
          adapters: compilation.adapters,
          provider,
          found,
          observations: observed,
          scrub,
          date: new Date(cli.nowMs()).toISOString().slice(0, 10),
        });
  const contradicted = clean.some(({ state }) => state === "contradicted");
  cli.out(
    options.json === true
      ? JSON.stringify(
          {
            ok: !contradicted,
            provider: provider.id,
            calls: seen.observations.length,
            facts: clean,
            written,
            ...present({ stopped: stopped === undefined ? undefined : scrub(stopped) }),
          },
          null,
          2,
        )
      : reportText(clean, written, { colour: cli.colour(), stopped: stopped && scrub(stopped) }),
  );
  return contradicted ? EXIT.failed : EXIT.ok;
}

/** Calls under a free tier take quota, and others cost. */
async function agree(
  cli: Cli,
  { id, tier }: CatalogProvider,
  calls: number,
  usd: number,
  yes: boolean,
): Promise<void> {
  if (calls === 0 || yes) return;
  if (cli.confirm === undefined)
    throw new Failure(
      "facts verify asks before it calls, and there is no terminal for it; add --yes",
      EXIT.usage,
    );
  const cost = usd === 0 ? `cost nothing and take quota of the ${tier} tier` : `cost at most ${dollars(usd)}`;
  if (!(await cli.confirm(`Make ${count(calls, "call")} to ${id}, which ${cost}?`)))
    throw new Failure("nothing was called");
}

/** Nothing that is kept or written holds what a provider said as it came. */
const scrubbedObservation = (observation: Observation, scrub: (text: string) => string): Observation => ({
  ...observation,
  ...present({
    body: observation.body && scrub(observation.body),
    failure: observation.failure && { ...observation.failure, message: scrub(observation.failure.message) },
  }),
});

const scrubbed = (finding: Finding, scrub: (text: string) => string): Finding => ({
  ...finding,
  ...present({ seen: finding.seen && scrub(finding.seen), why: finding.why && scrub(finding.why) }),
});

function contribute(
  cli: Cli,
  folder: string,
  input: Parameters<typeof contributedEdits>[0],
): readonly string[] {
  const directory = resolve(cli.cwd, folder);
  const files = new Map(contributedEdits(input).map(({ path, after }) => [path, after]));
  const exchanges = recordedExchanges(input);
  if (exchanges !== undefined) files.set(`providers/${input.provider.id}/fixtures/exchanges.json`, exchanges);
  for (const path of files.keys()) mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFiles(directory, files);
  return [...files.keys()].map((path) => join(folder, path));
}

function reportText(
  findings: Findings["findings"],
  written: readonly string[],
  { colour, stopped }: { readonly colour: boolean; readonly stopped: string | undefined },
): string {
  const { dim, green, red, yellow } = createColors(colour);
  const rows = findings.map(({ alias, fact, state, stated = "", seen = "", why = "" }) => [
    alias,
    fact,
    state,
    stated,
    seen,
    why,
  ]);
  const paint = { confirmed: green, contradicted: red, "not tested": yellow };
  const table = alignColumns(
    [["MODEL", "FACT", "STATE", "STATED", "SEEN", "WHY"], ...rows],
    (cell, row, column) => {
      if (row === 0) return dim(cell);
      const state = findings[row - 1]?.state;
      return column === 2 && state !== undefined ? paint[state](cell) : cell;
    },
  );
  const sum = (wanted: Finding["state"]): number => findings.filter(({ state }) => state === wanted).length;
  return [
    table,
    "",
    ...(stopped === undefined ? [] : [`The calls ended early: ${stopped}`]),
    `${sum("confirmed")} confirmed, ${sum("contradicted")} contradicted, ${sum("not tested")} not tested`,
    ...(written.length === 0
      ? []
      : [`Written for a pull request, without keys: ${written.join(", ")}. Read them before you send them.`]),
  ].join("\n");
}
