/**
 * The world that a run plays in: the free tiers of the catalogue as they really are (`upstreams`), and as the router gets them
 * that they are (`table`). Where the two differ is the scenario.
 */
import {
  accountVariable,
  type Catalog,
  type Deployment,
  type Limit,
  matchesPattern,
  type Operation,
  type RoutedProvider,
  type RoutingTable,
  resolve,
} from "@headgate/contract";
import { ANY_PROFILE, BACKEND_LIMITS, PROFILES, type Profile } from "./profiles.ts";
import { type Dice, diceFor, exponential, pick } from "./random.ts";
import { BucketLimit, InFlightLimit, PeriodLimit, RollingLimit, type TrueLimit, WINDOW_MS } from "./truth.ts";
import { type Outage, Upstream, type Whims } from "./upstream.ts";

export interface WorldOptions {
  readonly seed: number;
  readonly startMs: number;
  readonly hours: number;
  /** The share of limits whose declaration is wrong or missing; some true limits change at noon as well. */
  readonly wrongShare: number;
  readonly outages: boolean;
  readonly whims?: WhimOptions;
  /** Providers whose two keys belong to one account, as .env states it. */
  readonly oneAccount?: ReadonlySet<string>;
}

/** Refusals that no limit explains; see `Whims`. */
export interface WhimOptions {
  readonly strayShare?: number;
  readonly waitsS?: readonly [least: number, most: number];
  /** Overload phases of each provider an hour, on average. */
  readonly overloadsPerHour?: number;
  /** Of the models under one key, the second is always refused. */
  readonly oneRefused?: boolean;
}

export interface LimitChange {
  readonly atMs: number;
  readonly limit: TrueLimit;
  readonly amount: number;
}

export interface World {
  /** What the router gets. */
  readonly table: RoutingTable;
  /** By deployment (its place in the table), then by key. */
  readonly upstreams: readonly (readonly Upstream[])[];
  readonly limits: readonly TrueLimit[];
  /** Those of them that fragments state in a unit that can be counted beforehand. */
  readonly declared: readonly TrueLimit[];
  /** In the order in which they come. */
  readonly changes: readonly LimitChange[];
}

const BY_COST: ReadonlySet<TrueLimit["unit"]> = new Set(["usd", "neurons"]);

/** Accounts of which the user has two. */
const TWO_KEYS: ReadonlySet<string> = new Set(["cohere", "gemini", "openrouter"]);

/**
 * The catalogue's free models, all switched on.
 * @param oneAccount providers whose two keys belong to one account
 */
export function freeTable(catalog: Catalog, oneAccount: ReadonlySet<string> = new Set()): RoutingTable {
  const values: Record<string, string> = {};
  const providers = catalog.providers.flatMap((provider) => {
    const models = provider.models.filter(({ tier, retired }) => tier === "free" && retired === undefined);
    if (models.length === 0) return [];
    values[provider.flag] = "1";
    if (provider.auth !== undefined && !provider.auth.optional) {
      // The part before the colon is Cloudflare's account.
      values[provider.auth.env] = "account:fake-key-1";
      if (TWO_KEYS.has(provider.id)) {
        const second = `${provider.auth.env}_2`;
        values[second] = "account:fake-key-2";
        if (oneAccount.has(provider.id))
          for (const key of [provider.auth.env, second]) values[accountVariable(key)] = "mine";
      }
    }
    return [{ ...provider, models }];
  });
  return resolve({ ...catalog, providers }, values).table;
}

