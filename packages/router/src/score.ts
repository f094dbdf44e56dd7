/**
 * How good a candidate is for a strategy. Reliability is sampled from what has been seen (Thompson sampling: one that has
 * been tried seldom may be lucky, so that it is tried again), the rest is measured or stated.
 */
import type { Strategy, Tier } from "@headgate/contract";
import type { Candidate } from "./candidate.ts";
import { fade } from "./model-stats.ts";

/** Each from 0 to 1; more is better. */
export interface Score {
  readonly total: number;
  readonly reliability: number;
  readonly speed: number;
  readonly headroom: number;
  readonly intelligence: number;
  /** What it costs: free is 1. */
  readonly thrift: number;
}

type Weights = Omit<Score, "total">;
export type Scored = Exclude<Strategy, "priority" | "weighted">;

/** How much each part of a score weighs. Thrift weighs enough in `balanced` that paid models wait for the free ones to fail. */
const WEIGHTS: Readonly<Record<Scored, Weights>> = {
  balanced: { reliability: 3, speed: 1.5, headroom: 1, intelligence: 2, thrift: 4 },
  fastest: { reliability: 2, speed: 6, headroom: 0.5, intelligence: 0.5, thrift: 0.5 },
  smartest: { reliability: 2, speed: 0.5, headroom: 0.5, intelligence: 8, thrift: 0.5 },
  cheapest: { reliability: 1, speed: 0.5, headroom: 1, intelligence: 0.5, thrift: 10 },
  reliable: { reliability: 8, speed: 1, headroom: 1.5, intelligence: 1, thrift: 1 },
};

/** Every strategy that a group or a client may name. */
export const STRATEGIES: ReadonlySet<string> = new Set<Strategy>([
  "priority",
  "weighted",
  ...(Object.keys(WEIGHTS) as Scored[]),
]);

/** Whether candidates are ordered by how they are rated. */
export const isScored = (strategy: Strategy | undefined): strategy is Scored =>
  strategy !== undefined && strategy in WEIGHTS;

/** By tier; of a paid model the price is not known. */
const TIER_THRIFT: Readonly<Record<Tier, number>> = { free: 1, local: 0.9, subscription: 0.8, paid: 0.1 };
/** However cheap: a known price puts no paid model before one that costs nothing. */
const MOST_OF_PAID = 0.3;
/** Dollars for a million tokens in and out at which thrift is halved. */
const DEAR_USD = 2;
const UNKNOWN_SPEED = 0.5;
/** The answer that speed is judged by. */
const TYPICAL_TOKENS = 300;
/** Milliseconds for it at which speed is halved. */
const SLOW_MS = 4000;

/**
 * @param random dice from 0 up to 1; without it reliability is the mean, as `explain` shows it
 */
export function scoreOf(candidate: Candidate, strategy: Scored, nowMs: number, random?: () => number): Score {
  const { stats, deployment } = candidate;
  fade(stats, nowMs);
  const { successes, failures, firstTokenMs, tokensPerS } = stats;
  const reliability =
    random === undefined ? successes / (successes + failures) : sampleBeta(successes, failures, random);
  const expectedMs = firstTokenMs + (tokensPerS === 0 ? 0 : (TYPICAL_TOKENS * 1000) / tokensPerS);
  const speed = firstTokenMs === 0 ? UNKNOWN_SPEED : SLOW_MS / (SLOW_MS + expectedMs);
  const intelligence = ((deployment.intelligence ?? 3) - 1) / 4;
  const thrift = thriftOf(candidate);
  const headroom = headroomOf(candidate, nowMs);
  const weights = WEIGHTS[strategy];
  const total =
    (reliability * weights.reliability +
      speed * weights.speed +
      headroom * weights.headroom +
      intelligence * weights.intelligence +
      thrift * weights.thrift) /
    (weights.reliability + weights.speed + weights.headroom + weights.intelligence + weights.thrift);
  return { total, reliability, speed, headroom, intelligence, thrift };
}

function thriftOf({ cost, deployment: { tier } }: Candidate): number {
  if (tier !== "paid" || cost === undefined) return TIER_THRIFT[tier];
  return (MOST_OF_PAID * DEAR_USD) / (DEAR_USD + cost.input + cost.output);
}

/** The part of its scarcest limit that is left, as a window counts, so that use is spread; 1 where no limit is known. */
export function headroomOf(candidate: Candidate, nowMs: number): number {
  let least = 1;
  for (const meter of candidate.meters()) {
    if (meter.amount === Number.POSITIVE_INFINITY) continue;
    const left = Math.max(0, 1 - meter.usedByAll(nowMs) / meter.amount);
    if (left < least) least = left;
  }
  return least;
}

/** Beta(a, b) from two gamma variates. */
function sampleBeta(a: number, b: number, random: () => number): number {
  const x = sampleGamma(a, random);
  const y = sampleGamma(b, random);
  return x + y === 0 ? a / (a + b) : x / (x + y);
}

/** Marsaglia and Tsang, 2000; for a shape of at least 1, which every count here is. */
function sampleGamma(shape: number, random: () => number): number {
  const d = Math.max(1, shape) - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = sampleNormal(random);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const u = 1 - random();
    if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

const sampleNormal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
