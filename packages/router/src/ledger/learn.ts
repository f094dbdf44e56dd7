/**
 * What upstreams teach about their limits: headers and error texts that state figures, and refusals that only imply
 * them. What is learned holds at once, upward and downward, and stands beside what the fragment declares.
 */
import type { Failure, LimitReading } from "@headgate/contract";
import type { Slot } from "../slot.ts";
import { type Meter, type MeterSpec, shapeOf, type Unit, WINDOW_MS, type Window } from "./meter.ts";
import { amountOf, type Need, type Reservation } from "./reserve.ts";

const WINDOWS = Object.keys(WINDOW_MS) as Window[];

/**
 * Takes an upstream's own figures over.
 * @returns the meters that were corrected
 */
export function learnReadings(
  reservation: Reservation,
  readings: readonly LimitReading[],
  nowMs: number,
): readonly Meter[] {
  if (readings.length === 0) return [];
  const learned: Meter[] = [];
  for (const reading of readings) {
    const meter = meterFor(reservation.slot, reading);
    if (meter === undefined) continue;
    learnReading(meter, reading, reservation, nowMs);
    learned.push(meter);
  }
  return learned;
}

function learnReading(
  meter: Meter,
  reading: LimitReading,
  { need, settled }: Reservation,
  nowMs: number,
): void {
  const { limit, remaining, from } = reading;
  if (limit !== undefined && limit > 0 && limit !== meter.amount) meter.learn(limit, from, nowMs);
  if (meter.spec.shape.kind === "sliding" && impliedWindow(reading) === meter.spec.window)
    meter.reshape({ kind: "bucket", windowMs: meter.spec.shape.windowMs }, nowMs);
  if (remaining === undefined || meter.amount === Number.POSITIVE_INFINITY) return;
  // Its count has this call in it; those under way besides may have come later than it counted.
  const others = Math.max(0, meter.pending - (settled ? 0 : amountOf(meter.unit, need)));
  meter.setUsed(Math.max(0, meter.amount - remaining) + others, nowMs);
}

/** The meter that a reading is about: by its window where it names one, by its amount, by how fast it comes back. */
function meterFor(slot: Slot, reading: LimitReading): Meter | undefined {
  const { unit, limit } = reading;
  const same = slot.meters().filter((meter) => meter.unit === unit && meter.spec.window !== undefined);
  if (reading.window === undefined) {
    const equal = same.find(({ amount, spec }) => amount === limit || spec.declared === limit);
    if (equal !== undefined) return equal;
  }
  const window = reading.window ?? impliedWindow(reading);
  const exact = same.find((meter) => meter.spec.window === window);
  if (exact !== undefined) return exact;
  const known = same.filter(({ amount }) => amount !== Number.POSITIVE_INFINITY);
  if (reading.window === undefined && limit !== undefined && known.length > 0) {
    const distance = ({ amount }: Meter): number => Math.abs(Math.log(limit / amount));
    return known.reduce((best, meter) => (distance(meter) < distance(best) ? meter : best));
  }
  return limit === undefined || limit <= 0 || window === undefined
    ? undefined
    : slot.grow(specFor(slot, unit, window));
}

/**
 * A window that comes back slot by slot says so: `reset` is the time until the next slot (Groq), or until all that is used
 * is back (OpenAI).
 */
function impliedWindow({ limit, remaining, resetMs }: LimitReading): Window | undefined {
  if (limit === undefined || remaining === undefined || resetMs === undefined || remaining >= limit)
    return undefined;
  const spans = [limit * resetMs, (limit * resetMs) / (limit - remaining)];
  return WINDOWS.find((window) => spans.some((span) => Math.abs(span / WINDOW_MS[window] - 1) < 0.1));
}

const specFor = (slot: Slot, unit: Unit, window: Window): MeterSpec => ({
  id: `${slot.id}|${unit}/${window}`,
  unit,
  window,
  ...shapeOf({ unit, window }),
  verified: false,
});

/** The window that a refusal of each class speaks of. */
const REFUSED: Partial<Record<Failure["class"], Window>> = {
  rate_limit: "minute",
  daily_quota: "day",
  monthly_quota: "month",
};

/** How long until a little more than a learned limit is tried, in windows; each refusal makes it four times as long. */
const FIRST_GAP = 1;
const GAP_GROWTH = 4;
const MAX_GAP = 256;
/** How much more is tried. */
const STRETCH = 1.1;

/**
 * A refusal that states no figure: what was used when it came is the limit, as far as can be known.
 * Call it after the attempt's own reservation is settled.
 * @returns when the refused meter opens again, where that is known
 */
export function learnRefusal(
  slot: Slot,
  failure: Failure,
  need: Need,
  stated: boolean,
  nowMs: number,
): number | undefined {
  const window = REFUSED[failure.class];
  if (window === undefined) return undefined;
  const meters = slot.meters().filter((meter) => meter.spec.window === window && meter.unit === "requests");
  // Its own figures are known already, so that nothing needs to be guessed.
  if (!stated) for (const meter of meters) learnFromRefusal(meter, nowMs);
  let opensAtMs: number | undefined;
  for (const meter of slot.meters()) {
    if (meter.spec.window !== window) continue;
    const at = meter.opensAtMs(amountOf(meter.unit, need), nowMs);
    if (at > nowMs && at !== Number.POSITIVE_INFINITY) opensAtMs = Math.max(opensAtMs ?? 0, at);
  }
  return opensAtMs;
}

function learnFromRefusal(meter: Meter, nowMs: number): void {
  const used = meter.used(nowMs) - meter.pending;
  const windowMs = WINDOW_MS[meter.spec.window ?? "minute"];
  // Refused with little used: it is not this limit that was met, or somebody else uses the account.
  if (used < 1 || used < meter.amount / 4) {
    if (meter.amount !== Number.POSITIVE_INFINITY || used < 1) return;
  }
  if (used < meter.amount) meter.learn(Math.max(1, Math.floor(used)), "refusals", nowMs);
  const gapMs =
    meter.stretch === undefined
      ? FIRST_GAP * windowMs
      : Math.min(MAX_GAP * windowMs, meter.stretch.gapMs * GAP_GROWTH);
  meter.stretch = { atMs: nowMs + gapMs, gapMs };
}

/** After a success: a limit known from refusals alone is raised a little when it is time to try. */
export function learnSuccess(slot: Slot, nowMs: number): void {
  for (const meter of slot.meters()) {
    const { stretch, learned } = meter;
    if (stretch === undefined || learned?.from !== "refusals" || nowMs < stretch.atMs) continue;
    const declared = meter.spec.declared ?? Number.POSITIVE_INFINITY;
    const raised = Math.min(declared, Math.max(meter.amount + 1, Math.floor(meter.amount * STRETCH)));
    if (raised > meter.amount) meter.learn(raised, "refusals", nowMs);
    meter.stretch = { atMs: nowMs + stretch.gapMs, gapMs: stretch.gapMs };
  }
}
