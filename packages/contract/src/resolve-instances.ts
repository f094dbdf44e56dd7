/** Resolves a provider that has instances instead of models: one routed provider per instance. */
import { checkAddress, isNearHost } from "./address.ts";
import type { CatalogProvider } from "./catalog.ts";
import { combineDialects, type Dialect, rulesFor } from "./dialect.ts";
import { keyVariables, readFlag } from "./environment.ts";
import {
  type CatalogInstances,
  type InstanceModel,
  instanceAlias,
  instanceModels,
  instanceNumbers,
  instanceVariables,
} from "./instances.ts";
import { memoryOfSize, readMemory } from "./local.ts";
import { present } from "./present.ts";
import type { ProviderStatus, ResolveIssue } from "./resolution.ts";
import { resolveLocal } from "./resolve-local.ts";
import type { Deployment, RoutedProvider } from "./routing.ts";

interface ResolvedInstance {
  readonly routed: RoutedProvider;
  /** Without `provider`, which the table assigns. */
  readonly deployments: readonly Omit<Deployment, "provider">[];
}

/** As `resolveProvider`, for a provider whose servers are named only in the environment. */
export function instancesOf(
  provider: CatalogProvider,
  values: Readonly<Record<string, string>>,
  issues: ResolveIssue[],
): { status: ProviderStatus; instances: readonly ResolvedInstance[] } {
  const { id, flag, instances } = provider;
  const prefix = instances?.prefix ?? "";
  const { baseUrl, models } = instanceVariables(prefix, 1);
  const off = (reason: string) => ({
    status: { id, flag, active: false, keys: 0, reason, models: 0 },
    instances: [],
  });
  const on = readFlag(values[flag]);
  if (on === undefined) {
    issues.push({ kind: "flag-value", provider: id, flag });
    return off(`set ${flag} to 1 or 0 in .env`);
  }
  if (!on) {
    const [number] = instanceNumbers(prefix, values);
    const variable = Object.values(instanceVariables(prefix, number ?? 1)).find(
      (name) => values[name] !== undefined,
    );
    if (variable !== undefined) issues.push({ kind: "key-without-flag", provider: id, flag, variable });
    return off(`set ${flag}=1 in .env and fill in ${baseUrl} and ${models}`);
  }
  const found = instances === undefined ? [] : resolveInstances(provider, instances, values, issues);
  if (found.length === 0) return off(`fill in ${baseUrl} and ${models} in .env`);
  const keys = found.reduce((sum, { routed }) => sum + routed.keyVars.length, 0);
  const count = found.reduce((sum, { deployments }) => sum + deployments.length, 0);
  return { status: { id, flag, active: true, keys, reason: "", models: count }, instances: found };
}

/** @returns the complete instances; what is missing in the others becomes issues */
function resolveInstances(
  provider: CatalogProvider,
  { prefix, capabilities }: CatalogInstances,
  values: Readonly<Record<string, string>>,
  issues: ResolveIssue[],
): ResolvedInstance[] {
  const numbers = instanceNumbers(prefix, values);
  // The operator sets the address in any case, so it does not mean `external`; only the variable decides.
  const local = resolveLocal(provider, values, true, issues);
  if (numbers.length === 0) {
    const { baseUrl, models } = instanceVariables(prefix, 1);
    const { id, flag } = provider;
    issues.push({ kind: "instance", provider: id, variable: flag, missing: [baseUrl, models] });
  }
  return numbers.flatMap((number): ResolvedInstance[] => {
    const id = `${provider.id}-${number}`;
    const names = instanceVariables(prefix, number);
    const models = instanceModels(values[names.models]);
    const missing = [
      ...(values[names.baseUrl] === undefined ? [names.baseUrl] : []),
      ...(models.length === 0 ? [names.models] : []),
    ];
    if (missing.length > 0) {
      const variable = Object.values(names).find((name) => values[name] !== undefined) ?? names.baseUrl;
      issues.push({ kind: "instance", provider: id, variable, missing });
      return [];
    }
    const keyVars = keyVariables(names.apiKey, values);
    // Without a key, plain http exposes no secret.
    const base = checkAddress(values[names.baseUrl], names.baseUrl, keyVars.length === 0);
    if ("why" in base) {
      issues.push({ kind: "base-url", provider: id, variable: base.variable, why: base.why });
      return [];
    }
    const size = local === undefined ? undefined : values[names.memory];
    const read = size === undefined ? undefined : readMemory(size);
    if (size !== undefined && read === undefined)
      issues.push({ kind: "instance-memory", provider: id, variable: names.memory });
    const memory = read === undefined ? undefined : memoryOfSize(local?.driver, read.device, read.bytes);
    return [
      {
        routed: {
          id,
          name: `${provider.name} ${number}`,
          adapter: provider.adapter,
          tier: provider.tier,
          baseUrl: base.url,
          auth: { scheme: "bearer" },
          keyVars,
          headers: provider.headers,
          dialect: provider.dialect,
          // The fragment's timeouts are for a server of one's own, which may load a model first.
          timeouts: isNearHost(new URL(base.url).hostname) ? provider.timeouts : {},
          errors: provider.errors,
          limits: provider.limits,
          // What is on this network is the operator's own; of any other server nothing is known.
          ...present({ local, trains: isNearHost(new URL(base.url).hostname) ? false : undefined }),
        },
        deployments: named(id, models).map(({ alias, upstream, operation }) => ({
          alias,
          upstream,
          operation,
          tier: provider.tier,
          served: true,
          // What is assumed is assumed of chat models.
          capabilities: operation === "chat" ? capabilities : [],
          ...present({ memory, dialect: dialectOf(provider, upstream) }),
          limits: [],
        })),
      },
    ];
  });
}

/** Undefined where no rule is for this model alone. */
function dialectOf({ dialect, modelDialects = [] }: CatalogProvider, upstream: string): Dialect | undefined {
  const layers = rulesFor(modelDialects, upstream);
  return layers.length === 0 ? undefined : combineDialects(layers, {}, dialect);
}

/** Two ids can become the same alias; the later one gets a number. */
function named(id: string, models: readonly InstanceModel[]): (InstanceModel & { readonly alias: string })[] {
  const taken = new Set<string>();
  return models.map((model) => {
    const wanted = instanceAlias(id, model.upstream);
    let alias = wanted;
    for (let count = 2; taken.has(alias); count += 1) alias = `${wanted}-${count}`;
    taken.add(alias);
    return { ...model, alias };
  });
}
