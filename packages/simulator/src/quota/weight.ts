/**
 * What a served request counts for. Where requests are limited, one. Where tokens (or what is paid by them) run out first, its
 * tokens as a share of an average request's; where it is calls in flight, its duration likewise. A policy that picked short
 * prompts for the models whose tokens are scarce would serve more requests and refuse long ones; so weighed it gains
 * nothing, and the bound holds for every policy, whatever it picks.
 */
import { type DemandOptions, demandOf, type SimRequest } from "./demand.ts";
import { InFlightLimit, type TrueLimit } from "./truth.ts";
import { type Upstream, wholeCost } from "./upstream.ts";
import type { World } from "./world.ts";

/** @param durationMs how long the answer took */
export type WeightOf = (upstream: Upstream, request: SimRequest, durationMs: number) => number;

/** The resource of which an upstream has the least. */
export type Scarce = "requests" | "tokens" | "time";

/** What the run's demand is like. */
export interface DemandFigures {
  readonly count: number;
  /** An average request for an operation: only its sizes are meant. */
  readonly usual: ReadonlyMap<string, SimRequest>;
  /** By name and hour of the run. */
  readonly byName: ReadonlyMap<string, readonly HourOf[]>;
}

export interface HourOf {
  readonly requests: number;
  /** Their tokens in average requests. */
  readonly tokens: number;
  /** At most what the requests can count for, one by one, time apart. */
  readonly most: number;
}

export function figuresOf(world: World, options: DemandOptions): DemandFigures {
  const sums = new Map<string, { request: SimRequest; count: number; prompt: number; output: number }>();
  let count = 0;
  for (const request of demandOf(world.table, options)) {
    count += 1;
    const sum = sums.get(request.operation) ?? { request, count: 0, prompt: 0, output: 0 };
    sum.count += 1;
    sum.prompt += request.promptTokens;
    sum.output += request.outputTokens;
    sums.set(request.operation, sum);
  }
  const usual = new Map<string, SimRequest>();
  for (const [operation, sum] of sums)
    usual.set(operation, {
      ...sum.request,
      promptTokens: sum.prompt / sum.count,
      outputTokens: sum.output / sum.count,
    });
  const byName = new Map<string, { requests: number; tokens: number; most: number }[]>();
  for (const request of demandOf(world.table, options)) {
    const hour = Math.floor((request.atMs - options.startMs) / 3_600_000);
    let hours = byName.get(request.model);
    if (hours === undefined) {
      hours = Array.from({ length: options.hours }, () => ({ requests: 0, tokens: 0, most: 0 }));
      byName.set(request.model, hours);
    }
    const of = hours[hour];
    const mean = usual.get(request.operation);
    if (of === undefined || mean === undefined) continue;
    const tokens = tokensOf(request) / tokensOf(mean);
    of.requests += 1;
    of.tokens += tokens;
    of.most += Math.max(1, tokens);
  }
  return { count, usual, byName };
}

const tokensOf = ({ promptTokens, outputTokens }: SimRequest): number => promptTokens + outputTokens;

const BY_TOKENS: ReadonlySet<TrueLimit["unit"]> = new Set(["tokens", "usd", "neurons"]);

export const scarceIn = (limit: TrueLimit): Scarce =>
  limit instanceof InFlightLimit ? "time" : BY_TOKENS.has(limit.unit) ? "tokens" : "requests";

/** What a limit lets through between two moments, in average requests. */
export function mostRequests(
  limit: TrueLimit,
  upstream: Upstream,
  { usual }: DemandFigures,
  [fromMs, toMs]: readonly [number, number],
  amount: number,
): number {
  const mean = usual.get(upstream.deployment.operation);
  if (mean === undefined) return 0;
  const units = limit.mostBetween(fromMs, toMs, amount);
  if (!(limit instanceof InFlightLimit)) return units / wholeCost(limit, mean);
  // Those in flight at the start and at the end are counted whole.
  return units / upstream.typicalMs(mean.outputTokens) + amount;
}

export function scarcest(
  upstream: Upstream,
  figures: DemandFigures,
  span: readonly [number, number],
): Scarce {
  let least = Number.POSITIVE_INFINITY;
  let scarce: Scarce = "requests";
  for (const limit of upstream.limits) {
    const most = mostRequests(limit, upstream, figures, span, limit.amount);
    if (most >= least) continue;
    least = most;
    scarce = scarceIn(limit);
  }
  return scarce;
}

export function weigherOf(world: World, figures: DemandFigures, span: readonly [number, number]): WeightOf {
  const scarce = new Map<string, Scarce>();
  for (const upstreams of world.upstreams)
    for (const upstream of upstreams)
      scarce.set(upstream.deployment.alias, scarcest(upstream, figures, span));
  return (upstream, request, durationMs) => {
    const mean = figures.usual.get(request.operation);
    if (mean === undefined) return 1;
    switch (scarce.get(upstream.deployment.alias)) {
      case "tokens":
        return tokensOf(request) / tokensOf(mean);
      case "time":
        return durationMs / upstream.typicalMs(mean.outputTokens);
      default:
        return 1;
    }
  };
}
