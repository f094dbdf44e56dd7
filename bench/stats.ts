/** The q-quantile (0 … 1) by the nearest-rank method. Throws RangeError on an empty list. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = Float64Array.from(values).sort();
  const rank = Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1));
  const value = sorted[rank];
  if (value === undefined) throw new RangeError("a quantile of no values");
  return value;
}

/** The middle value; the mean of the middle two when there is an even number. Throws RangeError on an empty list. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  if (upper === undefined || lower === undefined) throw new RangeError("a median of no values");
  return (lower + upper) / 2;
}

/** a[i] / b[i] for each round, then the median: drift of the machine between rounds cancels out. */
export function pairedRatio(a: readonly number[], b: readonly number[]): number {
  return median(a.slice(0, b.length).map((value, round) => value / (b[round] ?? Number.NaN)));
}

/** a[i] − b[i] for each round, then the median. */
export function pairedDifference(a: readonly number[], b: readonly number[]): number {
  return median(a.slice(0, b.length).map((value, round) => value - (b[round] ?? Number.NaN)));
}
