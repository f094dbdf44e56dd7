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
const SURE = 3;
/** Longest time between two tests, in windows. The first comes after one window, each refusal doubles it. */
const MAX_GAP = 64;

/** For a claim on shared limits: which units of the sliding window belong to the period, and when it ends. */
export interface PeriodSpan {
  readonly periodStartMs: number;
  readonly endsAtMs: number;
}

/** Its part of a stored meter: the period's end, its units, and of those the late ones. */
export type StoredPeriod = readonly number[];

export class PeriodReading {
  readonly #count: PeriodCount;
  /** Answers that only periods explain, less refusals. */
  #score = 0;
  #counts = false;
  /** 0 before the first call. */
  #testAtMs = 0;
  #gapMs: number;

  constructor(windowMs: number) {
    this.#count = newPeriodCount(windowMs);
    this.#gapMs = windowMs;
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
    if (this.#testAtMs === 0) this.#testAtMs = nowMs + this.#gapMs;
  }

  /** A call takes more than a sliding window has: the next one that does comes a gap later. */
  tested(nowMs: number): void {
    if (!this.#counts) this.#testAtMs = nowMs + this.#gapMs;
  }

  isTestDue(nowMs: number): boolean {
    return !this.#counts && nowMs >= this.#testAtMs;
  }

  /** A call was answered that only periods explain. */
  confirm(): void {
    this.#score = Math.min(SURE, this.#score + 1);
    this.#gapMs = this.#count.windowMs;
    if (this.#score === SURE) this.#counts = true;
  }

  /** A call was refused that had room by periods only. Several such refusals end the count by periods. */
  contradict(): void {
    this.#score -= 1;
    if (this.#counts && this.#score > 0) return;
    this.#counts = false;
    this.#score = Math.max(0, this.#score);
    this.#testAtMs += this.#gapMs;
    this.#gapMs = Math.min(MAX_GAP * this.#count.windowMs, this.#gapMs * 2);
  }

  /** Refusals imply periods: the meter counts by them at once. */
  prove(): void {
    this.#counts = true;
    this.#score = SURE;
  }

  /** The wall clock was set by `deltaMs` while no time passed. */
  shift(deltaMs: number): void {
    if (this.#count.endsAtMs !== 0) this.#count.endsAtMs += deltaMs;
    if (this.#testAtMs !== 0) this.#testAtMs += deltaMs;
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
