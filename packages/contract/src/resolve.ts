/**
 * resolve(catalog, env): the providers, models and routes that one environment switches on. Pure; the same function serves the compiler, the CLI
 * and the tests. It never reads a key's value, only whether there is one.
 */
import {
  type Catalog,
  type CatalogGroup,
  type CatalogModel,
  type CatalogPlan,
  groupChain,
} from "./catalog.ts";
import { present } from "./present.ts";
import type { ProviderStatus, Resolution, ResolveIssue } from "./resolution.ts";
import { instancesOf } from "./resolve-instances.ts";
import { mapRoutes } from "./resolve-map.ts";
import { policyFor } from "./resolve-policy.ts";
import { resolveProvider } from "./resolve-provider.ts";
import {
  type Deployment,
  type InactiveModel,
  ROUTING_FORMAT,
  type Route,
  type RoutedProvider,
} from "./routing.ts";

/** An alias may be `constructor`, which every object inherits. */
const entryOf = (lists: Readonly<Record<string, readonly string[]>>, alias: string): readonly string[] =>
  (Object.hasOwn(lists, alias) ? lists[alias] : undefined) ?? [];

export function resolve(catalog: Catalog, values: Readonly<Record<string, string>>): Resolution {
  const issues: ResolveIssue[] = [];
  const statuses: ProviderStatus[] = [];
  const providers: RoutedProvider[] = [];
  const deployments: Deployment[] = [];
  const inactive: InactiveModel[] = [];
  const indexOf = new Map<string, number>();

  for (const provider of catalog.providers) {
    if (provider.instances !== undefined) {
      const { status, found } = instancesOf(provider, values, issues);
      statuses.push(status);
      for (const { routed, deployments: added } of found) {
        const index = providers.push(routed) - 1;
        for (const deployment of added) {
          indexOf.set(deployment.alias, deployments.push({ provider: index, ...deployment }) - 1);
        }
      }
      continue;
    }
    const { status, routed, models, plan } = resolveProvider(provider, values, issues);
    statuses.push(status);
    if (routed === undefined) {
      for (const model of provider.models)
        inactive.push({ alias: model.alias, provider: provider.id, fix: status.reason });
      continue;
    }
    const index = providers.push(routed) - 1;
    for (const model of provider.models) {
      if (model.off !== undefined) {
        const fix = `delete its line in ${model.off}, which switches it off`;
        inactive.push({ alias: model.alias, provider: provider.id, fix });
        continue;
      }
      if (!models.has(model)) {
        inactive.push({
          alias: model.alias,
          provider: provider.id,
          fix: `add ${model.upstream} to ${provider.modelsEnv ?? ""} in .env`,
        });
        continue;
      }
      indexOf.set(model.alias, deployments.push(deploymentOf(model, index, plan)) - 1);
    }
  }

  const indexes = (aliases: readonly string[]): number[] => {
    const found: number[] = [];
    for (const alias of aliases) {
      const index = indexOf.get(alias);
      if (index !== undefined) found.push(index);
    }
    return found;
  };

  const routes: Route[] = [];
  for (const [alias, index] of indexOf) {
    const deployment = deployments[index];
    if (deployment === undefined) continue;
    const declared = entryOf(catalog.chains, alias);
    const after = indexes(declared);
    if (declared.length > 0 && after.length === 0) issues.push({ kind: "chain-empty", alias });
    routes.push({
      name: alias,
      kind: "alias",
      operation: deployment.operation,
      chain: [index, ...after],
      contextChain: indexes(entryOf(catalog.contextWindow, alias)),
    });
  }
  for (const group of catalog.groups) {
    const chain = indexes(groupChain(group, catalog.groups));
    const weightIn =
      ({ weights = {} }: CatalogGroup) =>
      (index: number): number =>
        weights[deployments[index]?.alias ?? ""] ?? 1;
    if (chain.length === 0) issues.push({ kind: "group-empty", group: group.name });
    else
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
      ...present({ description }),
      chain: [index],
      contextChain: [],
    });
  }
  for (const [at, route] of routes.entries()) {
    const policy = policyFor(catalog.policies, route.name);
    if (policy !== undefined) routes[at] = { ...route, policy };
  }
  routes.push(...mapRoutes(catalog, values, routes, issues));
  routes.sort((a, b) => (a.name < b.name ? -1 : 1));
  inactive.sort((a, b) => (a.alias < b.alias ? -1 : 1));
  if (deployments.length === 0) issues.push({ kind: "nothing-active" });
  return {
    table: { format: ROUTING_FORMAT, fingerprint: "", providers, deployments, routes, inactive },
    providers: statuses,
    issues,
  };
}

function deploymentOf(model: CatalogModel, provider: number, plan: CatalogPlan | undefined): Deployment {
  const { alias, upstream, operation, tier, served, capabilities, limits } = model;
  const { contextTokens, maxOutputTokens, vectorSpace, dimensions, price, intelligence, memory } = model;
  return {
    provider,
    alias,
    upstream,
    operation,
    tier,
    served,
    capabilities,
    ...present({ contextTokens, maxOutputTokens, vectorSpace, dimensions, price, intelligence, memory }),
    limits:
      (plan !== undefined && Object.hasOwn(plan.models, alias) ? plan.models[alias] : undefined) ?? limits,
  };
}
