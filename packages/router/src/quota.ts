/** What is left over all accounts, and how long it lasts: pure, so that a forecast can be replayed. */
import type { InactiveModel } from "@headgate/contract";
import type { Candidate } from "./candidate.ts";
import { type Meter, WINDOW_MS } from "./limits/meter.ts";

/** Requests and tokens of one hour. */
export interface Rate {
  readonly requests: number;
  readonly tokens: number;
}

/** One limit as a forecast counts it. */
export interface QuotaMeter {
  readonly id: string;
  readonly unit: "requests" | "tokens";
  readonly amount: number;
  readonly left: number;
  /** When it is whole again, ms since the epoch. */
  readonly resetsAtMs: number;
  readonly windowMs: number;
}

/** One account's model: the limits that a request to it takes from; limits may be shared with others. */
export interface QuotaSource {
  readonly provider: string;
  readonly meters: readonly QuotaMeter[];
}

/** What is left in total: `null` where a source has no known limit of that kind. */
export interface Pool {
  readonly requests: number | null;
  readonly tokens: number | null;
}

const STEP_MS = 600_000;
const HOUR_MS = 3_600_000;
/** Beyond it a forecast says nothing. */
export const HORIZON_MS = 48 * HOUR_MS;

/** Limits by the minute refill by themselves; those of an hour, a day or a month run out. */
export function quotaSources(candidates: Iterable<Candidate>, nowMs: number): QuotaSource[] {
  const known = new Map<Meter, QuotaMeter>();
  const sources: QuotaSource[] = [];
  for (const candidate of candidates) {
    const meters: QuotaMeter[] = [];
    for (const meter of candidate.meters()) {
      const own = known.get(meter) ?? quotaMeter(meter, nowMs);
      if (own === undefined) continue;
      known.set(meter, own);
      meters.push(own);
    }
    sources.push({ provider: candidate.provider.id, meters });
  }
  return sources;
}

function quotaMeter(meter: Meter, nowMs: number): QuotaMeter | undefined {
  const { unit, amount, spec } = meter;
  if (unit !== "requests" && unit !== "tokens") return undefined;
  if (spec.window === undefined || spec.window === "minute" || amount === Number.POSITIVE_INFINITY)
    return undefined;
  const used = meter.used(nowMs);
  const windowMs = WINDOW_MS[spec.window];
  const wholeMs = used === 0 ? nowMs + windowMs : meter.opensAtMs(amount, nowMs);
  const resetsAtMs = wholeMs > nowMs && Number.isFinite(wholeMs) ? wholeMs : nowMs + windowMs;
  return { id: spec.id, unit, amount, left: Math.max(0, amount - used), resetsAtMs, windowMs };
}

/** What the free chat models of a provider would carry that is off; none where no limit of an hour or longer is known. */
export function offeredSources(models: readonly InactiveModel[], nowMs: number): QuotaSource[] {
  return models.flatMap(({ provider, alias, freeLimits = [] }): QuotaSource[] => {
    const meters = freeLimits.flatMap(({ unit, window, amount, scope }): QuotaMeter[] => {
      if (unit !== "requests" && unit !== "tokens") return [];
      if (window === undefined || window === "minute") return [];
      const windowMs = WINDOW_MS[window];
      const of = scope === "model" ? `${provider}/${alias}` : provider;
      const id = `${of}|${unit}/${window}`;
      return [{ id, unit, amount, left: amount, resetsAtMs: nowMs + windowMs, windowMs }];
    });
    return meters.length === 0 ? [] : [{ provider, meters }];
  });
}

/** Counts a shared limit once. */
export function poolOf(sources: readonly QuotaSource[]): Pool {
  const sum = (unit: QuotaMeter["unit"]): number | null => {
    const left = leftsOf(sources);
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

/**
 * The moment at which the sources no longer carry the rate, in ms since the epoch.
 * @returns null where they carry it for the next 48 hours
 */
export function lastsUntilMs(sources: readonly QuotaSource[], rate: Rate, nowMs: number): number | null {
  if (rate.requests <= 0) return null;
  // A source without a known limit carries everything.
  if (sources.some(({ meters }) => meters.length === 0)) return null;
  const left = leftsOf(sources);
  const meters = new Map(sources.flatMap((source) => source.meters).map((meter) => [meter.id, meter]));
  const resets = new Map([...meters].map(([id, { resetsAtMs }]) => [id, resetsAtMs]));
  const each = { requests: 1, tokens: rate.tokens / rate.requests };
  for (let atMs = nowMs; atMs < nowMs + HORIZON_MS; atMs += STEP_MS) {
    for (const [id, { amount, windowMs }] of meters) {
      if ((resets.get(id) ?? 0) > atMs) continue;
      left.set(id, amount);
      resets.set(id, atMs + windowMs);
    }
    const wanted = (rate.requests * STEP_MS) / HOUR_MS;
    let need = wanted;
    for (const source of sources) {
      const room = Math.min(
        ...source.meters.map(({ id, unit }) => (left.get(id) ?? 0) / Math.max(each[unit], 1e-9)),
      );
      const part = Math.min(need, Math.max(0, room));
      for (const { id, unit } of source.meters) left.set(id, (left.get(id) ?? 0) - part * each[unit]);
      need -= part;
      if (need <= 1e-9) break;
    }
    if (need > 1e-9) return Math.round(atMs + (1 - need / wanted) * STEP_MS);
  }
  return null;
}

const leftsOf = (sources: readonly QuotaSource[]): Map<string, number> =>
  new Map(sources.flatMap(({ meters }) => meters.map(({ id, left }) => [id, left] as const)));

/** The same provider's sources under one more account, whose limits are whole. */
export const secondAccount = (sources: readonly QuotaSource[], provider: string): QuotaSource[] => {
  const copies = new Map<string, QuotaMeter>();
  return sources
    .filter((source) => source.provider === provider)
    .map(({ meters }) => ({
      provider,
      meters: meters.map((meter) => {
        const copy = copies.get(meter.id) ?? { ...meter, id: `${meter.id} again`, left: meter.amount };
        copies.set(meter.id, copy);
        return copy;
      }),
    }));
};
