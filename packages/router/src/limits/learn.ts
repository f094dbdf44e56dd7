/**
 * What upstreams teach about their limits: headers and error texts that state figures, and refusals that only imply
 * them. What is learned holds at once, upward and downward, beside what the fragment declares.
 */
import { type Failure, type LimitReading, present, type Usage } from "@headgate/contract";
import type { Candidate } from "../candidate.ts";
import { type Meter, type MeterSpec, shapeOf, type Unit, WINDOW_MS, type Window } from "./meter.ts";
import { meterId } from "./meter-specs.ts";
import { amountOf, type Need, type Reservation } from "./reserve.ts";

const WINDOWS = Object.keys(WINDOW_MS) as Window[];

/** How the attempt ended whose figures are learned. */
export interface ReadFrom {
  readonly failure?: Failure;
  readonly usage?: Usage;
  /** Age of the figures: the time from the answer's headers to its end. */
  readonly agoMs?: number;
}

/**
 * Applies an upstream's own figures to the meters.
 * @returns the meters that were corrected
 */
export function learnReadings(
  reservation: Reservation,
  readings: readonly LimitReading[],
  nowMs: number,
  how: ReadFrom = {},
): readonly Meter[] {
  if (readings.length === 0) return [];
  const learned: Meter[] = [];
  for (const reading of readings) {
    const meter = meterFor(reservation.candidate, reading, how.failure, nowMs);
    if (meter === undefined) continue;
    learnReading(meter, reading, reservation, how, nowMs);
    learned.push(meter);
  }
  return learned;
}

function learnReading(
  meter: Meter,
  reading: LimitReading,
  { need, settled, takenAtMs }: Reservation,
  { usage, agoMs = 0 }: ReadFrom,
  nowMs: number,
): void {
  const { limit, remaining, from } = reading;
  if (limit !== undefined && limit > 0 && limit !== meter.amount) meter.learn(limit, from, nowMs);
  learnShape(meter, reading, nowMs);
  if (remaining === undefined || meter.amount === Number.POSITIVE_INFINITY) return;
  // The upstream's count includes this call and earlier ones; of tokens it includes the prompts and not the answers.
  if (takenAtMs < meter.readOfMs) return;
  meter.readOfMs = takenAtMs;
  const own = amountOf(meter.unit, need);
  const later = Math.max(0, meter.takenSince(takenAtMs - OVERTAKING_MS) - own);
  const earlier = Math.max(0, meter.pending - (settled ? 0 : own) - later);
  const answers = meter.unit === "tokens" ? (usage?.outputTokens ?? 0) + earlier / 2 : 0;
  meter.setUsed(Math.max(0, meter.amount - remaining) + answers + later, nowMs, nowMs - agoMs);
}

/** Calls that began at most this long before another may have reached the upstream after it. */
const OVERTAKING_MS = 40;

/** Readings in a row that must agree on a window's shape before it changes: a single one may be chance. */
const SURE = 3;

/** Least remaining share at which a reading tells the two shapes apart. */
const MIN_REMAINING = 0.3;

/** Learns whether units come back one by one (bucket) or after a whole window, from what is used and when it is back. */
function learnShape(meter: Meter, reading: LimitReading, nowMs: number): void {
  const { limit, remaining, resetMs } = reading;
  const { window, declared } = meter.spec;
  if (window === undefined || limit === undefined || remaining === undefined || resetMs === undefined) return;
  const { kind } = meter.spec.shape;
  if ((kind !== "sliding" && kind !== "bucket") || remaining >= limit) return;
  // For a window that was used up at its start both shapes imply the same reading.
  if (remaining < limit * MIN_REMAINING) return;
  const refills = impliedWindow(reading) === window;
  meter.refills = Math.max(-SURE, Math.min(SURE, meter.refills + (refills ? 1 : -1)));
  const wanted = { unit: meter.unit, window, ...(meter.refills > 0 ? { reset: "bucket" } : {}) };
  const { shape } = shapeOf(wanted);
  // What the fragment declares a bucket stays one.
  if (
    Math.abs(meter.refills) === SURE &&
    shape.kind !== kind &&
    (kind === "sliding" || declared === undefined)
  )
    meter.reshape(shape, nowMs);
}

