/**
 * What refusals without a figure imply. A single refusal teaches nothing: evidence.ts has the rule. A limit so inferred is
 * tested soon, and an answer above it ends it.
 */
import type { Failure } from "@headgate/contract";
import type { Candidate } from "../candidate.ts";
import { answeredAt, isEnough, MEMORY_WINDOWS, refusedAt, refusedAtOnce, slackOf } from "./evidence.ts";
import { type LimitProbe, type Meter, type Reading, WINDOW_MS } from "./meter.ts";
import { learnedSpec } from "./meter-specs.ts";
import { refusedWindow } from "./refused-window.ts";
import { amountOf, type Reservation, type SeenBefore } from "./reserve.ts";

/** Longest time between two tests of an inferred limit, in windows. The first comes after one window, each refusal doubles it. */
const MAX_GAP = 64;

/** What a refusal states besides its class. */
export interface Refused {
  readonly failure: Failure;
  /** Its own figures are applied already, so nothing is inferred. */
  readonly stated: boolean;
  /** It names a limit on concurrency. */
  readonly atOnce: boolean;
}

/** Time after which a concurrent attempt may have ended. */
const AT_ONCE_MS = 500;

/**
 * Call it after the attempt's own reservation is settled.
 * @returns when the refused meter opens again, where that is known
 */
export function learnRefusal(reservation: Reservation, refused: Refused, nowMs: number): number | undefined {
  const { candidate, need, seen } = reservation;
  const { failure, stated, atOnce } = refused;
  const window = refusedWindow(failure);
  if (window === undefined) return undefined;
  for (const one of seen)
    if (onlyByPeriod(one, amountOf(one.meter.unit, need))) one.meter.period?.contradict();
  if (atOnce) {
    learnAtOnce(reservation, nowMs);
    return nowMs + AT_ONCE_MS;
  }
  const ofWindow = seen.filter(({ meter }) => meter.spec.window === window && meter.unit === "requests");
  if (stated) for (const { meter } of ofWindow) meter.forgetEvidence();
  else if (!atOnceExplains(seen, nowMs))
    noteRefusal(candidate, ofWindow, reservation.takenAtMs, failure.retryAfterMs, nowMs);
  return opensAtMs(candidate, reservation, window, nowMs);
}

function opensAtMs(
  candidate: Candidate,
  { need }: Reservation,
  window: Meter["spec"]["window"],
  nowMs: number,
): number | undefined {
  let opensAtMs: number | undefined;
  for (const meter of candidate.meters()) {
    if (meter.spec.window !== window) continue;
    const at = meter.opensAtMs(amountOf(meter.unit, need), nowMs);
    if (at > nowMs && at !== Number.POSITIVE_INFINITY) opensAtMs = Math.max(opensAtMs ?? 0, at);
  }
  return opensAtMs;
}

/** As many calls as fit at once were under way. */
const atOnceExplains = (seen: readonly SeenBefore[], nowMs: number): boolean =>
  seen.some((one) => one.meter.unit === "concurrency" && isExplained(one, nowMs));

/** The narrowest scope that explains the refusal gets the evidence: the model's own meter before its account's. */
function noteRefusal(
  candidate: Candidate,
  ofWindow: readonly SeenBefore[],
  takenAtMs: number,
  waitMs: number | undefined,
  nowMs: number,
): void {
  const narrowFirst = [...ofWindow].sort((a, b) => a.used - b.used || scopeOf(a) - scopeOf(b));
  const [own] = narrowFirst;
  if (own === undefined) return;
  const answeredBefore = own.meter.answered;
  own.meter.answered = false;
  if (narrowFirst.some((one) => isExplained(one, nowMs))) return;
  // Just below a known limit: that one may be a little lower.
  const near = narrowFirst.find((one) => isNear(one));
  for (const one of near === undefined ? narrowFirst : [near]) {
    // Of a limit on all models the others' calls show nothing new where there were none, or where this model is never answered.
    if (one !== own && one !== near && (one.used - own.used < 1 || !answeredBefore)) continue;
    if (!addEvidence(one, takenAtMs, waitMs, nowMs)) continue;
    for (const { meter } of narrowFirst) meter.forgetEvidence();
    return;
  }
  refusedInFlight(candidate, own, takenAtMs, nowMs);
}

