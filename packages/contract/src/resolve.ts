/**
 * resolve(catalog, env): the providers, models and routes that one environment switches on. Pure; the same function serves the compiler, the CLI
 * and the tests. It never reads a key's value, only whether there is one.
 */
import { isNearHost } from "./address.ts";
import {
  type Catalog,
  type CatalogGroup,
  type CatalogModel,
  type CatalogPlan,
  type CatalogProvider,
  groupChain,
  ownModelsOf,
} from "./catalog.ts";
import { type FoundModel, type FoundModels, withoutLatest } from "./found-models.ts";
import { memoryOfSize } from "./local.ts";
import { present } from "./present.ts";
import type { ModelPrice } from "./price.ts";
import type { ProviderStatus, Resolution, ResolveIssue } from "./resolution.ts";
import { instancesOf } from "./resolve-instances.ts";
import { mapRoutes } from "./resolve-map.ts";
import { policyFor } from "./resolve-policy.ts";
import { resolveProvider } from "./resolve-provider.ts";
import {
  type Deployment,
  type FreeOffer,
  type InactiveModel,
  ROUTING_FORMAT,
  type Route,
  type RoutedProvider,
} from "./routing.ts";

/** An alias may be `constructor`, which every object inherits. */
const entryOf = (lists: Readonly<Record<string, readonly string[]>>, alias: string): readonly string[] =>
  (Object.hasOwn(lists, alias) ? lists[alias] : undefined) ?? [];

