/**
 * What upstreams state about their limits: headers and error texts with figures. A stated figure holds at once, upward and
 * downward, beside what the fragment declares. `infer.ts` is for refusals that state none.
 */
import type { Failure, LimitReading, Usage } from "@headgate/contract";
import type { Candidate } from "../candidate.ts";
import { type Meter, shapeOf, WINDOW_MS, type Window } from "./meter.ts";
import { learnedSpec } from "./meter-specs.ts";
import { refusedWindow } from "./refused-window.ts";
import { amountOf, type Reservation } from "./reserve.ts";

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
    if (isShort(reading) && readings.filter(isShort).length === 1) learnWait(meter, how.failure, nowMs);
    learned.push(meter);
  }
  return learned;
}

const isShort = ({ unit, remaining }: LimitReading): boolean =>
  unit === "requests" && remaining !== undefined && remaining < 1;

/**
 * A refused call states how long one more takes to come back to a bucket. That tells what is used finer than whole units do:
 * otherwise a count that is a part of a unit too low stays so, and each unit that comes back costs a refused call.
 */
function learnWait(meter: Meter, failure: Failure | undefined, nowMs: number): void {
  const { shape } = meter.spec;
  const waitMs = failure?.retryAfterMs;
  if (shape.kind !== "bucket" || waitMs === undefined || waitMs > shape.windowMs / meter.amount) return;
  const used = meter.amount - 1 + (waitMs * meter.amount) / shape.windowMs;
  if (meter.used(nowMs) < used) meter.setUsed(used, nowMs);
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
  const stated = Math.max(0, meter.amount - remaining) + answers + later;
  const counted = meter.used(nowMs);
  // Upstreams round what remains down to whole units, and in their messages what is used: a count that is less than one unit
  // away is finer, not wrong.
  const most = from === "message" ? stated + 1 : stated;
  if (counted > most || counted <= stated - 1) meter.setUsed(stated, nowMs, nowMs - agoMs);
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
    reading.window === undefined && limit !== undefined
      ? same.find(({ amount, spec }) => amount === limit || spec.declared === limit)
      : undefined;
  const window = reading.window ?? impliedWindow(reading) ?? windowOfRefusal(reading, failure);
  const exact = equal ?? same.find((meter) => meter.spec.window === window);
  if (exact !== undefined) return wide === undefined ? exact : whoseLimit(exact, wide, reading, nowMs);
  const known = same.filter(({ amount }) => amount !== Number.POSITIVE_INFINITY);
  if (reading.window === undefined && limit !== undefined && known.length > 0) {
    const distance = ({ amount }: Meter): number => Math.abs(Math.log(limit / amount));
    return known.reduce((best, meter) => (distance(meter) < distance(best) ? meter : best));
  }
  return limit === undefined || limit <= 0 || window === undefined
    ? undefined
    : candidate.addLearnedMeter(learnedSpec(candidate.limitsId, unit, window));
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
function windowOfRefusal(
  { remaining, resetMs }: LimitReading,
  failure: Failure | undefined,
): Window | undefined {
  const window = failure === undefined || remaining !== 0 ? undefined : refusedWindow(failure);
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
