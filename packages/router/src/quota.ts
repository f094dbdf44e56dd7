/** What is left over all accounts: pure, so that a forecast can be replayed. */
import type { InactiveModel } from "@headgate/contract";
import type { Candidate } from "./candidate.ts";
import { type Meter, type MeterSpec, WINDOW_MS } from "./limits/meter.ts";
import { meterSpecs } from "./limits/meter-specs.ts";

/** One limit of an hour or longer, as a forecast counts it. */
export interface QuotaMeter {
  readonly id: string;
  readonly unit: "requests" | "tokens";
  readonly amount: number;
  readonly left: number;
  readonly windowMs: number;
  /**
   * How used units come back. `period`: all at `resetsAtMs`, and then after each window. `bucket`: evenly. `window`: each one
   * window after it was used.
   */
  readonly returns: "period" | "bucket" | "window";
  /** When it is whole again if nothing more is used, ms since the epoch. */
  readonly resetsAtMs: number;
  /** Of a `window`: when what is used now comes back, the soonest first. */
  readonly returning: readonly Returning[];
}

export interface Returning {
  readonly atMs: number;
  readonly units: number;
}

/** A limit by the minute: it refills by itself, and bounds how fast a source can be used. */
export interface QuotaPace {
  readonly id: string;
  readonly unit: "requests" | "tokens";
  readonly perMinute: number;
}

/** One account's model: the limits that a request to it takes from; limits may be shared with others. */
export interface QuotaSource {
  readonly provider: string;
  readonly meters: readonly QuotaMeter[];
  readonly paces: readonly QuotaPace[];
}

/** What is left in total: `null` where a source has no known limit of that kind. */
export interface Pool {
  readonly requests: number | null;
  readonly tokens: number | null;
}

/** Into how many parts the units are taken apart that come back to a window. */
const PARTS = 8;

export function quotaSources(candidates: Iterable<Candidate>, nowMs: number): QuotaSource[] {
  const known = new Map<Meter, QuotaMeter | QuotaPace | undefined>();
  const sources: QuotaSource[] = [];
  for (const candidate of candidates) {
    const own = candidate.meters().flatMap((meter) => {
      if (!known.has(meter)) known.set(meter, limitOf(meter, nowMs));
      return known.get(meter) ?? [];
    });
    sources.push(sourceOf(candidate.provider.id, own));
  }
  return sources;
}

function sourceOf(provider: string, limits: readonly (QuotaMeter | QuotaPace)[]): QuotaSource {
  const isPace = (limit: QuotaMeter | QuotaPace): limit is QuotaPace => "perMinute" in limit;
  return {
    provider,
    meters: limits.filter((limit): limit is QuotaMeter => !isPace(limit)),
    paces: limits.filter(isPace),
  };
}

function limitOf(meter: Meter, nowMs: number): QuotaMeter | QuotaPace | undefined {
  const { unit, amount, spec } = meter;
  const { id, window, shape } = spec;
  if (unit !== "requests" && unit !== "tokens") return undefined;
  if (window === undefined || amount === Number.POSITIVE_INFINITY) return undefined;
  if (window === "minute") return { id, unit, perMinute: amount };
  const used = meter.used(nowMs);
  const windowMs = WINDOW_MS[window];
  const wholeMs = used === 0 ? nowMs + windowMs : meter.opensAtMs(amount, nowMs);
  const resetsAtMs = wholeMs > nowMs && Number.isFinite(wholeMs) ? wholeMs : nowMs + windowMs;
  const returns = returnsOf(shape.kind, meter.byPeriod);
  const returning = returns === "window" ? returningOf(meter, used, nowMs) : [];
  return { id, unit, amount, left: Math.max(0, amount - used), windowMs, returns, resetsAtMs, returning };
}

const returnsOf = (kind: Meter["spec"]["shape"]["kind"], byPeriod: boolean): QuotaMeter["returns"] =>
  kind === "bucket" ? "bucket" : kind === "sliding" && !byPeriod ? "window" : "period";

function returningOf(meter: Meter, used: number, nowMs: number): Returning[] {
  if (used <= 0) return [];
  const units = used / PARTS;
  const left = Math.max(0, meter.amount - used);
  return Array.from({ length: PARTS }, (_, part) => ({
    atMs: meter.opensAtMs(Math.min(meter.amount, left + units * (part + 1)), nowMs),
    units,
  })).filter(({ atMs }) => Number.isFinite(atMs));
}

/** What the free chat models of a provider would carry that is off; none where no limit of an hour or longer is known. */
export function offeredSources(models: readonly InactiveModel[], nowMs: number): QuotaSource[] {
  return models.flatMap(({ provider, free }): QuotaSource[] => {
    if (free === undefined) return [];
    const specs = meterSpecs({ id: provider, limits: free.providerLimits }, free, `${provider}@`);
    const source = sourceOf(
      provider,
      specs.flatMap((spec) => offeredLimit(spec, nowMs) ?? []),
    );
    return source.meters.length === 0 ? [] : [source];
  });
}

function offeredLimit(
  { id, unit, window, shape, declared: amount }: MeterSpec,
  nowMs: number,
): QuotaMeter | QuotaPace | undefined {
  if ((unit !== "requests" && unit !== "tokens") || window === undefined || amount === undefined)
    return undefined;
  if (window === "minute") return { id, unit, perMinute: amount };
  const windowMs = WINDOW_MS[window];
  const returns = returnsOf(shape.kind, false);
  return { id, unit, amount, left: amount, windowMs, returns, resetsAtMs: nowMs + windowMs, returning: [] };
}

/** The same provider's sources under one more account, whose limits are whole. */
export function secondAccount(sources: readonly QuotaSource[], provider: string): QuotaSource[] {
  const again = <Limit extends { readonly id: string }>(limit: Limit): Limit => ({
    ...limit,
    id: `${limit.id} again`,
  });
  return sources
    .filter((source) => source.provider === provider)
    .map(({ meters, paces }) => ({
      provider,
      meters: meters.map((meter) => ({ ...again(meter), left: meter.amount, returning: [] })),
      paces: paces.map(again),
    }));
}

/** Counts a shared limit once. */
export function poolOf(sources: readonly QuotaSource[]): Pool {
  const sum = (unit: QuotaMeter["unit"]): number | null => {
    const left = new Map(
      sources.flatMap(({ meters }) => meters.map((meter) => [meter.id, meter.left] as const)),
    );
    let total = 0;
    for (const { meters } of sources) {
      const own = meters.filter((meter) => meter.unit === unit);
      if (own.length === 0) return null;
      const part = Math.min(...own.map(({ id }) => left.get(id) ?? 0));
      for (const { id } of own) left.set(id, (left.get(id) ?? 0) - part);
      total += part;
    }
    return sources.length === 0 ? 0 : total;
  };
  return { requests: sum("requests"), tokens: sum("tokens") };
}
