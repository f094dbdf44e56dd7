/** The parts of a sliding window: which units were taken in which part, and when a part leaves the window. */

export interface SlidingCounter {
  readonly kind: "sliding";
  windowMs: number;
  /** Width of a part. Part `n` covers the time from `n * partMs` to `(n + 1) * partMs`. */
  partMs: number;
  /** The latest moment that was counted, ms since the epoch. */
  atMs: number;
  used: number;
  /** Pairs of a part's number and the units taken in it, by ascending number. */
  parts: number[];
  /** Index in `parts` of the oldest part in the window. Those before it have left, and are removed many at a time. */
  first: number;
}

/** Bound on the rounding of sums. It is far below the smallest unit that a limit counts. */
export const ROUNDING = 1e-9;

/** When the units of a part come back: one window after the part's end. */
export const leavesAtMs = (counter: SlidingCounter, part: number): number =>
  (part + 1) * counter.partMs + counter.windowMs;

const at = (parts: readonly number[], index: number): number => parts[index] ?? 0;

/** Adds to a part; a part never falls below 0. */
export function addToPart(counter: SlidingCounter, part: number, units: number): void {
  const { parts, first } = counter;
  let index = parts.length - 2;
  while (index >= first && at(parts, index) > part) index -= 2;
  if (index >= first && at(parts, index) === part) {
    const before = at(parts, index + 1);
    const after = Math.max(0, before + units);
    parts[index + 1] = after;
    counter.used = Math.max(0, counter.used + after - before);
  } else if (units > 0) {
    if (index === parts.length - 2) parts.push(part, units);
    else parts.splice(index + 2, 0, part, units);
    counter.used += units;
  }
}

/** Most numbers of parts that have left and are still in the array. */
const MOST_GONE = 128;

/** Leaves out the parts that have left the window. */
export function dropOldParts(counter: SlidingCounter): void {
  const { parts, atMs } = counter;
  let { first } = counter;
  if (first === parts.length || leavesAtMs(counter, at(parts, first)) > atMs) return;
  do {
    counter.used -= at(parts, first + 1);
    first += 2;
  } while (first < parts.length && leavesAtMs(counter, at(parts, first)) <= atMs);
  if (first === parts.length || counter.used < ROUNDING) counter.used = 0;
  if (first === parts.length || first > MOST_GONE) {
    parts.splice(0, first);
    first = 0;
  }
  counter.first = first;
}

/** The parts in the window, as an array of its own. */
export const partsOf = ({ parts, first }: SlidingCounter): number[] => parts.slice(first);

/** Removes `units` from the oldest parts: they are the first that come back. */
export function removeOldest(counter: SlidingCounter, units: number): void {
  const kept: number[] = [];
  let over = units;
  for (let index = counter.first; index < counter.parts.length; index += 2) {
    const held = at(counter.parts, index + 1);
    const gone = Math.min(held, over);
    over -= gone;
    if (held - gone > 0) kept.push(at(counter.parts, index), held - gone);
  }
  counter.parts = kept;
  counter.first = 0;
  counter.used = sumOf(counter);
}

/** When at most `used - units` are left, if nothing is added. */
export function givesBackAtMs(counter: SlidingCounter, units: number): number {
  const { parts } = counter;
  let over = units;
  let index = counter.first;
  for (; index < parts.length - 2; index += 2) {
    over -= at(parts, index + 1);
    if (over <= ROUNDING) break;
  }
  return leavesAtMs(counter, at(parts, index));
}

/**
 * Puts in parts that were counted in another width, or on a clock that was ahead. Units count as taken at the end of
 * their part, and at `nowMs` at the latest, so nothing comes back early and nothing is held longer than a window.
 */
export function setParts(
  counter: SlidingCounter,
  fromPartMs: number,
  parts: readonly number[],
  nowMs: number,
): void {
  const { partMs } = counter;
  const current = Math.floor(nowMs / partMs);
  const placed: number[] = [];
  for (let index = 0; index < parts.length; index += 2) {
    const number = at(parts, index);
    const same = fromPartMs === partMs ? number : Math.ceil(((number + 1) * fromPartMs) / partMs) - 1;
    const part = Math.min(same, current);
    const last = placed.length - 2;
    if (last >= 0 && at(placed, last) === part)
      placed[last + 1] = at(placed, last + 1) + at(parts, index + 1);
    else placed.push(part, at(parts, index + 1));
  }
  counter.parts = placed;
  counter.first = 0;
  counter.used = sumOf(counter);
  dropOldParts(counter);
}

/** Units taken from the part that holds `fromMs` on. */
export function usedSince({ parts, first, partMs }: SlidingCounter, fromMs: number): number {
  const from = Math.floor(fromMs / partMs);
  let sum = 0;
  for (let index = first; index < parts.length; index += 2)
    if (at(parts, index) >= from) sum += at(parts, index + 1);
  return sum;
}

/** Summed by part: sums of sums would round more and more. */
export function sumOf({ parts, first }: SlidingCounter): number {
  let sum = 0;
  for (let index = first + 1; index < parts.length; index += 2) sum += at(parts, index);
  return sum;
}