/** Where no count over time explains the refusals, the calls under way at the model may. */
function refusedInFlight(candidate: Candidate, own: SeenBefore, takenAtMs: number, nowMs: number): void {
  const { meter, pending } = own;
  if (pending < 1) return;
  const window = Math.floor(takenAtMs / windowMsOf(meter));
  const evidence = refusedAt(meter.evidence.flight, { count: pending, window, firm: false });
  meter.evidence.flight = evidence;
  if (!isEnough(evidence, 0)) return;
  const ofModel = candidate.addLearnedMeter(learnedSpec(candidate.limitsId, "concurrency"));
  meter.forgetEvidence();
  if (evidence.low < ofModel.amount) infer(ofModel, evidence.low, nowMs);
}

const scopeOf = ({ meter }: SeenBefore): number => (meter.spec.ofAccount === true ? 1 : 0);

const countIn = (reading: Reading, { used, inPeriod }: SeenBefore): number =>
  reading === "period" ? inPeriod : used;

const readingOf = ({ byPeriod }: Meter): Reading => (byPeriod ? "period" : "sliding");

const isNear = (seen: SeenBefore): boolean => {
  const { amount } = seen.meter;
  return (
    amount !== Number.POSITIVE_INFINITY && countIn(readingOf(seen.meter), seen) >= amount - slackOf(amount)
  );
};

/** The refusal came at a limit that is known. A test of an inferred limit ends, and the next one comes later. */
function isExplained(seen: SeenBefore, nowMs: number): boolean {
  const { meter } = seen;
  const { limitProbe, amount } = meter;
  const base = limitProbe?.base ?? amount;
  if (base === Number.POSITIVE_INFINITY || Math.floor(countIn(readingOf(meter), seen)) < base) return false;
  // Several of one burst are one refusal.
  if (limitProbe?.base === undefined) return true;
  meter.learn(base, "refusals", nowMs);
  const gapMs = Math.min(MAX_GAP * windowMsOf(meter) * meter.shareFactor, limitProbe.gapMs * 2);
  meter.limitProbe = { atMs: nowMs + gapMs, gapMs };
  return true;
}

const windowMsOf = ({ spec }: Meter): number => WINDOW_MS[spec.window ?? "minute"];

/** @returns whether a limit is inferred */
function addEvidence(
  seen: SeenBefore,
  takenAtMs: number,
  waitMs: number | undefined,
  nowMs: number,
): boolean {
  const { meter } = seen;
  const windowMs = windowMsOf(meter);
  const window = Math.floor(takenAtMs / windowMs);
  const highest = nowMs - meter.highest.atMs > MEMORY_WINDOWS * windowMs ? 0 : meter.highest.count;
  for (const reading of ["sliding", "period"] as const) {
    if (reading === "period" && meter.period === undefined) continue;
    const count = Math.floor(countIn(reading, seen));
    // Refused with nothing used: another limit was met, or the account has other users.
    if (count < 1) continue;
    const firm = waitMs !== undefined && waitFits(meter, reading, count, nowMs + waitMs, waitMs);
    const evidence = refusedAt(meter.evidence[reading], { count, window, firm });
    meter.evidence[reading] = evidence;
    if (!isEnough(evidence, highest) || evidence.low >= meter.amount) continue;
    infer(meter, evidence.low, nowMs);
    if (reading === "period") meter.period?.prove();
    return true;
  }
  return false;
}

function infer(meter: Meter, amount: number, nowMs: number): void {
  // Every gateway that shares the limit tests it, so each does so more seldom.
  const gapMs = windowMsOf(meter) * meter.shareFactor;
  meter.learn(amount, "refusals", nowMs);
  meter.limitProbe = { atMs: nowMs + gapMs, gapMs };
  meter.forgetEvidence();
}

/** Shorter waits fit a window's end by chance too often. */
const LEAST_WAIT_MS = 3_000;
/** Waits are stated in whole seconds. */
const WAIT_ROUNDING_MS = 1_500;

/** A stated wait ends when the window would: at its boundary, or when the oldest of `count` units comes back. */
function waitFits(meter: Meter, reading: Reading, count: number, atMs: number, waitMs: number): boolean {
  if (waitMs < LEAST_WAIT_MS) return false;
  const windowMs = windowMsOf(meter);
  if (reading === "period") {
    const past = atMs % windowMs;
    return Math.min(past, windowMs - past) <= WAIT_ROUNDING_MS;
  }
  const opensMs = meter.wouldOpenAtMs(count, atMs - waitMs);
  return opensMs !== undefined && Math.abs(opensMs - atMs) <= WAIT_ROUNDING_MS;
}

