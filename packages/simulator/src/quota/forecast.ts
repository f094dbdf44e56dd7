/**
 * Days on which a few free providers run out: how far off the forecast of two hours before was, and whether the provider that it
 * advised to switch on would have carried the day longest.
 */
import { type Catalog, type Limit, type RoutingTable, resolve, type Usage } from "@headgate/contract";
import { lastsUntilMs, movesOf, offeredSources, quotaSources, type Rate } from "@headgate/router";
import { HeadgateWalk, Replica } from "./policies/headgate.ts";
import type { Policy, Walk } from "./policy.ts";
import { type Dice, diceFor } from "./random.ts";
import { run } from "./run.ts";
import { worldOf } from "./world.ts";

export interface ForecastDay {
  readonly seed: number;
  readonly providers: readonly string[];
  readonly perHour: number;
  /** When the day's requests were no longer served, ms since the epoch; undefined: all day long they were. */
  readonly endedMs: number | undefined;
  /** What was forecast two hours before; null: no end within two days. */
  readonly forecastMs: number | null | undefined;
  /** The provider that was advised then. */
  readonly advised: string | undefined;
}

const HOUR_MS = 3_600_000;
const STEP_MS = 600_000;
const AHEAD_STEPS = (2 * HOUR_MS) / STEP_MS;
/** As `headgate quota` reckons its rate. */
const RATE_STEPS = (3 * HOUR_MS) / STEP_MS;
const STEPS_PER_HOUR = HOUR_MS / STEP_MS;
const UNSERVED_SHARE = 0.1;
const PROVIDERS = 5;
/** The demand that the chosen providers carry for about so long. */
const LASTS_MS = 10 * HOUR_MS;
const TOKENS_PER_REQUEST = 700;

interface Step {
  asked: number;
  unserved: number;
  calls: number;
  tokens: number;
  forecastMs: number | null;
  advised: string | undefined;
}

export interface DayOptions {
  readonly seed: number;
  readonly startMs: number;
  readonly hours: number;
  /** The share of stray refusals. */
  readonly strayShare: number;
}

export function forecastDay(catalog: Catalog, { seed, startMs, hours, strayShare }: DayOptions): ForecastDay {
  const dice = diceFor(seed, "forecast");
  const chosen = shuffled(boundedProviders(catalog), dice).slice(0, PROVIDERS);
  return dayOf(catalog, chosen.sort(), { seed, startMs, hours, strayShare });
}

/** Those with a free chat model and a limit of an hour or longer. */
const boundedProviders = (catalog: Catalog): string[] =>
  catalog.providers
    .filter(({ models, limits: shared }) =>
      models.some(
        ({ tier, operation, limits, retired }) =>
          tier === "free" &&
          operation === "chat" &&
          retired === undefined &&
          [...shared, ...limits].some(isLasting),
      ),
    )
    .map(({ id }) => id);

/** Whether the day lasts longest with the advised provider, each that is off tried in turn; undefined where none was advised. */
export function isAdviceBest(
  catalog: Catalog,
  { providers, perHour, advised }: ForecastDay,
  options: DayOptions,
): boolean | undefined {
  if (advised === undefined) return undefined;
  const off = boundedProviders(catalog).filter((id) => !providers.includes(id));
  const lastsMs = (more: string): number =>
    dayOf(catalog, [...providers, more].sort(), options, perHour).endedMs ?? Number.POSITIVE_INFINITY;
  const bestMs = Math.max(...off.map(lastsMs));
  // A step later is no other day.
  return lastsMs(advised) + STEP_MS >= bestMs;
}

