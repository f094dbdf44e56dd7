/** Reserves what a call will need, and settles what it really used. */
import {
  type ChargedUnits,
  type Claim,
  COUNTED_ONLY,
  type CountedBefore,
  type Failure,
  listNanoUsd,
  type MeterClaim,
  type MeterSettlement,
  mostUnitsUsd,
  type Usage,
} from "@headgate/contract";
import type { Candidate } from "../candidate.ts";
import type { RequestFacts } from "../facts.ts";
import type { ModelStats } from "../model-stats.ts";
import type { Meter, SeenUse, Unit } from "./meter.ts";

/** What one attempt will take of each unit, as estimated beforehand. */
export interface Need {
  readonly tokens: number;
  readonly inputs: number;
  readonly images: number;
  readonly usd: number;
  /** What is charged besides tokens. */
  readonly units?: ChargedUnits;
  /** The client's own ceiling, where the attempt may cost. */
  readonly spend?: Meter;
  /** It leaves room for interactive requests, and does not count as one of them. */
  readonly background?: true;
}

/** What one attempt took; settled exactly once. */
export interface Reservation {
  readonly candidate: Candidate;
  readonly need: Need;
  /** Moves when the wall clock is set. */
  takenAtMs: number;
  /** What the meters that can learn had counted before it. */
  readonly seen: readonly SeenBefore[];
  settled: boolean;
}

/** One meter's count before a call, of all gateways that share it where the shared limits state it. */
export interface SeenBefore extends SeenUse {
  readonly meter: Meter;
  readonly pending: number;
  readonly amount: number;
}

/** What all gateways together had counted before a claim was granted, by meter id. */
export type SharedCounts = ReadonlyMap<string, SeenUse>;

/** A meter without room for an attempt. */
export interface Shortage {
  readonly meter: Meter;
  /** Infinity: the request alone is more than the limit. */
  readonly opensAtMs: number;
  /** There is room, which is kept for interactive requests. */
  readonly kept?: true;
}

/** When a background request looks again at what is kept for others. */
const KEPT_LOOK_MS = 1_000;

/** An answer's length in tokens, where neither the request nor the model stats state one. */
const USUAL_OUTPUT_TOKENS = 400;
/** Factor over the average answer: lengths are heavy-tailed, and the settlement gives the excess back. */
const OUTPUT_RESERVE = 1.8;
/** Estimated tokens of a picture, a page or a recording; real ones are between 85 and 1,600. */
const MEDIA_TOKENS = 800;
/** Under a spend limit: how many times the average estimate a prompt may have in tokens. */
const MOST_PROMPT = 1.5;
/** Under a spend limit: the longest answer where neither the request nor the model states one. */
const UNSTATED_OUTPUT_TOKENS = 8_192;

export function needFor(candidate: Candidate, facts: RequestFacts): Need {
  const spend = candidate.deployment.tier === "paid" ? facts.client?.spend : undefined;
  const background = facts.priority === "background";
  if (!candidate.countsPrompts && spend === undefined && !background)
    return facts.operation === "chat" ? ONE_CALL : callOf(facts);
  const { prompt, usual, output } = estimated(candidate.stats, facts);
  const most =
    candidate.underSpendLimit || spend !== undefined
      ? {
          prompt: prompt * MOST_PROMPT,
          output: facts.operation === "chat" ? longest(candidate, facts, usual) : 0,
        }
      : { prompt, output };
  return {
    ...(spend === undefined ? {} : { spend }),
    ...(background ? { background } : {}),
    tokens: Math.ceil(prompt + output),
    inputs: facts.inputs ?? 1,
    images: facts.images ?? 1,
    ...(facts.units && { units: facts.units }),
    usd: Math.max(tokensUsd(candidate, most), mostUnitsUsd(candidate.deployment.price, facts.units)),
  };
}

const NANO = 1e9;

/** Writing the prompt to a cache costs more than the prompt alone, and the upstream may do it unasked. */
function tokensUsd(
  { deployment: { price }, underSpendLimit }: Candidate,
  { prompt, output }: { readonly prompt: number; readonly output: number },
): number {
  if (price?.input === undefined) return 0;
  const dearer = underSpendLimit && (price.cacheWrite ?? 0) > price.input;
  const usage = { inputTokens: prompt, outputTokens: output };
  const all = dearer ? { ...usage, cacheWriteInputTokens: prompt } : usage;
  return (listNanoUsd(price, all) ?? 0) / NANO;
}

/** A request's tokens, as a model's stats make them likely. */
function estimated(stats: ModelStats, facts: RequestFacts) {
  const prompt =
    (facts.promptTokens ?? (facts.promptChars ?? 0) / stats.charsPerToken) +
    (facts.media ?? 0) * MEDIA_TOKENS;
  const usual = stats.outputTokens === 0 ? USUAL_OUTPUT_TOKENS : stats.outputTokens * OUTPUT_RESERVE;
  const output = facts.operation === "chat" ? Math.min(usual, facts.maxOutputTokens ?? usual) : 0;
  return { prompt, usual, output };
}

