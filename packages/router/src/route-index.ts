/**
 * A routing table made ready for look-ups: names to routes, and for every deployment its candidates.
 * Built once per table, never per request.
 */
import {
  comparePatterns,
  type Deployment,
  matchesPattern,
  type Operation,
  present,
  type Route,
  type RoutedProvider,
  type RoutePolicy,
  type RoutingTable,
  type Strategy,
  tierRank,
} from "@headgate/contract";
import { Candidate } from "./candidate.ts";
import { capabilityBits } from "./facts.ts";
import type { Memory } from "./memory.ts";
import { STRATEGIES } from "./score.ts";

export interface IndexedDeployment {
  readonly deployment: Deployment;
  readonly provider: RoutedProvider;
  readonly capabilities: number;
  readonly candidates: readonly Candidate[];
  /** The moment from which it is left out; infinite: none is announced. */
  readonly retiresAtMs: number;
  /** Index of the key that comes first in the next plan: keys rotate. */
  nextKey: number;
}

export interface IndexedRoute {
  readonly name: string;
  readonly kind: Route["kind"] | "direct" | "upstream";
  readonly operation: Operation;
  readonly chain: readonly IndexedDeployment[];
  readonly contextChain: readonly IndexedDeployment[];
  /**
   * All chat models with a known window, for a prompt that fits no window of the chains: by tier, smaller windows first.
   * Absent where a request must not leave its chain.
   */
  readonly windows?: readonly IndexedDeployment[];
  /** The name that a `map` maps to. */
  readonly target?: string;
  /** Only the first candidate is tried. */
  readonly alone?: true;
  /** How the chain is ordered for a request; absent: in its own order. */
  readonly strategy?: Strategy;
  /** Some provider of the chain has several keys. */
  readonly severalKeys: boolean;
  /** Shares of the chain's entries, for the strategy `weighted`. */
  readonly weights?: readonly number[];
  /** Absent: the defaults. */
  readonly policy?: RoutePolicy;
  /** The day from which the named model is retired. */
  readonly retired?: string;
}

export interface RouteIndex {
  readonly table: RoutingTable;
  readonly deployments: readonly IndexedDeployment[];
  /** An alias, a group, a direct name, `<provider>/<upstream id>`, an upstream id, or what the model map makes of it. */
  find(name: string): IndexedRoute | undefined;
  /** Names of groups. */
  readonly groups: ReadonlySet<string>;
  /** Routes that order their candidates by what is known of them. */
  readonly strategic: readonly IndexedRoute[];
  /** The candidates' cooldown identities, for `Memory.keepOnly`. */
  readonly identities: ReadonlySet<string>;
}

/**
 * @param keyId a stable identity of a key variable's current value, so that a changed key starts afresh; never the value
 */
export function indexTable(
  table: RoutingTable,
  memory: Memory,
  keyId: (variable: string) => string,
): RouteIndex {
  const identities = new Set<string>();
  const deployments = table.deployments.map((deployment): IndexedDeployment => {
    const provider = table.providers[deployment.provider];
    if (provider === undefined)
      throw new Error(
        `routing table: ${deployment.alias} names provider ${deployment.provider}, which is not there`,
      );
    const keys = provider.keyVars.length === 0 ? [""] : provider.keyVars;
    const candidates: Candidate[] = [];
    for (const [position, variable] of keys.entries()) {
      const account = `${provider.id}@${variable === "" ? "" : keyId(variable)}`;
      const candidate = new Candidate(
        deployment,
        provider,
        variable === "" ? -1 : position,
        account,
        memory,
        candidates[provider.accounts?.[position] ?? position],
      );
      for (const cooldown of candidate.cooldowns) identities.add(cooldown.id);
      candidates.push(candidate);
    }
    return {
      deployment,
      provider,
      capabilities: capabilityBits(deployment.capabilities),
      retiresAtMs:
        deployment.retires === undefined ? Number.POSITIVE_INFINITY : Date.parse(deployment.retires),
      nextKey: 0,
      candidates,
    };
  });

  const at = (indexes: readonly number[]): IndexedDeployment[] =>
    indexes.map((index) => {
      const found = deployments[index];
      if (found === undefined)
        throw new Error(`routing table: a route names deployment ${index}, which is not there`);
      return found;
    });

  const windows = byWindow(deployments);
  const routes = new Map<string, IndexedRoute>();
  const byAlias = new Map<string, IndexedRoute>();
  const mapped: IndexedRoute[] = [];
  for (const route of table.routes) {
    const chain = at(route.chain);
    const { name, kind, operation, target, strategy, weights, policy, retired } = route;
    const indexed: IndexedRoute = {
      name,
      kind,
      operation,
      chain,
      severalKeys: hasSeveralKeys(chain),
      contextChain: at(route.contextChain),
      // A name for one alias alone means this one, and vectors of two models cannot be compared.
      ...(route.operation === "chat" && route.kind !== "single" ? { windows } : {}),
      ...present({
        target,
        strategy: strategy === "priority" ? undefined : strategy,
        weights,
        policy,
        retired,
      }),
    };
    if (route.kind === "map") {
      mapped.push(indexed);
      continue;
    }
    routes.set(route.name, indexed);
    if (route.kind === "alias") byAlias.set(route.name, indexed);
  }
  addDirectNames(routes, byAlias, deployments);
  addUpstreamNames(routes, byAlias, deployments, windows);

  const find = withMap(routes, mapped, table);
  const strategic = [...routes.values()].filter(
    ({ kind, strategy }) => kind === "group" && strategy !== undefined,
  );
  const groups = new Set(table.routes.flatMap(({ name, kind }) => (kind === "group" ? [name] : [])));
  return { table, deployments, identities, groups, strategic, find };
}

