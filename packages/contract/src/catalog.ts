/**
 * The catalogue: every fragment and chain, linked and normalised, independent of any .env.
 * `generated/catalog.json` is one of these; `resolve` turns it and an environment into a routing table.
 */
import type { Dialect, ModelDialect } from "./dialect.ts";
import type {
  Capability,
  DataPolicy,
  ErrorRule,
  Limit,
  Model,
  Operation,
  ProviderCondition,
  ProviderFragment,
  Strategy,
  Tier,
} from "./fragment.ts";
import type { CatalogInstances } from "./instances.ts";
import type { CatalogLocal, ModelMemory } from "./local.ts";
import type { ModelMapEntry } from "./model-map.ts";
import type { RoutePolicy } from "./policy.ts";
import type { ModelPrice } from "./price.ts";
import type { ProviderAuth, ProviderTimeouts, WebSearchRule } from "./routing.ts";

export interface CatalogModel {
  readonly alias: string;
  readonly upstream: string;
  readonly operation: Operation;
  readonly tier: Tier;
  readonly served: boolean;
  /** The file of the overlay that switches the model off; absent: it is on wherever its provider is. */
  readonly off?: string;
  readonly capabilities: readonly Capability[];
  readonly contextTokens?: number;
  readonly maxOutputTokens?: number;
  readonly vectorSpace?: string;
  readonly dimensions?: number;
  /** The list price, whatever the tier. */
  readonly price?: CatalogPrice;
  /** Why the list price is not known. */
  readonly priceUnknown?: string;
  /** From the least; absent: none is known. */
  readonly reasoningEfforts?: NonNullable<Model["reasoning_efforts"]>;
  /** Days, ISO 8601. */
  readonly released?: string;
  /** Announced: from this day on the router leaves it out. */
  readonly retires?: string;
  /** From this day on it is the last of each chain. */
  readonly deprecated?: string;
  /** From this day on no list has it: only its own names reach it. */
  readonly retired?: string;
  /** The alias that answers in its place. */
  readonly replacedBy?: string;
  /** 1 to 5. */
  readonly intelligence?: number;
  readonly memory?: ModelMemory;
  /** The provider's dialect with the rules of this model; absent: the provider's own. */
  readonly dialect?: Dialect;
  readonly limits: readonly Limit[];
  readonly unverified: readonly NonNullable<Model["unverified"]>[number][];
  readonly notes?: string;
}

export interface CatalogProvider {
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  readonly flag: string;
  readonly status?: ProviderCondition;
  readonly tier: Tier;
  readonly adapter: string;
  readonly baseUrl?: { readonly default?: string; readonly env: string };
  readonly auth?: ProviderAuth & {
    readonly env: string;
    readonly optional: boolean;
    readonly mistaken: readonly string[];
  };
  readonly headers: Readonly<Record<string, string>>;
  /** Set for a local backend. */
  readonly local?: CatalogLocal;
  readonly modelsEnv?: string;
  /** Set for a provider whose servers and models are named only in .env; `models` is empty then. */
  readonly instances?: CatalogInstances;
  readonly dialect: Dialect;
  /** The rules of some models, with their profiles written out: also for models that only .env names. */
  readonly modelDialects?: readonly ModelDialect[];
  readonly webSearch?: WebSearchRule;
  readonly timeouts: ProviderTimeouts;
  readonly limits: readonly Limit[];
  /** Kinds of accounts with other limits; absent: all accounts have the same. */
  readonly plans?: CatalogPlans;
  readonly errors: readonly ErrorRule[];
  readonly signup?: string;
  readonly limitsPage?: string;
  readonly notes?: string;
  readonly sources: ProviderFragment["sources"];
  /** What it does with prompts; absent: not known. */
  readonly data?: DataPolicy;
  /** Sorted by alias, retired ones included. */
  readonly models: readonly CatalogModel[];
}

export interface CatalogPrice extends ModelPrice {
  /** The day on which it was read, and where. */
  readonly date: string;
  readonly source: string;
}

export interface CatalogPlans {
  /** The variable that chooses one: `OPENROUTER_PLAN`. */
  readonly env: string;
  /** By name; sorted. */
  readonly choices: Readonly<Record<string, CatalogPlan>>;
}

export interface CatalogPlan {
  readonly description: string;
  /** In place of the provider's; absent: those hold. */
  readonly limits?: readonly Limit[];
  /** In place of the provider's; absent: that holds. */
  readonly data?: DataPolicy;
  /** By alias, in place of the model's. */
  readonly models: Readonly<Record<string, readonly Limit[]>>;
}

export interface CatalogGroup {
  readonly name: string;
  readonly description: string;
  readonly operation: Operation;
  readonly members: readonly string[];
  /** How the members are ordered for a request; absent: in this order. */
  readonly strategy?: Strategy;
  /** Shares of members, for the strategy `weighted`; 1 where absent. */
  readonly weights?: Readonly<Record<string, number>>;
  /** Chat models of the operator's own servers come last: those on this network (`near`), or all. */
  readonly ownModels?: "near" | "all";
  /** Groups whose members are tried after this group's; see `groupChain`. */
  readonly fallback?: readonly string[];
}

/** A name for one alias alone, without its chain. */
export interface CatalogDirect {
  readonly name: string;
  readonly alias: string;
  readonly description?: string;
}

export interface Catalog {
  /** Sorted by id. */
  readonly providers: readonly CatalogProvider[];
  /** Alias → aliases tried after it, or in its place where it is retired; defaults are already applied. No target is retired. Keys sorted. */
  readonly chains: Readonly<Record<string, readonly string[]>>;
  readonly contextWindow: Readonly<Record<string, readonly string[]>>;
  /** Sorted by name. */
  readonly groups: readonly CatalogGroup[];
  /** Sorted by name; absent: none. */
  readonly direct?: readonly CatalogDirect[];
  /** Sorted by `comparePatterns`; absent: none. */
  readonly modelMap?: readonly ModelMapEntry[];
  /** Alias, group, direct name or `*` → its policy. Keys sorted; absent: none. */
  readonly policies?: Readonly<Record<string, RoutePolicy>>;
}

/** Which of the operator's own models a group tries: those of its fallbacks too. */
export function ownModelsOf(group: CatalogGroup, groups: readonly CatalogGroup[]): CatalogGroup["ownModels"] {
  if (group.ownModels !== undefined) return group.ownModels;
  return (group.fallback ?? [])
    .map((name) => groups.find((candidate) => candidate.name === name)?.ownModels)
    .find((own) => own !== undefined);
}

/** Everything a group tries, in order: its members, then those of the groups it falls back to, each alias once. */
export function groupChain(group: CatalogGroup, groups: readonly CatalogGroup[]): string[] {
  const fallbacks = (group.fallback ?? []).flatMap(
    (name) => groups.find((candidate) => candidate.name === name)?.members ?? [],
  );
  return [...new Set([...group.members, ...fallbacks])];
}
