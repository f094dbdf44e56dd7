/** The candidates of a request for a name: the router's own plan, with the catalogue's reasons for inactive models. */
import type { Compilation } from "@headgate/compiler";
import {
  type Catalog,
  closest,
  groupChain,
  lookalikes,
  type Operation,
  policyFor,
  present,
  type RoutePolicy,
  type RoutingTable,
  type Strategy,
} from "@headgate/contract";
import {
  type Candidate,
  type IndexedRoute,
  indexTable,
  isScored,
  Memory,
  NEED,
  needBits,
  plan,
  scoreOf,
} from "@headgate/router";
import { createColors } from "picocolors";
import { policyLines } from "./policy-text.ts";
import { alignColumns } from "./table.ts";

/** Which file decides what. */
export type Decision = ReturnType<Compilation["decisions"]>[number];

export interface CandidateRow {
  readonly alias: string;
  readonly provider: string;
  readonly upstream: string;
  readonly tier: string;
  /** The name of the variable that holds the key; absent for a provider without one. */
  readonly keyVar?: string;
  /** Whether its provider may train on prompts; absent: not known. */
  readonly trains?: boolean;
  /** From 0 to 1; absent where the order is not by score. */
  readonly score?: number;
}

export interface LeftOut {
  readonly alias: string;
  readonly provider: string;
  readonly upstream: string;
  readonly reason: string;
  readonly detail: string;
}

export interface Explanation {
  readonly name: string;
  readonly kind: IndexedRoute["kind"] | "inactive";
  /** The alias or group that the model map sends the name to. */
  readonly mapsTo?: string;
  /** The day from which the named model is retired. */
  readonly retired?: string;
  /** The alias that answers in its place. */
  readonly replacedBy?: string;
  readonly operation: Operation;
  readonly needs: readonly string[];
  /** In the order of trying. */
  readonly candidates: readonly CandidateRow[];
  readonly leftOut: readonly LeftOut[];
  /** Aliases tried when a prompt does not fit the first one's window. */
  readonly contextWindow: readonly string[];
  /** Absent where the defaults apply. */
  readonly policy?: RoutePolicy;
  /** The files that decide what the name means. */
  readonly decidedBy: readonly Decision[];
}

export interface Question {
  readonly name: string;
  /** Names of `NEED`. */
  readonly needs: readonly string[];
  /** Only providers that are known not to train on prompts. */
  readonly noTraining: boolean;
  readonly nowMs: number;
  /** Of a compilation. */
  readonly decisions: (name: string) => readonly Decision[];
}

/** @returns the explanation, or what is wrong with the question */
export function explain(
  catalog: Catalog,
  table: RoutingTable,
  { name, needs, noTraining, nowMs, decisions }: Question,
): Explanation | { readonly unknown: string } | { readonly usage: string } {
  const { bits, unknown } = needBits(needs);
  if (unknown !== undefined)
    return { usage: `${unknown} is no capability; a request can need ${Object.keys(NEED).join(", ")}` };
  const index = indexTable(table, new Memory(), (variable) => variable);
  const route = index.find(name);
  const declared = declaredChain(catalog, route?.target ?? name, route);
  if (route === undefined && declared === undefined) return { unknown: unknownName(catalog, table, name) };

  const planned =
    route === undefined
      ? { candidates: [], skipped: [] }
      : plan(
          route,
          {
            model: name,
            operation: route.operation,
            needs: bits,
            ...(noTraining && { noTraining: true as const }),
          },
          nowMs,
        );
  const leftOut = planned.skipped.map(
    ({ deployment, reason, detail }): LeftOut => ({
      alias: deployment.alias,
      provider: table.providers[deployment.provider]?.id ?? "",
      upstream: deployment.upstream,
      reason,
      detail,
    }),
  );
  const policy = route === undefined ? policyFor(catalog.policies, name) : route.policy;
  return {
    name,
    kind: route?.kind ?? "inactive",
    ...present({ mapsTo: route?.target, retired: route?.retired }),
    ...(route?.retired === undefined ? {} : present({ replacedBy: successorOf(catalog, route) })),
    operation: route?.operation ?? operationOf(catalog, name),
    needs,
    candidates: planned.candidates.map((candidate): CandidateRow => {
      const { deployment, provider, key } = candidate;
      const keyVar = provider.keyVars[key];
      return {
        alias: deployment.alias,
        provider: provider.id,
        upstream: deployment.upstream,
        tier: deployment.tier,
        ...present({ keyVar, trains: provider.trains }),
        ...scoreIn(candidate, route?.strategy, nowMs),
      };
    }),
    leftOut: [...leftOut, ...switchedOff(catalog, table, declared ?? [])],
    contextWindow: route?.contextChain.map(({ deployment }) => deployment.alias) ?? [],
    ...present({ policy }),
    decidedBy: decisions(route?.target ?? aliasOf(route) ?? name),
  };
}

/** What the catalogue names as the successor of the route's retired model. */
function successorOf({ providers }: Catalog, { name, chain }: IndexedRoute): string | undefined {
  const alias = chain[0]?.deployment.alias;
  const models = providers.flatMap((provider) => provider.models);
  const named = models.find((model) => model.alias === name) ?? models.find((model) => model.alias === alias);
  return named?.replacedBy;
}