/** @param found what servers of the operator's own were found to have */
export function resolve(
  catalog: Catalog,
  values: Readonly<Record<string, string>>,
  found: FoundModels = {},
): Resolution {
  const issues: ResolveIssue[] = [];
  const statuses: ProviderStatus[] = [];
  const providers: RoutedProvider[] = [];
  const deployments: Deployment[] = [];
  const inactive: InactiveModel[] = [];
  const indexOf = new Map<string, number>();
  const names = namesOf(catalog);
  /** Aliases of all providers that are on, offered or not. */
  const ofActive = new Set<string>();
  /** Models of providers that cannot be used: what replaces them answers. */
  const ofUnusable: CatalogModel[] = [];
  /** Models of the operator's own servers, for the groups that take them. */
  const own: { readonly index: number; readonly near: boolean }[] = [];
  /** The names by which a server's own users know models of the fragment. */
  const ownNames: { readonly name: string; readonly index: number }[] = [];

  for (const provider of catalog.providers) {
    if (provider.instances !== undefined) {
      const { status, instances } = instancesOf(provider, values, issues);
      statuses.push(status);
      for (const { routed, deployments: added } of instances) {
        const index = providers.push(routed) - 1;
        for (const deployment of added) {
          const at = deployments.push({ provider: index, ...deployment }) - 1;
          indexOf.set(deployment.alias, at);
          own.push({ index: at, near: isNear(routed) });
        }
      }
      continue;
    }
    const { status, routed, offered, plan } = resolveProvider(provider, values, found, issues);
    statuses.push(status);
    if (routed === undefined) {
      if (provider.status?.state === "unusable") ofUnusable.push(...provider.models);
      for (const model of provider.models)
        inactive.push({
          alias: model.alias,
          provider: provider.id,
          fix: status.reason,
          ...present({ free: freeOfferOf(model, provider) }),
        });
      continue;
    }
    const index = providers.push(routed) - 1;
    for (const model of provider.models) {
      ofActive.add(model.alias);
      if (model.off !== undefined) {
        const fix = `delete its line in ${model.off}, which switches it off`;
        inactive.push({ alias: model.alias, provider: provider.id, fix });
        continue;
      }
      if (!offered.models.has(model)) {
        const { alias, upstream } = model;
        if (offered.absent.has(model)) inactive.push(absentModel(alias, upstream, provider));
        else {
          const fix = `add ${upstream} to ${provider.modelsEnv ?? ""} in .env`;
          inactive.push({ alias, provider: provider.id, fix });
        }
        continue;
      }
      const at = deployments.push(deploymentOf(model, index, plan)) - 1;
      indexOf.set(model.alias, at);
      if (offered.lookFor === "all") ownNames.push({ name: withoutLatest(model.upstream), index: at });
    }
    for (const model of offered.own) {
      const plain = withoutLatest(model.upstream);
      const alias = names.has(plain) || indexOf.has(plain) ? `${provider.id}/${plain}` : plain;
      const at = deployments.push(foundDeployment(model, alias, index, routed, provider)) - 1;
      indexOf.set(alias, at);
      own.push({ index: at, near: isNear(routed) });
    }
    for (const tag of offered.missing) inactive.push(absentModel(tag, tag, provider));
  }

  const indexes = (aliases: readonly string[]): number[] => {
    const found: number[] = [];
    for (const alias of aliases) {
      const index = indexOf.get(alias);
      if (index !== undefined) found.push(index);
    }
    return found;
  };

  const withOwn = (chain: readonly number[], which: CatalogGroup["ownModels"]): number[] => {
    const more = own.filter(
      ({ index, near }) =>
        which !== undefined && (near || which === "all") && deployments[index]?.operation === "chat",
    );
    return [...new Set([...chain, ...more.map(({ index }) => index)])];
  };

  const routes: Route[] = [];
  for (const [alias, index] of indexOf) {
    const deployment = deployments[index];
    if (deployment === undefined) continue;
    const declared = entryOf(catalog.chains, alias);
    const after = indexes(declared);
    // A server of one's own is often the only one there is.
    if (declared.length > 0 && after.length === 0 && deployment.tier !== "local")
      issues.push({ kind: "chain-empty", alias });
    const { retired } = deployment;
    routes.push({
      name: alias,
      kind: "alias",
      operation: deployment.operation,
      chain: retired === undefined || after.length === 0 ? [index, ...after] : after,
      contextChain: indexes(entryOf(catalog.contextWindow, alias)),
      ...present({ retired }),
    });
  }
  for (const { alias, operation, retired, replacedBy } of ofUnusable) {
    if (retired === undefined || replacedBy === undefined || !indexOf.has(replacedBy)) continue;
    routes.push({
      name: alias,
      kind: "alias",
      operation,
      chain: indexes(entryOf(catalog.chains, alias)),
      contextChain: indexes(entryOf(catalog.contextWindow, alias)),
      retired,
    });
    inactive.splice(
      inactive.findIndex((model) => model.alias === alias),
      1,
    );
  }
  for (const group of catalog.groups) {
    const chain = withOwn(indexes(groupChain(group, catalog.groups)), ownModelsOf(group, catalog.groups));
    const weightIn =
      ({ weights = {} }: CatalogGroup) =>
      (index: number): number =>
        weights[deployments[index]?.alias ?? ""] ?? 1;
    if (chain.length === 0) {
      // Where no provider of its members is on, nothing else was to be expected.
      if (groupChain(group, catalog.groups).some((alias) => ofActive.has(alias)))
        issues.push({ kind: "group-empty", group: group.name });
    } else
      routes.push({
        name: group.name,
        kind: "group",
        operation: group.operation,
        description: group.description,
        chain,
        contextChain: [],
        ...present({ strategy: group.strategy }),
        ...(group.strategy === "weighted" ? { weights: chain.map(weightIn(group)) } : {}),
      });
  }
  for (const { name, alias, description } of catalog.direct ?? []) {
    const index = indexOf.get(alias);
    const deployment = index === undefined ? undefined : deployments[index];
    if (index === undefined || deployment === undefined) {
      const off = inactive.find((model) => model.alias === alias);
      if (off !== undefined) inactive.push({ ...off, alias: name, alone: true });
      continue;
    }
    routes.push({
      name,
      kind: "single",
      operation: deployment.operation,
      ...present({ description, retired: deployment.retired }),
      chain: [index],
      contextChain: [],
    });
  }
  for (const { name, index } of ownNames) {
    const deployment = deployments[index];
    if (deployment === undefined || names.has(name) || routes.some((route) => route.name === name)) continue;
    const { operation } = deployment;
    routes.push({ name, kind: "single", operation, chain: [index], contextChain: [] });
  }
  for (const [at, route] of routes.entries()) {
    const policy = policyFor(catalog.policies, route.name);
    if (policy !== undefined) routes[at] = { ...route, policy };
  }
  routes.push(...mapRoutes(catalog, values, { providers, deployments, routes }, issues));
  routes.sort((a, b) => (a.name < b.name ? -1 : 1));
  inactive.sort((a, b) => (a.alias < b.alias ? -1 : 1));
  if (deployments.length === 0) issues.push({ kind: "nothing-active" });
  return {
    table: { format: ROUTING_FORMAT, fingerprint: "", providers, deployments, routes, inactive },
    providers: statuses,
    issues,
  };
}