export function worldOf(catalog: Catalog, options: WorldOptions): World {
  const { seed, startMs, hours } = options;
  const truth = freeTable(catalog, options.oneAccount);
  const limits = new Map<string, TrueLimit>();
  const outages = options.outages ? outagesOf(truth, options) : new Map<string, Outage[]>();
  const upstreams = truth.deployments.map((deployment, index) => {
    const provider = providerOf(truth, deployment);
    const profile = PROFILES[provider.id] ?? ANY_PROFILE;
    const keys = Math.max(1, provider.keyVars.length);
    return Array.from({ length: keys }, (_, key) => {
      const account = provider.accounts?.[key] ?? key;
      const own = limitsOf(provider, deployment, account, profile, limits);
      const hidden = BACKEND_LIMITS[provider.id];
      const backend =
        hidden === undefined
          ? undefined
          : limitNamed(`${provider.id}@${account}#backend`, hidden, profile, limits);
      return new Upstream({
        deployment,
        providerId: provider.id,
        limits: backend === undefined ? own : [...own, backend],
        backend,
        outages: outages.get(provider.id) ?? [],
        profile,
        whims: whimsOf(truth, deployment, options),
        dice: diceFor(seed, `upstream ${index} ${key}`),
        whimDice: diceFor(seed, `whims ${index} ${key}`),
      });
    });
  });
  const all = [...limits.values()];
  const wrong = options.wrongShare > 0;
  return {
    table: wrong ? misdeclared(truth, options) : truth,
    upstreams,
    limits: all,
    declared: all.filter((limit) => limit.isDeclared && !BY_COST.has(limit.unit)),
    changes: wrong ? changesOf(all, seed, startMs + (hours / 2) * WINDOW_MS.hour) : [],
  };
}

function providerOf(table: RoutingTable, deployment: Deployment): RoutedProvider {
  const provider = table.providers[deployment.provider];
  if (provider === undefined) throw new Error(`${deployment.alias} has no provider`);
  return provider;
}

function limitsOf(
  provider: RoutedProvider,
  deployment: Deployment,
  key: number,
  profile: Profile,
  known: Map<string, TrueLimit>,
): TrueLimit[] {
  const found = new Set<TrueLimit>();
  const own = new Set(deployment.limits.map(({ unit, window }) => `${unit}/${window}`));
  const stated = [...provider.limits, ...(profile.hidden ?? [])];
  for (const limit of stated) {
    if (!speaksOf(limit, deployment.operation, deployment.upstream)) continue;
    if (limit.scope === "model" && own.has(`${limit.unit}/${limit.window}`)) continue;
    const part = `${limit.models?.join() ?? ""}${limit.operations?.join() ?? ""}`;
    const owner = ownerOf(limit, provider.id, deployment.upstream, key);
    const named = limitNamed(`${owner}~${part}`, limit, profile, known);
    if (provider.limits.includes(limit)) named.isDeclared = true;
    found.add(named);
  }
  for (const limit of deployment.limits) {
    const scope = limit.scope === "ip" || limit.scope === "ip-model" ? "ip-model" : "model";
    const owner = ownerOf({ scope }, provider.id, deployment.upstream, key);
    const named = limitNamed(owner, limit, profile, known);
    named.isDeclared = true;
    found.add(named);
  }
  return [...found];
}

const speaksOf = ({ operations, models }: Limit, operation: Operation, upstream: string): boolean =>
  (operations === undefined || operations.includes(operation)) &&
  (models === undefined || models.some((pattern) => matchesPattern(pattern, upstream)));

function ownerOf({ scope }: Pick<Limit, "scope">, provider: string, model: string, key: number): string {
  switch (scope) {
    case "account":
      return `${provider}@${key}`;
    case "model":
      return `${provider}@${key}/${model}`;
    case "ip":
      return provider;
    case "ip-model":
      return `${provider}/${model}`;
  }
}

function limitNamed(owner: string, limit: Limit, profile: Profile, known: Map<string, TrueLimit>): TrueLimit {
  const id = `${owner}|${limit.unit}/${limit.window ?? "at once"}`;
  let found = known.get(id);
  if (found === undefined) {
    found = trueLimit(id, limit, profile);
    known.set(id, found);
  }
  return found;
}

function trueLimit(id: string, limit: Limit, profile: Profile): TrueLimit {
  const { window, reset } = limit;
  if (window === undefined) return new InFlightLimit(id, limit);
  const windowMs = WINDOW_MS[window];
  if (reset === "bucket" || (reset === "rolling" && profile.rollingIs === "bucket"))
    return new BucketLimit(id, limit, windowMs);
  if (reset === "rolling") return new RollingLimit(id, limit, windowMs);
  const zone = /00:00 (\S+)$/.exec(reset ?? "")?.[1] ?? "UTC";
  if (window === "month") return new PeriodLimit(id, limit, monthEndMs);
  if (window === "day" && zone !== "UTC")
    return new PeriodLimit(id, limit, (nowMs) => midnightMs(zone, nowMs));
  return new PeriodLimit(id, limit, (nowMs) => (Math.floor(nowMs / windowMs) + 1) * windowMs);
}

