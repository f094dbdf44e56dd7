/** One limit and how much of it is used. */
import {
  addToCounter,
  advanceCounter,
  type CalendarCounter,
  type Counter,
  chargeCounter,
  correctCounter,
  counterOpensAtMs,
  type Limit,
  type LimitFacts,
  type MeterRecord,
  type MeterShape,
  newCounter,
  present,
  shiftCounter,
} from "@headgate/contract";
import { type Period, periodEndMs } from "./calendar.ts";
import { Demand } from "./demand.ts";
import type { Evidence } from "./evidence.ts";
import { PeriodReading, type StoredPeriod } from "./period-reading.ts";
import { dumpCounter, restoreCounter } from "./stored-counter.ts";

export type Unit = Limit["unit"];
export type Window = NonNullable<Limit["window"]>;

export const WINDOW_MS: Readonly<Record<Window, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  month: 30 * 86_400_000,
};

/** Parts of a window that a sliding meter counts in; a unit comes back at most one part late. */
const SLICES: Readonly<Record<Window, number>> = { minute: 240, hour: 240, day: 288, month: 720 };

export interface MeterSpec {
  readonly id: string;
  readonly unit: Unit;
  /** Absent for concurrency. */
  readonly window?: Window;
  readonly shape: MeterShape;
  /** Where a calendar shape's midnight is. */
  readonly zone?: string;
  /** The fragment states that units come back one window after they were taken. */
  readonly rolling?: true;
  /** What the fragment states; absent where it states no limit and the meter counts to learn one. */
  readonly declared?: number;
  /** Refused and failed calls count too. */
  readonly countsFailed?: boolean;
  /** The name of the client whose own limit it is. */
  readonly ofClient?: string;
  /** Counts all models of the account; no fragment states such a limit, but one may be learned. */
  readonly ofAccount?: true;
  /** False where the fragment doubts its own figure. */
  readonly verified: boolean;
}

/** Where an amount that differs from the declared one comes from. */
export interface Learned {
  readonly amount: number;
  readonly from: "header" | "message" | "refusals";
  readonly atMs: number;
}

/** Number of latest calls that are kept, enough for those that begin while one is answered. */
const RECENT = 64;

export interface LimitProbe {
  atMs: number;
  gapMs: number;
  /** The inferred amount, while more than that is let through to test it. */
  base?: number;
}

/** What is used in both readings of a window, before a call. */
export interface SeenUse {
  readonly used: number;
  /** Since the last full minute or hour. */
  readonly inPeriod: number;
}

/** Reading of a window: units come back one by one, or all at the full minute or hour. */
export type Reading = "sliding" | "period";

/** The share of a limit that one call may take, where a unit is not a call. */
const EARLY_SHARE = 0.05;

/** In flight, of all meters that count for one limit. */
interface Flight {
  pending: number;
}

/** Windows that may begin on the full minute or hour. */
const PERIODIC: ReadonlySet<Window | undefined> = new Set<Window | undefined>(["minute", "hour"]);

export class Meter implements LimitFacts {
  spec: MeterSpec;
  readonly unit: Unit;
  /** What fits into the window as far as is known; Infinity where nothing is. */
  amount: number;
  learned: Learned | undefined;
  /** The most that was used at an answered call lately, and when. */
  highest = { count: 0, atMs: 0 };
  /** Refusals that a limit would explain, by each reading of the window. */
  evidence: { [reading in Reading | "flight"]?: Evidence | undefined } = {};
  /** All gateways' use over this one's, as the shared limits stated it last; 1 where nothing is shared. */
  shareFactor = 1;
  /** A call was answered since the last refusal. */
  answered = false;
  /** Absent where units cannot come back by the full minute or hour. */
  period: PeriodReading | undefined;
  /** Above 0 where the upstream's latest figures imply a bucket, below 0 where they imply a window. */
  refills = 0;
  /** When the call began whose figures were applied last: those of an earlier call are older. */
  readOfMs = 0;
  /** For limits learned from refusals: when the next limit probe is, and the gap to the one after it. */
  limitProbe: LimitProbe | undefined;
  /** Made at the first use: most meters of a large catalogue are never used. Absent for concurrency: `pending` counts it. */
  #counter: Counter | undefined;
  /** Attempts that have not settled. */
  #flight: Flight = { pending: 0 };
  readonly #onChange: (meter: Meter) => void;
  #dirty = false;
  /** The need that `#opensAtMs` was computed for, until something changes: a full meter is read again and again. */
  #foundFor = Number.NaN;
  #opensAtMs = 0;
  /** What interactive requests take; see `keptFor`. */
  readonly #demand = new Demand();
  /** Pairs of time and units of the latest reservations; kept from the upstream's first figures on. */
  #recent: Float64Array | undefined;
  #at = 0;