/** Every name of the catalogue, active or not. */
const namesOf = ({ providers, groups, direct = [] }: Catalog): ReadonlySet<string> =>
  new Set([
    ...providers.flatMap(({ models }) => models.map(({ alias }) => alias)),
    ...[...groups, ...direct].map(({ name }) => name),
  ]);

const absentModel = (alias: string, upstream: string, { id }: CatalogProvider): InactiveModel => ({
  alias,
  provider: id,
  absent: true,
  fix: `run headgate models pull ${upstream}`,
});

const isNear = ({ baseUrl }: RoutedProvider): boolean =>
  baseUrl !== undefined && isNearHost(new URL(baseUrl).hostname);

function foundDeployment(
  { upstream, operation, capabilities, contextTokens, dimensions, memory }: FoundModel,
  alias: string,
  provider: number,
  { tier, local }: RoutedProvider,
  { models }: CatalogProvider,
): Deployment {
  // Until one was seen loaded, it counts where the fragment's models do.
  const usual = models.find((model) => model.memory !== undefined)?.memory?.device ?? "cpu";
  const sized =
    memory === undefined ? undefined : memoryOfSize(local?.driver, memory.device ?? usual, memory.bytes);
  return {
    provider,
    alias,
    upstream,
    operation,
    tier,
    served: true,
    capabilities,
    ...present({ contextTokens, dimensions }),
    ...(sized === undefined
      ? {}
      : { memory: { ...sized, ...present({ contextTokenBytes: memory?.contextTokenBytes }) } }),
    limits: [],
  };
}

/** Without when and where it was read: the table needs only the figures. */
function priceOf({ price }: CatalogModel): ModelPrice | undefined {
  if (price === undefined) return undefined;
  const { date: _, source: __, ...figures } = price;
  return figures;
}

function freeOfferOf(
  { tier, operation, upstream, limits, retired }: CatalogModel,
  { status, limits: providerLimits }: CatalogProvider,
): FreeOffer | undefined {
  if (tier !== "free" || operation !== "chat" || retired !== undefined) return undefined;
  return status?.state === "unusable" || limits.length + providerLimits.length === 0
    ? undefined
    : { upstream, operation, limits, providerLimits };
}

function deploymentOf(model: CatalogModel, provider: number, plan: CatalogPlan | undefined): Deployment {
  const { alias, upstream, operation, tier, served, capabilities, limits } = model;
  const { contextTokens, maxOutputTokens, vectorSpace, dimensions, intelligence, memory, dialect } = model;
  const { retires, retired } = model;
  return {
    provider,
    alias,
    upstream,
    operation,
    tier,
    served,
    capabilities,
    ...present({
      contextTokens,
      maxOutputTokens,
      vectorSpace,
      dimensions,
      price: priceOf(model),
      retires,
      retired,
      intelligence,
      memory,
      dialect,
    }),
    limits:
      (plan !== undefined && Object.hasOwn(plan.models, alias) ? plan.models[alias] : undefined) ?? limits,
  };
}
