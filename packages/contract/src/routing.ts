/**
 * The routing table: all facts about upstreams that the gateway needs, decided at compile time.
 *
 * It is plain JSON (`headgate build` writes it), holds no secret (only the names of key variables), and
 * refers to providers and deployments by array index so that the hot path does array look-ups.
 */
import type { Dialect } from "./dialect.ts";
import type {
  AuthScheme,
  Capability,
  ErrorRule,
  Limit,
  Operation,
  ProviderCondition,
  Strategy,
  Tier,
} from "./fragment.ts";
import type { JsonObject } from "./json.ts";
import type { ModelMemory, RoutedLocal } from "./local.ts";
import type { RoutePolicy } from "./policy.ts";
import type { ModelPrice } from "./price.ts";

/** Bumped when a reader of an older table would misread a newer one. */
export const ROUTING_FORMAT = 1;

/** Timeouts of one provider in milliseconds; an absent one falls back to the gateway's option. */
export interface ProviderTimeouts {
  readonly connectMs?: number;
  readonly firstTokenMs?: number;
  readonly streamIdleMs?: number;
  readonly requestMs?: number;
  /** Why the gateway's limits and an operator's option would be wrong here; with it these count before both. */
  readonly why?: string;
}

/** One of a provider's timeouts, in ms: an operator's option counts before a fragment's, unless the fragment says why not. */
export function statedMs(
  operatorsMs: number | undefined,
  timeouts: ProviderTimeouts,
  name: Exclude<keyof ProviderTimeouts, "why">,
): number | undefined {
  const ownMs = timeouts[name];
  return timeouts.why === undefined ? (operatorsMs ?? ownMs) : (ownMs ?? operatorsMs);
}

export interface ProviderAuth {
  readonly scheme: AuthScheme;
  /** Lower-case header name; set when the scheme is `header`. */
  readonly header?: string;
}

export interface WebSearchRule {
  /** Members of a request on OpenAI's wire. */
  readonly set: JsonObject;
}

export interface RoutedProvider {
  readonly id: string;
  readonly name: string;
  readonly adapter: string;
  /** A known fault; an unusable provider is never routed. */
  readonly status?: ProviderCondition;
  readonly tier: Tier;
  /** Without a trailing slash; absent for in-process adapters. */
  readonly baseUrl?: string;
  readonly auth?: ProviderAuth;
  /** Names of the variables that hold keys, in order; empty for a keyless provider. */
  readonly keyVars: readonly string[];
  /** For each key, the position of the first key of its account, whose limits it shares; absent: each key has its own account. */
  readonly accounts?: readonly number[];
  readonly headers: Readonly<Record<string, string>>;
  readonly dialect: Dialect;
  /** How a request asks its models to search the web; absent: none does. */
  readonly webSearch?: WebSearchRule;
  readonly timeouts: ProviderTimeouts;
  readonly errors: readonly ErrorRule[];
  readonly limits: readonly Limit[];
  /** Set for a local backend, whose models are loaded and unloaded. */
  readonly local?: RoutedLocal;
  /** Whether prompts may train models; absent: not known. */
  readonly trains?: boolean;
}

/** One model at one provider. */
export interface Deployment {
  /** Index into `providers`. */
  readonly provider: number;
  readonly alias: string;
  readonly upstream: string;
  readonly operation: Operation;
  readonly tier: Tier;
  /** False when the provider's adapter does not serve the operation: requests answer 501. */
  readonly served: boolean;
  readonly capabilities: readonly Capability[];
  readonly contextTokens?: number;
  readonly maxOutputTokens?: number;
  readonly vectorSpace?: string;
  readonly dimensions?: number;
  /** The list price, whatever the tier. */
  readonly price?: ModelPrice;
  /** Announced: from this day on, ISO 8601, it is left out. */
  readonly retires?: string;
  /** From this day on no list has it: only its own names reach it. */
  readonly retired?: string;
  /** 1 to 5; absent: 3. */
  readonly intelligence?: number;
  /** What a residency needs; absent: unknown, or not on this machine. */
  readonly memory?: ModelMemory;
  /** The provider's dialect with the rules of this model; absent: the provider's own. */
  readonly dialect?: Dialect;
  readonly limits: readonly Limit[];
}

/** A model name that clients may send, and its deployments. */
export interface Route {
  readonly name: string;
  /** `single`: one alias alone, without its chain. `map`: the name is a pattern of the model map. */
  readonly kind: "alias" | "group" | "single" | "map";
  /** The target of a `map`, whose chains it has. */
  readonly target?: string;
  readonly operation: Operation;
  readonly description?: string;
  /** Indexes into `deployments`, in the order they are tried; for an alias the first is the alias itself. */
  readonly chain: readonly number[];
  /** Indexes into `deployments` with a larger window, tried when a prompt does not fit. */
  readonly contextChain: readonly number[];
  /** How the chain is ordered for a request; absent: in this order. */
  readonly strategy?: Strategy;
  /** Shares, one per entry of `chain`; only with the strategy `weighted`. */
  readonly weights?: readonly number[];
  /** Absent: the defaults. */
  readonly policy?: RoutePolicy;
  /** The day from which the named model is retired: the chain answers in its place. */
  readonly retired?: string;
}

/** A model's own limits and its provider's, as of a deployment. */
export interface FreeOffer extends Pick<Deployment, "upstream" | "operation" | "limits"> {
  readonly providerLimits: readonly Limit[];
}

/** An alias, or a name for one alias alone, of the catalogue that this .env does not switch on. */
export interface InactiveModel {
  readonly alias: string;
  readonly provider: string;
  /** A name for one alias alone: no pattern of the model map may replace it. */
  readonly alone?: true;
  /** Its server was asked for it, and does not have it. */
  readonly absent?: true;
  /** The remedy, in one sentence: `set GROQ=1 in .env`. */
  readonly fix: string;
  /** Of a free chat model whose provider is off: what limits it. */
  readonly free?: FreeOffer;
}

export interface RoutingTable {
  readonly format: typeof ROUTING_FORMAT;
  /** SHA-256 over the table's content, hex. Equal fingerprints: nothing to swap. */
  readonly fingerprint: string;
  readonly providers: readonly RoutedProvider[];
  readonly deployments: readonly Deployment[];
  readonly routes: readonly Route[];
  readonly inactive: readonly InactiveModel[];
}
