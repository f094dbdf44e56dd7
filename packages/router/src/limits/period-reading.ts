/**
 * The second reading of a window of a minute or an hour whose reset no fragment states: all units come back with the full
 * minute or hour, not one by one. It is counted beside the sliding window, and one call per window tests which of the two
 * is right.
 */
import {
  chargePeriod,
  newPeriodCount,
  type PeriodCount,
  periodEndOf,
  periodStartOf,
  usedInPeriod,
} from "./period-count.ts";

/** Answers in different windows before a meter counts by periods: a single one may be chance. */
export const SURE_OF_PERIOD = 3;
/** Longest time between two tests, in windows. The first comes after one window, each refusal doubles it. */
const MAX_GAP = 64;

/** What calls have shown of the two readings, and when the next test is. */
export interface PeriodTest {
  /** Answers that only periods explain, less refusals. */
  score: number;
  /** 0 before the first call. */
  atMs: number;
  gapMs: number;
}

/** For a claim on shared limits: which units of the sliding window belong to the period, and when it ends. */
export interface PeriodSpan {
  readonly periodStartMs: number;
  readonly endsAtMs: number;
}

/** Its part of a stored meter: the period's end, its units, and of those the late ones. */
export type StoredPeriod = readonly number[];

export class PeriodReading {
  readonly #count: PeriodCount;
  readonly test: PeriodTest;
  #counts = false;

  constructor(windowMs: number) {
    this.#count = newPeriodCount(windowMs);
    this.test = { score: 0, atMs: 0, gapMs: windowMs };
  }

  /** The meter counts by this reading. */
  get counts(): boolean {
    return this.#counts;
  }

  get endsAtMs(): number {
    return this.#count.endsAtMs;
  }

  used(nowMs: number): number {
    return usedInPeriod(this.#count, nowMs);
  }

  /** @param units may be negative: given back */
  charge(units: number, takenAtMs: number, nowMs: number): void {
    chargePeriod(this.#count, units, takenAtMs, nowMs);
  }

  span(nowMs: number): PeriodSpan {
    const { windowMs } = this.#count;
    const endsAtMs = periodEndOf(windowMs, nowMs);
    return { periodStartMs: periodStartOf(windowMs, endsAtMs), endsAtMs };
  }

  /** No test in the first window: what an earlier process took in this period is not known. */
  begin(nowMs: number): void {
    if (this.test.atMs === 0) this.test.atMs = nowMs + this.test.gapMs;
  }

  /** A call takes more than a sliding window has: the next one that does comes a gap later. */
  tested(nowMs: number): void {
    if (!this.#counts) this.test.atMs = nowMs + this.test.gapMs;
  }

  isTestDue(nowMs: number): boolean {
    return !this.#counts && nowMs >= this.test.atMs;
  }

  /** A call was answered that only periods explain. */
  confirm(): void {
    this.test.score = Math.min(SURE_OF_PERIOD, this.test.score + 1);
    this.test.gapMs = this.#count.windowMs;
    if (this.test.score === SURE_OF_PERIOD) this.#counts = true;
  }

  /** A call was refused that had room by periods only. Several such refusals end the count by periods. */
  contradict(): void {
    this.test.score -= 1;
    if (this.#counts && this.test.score > 0) return;
    this.#counts = false;
    this.test.score = Math.max(0, this.test.score);
    this.test.atMs += this.test.gapMs;
    this.test.gapMs = Math.min(MAX_GAP * this.#count.windowMs, this.test.gapMs * 2);
  }

  /** Refusals imply periods: the meter counts by them at once. */
  prove(): void {
    this.#counts = true;
    this.test.score = SURE_OF_PERIOD;
  }

  /** The wall clock was set by `deltaMs` while no time passed. */
  shift(deltaMs: number): void {
    if (this.#count.endsAtMs !== 0) this.#count.endsAtMs += deltaMs;
    if (this.test.atMs !== 0) this.test.atMs += deltaMs;
  }

  record(nowMs: number): StoredPeriod {
    const used = this.used(nowMs);
    return [this.#count.endsAtMs, used, this.#count.late];
  }

  restore([endsAtMs = 0, used = 0, late = 0]: StoredPeriod, nowMs: number): void {
    this.prove();
    const latestMs = periodEndOf(this.#count.windowMs, nowMs);
    Object.assign(this.#count, { endsAtMs: Math.min(endsAtMs, latestMs), used, late });
  }
}
