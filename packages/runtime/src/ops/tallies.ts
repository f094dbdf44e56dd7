/**
 * What finished requests add up to between two scrapes. It comes from their usage records, so that it agrees with them.
 * A record costs a few look-ups here; labels are only made at a scrape.
 */
import type { UsageRecord } from "@headgate/contract";

/** Upper bounds of the buckets of both histograms, in seconds. */
export const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600] as const;

/** Sums by two labels. */
export type Tally = Map<string, Map<string, number>>;

/** Of one surface: how many values fell into each bucket (the last is beyond every bound), and their sum in seconds. */
export interface HistogramTally {
  readonly counts: number[];
  sum: number;
}

export class Tallies {
  /** By surface and outcome. */
  readonly requests: Tally = new Map();
  /** By provider and class. */
  readonly attempts: Tally = new Map();
  /** By provider; in nano-dollars. */
  readonly cost: Tally = new Map();
  /** By provider and kind. */
  readonly tokens: Tally = new Map();
  /** By surface, since the start. */
  readonly duration = new Map<string, HistogramTally>();
  readonly firstToken = new Map<string, HistogramTally>();

  /** Exactly once per record. */
  add({ surface, outcome, attempts, durationMs, firstTokenMs }: UsageRecord): void {
    tally(this.requests, surface, outcome, 1);
    observe(this.duration, surface, durationMs / 1_000);
    if (firstTokenMs !== undefined) observe(this.firstToken, surface, firstTokenMs / 1_000);
    for (const { provider, outcome: end, class: failureClass, usage, costNanoUsd = 0 } of attempts) {
      tally(this.attempts, provider, failureClass ?? (end === "cancelled" ? "cancelled" : "ok"), 1);
      tally(this.cost, provider, "", costNanoUsd);
      if (usage === undefined) continue;
      tally(this.tokens, provider, "input", usage.inputTokens);
      tally(this.tokens, provider, "output", usage.outputTokens);
      tally(this.tokens, provider, "cached", usage.cachedInputTokens ?? 0);
      tally(this.tokens, provider, "reasoning", usage.reasoningTokens ?? 0);
    }
  }
}

function tally(sums: Tally, first: string, second: string, value: number): void {
  if (value === 0) return;
  let own = sums.get(first);
  if (own === undefined) {
    own = new Map();
    sums.set(first, own);
  }
  own.set(second, (own.get(second) ?? 0) + value);
}

/** Gives each sum once and forgets it. */
export function drain(sums: Tally, give: (first: string, second: string, value: number) => void): void {
  for (const [first, own] of sums) for (const [second, value] of own) give(first, second, value);
  sums.clear();
}

function observe(histogram: Map<string, HistogramTally>, surface: string, seconds: number): void {
  let own = histogram.get(surface);
  if (own === undefined) {
    own = { counts: new Array<number>(SECONDS.length + 1).fill(0), sum: 0 };
    histogram.set(surface, own);
  }
  const at = SECONDS.findIndex((bound) => seconds <= bound);
  const bucket = at === -1 ? SECONDS.length : at;
  own.counts[bucket] = (own.counts[bucket] ?? 0) + 1;
  own.sum += seconds;
}