  constructor(spec: MeterSpec, onChange: (meter: Meter) => void) {
    this.spec = spec;
    this.unit = spec.unit;
    this.amount = spec.declared ?? Number.POSITIVE_INFINITY;
    this.#onChange = onChange;
    if (spec.shape.kind === "sliding" && spec.rolling !== true && PERIODIC.has(spec.window)) {
      this.period = new PeriodReading(spec.shape.windowMs);
    }
  }

  /** Counts by the full minute or hour, where the fragment does not state how units come back. */
  get byPeriod(): boolean {
    return this.period?.counts === true;
  }

  /** Taken by attempts that have not settled. */
  get pending(): number {
    return this.#flight.pending;
  }

  /** Continues another meter's count of the same limit, whose specification a new table changed. */
  continue(before: Meter): void {
    // Attempts of the earlier table settle on the earlier meter: both count in the same places.
    this.#flight = before.#flight;
    this.highest = before.highest;
    const counter = before.#counter;
    const { shape } = this.spec;
    if (counter !== undefined && shape.kind !== "concurrency") {
      if (counter.kind === shape.kind) this.#counter = counter;
      else this.setUsed(before.used(counter.atMs), counter.atMs);
    }
    if (this.period !== undefined && before.period !== undefined) this.period = before.period;
    // A figure that the fragment states anew weighs more than what was learned against the old one.
    if (before.spec.declared === this.spec.declared && before.learned !== undefined) {
      this.amount = before.amount;
      this.learned = before.learned;
      this.limitProbe = before.limitProbe;
    }
    this.#changed();
  }

  /** The counter at `nowMs`; undefined for concurrency. */
  #counterAt(nowMs: number): Counter | undefined {
    const { shape } = this.spec;
    if (shape.kind === "concurrency") return undefined;
    this.#counter ??= newCounter(shape, nowMs);
    advanceCounter(this.#counter, this, nowMs);
    return this.#counter;
  }

  used(nowMs: number): number {
    const { period } = this;
    return period?.counts === true ? period.used(nowMs) : this.usedSliding(nowMs);
  }

  /** What is used in both readings of the window. */
  seenUse(nowMs: number): SeenUse {
    const used = this.usedSliding(nowMs);
    return { used, inPeriod: this.period?.used(nowMs) ?? used };
  }

  /** What is used where units come back one by one, whatever the meter counts by. */
  usedSliding(nowMs: number): number {
    const counter = this.#counter;
    if (counter === undefined) return this.spec.shape.kind === "concurrency" ? this.pending : 0;
    // One request reads it several times in the same millisecond.
    if (counter.used === 0 || counter.atMs === nowMs) return counter.used;
    advanceCounter(counter, this, nowMs);
    return counter.used;
  }

  /** It has room only because its period began anew: a window would still be full. */
  isEarly(nowMs: number): boolean {
    if (!this.byPeriod || this.amount === Number.POSITIVE_INFINITY) return false;
    const one = this.unit === "requests" ? 1 : this.amount * EARLY_SHARE;
    return this.usedByAll(nowMs) + one > this.amount;
  }

  /** An estimate of what all gateways used, as a window counts. */
  usedByAll(nowMs: number): number {
    return this.usedSliding(nowMs) * this.shareFactor;
  }

  /** @param used of all gateways, before a call */
  noteShared(used: number, nowMs: number): void {
    const own = this.usedSliding(nowMs);
    if (own >= 1) this.shareFactor = Math.max(1, used / own);
  }

  /** @returns whether `need` fits beside what is used, or may test whether units come back by the full minute or hour */
  fits(need: number, nowMs: number): boolean {
    if (this.amount === Number.POSITIVE_INFINITY || this.used(nowMs) + need <= this.amount + 1e-9)
      return true;
    return this.#testsPeriod(need, nowMs);
  }

