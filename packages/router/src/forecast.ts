/** How long what is left lasts at a rate: pure, stepped through the next two days. */
import type { QuotaMeter, QuotaSource } from "./quota.ts";

/** Requests and tokens of one hour. */
export interface Rate {
  readonly requests: number;
  readonly tokens: number;
}

const STEP_MS = 600_000;
const HOUR_MS = 3_600_000;
const STEP_MINUTES = STEP_MS / 60_000;
/** Beyond it a forecast says nothing. */
export const HORIZON_MS = 48 * HOUR_MS;
const STEPS_PER_HOUR = HOUR_MS / STEP_MS;
/** The rate is no longer carried once more than this share of an hour's requests finds no source. */
const UNCARRIED_SHARE = 0.1;
const ROUNDING = 1e-9;

/**
 * The moment from which the sources do not carry the rate, in ms since the epoch: as soon as a tenth of an hour's requests has found
 * none, less the time that so many take to come.
 * @returns null where they carry it for the next 48 hours
 */
export function lastsUntilMs(sources: readonly QuotaSource[], rate: Rate, nowMs: number): number | null {
  if (rate.requests <= 0) return null;
  // What a source without a known limit carries is not known, so it is not counted on.
  const counted = sources.filter(({ meters, paces }) => meters.length + paces.length > 0);
  if (counted.length === 0 && sources.length > 0) return null;
  const walk = new Walk(counted, { requests: 1, tokens: rate.tokens / rate.requests });
  const uncarried: number[] = [];
  const wanted = (rate.requests * STEP_MS) / HOUR_MS;
  for (let atMs = nowMs; atMs < nowMs + HORIZON_MS; atMs += STEP_MS) {
    const need = wanted - walk.carry(wanted, atMs);
    const before = uncarried.slice(1 - STEPS_PER_HOUR).reduce((sum, one) => sum + one, 0);
    const most = UNCARRIED_SHARE * STEPS_PER_HOUR * wanted;
    // Where nothing more is carried at all, that is the moment at which it begins.
    if (before + need >= most)
      return Math.round(atMs + ((most - before) / need) * STEP_MS - UNCARRIED_SHARE * HOUR_MS);
    uncarried.push(need <= ROUNDING * Math.max(1, wanted) ? 0 : need);
  }
  return null;
}

/** Beyond it a batch's arrival is not told. */
export const BATCH_HORIZON_MS = 30 * 24 * HOUR_MS;

/**
 * The moment at which the sources have carried so much, where nothing else uses them, in ms since the epoch.
 * @returns null where they have not within 30 days; undefined where a limit is not known, so that it cannot be told
 */
export function carriedByMs(
  sources: readonly QuotaSource[],
  { requests, tokens }: { readonly requests: number; readonly tokens: number },
  nowMs: number,
): number | null | undefined {
  const counted = sources.filter(({ meters, paces }) => meters.length + paces.length > 0);
  if (counted.length === 0) return sources.length === 0 ? null : undefined;
  const walk = new Walk(counted, { requests: 1, tokens: tokens / Math.max(1, requests) });
  let left = requests;
  for (let atMs = nowMs; atMs < nowMs + BATCH_HORIZON_MS; atMs += STEP_MS) {
    const part = walk.carry(left, atMs);
    const before = left;
    left -= part;
    if (left > ROUNDING * Math.max(1, requests)) continue;
    // Within a step, as its share of what the step could have carried by the minute.
    return Math.round(atMs + (before > 0 ? walk.share(before) * STEP_MS : 0));
  }
  return null;
}

export interface Move {
  readonly provider: string;
  /** How long the sources last with it, ms since the epoch; at most to the horizon. */
  readonly untilMs: number;
}