function dayOf(
  catalog: Catalog,
  providers: readonly string[],
  { seed, startMs, hours, strayShare }: DayOptions,
  given?: number,
): ForecastDay {
  const on = new Set(providers);
  const own = {
    ...catalog,
    // What a model without a known limit carries is not known, so that no day with one has an end.
    providers: catalog.providers
      .filter(({ id }) => on.has(id))
      .map((provider) => ({
        ...provider,
        models: provider.models.filter(
          ({ operation, limits }) => operation === "chat" && [...provider.limits, ...limits].some(isCounted),
        ),
      })),
  };
  const real = worldOf(own, {
    seed,
    startMs,
    hours,
    wrongShare: 0,
    // A provider that is down uses up no quota, and ends the day all the same.
    outages: false,
    ...(strayShare === 0 ? {} : { whims: { strayShare } }),
  });
  const world = { ...real, table: withAll(real.table) };
  const offered = resolve(catalog, {}).table.inactive.filter(({ provider }) => !on.has(provider));
  const replica = new Replica(world.table, seed, "headgate");
  const chats = [...replica.places.keys()].filter(({ deployment }) => deployment.operation === "chat");
  const perHour = given ?? demandFor(quotaSources(chats, startMs), startMs);
  const steps: Step[] = [];
  const stepAt = (nowMs: number): Step => {
    const at = Math.floor((nowMs - startMs) / STEP_MS);
    while (steps.length <= at) {
      const beganMs = startMs + steps.length * STEP_MS;
      const rate = rateOf(steps.slice(-RATE_STEPS));
      const sources = quotaSources(chats, beganMs);
      const forecastMs = lastsUntilMs(sources, rate, beganMs);
      const advised =
        forecastMs === null
          ? undefined
          : movesOf(sources, offeredSources(offered, beganMs), rate, beganMs)[0]?.provider;
      steps.push({ asked: 0, unserved: 0, calls: 0, tokens: 0, forecastMs, advised });
    }
    const step = steps[at];
    if (step === undefined) throw new Error("time went back");
    return step;
  };
  const policy: Policy = {
    name: "headgate",
    walk(request, nowMs): Walk {
      const step = stepAt(nowMs);
      step.asked += 1;
      const walk = new HeadgateWalk(replica, { ...request, model: EVERYTHING }, nowMs);
      return {
        next(atMs) {
          const call = walk.next(atMs);
          if (call === undefined) step.unserved += 1;
          return call;
        },
        ended(call, how, atMs) {
          if (how.failure === undefined) step.calls += 1;
          step.tokens += tokensOf(how.usage);
          return walk.ended(call, how, atMs);
        },
      };
    },
    goesOn: (call, after, nowMs) => replica.goesOn(call, after, nowMs),
  };
  run({ world, policy, demand: { seed, startMs, hours, perHour }, weightOf: () => 1 });
  const endedMs = endOf(steps, startMs);
  const before =
    endedMs === undefined ? undefined : steps[Math.floor((endedMs - startMs) / STEP_MS) - AHEAD_STEPS];
  return {
    seed,
    providers,
    perHour: Math.round(perHour),
    endedMs,
    forecastMs: before?.forecastMs,
    advised: before?.advised,
  };
}

/** A group of all models. */
const EVERYTHING = "everything";

function withAll(table: RoutingTable): RoutingTable {
  const chain = table.deployments.map((_, at) => at);
  const route = { name: EVERYTHING, kind: "group", operation: "chat", chain, contextChain: [] } as const;
  return { ...table, routes: [...table.routes, route] };
}

const isCounted = ({ unit, window }: Limit): boolean =>
  (unit === "requests" || unit === "tokens") && window !== undefined;

const isLasting = (limit: Limit): boolean => isCounted(limit) && limit.window !== "minute";

/** When a tenth of the last hour's requests were not served, as the forecast means it. */
function endOf(steps: readonly Step[], startMs: number): number | undefined {
  for (const [at, { unserved }] of steps.entries()) {
    const hour = steps.slice(Math.max(0, at - STEPS_PER_HOUR + 1), at + 1);
    const most =
      (UNSERVED_SHARE * hour.reduce((sum, { asked }) => sum + asked, 0) * STEPS_PER_HOUR) / hour.length;
    const all = hour.reduce((sum, step) => sum + step.unserved, 0);
    if (all > most) return startMs + (at + 1 - (all - most) / unserved) * STEP_MS - UNSERVED_SHARE * HOUR_MS;
  }
  return undefined;
}

const tokensOf = (usage: Usage | undefined): number =>
  usage === undefined ? 0 : usage.inputTokens + usage.outputTokens;

function rateOf(steps: readonly Step[]): Rate {
  const hours = (steps.length * STEP_MS) / HOUR_MS;
  if (hours === 0) return { requests: 0, tokens: 0 };
  const sum = (of: (step: Step) => number) => steps.reduce((all, step) => all + of(step), 0) / hours;
  return { requests: sum(({ calls }) => calls), tokens: sum(({ tokens }) => tokens) };
}

/** Requests an hour that the sources carry for about ten hours. */
function demandFor(sources: ReturnType<typeof quotaSources>, startMs: number): number {
  let [least, most] = [1, 100_000];
  for (let halved = 0; halved < 30; halved += 1) {
    const middle = Math.sqrt(least * most);
    const rate = { requests: middle, tokens: middle * TOKENS_PER_REQUEST };
    const until = lastsUntilMs(sources, rate, startMs) ?? Number.POSITIVE_INFINITY;
    if (until > startMs + LASTS_MS) least = middle;
    else most = middle;
  }
  return most;
}

function shuffled<T>(items: readonly T[], dice: Dice): T[] {
  return items
    .map((item) => ({ item, order: dice() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}

/** The share of two hours that the forecast was off; 1 where it saw no end at all. */
export function errorOf({ endedMs, forecastMs }: ForecastDay): number | undefined {
  if (endedMs === undefined || forecastMs === undefined) return undefined;
  return forecastMs === null ? 1 : Math.min(1, Math.abs(forecastMs - endedMs) / (2 * HOUR_MS));
}