/** How many are under way at the model, or, if none is, at the account: that is what fits. */
function learnAtOnce({ candidate, seen, takenAtMs }: Reservation, nowMs: number): void {
  const minuteOf = (ofAccount: boolean): SeenBefore | undefined =>
    seen.find(({ meter }) => meter.spec.window === "minute" && (meter.spec.ofAccount === true) === ofAccount);
  const ofModel = candidate.addLearnedMeter(learnedSpec(candidate.limitsId, "concurrency"));
  // The account's counts the calls of every model that was refused so.
  const account = { ...learnedSpec(candidate.limitsAccount, "concurrency"), ofAccount: true as const };
  const ofAccount = candidate.addLearnedMeter(account);
  const own = minuteOf(false)?.pending ?? 0;
  const meter = own > 0 ? ofModel : ofAccount;
  const wide = minuteOf(true);
  meter.shareFactor = wide?.meter.shareFactor ?? 1;
  const shared = seen.find((one) => one.meter === meter)?.used ?? 0;
  const count = Math.max(1, shared, own > 0 ? own : (wide?.pending ?? 0));
  const pending = { meter, used: count, inPeriod: count, pending: count, amount: meter.amount };
  if (isExplained(pending, nowMs)) return;
  const window = Math.floor(takenAtMs / windowMsOf(meter));
  const evidence = refusedAtOnce(meter.evidence.sliding, { count, window, firm: true });
  meter.evidence.sliding = evidence;
  if (evidence.windows > 1 && evidence.low < meter.amount) infer(meter, evidence.low, nowMs);
}

/** After an answer: it ends what it contradicts, and an inferred limit is raised a little when it is time to test it. */
export function learnSuccess({ need, seen, takenAtMs }: Reservation, nowMs: number): void {
  for (const one of seen) {
    const { meter } = one;
    if (onlyByPeriod(one, amountOf(meter.unit, need))) meter.period?.confirm();
    if (meter.unit === "concurrency") {
      meter.evidence.sliding = answeredAt(meter.evidence.sliding, one.used);
      testInferred(meter, one.used, takenAtMs, nowMs);
    }
    if (meter.unit !== "requests") continue;
    meter.answered = true;
    noteHighest(meter, one.used + 1, nowMs);
    const { sliding, period, flight } = meter.evidence;
    if (sliding !== undefined) meter.evidence.sliding = answeredAt(sliding, one.used);
    if (period !== undefined) meter.evidence.period = answeredAt(period, one.inPeriod);
    if (flight !== undefined) meter.evidence.flight = answeredAt(flight, one.pending);
    if (meter.limitProbe !== undefined) testInferred(meter, countIn(readingOf(meter), one), takenAtMs, nowMs);
  }
}

function noteHighest(meter: Meter, count: number, nowMs: number): void {
  const old = nowMs - meter.highest.atMs > MEMORY_WINDOWS * windowMsOf(meter);
  if (old || count >= meter.highest.count) meter.highest = { count, atMs: nowMs };
}

/** @param count what was used before the answered call */
function testInferred(meter: Meter, count: number, takenAtMs: number, nowMs: number): void {
  const { limitProbe, learned, amount } = meter;
  if (limitProbe === undefined || learned?.from !== "refusals") return;
  const { base } = limitProbe;
  if (base === undefined) {
    if (count >= amount + slackOf(amount) && takenAtMs >= learned.atMs) meter.unlearn();
    // A limit that was not used up shows nothing about a higher one.
    else if (nowMs >= limitProbe.atMs && count >= amount - 1) raise(meter, limitProbe, nowMs);
    return;
  }
  if (count >= amount - 1) meter.unlearn();
  else if (count >= base) meter.limitProbe = { ...limitProbe, base: count + 1 };
}

/** Lets a little more through. The last call of it, if it is answered, ends the inferred limit. */
function raise(meter: Meter, limitProbe: LimitProbe, nowMs: number): void {
  const { amount, spec } = meter;
  const declared = spec.declared ?? Number.POSITIVE_INFINITY;
  meter.learn(Math.min(declared, amount + slackOf(amount) + 1), "refusals", nowMs);
  meter.limitProbe = meter.learned === undefined ? undefined : { ...limitProbe, base: amount };
}

const onlyByPeriod = ({ used, inPeriod, amount }: SeenBefore, need: number): boolean =>
  used + need > amount + 1e-9 && inPeriod + need <= amount + 1e-9;