/**
 * What a whole request takes of its client's own limits, whichever candidate answers: the most that is to be expected, so that
 * a limit holds however many come at once, and at most a quarter of the limit, unless the likely amount is more.
 * @param tokens the client's lowest limit on tokens; absent: it has none
 */
export function needOfRequest(
  likely: Candidate | undefined,
  facts: RequestFacts,
  tokens: number | undefined,
): Need {
  if (likely === undefined || tokens === undefined) return ONE_CALL;
  const { prompt, usual, output } = estimated(likely.stats, facts);
  const longestAnswer = facts.operation === "chat" ? (facts.maxOutputTokens ?? usual) : 0;
  const most = prompt * MOST_PROMPT + TEMPLATE_TOKENS + longestAnswer;
  return { ...ONE_CALL, tokens: Math.ceil(Math.min(most, Math.max(prompt + output, tokens / 4))) };
}

/** What a model's chat template may add to a short prompt. */
const TEMPLATE_TOKENS = 32;

/** The longest answer, for a ceiling that must hold: what the request or the model states, else a generous guess. */
const longest = ({ deployment }: Candidate, { maxOutputTokens }: RequestFacts, usual: number): number =>
  maxOutputTokens ?? deployment.maxOutputTokens ?? Math.max(usual, UNSTATED_OUTPUT_TOKENS);

/** For a candidate whose limits count neither tokens nor money, which is the common case. */
const ONE_CALL: Need = { tokens: 0, inputs: 1, images: 1, usd: 0 };

const callOf = ({ inputs = 1, images = 1 }: RequestFacts): Need => ({ tokens: 0, inputs, images, usd: 0 });

export function amountOf(unit: Unit, need: Need): number {
  switch (unit) {
    case "requests":
    case "concurrency":
      return 1;
    case "tokens":
      return need.tokens;
    case "inputs":
      return need.inputs;
    case "images":
      return need.images;
    case "usd":
      return need.usd;
    case "neurons":
      return 0;
  }
}

/** The meter that has no room, the one that opens last where there are several; undefined where all have room. */
export const shortage = (candidate: Candidate, need: Need, nowMs: number): Shortage | undefined =>
  shortageOf(metersOf(candidate, need), need, nowMs);

/** What limits an attempt: the candidate's meters and, where it may cost, the client's own ceiling. */
const metersOf = (candidate: Candidate, { spend }: Need): readonly Meter[] =>
  spend === undefined ? candidate.meters() : [...candidate.meters(), spend];

export function shortageOf(meters: readonly Meter[], need: Need, nowMs: number): Shortage | undefined {
  let worst: Shortage | undefined;
  for (const meter of meters) {
    const wanted = amountOf(meter.unit, need);
    if (wanted === 0 || meter.fits(wanted, nowMs)) {
      if (need.background !== true || wanted === 0) continue;
      const kept = meter.keptFor(nowMs);
      const used = Math.max(meter.used(nowMs), meter.usedByAll(nowMs));
      if (kept === 0 || used + wanted + kept <= meter.amount) continue;
      const opensAtMs = nowMs + KEPT_LOOK_MS;
      if (worst === undefined || opensAtMs > worst.opensAtMs) worst = { meter, opensAtMs, kept: true };
      continue;
    }
    const opensAtMs = meter.opensAtMs(wanted, nowMs);
    if (worst === undefined || opensAtMs > worst.opensAtMs) worst = { meter, opensAtMs };
  }
  return worst;
}

/**
 * Takes all of it. The caller has checked that it fits, without yielding since.
 * @param counts what all gateways together had counted, where they share their limits
 */
export function take(candidate: Candidate, need: Need, nowMs: number, counts?: SharedCounts): Reservation {
  const seen: SeenBefore[] = [];
  for (const meter of metersOf(candidate, need)) {
    const wanted = amountOf(meter.unit, need);
    if (wanted === 0) continue;
    if (learns(meter)) {
      const { pending, amount } = meter;
      const shared = counts?.get(meter.spec.id);
      if (shared !== undefined && meter.unit === "requests") meter.noteShared(shared.used, nowMs);
      const { used, inPeriod } = shared ?? meter.seenUse(nowMs);
      if (used + wanted > amount) meter.period?.tested(nowMs);
      seen.push({ meter, used, inPeriod, pending, amount });
    }
    if (need.background !== true) meter.noteDemand(wanted, nowMs);
    meter.take(wanted, nowMs);
  }
  return { candidate, need, takenAtMs: nowMs, seen, settled: false };
}

/** Refusals without a figure teach only limits on requests and concurrency; any window may turn out to go by periods. */
const learns = ({ unit, spec, period }: Meter): boolean =>
  unit === "concurrency" || (spec.window !== undefined && (unit === "requests" || period !== undefined));

/** How an attempt ended, as far as limits are concerned. */
export interface Spent {
  readonly failure?: Failure;
  readonly usage?: Usage;
  /** The client went away, or another attempt was quicker. */
  readonly cancelled?: boolean;
  /** Nothing was sent after all. */
  readonly unused?: boolean;
}

