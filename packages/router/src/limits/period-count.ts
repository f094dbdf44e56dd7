/**
 * Units taken since the last full minute or hour (UTC): the windows of most providers begin there. Plain data, and functions
 * that change it; the clock is passed in.
 */
export interface PeriodCount {
  readonly windowMs: number;
  /** When this period ends here, ms since the epoch. */
  endsAtMs: number;
  used: number;
  /** Of those, the units that may count for the next period upstream. */
  late: number;
}

/**
 * Longest time in ms by which a call's arrival upstream, or the upstream's clock, may differ from this clock. A call this
 * close to a period's end counts for both periods, and a period begins here so much later.
 */
export const PERIOD_MARGIN_MS = 250;

export const newPeriodCount = (windowMs: number): PeriodCount => ({
  windowMs,
  endsAtMs: 0,
  used: 0,
  late: 0,
});

/** The end of the period that holds `nowMs`. */
export const periodEndOf = (windowMs: number, nowMs: number): number =>
  (Math.floor((nowMs - PERIOD_MARGIN_MS) / windowMs) + 1) * windowMs + PERIOD_MARGIN_MS;

/** What counts for the period that ends at `endsAtMs` was taken at or after this moment. */
export const periodStartOf = (windowMs: number, endsAtMs: number): number =>
  endsAtMs - windowMs - 2 * PERIOD_MARGIN_MS;

export function usedInPeriod(count: PeriodCount, nowMs: number): number {
  if (nowMs >= count.endsAtMs) {
    const follows = nowMs < count.endsAtMs + count.windowMs;
    count.used = follows ? count.late : 0;
    count.late = 0;
    count.endsAtMs = periodEndOf(count.windowMs, nowMs);
  }
  return count.used;
}

/** @param units may be negative: given back */
export function chargePeriod(count: PeriodCount, units: number, takenAtMs: number, nowMs: number): void {
  usedInPeriod(count, nowMs);
  const { windowMs, endsAtMs } = count;
  if (takenAtMs < periodStartOf(windowMs, endsAtMs)) return;
  count.used = Math.max(0, count.used + units);
  if (takenAtMs >= endsAtMs - 2 * PERIOD_MARGIN_MS) count.late = Math.max(0, count.late + units);
}