/** How far each provider's further sources would move the moment; the farthest first. */
export function movesOf(
  sources: readonly QuotaSource[],
  more: readonly QuotaSource[],
  rate: Rate,
  nowMs: number,
): Move[] {
  return [...new Set(more.map(({ provider }) => provider))]
    .map((provider): Move => {
      const own = more.filter((source) => source.provider === provider);
      return { provider, untilMs: lastsUntilMs([...sources, ...own], rate, nowMs) ?? nowMs + HORIZON_MS };
    })
    .sort((a, b) => b.untilMs - a.untilMs || a.provider.localeCompare(b.provider));
}

/** What the sources carry, step by step. */
class Walk {
  readonly #sources: readonly QuotaSource[];
  readonly #each: { readonly requests: number; readonly tokens: number };
  readonly #counts = new Map<string, Count>();

  constructor(sources: readonly QuotaSource[], each: { readonly requests: number; readonly tokens: number }) {
    this.#sources = sources;
    this.#each = each;
    for (const { meters } of sources)
      for (const meter of meters)
        if (!this.#counts.has(meter.id)) this.#counts.set(meter.id, new Count(meter));
  }

  /** How many of so many requests one step carries. */
  carry(wanted: number, atMs: number): number {
    const each = this.#each;
    const counts = this.#counts;
    for (const count of counts.values()) count.advance(atMs);
    const pace = new Map<string, number>();
    for (const { paces } of this.#sources)
      for (const { id, perMinute } of paces) pace.set(id, perMinute * STEP_MINUTES);
    let need = wanted;
    for (const { meters, paces } of this.#sources) {
      const rooms = [
        ...meters.map(({ id, unit }) => (counts.get(id)?.left ?? 0) / Math.max(each[unit], ROUNDING)),
        ...paces.map(({ id, unit }) => (pace.get(id) ?? 0) / Math.max(each[unit], ROUNDING)),
      ];
      const part = Math.min(need, Math.max(0, Math.min(...rooms)));
      if (part <= 0) continue;
      for (const { id, unit } of meters) counts.get(id)?.take(part * each[unit], atMs);
      for (const { id, unit } of paces) pace.set(id, (pace.get(id) ?? 0) - part * each[unit]);
      need -= part;
      if (need <= ROUNDING) break;
    }
    return wanted - need;
  }

  /** The part of a step that so many requests take by the limits of a minute; 0 where there is none. */
  share(requests: number): number {
    let perStep = 0;
    for (const { paces } of this.#sources) {
      const rooms = paces.map(
        ({ unit, perMinute }) => (perMinute * STEP_MINUTES) / Math.max(this.#each[unit], ROUNDING),
      );
      perStep += rooms.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...rooms);
    }
    return Math.min(1, requests / Math.max(perStep, ROUNDING));
  }
}

/** One limit on its way through the steps. */
class Count {
  readonly #meter: QuotaMeter;
  left: number;
  #resetsAtMs: number;
  /** What comes back to a window, the soonest first. */
  #returning: { readonly atMs: number; readonly units: number }[];
  #sinceMs: number | undefined;

  constructor(meter: QuotaMeter) {
    this.#meter = meter;
    this.left = meter.left;
    this.#resetsAtMs = meter.resetsAtMs;
    this.#returning = [...meter.returning];
  }

  advance(atMs: number): void {
    const { amount, windowMs, returns } = this.#meter;
    if (returns === "bucket") {
      const ms = this.#sinceMs === undefined ? 0 : atMs - this.#sinceMs;
      this.left = Math.min(amount, this.left + (amount * ms) / windowMs);
    } else if (returns === "period") {
      while (this.#resetsAtMs <= atMs) {
        this.left = amount;
        this.#resetsAtMs += windowMs;
      }
    } else {
      let back = 0;
      while (back < this.#returning.length && (this.#returning[back]?.atMs ?? 0) <= atMs) {
        this.left += this.#returning[back]?.units ?? 0;
        back += 1;
      }
      this.#returning.splice(0, back);
      this.left = Math.min(amount, this.left);
    }
    this.#sinceMs = atMs;
  }

  take(units: number, atMs: number): void {
    this.left -= units;
    if (this.#meter.returns === "window") this.#returning.push({ atMs: atMs + this.#meter.windowMs, units });
  }
}