/** The meter that a reading is about: by its window where it names one, by its amount, by how fast it comes back. */
function meterFor(
  candidate: Candidate,
  reading: LimitReading,
  failure: Failure | undefined,
  nowMs: number,
): Meter | undefined {
  const { unit, limit } = reading;
  const same = candidate
    .meters()
    .filter(({ unit: of, spec }) => of === unit && spec.window !== undefined && spec.ofAccount !== true);
  const wide = same.length > 0 ? candidate.meters().find(({ spec }) => spec.ofAccount === true) : undefined;
  if (wide !== undefined && reading.window === undefined && unit === "requests" && wide.amount === limit)
    return wide;
  const equal =
    reading.window === undefined
      ? same.find(({ amount, spec }) => amount === limit || spec.declared === limit)
      : undefined;
  const window = reading.window ?? impliedWindow(reading) ?? refusedWindow(reading, failure);
  const exact = equal ?? same.find((meter) => meter.spec.window === window);
  if (exact !== undefined) return wide === undefined ? exact : whoseLimit(exact, wide, reading, nowMs);
  const known = same.filter(({ amount }) => amount !== Number.POSITIVE_INFINITY);
  if (reading.window === undefined && limit !== undefined && known.length > 0) {
    const distance = ({ amount }: Meter): number => Math.abs(Math.log(limit / amount));
    return known.reduce((best, meter) => (distance(meter) < distance(best) ? meter : best));
  }
  return limit === undefined || limit <= 0 || window === undefined
    ? undefined
    : candidate.addLearnedMeter(specFor(candidate, unit, window));
}

/** The model's own limit, or one of all the account's models together: the one whose count is nearer to the upstream's. */
function whoseLimit(own: Meter, wide: Meter, { limit, remaining }: LimitReading, nowMs: number): Meter {
  const undecided =
    limit === undefined ||
    remaining === undefined ||
    own.unit !== "requests" ||
    own.spec.declared !== undefined;
  if (undecided || own.spec.window !== wide.spec.window) return own;
  const apart = (meter: Meter): number => Math.abs(meter.used(nowMs) - (limit - remaining));
  if (wide.used(nowMs) <= own.used(nowMs) || apart(wide) + 1 > apart(own)) return own;
  own.unlearn();
  return wide;
}

/** A refusal's class names the window; one that returns later than that is another. */
function refusedWindow(
  { remaining, resetMs }: LimitReading,
  failure: Failure | undefined,
): Window | undefined {
  const window = failure === undefined || remaining !== 0 ? undefined : REFUSED[failure.class];
  return window !== undefined && (resetMs ?? 0) <= WINDOW_MS[window] ? window : undefined;
}

/**
 * A bucket shows in `reset`, which is the time until the next unit comes back (Groq), or until all that is used
 * is back (OpenAI).
 */
function impliedWindow({ limit, remaining, resetMs }: LimitReading): Window | undefined {
  if (limit === undefined || remaining === undefined || resetMs === undefined || remaining >= limit)
    return undefined;
  const spans = [limit * resetMs, (limit * resetMs) / (limit - remaining)];
  return WINDOWS.find((window) => spans.some((span) => Math.abs(span / WINDOW_MS[window] - 1) < 0.1));
}

const specFor = (candidate: Candidate, unit: Unit, window?: Window): MeterSpec => {
  const limit = present({ unit, window });
  return { id: meterId(candidate.id, limit), ...limit, ...shapeOf(limit), verified: false };
};

/** The window that a refusal of each class names. */
const REFUSED: Partial<Record<Failure["class"], Window>> = {
  rate_limit: "minute",
  daily_quota: "day",
  monthly_quota: "month",
};

/** How long until a little more than a limit learned from refusals is tried, in windows. */
const FIRST_GAP = 4;
/** A refused try doubles the wait, one that held until the next halves it. */
const MAX_GAP = 64;
/** How much more is tried. */
const LIMIT_PROBE_FACTOR = 1.05;

/** What a refusal states besides its class. */
export interface Refused {
  readonly failure: Failure;
  readonly need: Need;
  /** Its own figures are applied already, so nothing is inferred. */
  readonly stated: boolean;
  /** It names a limit on concurrency. */
  readonly atOnce: boolean;
}

/** Time after which a concurrent attempt may have ended. */
const AT_ONCE_MS = 500;

/**
 * A refusal that states no figure: what was used when it came is the limit, as far as can be known.
 * Call it after the attempt's own reservation is settled.
 * @returns when the refused meter opens again, where that is known
 */