  #testsPeriod(need: number, nowMs: number): boolean {
    const { period } = this;
    if (period === undefined || this.amount === Number.POSITIVE_INFINITY) return false;
    return period.isTestDue(nowMs) && period.used(nowMs) + need <= this.amount + 1e-9;
  }

  /** For a claim on shared limits: which units of a sliding window count by its periods, and whether the limit goes by them. */
  periodClaim(
    need: number,
    nowMs: number,
  ): { readonly periodStartMs?: number; readonly byPeriod?: true; readonly endsAtMs?: number } {
    const { period } = this;
    if (period === undefined) return {};
    const { periodStartMs, endsAtMs } = period.span(nowMs);
    // The shared limits know whether a window would be full; where a test is due they may grant it.
    const byPeriod = period.counts || this.#testsPeriod(need, nowMs);
    return byPeriod ? { periodStartMs, byPeriod, endsAtMs } : { periodStartMs };
  }

  /** When `need` fits if nothing else is taken: now, later, or never (Infinity) where it is more than the whole. */
  opensAtMs(need: number, nowMs: number): number {
    if (this.fits(need, nowMs)) return nowMs;
    const { period } = this;
    if (period?.counts === true) return need > this.amount ? Number.POSITIVE_INFINITY : period.endsAtMs;
    if (this.#foundFor !== need || this.#opensAtMs <= nowMs) {
      this.#foundFor = need;
      const counter = this.#counterAt(nowMs);
      this.#opensAtMs =
        counter === undefined ? Number.POSITIVE_INFINITY : counterOpensAtMs(counter, this.amount, need);
    }
    return this.#opensAtMs;
  }

  /** When a unit would come back to a sliding window, were `amount` the limit; undefined for other shapes. */
  wouldOpenAtMs(amount: number, nowMs: number): number | undefined {
    const counter = this.#counterAt(nowMs);
    return counter?.kind === "sliding" ? counterOpensAtMs(counter, amount, 1) : undefined;
  }

  /** Interactive requests took so much. */
  noteDemand(units: number, nowMs: number): void {
    this.#demand.add(units, nowMs);
  }

  /** What is to be left for interactive requests that come before what is taken now is back. */
  keptFor(nowMs: number): number {
    if (this.amount === Number.POSITIVE_INFINITY) return 0;
    const { shape } = this.spec;
    if (shape.kind === "concurrency") return Math.min(1, this.amount - 1);
    const { period } = this;
    const backMs =
      shape.kind === "calendar"
        ? this.endsAtMs(nowMs) - nowMs
        : period?.counts === true
          ? period.span(nowMs).endsAtMs - nowMs
          : shape.windowMs;
    return this.#demand.within(backMs, nowMs) * this.shareFactor;
  }

  take(need: number, nowMs: number): void {
    this.#foundFor = Number.NaN;
    this.period?.charge(need, nowMs, nowMs);
    this.period?.begin(nowMs);
    const counter = this.#counterAt(nowMs);
    if (counter !== undefined) addToCounter(counter, need);
    this.#flight.pending += need;
    if (this.#recent !== undefined) {
      this.#recent[this.#at] = nowMs;
      this.#recent[this.#at + 1] = need;
      this.#at = (this.#at + 2) % this.#recent.length;
    }
    this.#changed();
  }

  /** What was taken after a moment, as far back as the latest reservations are kept. */
  takenSince(afterMs: number): number {
    if (this.#recent === undefined) {
      this.#recent = new Float64Array(2 * RECENT);
      return this.pending;
    }
    let sum = 0;
    for (let at = 0; at < this.#recent.length; at += 2)
      if ((this.#recent[at] ?? 0) > afterMs) sum += this.#recent[at + 1] ?? 0;
    return sum;
  }

  /** The attempt that took `reserved` really used `used`. */
  settle(reserved: number, used: number, takenAtMs: number, nowMs: number): void {
    this.#flight.pending = Math.max(0, this.#flight.pending - reserved);
    this.#foundFor = Number.NaN;
    if (used !== reserved) this.period?.charge(used - reserved, takenAtMs, nowMs);
    const counter = used === reserved ? undefined : this.#counterAt(nowMs);
    if (counter === undefined) return;
    const endsAtMs = counter.kind === "calendar" ? this.#periodOf(counter, takenAtMs) : 0;
    chargeCounter(counter, used - reserved, takenAtMs, endsAtMs);
    this.#changed();
  }

  /** The end of the period that holds `takenAtMs`; the calendar is read only for an earlier period. */
  #periodOf(counter: CalendarCounter, takenAtMs: number): number {
    return takenAtMs >= counter.sinceMs ? counter.endsAtMs : this.endsAtMs(takenAtMs);
  }

  /** Makes `total` what is used, as the provider states it; `seenAtMs` is when that was true. */
  setUsed(total: number, nowMs: number, seenAtMs = nowMs): void {
    const counter = this.#counterAt(nowMs);
    if (counter !== undefined) correctCounter(counter, total, seenAtMs);
    this.period?.charge(total - this.period.used(nowMs), seenAtMs, nowMs);
    this.#changed();
  }

  learn(amount: number, from: Learned["from"], nowMs: number): void {
    this.amount = amount;
    this.learned = amount === this.spec.declared ? undefined : { amount, from, atMs: nowMs };
    this.#changed();
  }

  /** Changes the shape; what is used stays used. */
  reshape(shape: MeterShape, nowMs: number): void {
    const used = this.used(nowMs);
    this.spec = { ...this.spec, shape };
    this.#counter = undefined;
    this.setUsed(used, nowMs);
  }

  /** Drops what was learned: it belongs to another meter. */
  unlearn(): void {
    this.amount = this.spec.declared ?? Number.POSITIVE_INFINITY;
    this.learned = undefined;
    this.limitProbe = undefined;
    this.evidence = {};
    this.#changed();
  }

  /** A figure of the upstream, or a limit elsewhere, explains the refusals. */
  forgetEvidence(): void {
    this.evidence = {};
  }

  /** When the calendar period that holds `nowMs` ends. */
  endsAtMs(nowMs: number): number {
    const { window, zone = "UTC" } = this.spec;
    const period: Period = window === "month" ? "month" : "day";
    return periodEndMs(period, zone, nowMs);
  }

  /** The wall clock was set by `deltaMs` while no time passed. */
  shift(deltaMs: number): void {
    const counter = this.#counter;
    if (counter !== undefined) {
      shiftCounter(counter, deltaMs);
      // A period never lasts beyond the calendar's own end.
      if (counter.kind === "calendar" && counter.endsAtMs !== 0)
        counter.endsAtMs = Math.min(counter.endsAtMs, this.endsAtMs(counter.atMs));
    }
    this.period?.shift(deltaMs);
    this.highest = { ...this.highest, atMs: this.highest.atMs + deltaMs };
    if (this.limitProbe !== undefined) this.limitProbe.atMs += deltaMs;
    if (this.readOfMs !== 0) this.readOfMs += deltaMs;
    for (let at = 0; at < (this.#recent?.length ?? 0); at += 2)
      if (this.#recent !== undefined) this.#recent[at] = (this.#recent[at] ?? 0) + deltaMs;
    // A store holds moments of the old clock: read back after a restart, they would be long over.
    if (counter !== undefined || this.limitProbe !== undefined) this.#changed();
    this.#foundFor = Number.NaN;
  }

  #changed(): void {
    this.#foundFor = Number.NaN;
    if (this.#dirty || this.spec.shape.kind === "concurrency") return;
    this.#dirty = true;
    this.#onChange(this);
  }

  /** For a store; the next change counts as one again. */
  record(nowMs: number): MeterRecord {
    this.#dirty = false;
    const data: Stored = present({
      spec: this.spec,
      counter: this.usedSliding(nowMs) === 0 || this.#counter === undefined ? [] : dumpCounter(this.#counter),
      learned: this.learned,
      limitProbe: this.limitProbe,
      byPeriod: this.byPeriod ? (true as const) : undefined,
      period: this.byPeriod ? this.period?.record(nowMs) : undefined,
    });
    return { id: this.spec.id, data: JSON.stringify(data) };
  }

  /** Applies what the same meter counted in an earlier process. */
  restore({ spec, counter, learned, limitProbe, byPeriod, period }: Stored, nowMs: number): void {
    if (spec.shape.kind === this.spec.shape.kind && counter.length > 0) {
      const into = this.#counterAt(nowMs);
      if (into !== undefined) restoreCounter(into, counter, nowMs);
    }
    this.period?.begin(nowMs);
    if (byPeriod === true) this.period?.restore(period ?? [], nowMs);
    // A figure that the fragment states anew weighs more than what was learned against the old one.
    if (learned !== undefined && spec.declared === this.spec.declared) {
      this.amount = learned.amount;
      this.learned = learned;
      this.limitProbe = limitProbe === undefined ? undefined : { ...limitProbe };
    }
  }
}

export interface Stored {
  readonly spec: MeterSpec;
  readonly counter: readonly number[];
  readonly learned?: Learned;
  readonly limitProbe?: Readonly<LimitProbe>;
  readonly byPeriod?: true;
  readonly period?: StoredPeriod;
}

/** @returns undefined for what no version of this code wrote */
export function readStored(data: string): Stored | undefined {
  try {
    const stored = JSON.parse(data) as Partial<Stored> | null;
    const sound =
      typeof stored?.spec?.id === "string" &&
      typeof stored.spec.shape?.kind === "string" &&
      Array.isArray(stored.counter) &&
      stored.counter.every((number) => Number.isFinite(number));
    return sound ? (stored as Stored) : undefined;
  } catch {
    return undefined;
  }
}

/** The shape that a limit's `reset` means. */
export function shapeOf(limit: Pick<Limit, "unit" | "window" | "reset">): Pick<MeterSpec, "shape" | "zone"> {
  const { unit, window, reset } = limit;
  if (unit === "concurrency" || window === undefined) return { shape: { kind: "concurrency" } };
  const windowMs = WINDOW_MS[window];
  if (reset === "bucket") return { shape: { kind: "bucket", windowMs } };
  const zone = reset === undefined ? undefined : MIDNIGHT.exec(reset)?.[1];
  if (zone !== undefined && (window === "day" || window === "month"))
    return { shape: { kind: "calendar" }, zone };
  // Where the provider states no reset, the most careful reading: nothing comes back before its window is over.
  return { shape: { kind: "sliding", windowMs, slices: SLICES[window] } };
}

const MIDNIGHT = /^(?:1st )?00:00 (\S+)$/;