const monthEndMs = (nowMs: number): number => {
  const now = new Date(nowMs);
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
};

/** Found by trying every quarter of an hour: zones differ from each other by no less. */
function midnightMs(zone: string, nowMs: number): number {
  const day = new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" });
  const today = day.format(nowMs);
  const quarterMs = 15 * 60_000;
  let atMs = (Math.floor(nowMs / quarterMs) + 1) * quarterMs;
  while (day.format(atMs) === today) atMs += quarterMs;
  return atMs;
}

const OUTAGES = 6;
const KINDS: readonly Outage["kind"][] = ["503", "html", "network", "silence"];

function outagesOf(table: RoutingTable, { seed, startMs, hours }: WorldOptions): Map<string, Outage[]> {
  const dice = diceFor(seed, "outages");
  const found = new Map<string, Outage[]>();
  for (let count = 0; count < OUTAGES; count += 1) {
    const { id } = pick(dice, table.providers);
    const fromMs = startMs + dice() * hours * WINDOW_MS.hour;
    const toMs = fromMs + (5 + 35 * dice()) * 60_000;
    found.set(id, [...(found.get(id) ?? []), { fromMs, toMs, kind: KINDS[count % KINDS.length] ?? "503" }]);
  }
  return found;
}

function whimsOf(table: RoutingTable, deployment: Deployment, options: WorldOptions): Whims {
  const { strayShare = 0, waitsS, overloadsPerHour = 0, oneRefused = false } = options.whims ?? {};
  const models = table.deployments.filter(({ provider }) => provider === deployment.provider);
  const always = oneRefused && models.length > 2 && models[1] === deployment;
  const overloads = overloadsOf(deployment.provider, overloadsPerHour, options);
  return waitsS === undefined ? { strayShare, overloads, always } : { strayShare, waitsS, overloads, always };
}

function overloadsOf(
  provider: number,
  perHour: number,
  { seed, startMs, hours }: WorldOptions,
): Pick<Outage, "fromMs" | "toMs">[] {
  const dice = diceFor(seed, `overloads ${provider}`);
  const found: Pick<Outage, "fromMs" | "toMs">[] = [];
  if (perHour === 0) return found;
  for (let fromMs = startMs; ; ) {
    fromMs += exponential(dice, WINDOW_MS.hour / perHour);
    if (fromMs >= startMs + hours * WINDOW_MS.hour) return found;
    const toMs = fromMs + (2 + 13 * dice()) * WINDOW_MS.minute;
    found.push({ fromMs, toMs });
    fromMs = toMs;
  }
}

/** Declared a good deal too high, a good deal too low, or not at all. */
function misdeclared(table: RoutingTable, { seed, wrongShare }: WorldOptions): RoutingTable {
  const dice = diceFor(seed, "declarations");
  const declared = (limits: readonly Limit[]): Limit[] =>
    limits.flatMap((limit) => declare(limit, wrongShare, dice));
  return {
    ...table,
    providers: table.providers.map((provider) => ({ ...provider, limits: declared(provider.limits) })),
    deployments: table.deployments.map((deployment) => ({
      ...deployment,
      limits: declared(deployment.limits),
    })),
  };
}

function declare(limit: Limit, wrongShare: number, dice: Dice): readonly Limit[] {
  const [isWrong, how, by] = [dice() < wrongShare, dice(), dice()];
  if (!isWrong) return [limit];
  if (how < 1 / 3) return [];
  const amount = Math.max(1, Math.round(limit.amount * (how < 2 / 3 ? 1.4 + by : 0.5 + 0.3 * by)));
  return [{ ...limit, amount: limit.unit === "usd" ? limit.amount * (1.4 + by) : amount }];
}

const CHANGES = 5;

function changesOf(limits: readonly TrueLimit[], seed: number, atMs: number): LimitChange[] {
  const dice = diceFor(seed, "changes");
  return Array.from({ length: CHANGES }, () => {
    const limit = pick(dice, limits);
    const factor = dice() < 0.6 ? 0.5 + 0.2 * dice() : 1.5;
    return { atMs, limit, amount: Math.max(1, Math.round(limit.amount * factor)) };
  });
}
