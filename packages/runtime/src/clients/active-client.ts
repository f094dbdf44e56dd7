/** A client as requests meet it: its rules made ready for look-ups once, when the list of clients changes. */
import {
  type CacheRule,
  comparePatterns,
  matchesPattern,
  type Priority,
  parseCacheRule,
  type StoredClient,
} from "@headgate/contract";
import { type ClientFacts, clientSpecs, type Memory, type Meter } from "@headgate/router";

export class ActiveClient {
  readonly name: string;
  readonly stored: StoredClient;
  readonly facts: ClientFacts;
  readonly priority: Priority;
  /** The limits that its requests count against; its spend limit counts attempts that may cost. */
  readonly meters: readonly Meter[];
  /** The lowest limit on tokens. */
  readonly tokens: number | undefined;
  readonly cache: CacheRule | undefined;
  readonly #models: readonly string[] | undefined;
  readonly #map: readonly (readonly [pattern: string, target: string])[];

  constructor(stored: StoredClient, memory: Pick<Memory, "meter">) {
    const { name, rules } = stored;
    this.name = name;
    this.stored = stored;
    this.priority = rules.priority ?? "interactive";
    this.cache = rules.cache === undefined ? undefined : parseCacheRule(rules.cache);
    this.#models = rules.models;
    this.#map = Object.entries(rules.map ?? {}).sort(([a], [b]) => comparePatterns(a, b));
    const { requests, spend } = clientSpecs(stored);
    this.meters = requests.map((spec) => memory.meter(spec));
    const { tpm = Number.POSITIVE_INFINITY, tpd = Number.POSITIVE_INFINITY } = rules;
    if (Number.isFinite(Math.min(tpm, tpd))) this.tokens = Math.min(tpm, tpd);
    this.facts = {
      name,
      ...(rules.tiers === undefined ? {} : { tiers: new Set(rules.tiers) }),
      ...(rules.no_training === true ? { noTraining: true } : {}),
      ...(spend === undefined ? {} : { spend: memory.meter(spend) }),
    };
  }

  /** The name that its map makes of a name; undefined where no pattern matches. */
  renamed(name: string): string | undefined {
    if (this.#map.length === 0) return undefined;
    return this.#map.find(([pattern]) => matchesPattern(pattern, name))?.[1];
  }

  /** Whether it may ask for a name. The map's targets need no entry of their own. */
  allows(name: string): boolean {
    const models = this.#models;
    if (models === undefined) return true;
    const matches = (text: string): boolean =>
      models.some((pattern) => matchesPattern(pattern, text)) ||
      this.#map.some(([, target]) => target === text);
    if (matches(name)) return true;
    // `auto:fastest` is `auto` in another order.
    const colon = name.lastIndexOf(":");
    return colon > 0 && matches(name.slice(0, colon));
  }

  /** The names that it may ask for, in words. */
  get allowed(): string {
    return (this.#models ?? ["every model"]).join(", ");
  }
}