const byWindow = (deployments: readonly IndexedDeployment[]): readonly IndexedDeployment[] =>
  deployments
    .filter(
      ({ deployment: { operation, contextTokens, retired } }) =>
        operation === "chat" && contextTokens !== undefined && retired === undefined,
    )
    .sort(
      ({ deployment: a }, { deployment: b }) =>
        tierRank("chat", a.tier) - tierRank("chat", b.tier) ||
        (a.contextTokens ?? 0) - (b.contextTokens ?? 0),
    );

const hasSeveralKeys = (chain: readonly IndexedDeployment[]): boolean =>
  chain.some(({ candidates }) => candidates.length > 1);

/** The model map comes after every real name, and never answers for a name that means one alias alone. */
function withMap(
  routes: Map<string, IndexedRoute>,
  mapped: IndexedRoute[],
  { inactive }: RoutingTable,
): RouteIndex["find"] {
  mapped.sort((a, b) => comparePatterns(a.name, b.name));
  for (const route of mapped) if (!routes.has(route.name)) routes.set(route.name, route);
  const patterns = mapped.filter(({ name }) => name.includes("*"));
  const alone = new Set(inactive.flatMap((model) => (model.alone === true ? [model.alias] : [])));
  const known = (name: string): IndexedRoute | undefined =>
    routes.get(name) ??
    (alone.has(name) ? undefined : patterns.find((route) => matchesPattern(route.name, name)));
  return (name) => known(name) ?? withStrategy(name, known);
}

/** `auto:fastest` is the group `auto`, ordered otherwise. */
function withStrategy(name: string, known: RouteIndex["find"]): IndexedRoute | undefined {
  const colon = name.lastIndexOf(":");
  const strategy = name.slice(colon + 1);
  if (colon < 1 || !STRATEGIES.has(strategy)) return undefined;
  const route = known(name.slice(0, colon));
  return route === undefined ? undefined : { ...route, name, strategy: strategy as Strategy };
}

/** `<provider>/<upstream id>` is another spelling of the alias, chain included. It also reaches a retired model, before what replaces that. */
function addDirectNames(
  routes: Map<string, IndexedRoute>,
  byAlias: ReadonlyMap<string, IndexedRoute>,
  deployments: readonly IndexedDeployment[],
): void {
  for (const entry of deployments) {
    const { deployment, provider } = entry;
    const name = `${provider.id}/${deployment.upstream}`;
    const alias = byAlias.get(deployment.alias);
    if (alias === undefined || routes.has(name)) continue;
    const chain = alias.chain.includes(entry) ? alias.chain : [entry, ...alias.chain];
    routes.set(name, { ...alias, name, kind: "direct", chain });
  }
}

/**
 * An upstream id alone means every active provider that serves it, in tier order; its policy is that of
 * the first one's alias.
 */
function addUpstreamNames(
  routes: Map<string, IndexedRoute>,
  byAlias: ReadonlyMap<string, IndexedRoute>,
  deployments: readonly IndexedDeployment[],
  windows: readonly IndexedDeployment[],
): void {
  const serving = new Map<string, IndexedDeployment[]>();
  for (const entry of deployments) {
    const { upstream } = entry.deployment;
    if (routes.has(upstream)) continue;
    const list = serving.get(upstream);
    if (list === undefined) serving.set(upstream, [entry]);
    else list.push(entry);
  }
  for (const [name, list] of serving) {
    const operation = list[0]?.deployment.operation ?? "chat";
    const chain = list
      .filter((entry) => entry.deployment.operation === operation)
      .sort(
        ({ deployment: a }, { deployment: b }) =>
          Number(a.retired !== undefined) - Number(b.retired !== undefined) ||
          tierRank(operation, a.tier) - tierRank(operation, b.tier),
      );
    const retired = chain[0]?.deployment.retired;
    const policy = byAlias.get(chain[0]?.deployment.alias ?? "")?.policy;
    const severalKeys = hasSeveralKeys(chain);
    routes.set(name, {
      name,
      kind: "upstream",
      operation,
      chain,
      contextChain: [],
      ...(operation === "chat" ? { windows } : {}),
      severalKeys,
      ...present({ policy, retired }),
    });
  }
}