export function learnRefusal(
  candidate: Candidate,
  { failure, need, stated, atOnce }: Refused,
  nowMs: number,
): number | undefined {
  const window = REFUSED[failure.class];
  if (window === undefined) return undefined;
  if (atOnce) {
    learnAtOnce(candidate, nowMs);
    return nowMs + AT_ONCE_MS;
  }
  if (!stated) learnRefusedWindow(candidate, window, nowMs);
  let opensAtMs: number | undefined;
  for (const meter of candidate.meters()) {
    if (meter.spec.window !== window) continue;
    const at = meter.opensAtMs(amountOf(meter.unit, need), nowMs);
    if (at > nowMs && at !== Number.POSITIVE_INFINITY) opensAtMs = Math.max(opensAtMs ?? 0, at);
  }
  return opensAtMs;
}

/** How many are under way at the model, or, if none is, at the account: that is what fits. */
function learnAtOnce(candidate: Candidate, nowMs: number): void {
  const meters = candidate.meters();
  const underWay = (ofAccount: boolean): number =>
    meters.find(({ spec }) => spec.window === "minute" && (spec.ofAccount === true) === ofAccount)?.pending ??
    0;
  const own = underWay(false);
  const spec = specFor(candidate, "concurrency");
  const meter = candidate.addLearnedMeter(
    own > 0 ? spec : { ...spec, id: meterId(candidate.keyCooldown.id, spec), ofAccount: true },
  );
  learnFromRefusal(meter, Math.max(1, own > 0 ? own : underWay(true)), nowMs);
}

/**
 * Learns for the model's own window, or that of all the account's models: not for the one whose count was higher without a refusal; where both
 * may be meant, the one that the greater part of the calls counts for.
 */
function learnRefusedWindow(candidate: Candidate, window: Window, nowMs: number): void {
  const meters = candidate
    .meters()
    .filter((meter) => meter.spec.window === window && meter.unit === "requests");
  const wide = meters.find(({ spec }) => spec.ofAccount === true);
  for (const own of meters) {
    if (own === wide) continue;
    const used = own.used(nowMs);
    const others = wide === undefined ? 0 : wide.used(nowMs) - used;
    if (wide === undefined || others < 1) {
      learnFromRefusal(own, used, nowMs);
      continue;
    }
    const [maybeOwn, maybeWide] = [isNew(own, nowMs), isNew(wide, nowMs)];
    if (maybeWide && (!maybeOwn || others >= used)) learnFromRefusal(wide, others + used, nowMs);
    else if (maybeOwn) learnFromRefusal(own, used, nowMs);
    else for (const meter of [own, wide]) meter.highest /= 2;
  }
}

/** So much was not used before without a refusal. */
const isNew = (meter: Meter, nowMs: number): boolean => meter.used(nowMs) >= 0.9 * meter.highest;

function learnFromRefusal(meter: Meter, used: number, nowMs: number): void {
  // Refused with little used: another limit was met, or the account has other users.
  if (used < 1 || (meter.amount !== Number.POSITIVE_INFINITY && used < meter.amount / 4)) return;
  const before = meter.learned?.from === "refusals" ? meter.limitProbe : undefined;
  if (used < meter.amount) meter.learn(Math.max(1, Math.floor(used)), "refusals", nowMs);
  const windowMs = WINDOW_MS[meter.spec.window ?? "minute"];
  // Several of one burst are one refusal.
  const factor = before?.raised === true ? 2 : 1;
  const gapMs = Math.min(MAX_GAP * windowMs, (before?.gapMs ?? FIRST_GAP * windowMs) * factor);
  meter.limitProbe = { atMs: nowMs + gapMs, gapMs };
}

/** After a success: a limit known from refusals alone is raised a little when it is time to try. */
export function learnSuccess(candidate: Candidate, nowMs: number): void {
  for (const meter of candidate.meters()) {
    const { limitProbe, learned, spec } = meter;
    if (spec.window === "minute" && meter.unit === "requests")
      meter.highest = Math.max(meter.highest, meter.used(nowMs) - meter.pending);
    if (limitProbe === undefined || learned?.from !== "refusals" || nowMs < limitProbe.atMs) continue;
    // A limit that was not used up shows nothing about a higher one.
    if (meter.used(nowMs) < meter.amount - 1) continue;
    const declared = meter.spec.declared ?? Number.POSITIVE_INFINITY;
    const raised = Math.min(
      declared,
      Math.max(meter.amount + 1, Math.floor(meter.amount * LIMIT_PROBE_FACTOR)),
    );
    if (raised > meter.amount) meter.learn(raised, "refusals", nowMs);
    const least = FIRST_GAP * WINDOW_MS[meter.spec.window ?? "minute"];
    const gapMs = limitProbe.raised === true ? Math.max(least, limitProbe.gapMs / 2) : limitProbe.gapMs;
    meter.limitProbe = { atMs: nowMs + gapMs, gapMs, raised: true };
  }
}