/** Refused before any work: most providers do not count such a call. */
const REFUSED: ReadonlySet<Failure["class"]> = new Set([
  "rate_limit",
  "daily_quota",
  "monthly_quota",
  "out_of_credit",
  "dead_key",
  "permission",
  "model_gone",
  "overloaded",
  "network",
]);

/** Settles the meters. A second call does nothing. */
export function settleMeters(reservation: Reservation, spent: Spent, nowMs: number): void {
  if (reservation.settled) return;
  reservation.settled = true;
  const { candidate, need, takenAtMs } = reservation;
  const used = usedOf(candidate, need, spent);
  for (const meter of metersOf(candidate, need)) {
    const reserved = amountOf(meter.unit, need);
    const real = realUse(meter, used, spent);
    if (reserved !== 0 || real !== 0) meter.settle(reserved, real, takenAtMs, nowMs);
  }
}

function realUse(meter: Meter, used: Need, { failure, unused }: Spent): number {
  if (unused === true) return 0;
  if (meter.unit !== "requests") return amountOf(meter.unit, used);
  const refused = failure !== undefined && REFUSED.has(failure.class);
  const countsAll = meter.spec.countsFailed === true && failure?.class !== "network";
  return refused && !countsAll ? 0 : 1;
}

/** What the shared limits must grant before this candidate is tried. Unlimited meters are left out. */
export function claimOf(candidate: Candidate, need: Need, nowMs: number): Claim {
  const meters = claimsOf(limited(candidate, need), need, nowMs);
  return { meters, cooldowns: candidate.cooldowns.map(({ id }) => id) };
}

export const claimsOf = (meters: readonly Meter[], need: Need, nowMs: number): MeterClaim[] =>
  meters.flatMap((meter): MeterClaim[] => {
    const wanted = amountOf(meter.unit, need);
    if (wanted === 0) return [];
    const { id, shape } = meter.spec;
    // A bucket's amount is also how fast it refills.
    const kept = need.background === true && shape.kind !== "bucket" ? meter.keptFor(nowMs) : 0;
    const amount = Math.max(0, Math.min(COUNTED_ONLY, meter.amount) - kept);
    const ends = endOf(meter, nowMs);
    return [{ id, shape, amount, need: wanted, ...ends, ...meter.periodClaim(wanted, nowMs) }];
  });

/** The counts that a grant states, by meter. */
export const countsOf = ({ meters }: Claim, counted: readonly CountedBefore[]): SharedCounts =>
  new Map(
    meters.map(({ id }, at) => {
      const [used = 0, inPeriod = 0] = counted[at] ?? [];
      return [id, { used, inPeriod }];
    }),
  );

/** What a settled reservation came to, for shared limits. */
export function settlementsOf({ candidate, need, takenAtMs }: Reservation, spent: Spent): MeterSettlement[] {
  const used = usedOf(candidate, need, spent);
  return limited(candidate, need).flatMap((meter) =>
    settlementOf(meter, amountOf(meter.unit, need), realUse(meter, used, spent), takenAtMs),
  );
}

/** Empty where nothing was reserved or used. */
export function settlementOf(
  meter: Meter,
  reserved: number,
  used: number,
  takenAtMs: number,
): readonly MeterSettlement[] {
  if (reserved === 0 && used === 0) return [];
  const { id, shape } = meter.spec;
  return [{ id, shape, reserved, used, takenAtMs, ...endOf(meter, takenAtMs) }];
}

/** Limited, or counted together so that a limit of the minute or on concurrency can be learned. */
const isShared = ({ amount, unit, spec }: Meter): boolean =>
  amount !== Number.POSITIVE_INFINITY ||
  unit === "concurrency" ||
  (unit === "requests" && spec.window === "minute");

const limited = (candidate: Candidate, need: Need): readonly Meter[] =>
  metersOf(candidate, need).filter(isShared);

export const endOf = (meter: Meter, nowMs: number): { endsAtMs?: number } =>
  meter.spec.shape.kind === "calendar" ? { endsAtMs: meter.endsAtMs(nowMs) } : {};

const NOTHING: Need = { tokens: 0, inputs: 0, images: 0, usd: 0 };

function usedOf(
  { deployment: { price } }: Candidate,
  need: Need,
  { failure, usage, cancelled, unused }: Spent,
): Need {
  if (usage !== undefined) {
    const tokens = usage.inputTokens + usage.outputTokens;
    return { ...need, tokens, usd: (listNanoUsd(price, usage, need.units) ?? 0) / NANO };
  }
  if (unused === true) return NOTHING;
  if (failure === undefined && cancelled !== true && need.units !== undefined) {
    const charged = listNanoUsd(price, undefined, need.units);
    if (charged !== undefined) return { ...need, usd: charged / NANO };
  }
  // Without figures: an upstream that worked is taken to have spent the estimate, one that failed early nothing.
  if (failure === undefined || cancelled === true || failure.class === "timeout") return need;
  return NOTHING;
}