/** The alias that a name with a provider or an upstream id stands for. */
const aliasOf = (route: IndexedRoute | undefined): string | undefined =>
  route?.kind === "direct" ? route.chain[0]?.deployment.alias : undefined;

function scoreIn(candidate: Candidate, strategy: Strategy | undefined, nowMs: number): { score?: number } {
  if (!isScored(strategy)) return {};
  return { score: Math.round(scoreOf(candidate, strategy, nowMs).total * 100) / 100 };
}

/** The whole chain of the catalogue, active or not; undefined for a name that is not in the catalogue. */
function declaredChain(
  catalog: Catalog,
  name: string,
  route: IndexedRoute | undefined,
): readonly string[] | undefined {
  const group = catalog.groups.find((candidate) => candidate.name === name);
  if (group !== undefined) return groupChain(group, catalog.groups);
  const single = catalog.direct?.find((candidate) => candidate.name === name);
  if (single !== undefined) return [single.alias];
  const alias = route?.kind === "direct" ? aliasOf(route) : name;
  const known = catalog.providers.some(({ models }) => models.some((model) => model.alias === alias));
  return alias !== undefined && known ? [alias, ...(catalog.chains[alias] ?? [])] : undefined;
}

function switchedOff(catalog: Catalog, table: RoutingTable, chain: readonly string[]): LeftOut[] {
  const off = new Map(table.inactive.map((model) => [model.alias, model]));
  return chain.flatMap((alias) => {
    const inactive = off.get(alias);
    if (inactive === undefined) return [];
    const provider = catalog.providers.find(({ id }) => id === inactive.provider);
    const upstream = provider?.models.find((model) => model.alias === alias)?.upstream ?? "";
    return [{ alias, provider: inactive.provider, upstream, reason: "inactive", detail: inactive.fix }];
  });
}

function operationOf(catalog: Catalog, alias: string): Operation {
  const models = catalog.providers.flatMap((provider) => provider.models);
  const group = catalog.groups.find(({ name }) => name === alias);
  const single = catalog.direct?.find(({ name }) => name === alias)?.alias ?? alias;
  return group?.operation ?? models.find((model) => model.alias === single)?.operation ?? "chat";
}

function unknownName(catalog: Catalog, table: RoutingTable, name: string): string {
  const names = new Set<string>();
  for (const { id, models } of catalog.providers) {
    for (const { alias, upstream } of models) names.add(alias).add(upstream).add(`${id}/${upstream}`);
  }
  for (const { name: group } of catalog.groups) names.add(group);
  for (const { name: single } of catalog.direct ?? []) names.add(single);
  const near = closest(name, names);
  // The catalogue has the upstream id, but no provider of it is on.
  if (near === name) {
    const owner = catalog.providers.find(({ id, models }) =>
      models.some(({ upstream }) => upstream === name || `${id}/${upstream}` === name),
    );
    const fix = table.inactive.find(({ provider }) => provider === owner?.id)?.fix;
    if (owner !== undefined && fix !== undefined) return `${name} is switched off: ${fix}`;
  }
  const guesses = near === undefined ? lookalikes(name, names) : [near];
  return `no model is called ${name}${guesses.length === 0 ? "" : `; did you mean ${guesses.join(" or ")}?`}`;
}

export function explanationText(explanation: Explanation, colour: boolean): string {
  const paint = createColors(colour);
  const { name, kind, mapsTo, operation, needs, candidates, leftOut, contextWindow } = explanation;
  const { retired, replacedBy } = explanation;
  const wanted = needs.length === 0 ? "" : `, needs ${needs.join(" and ")}`;
  const lines = [
    paint.bold(`${name}`) +
      paint.dim(` (${mapsTo === undefined ? kind : `maps to ${mapsTo}`}, ${operation}${wanted})`),
    "",
  ];
  if (retired !== undefined) {
    const instead = replacedBy === undefined ? "" : `; ${replacedBy} replaces it`;
    lines.push(paint.yellow(`It is retired since ${retired}${instead}.`), "");
  }
  if (candidates.length === 0) {
    lines.push("No candidate answers it now.");
  } else {
    lines.push("Tried in this order:");
    const rows = candidates.map(({ alias, provider, upstream, tier, keyVar, trains, score }, position) => [
      `  ${position + 1}.`,
      alias,
      `${provider}/${upstream}`,
      tier,
      keyVar ?? "no key",
      trains === undefined ? "training unknown" : trains ? "trains" : "no training",
      ...(score === undefined ? [] : [`score ${score.toFixed(2)}`]),
    ]);
    lines.push(
      alignColumns(rows, (cell, row, column) => (row === 0 && column === 1 ? paint.green(cell) : cell)),
    );
  }
  if (leftOut.length > 0) {
    lines.push("", "Left out:");
    lines.push(alignColumns(leftOut.map(({ alias, provider, detail }) => ["  -", alias, provider, detail])));
  }
  const larger =
    contextWindow.length === 0 ? [] : [`When the prompt is too long: ${contextWindow.join(", ")}`];
  const exceptions = [...larger, ...policyLines(explanation.policy ?? {})];
  if (exceptions.length > 0) lines.push("", ...exceptions);
  const { decidedBy } = explanation;
  if (decidedBy.length > 0) {
    lines.push("", "Decided by:");
    lines.push(alignColumns(decidedBy.map(({ what, file, line }) => [`  ${what}`, `${file}:${line}`])));
  }
  return lines.join("\n");
}
