/** A counter as plain numbers, for a store. A later version reads what an earlier one wrote, so the order is fixed. */
import { type Counter, partsOf, setParts } from "@headgate/contract";

/** Sliding: the width of a part, then pairs of a part's number and its units. Others: what is used, then a moment in ms. */
export function dumpCounter(counter: Counter): readonly number[] {
  switch (counter.kind) {
    case "sliding":
      return [counter.partMs, ...partsOf(counter)];
    case "bucket":
      return [counter.used, counter.atMs];
    case "calendar":
      return [counter.used, counter.endsAtMs];
  }
}

/** Puts stored numbers into a new counter at `nowMs`. Numbers of a period that is over change nothing. */
export function restoreCounter(counter: Counter, numbers: readonly number[], nowMs: number): void {
  const [first, second] = numbers;
  if (first === undefined) return;
  if (counter.kind === "sliding") {
    setParts(counter, first, numbers.slice(1, numbers.length - ((numbers.length - 1) % 2)), nowMs);
    return;
  }
  if (second === undefined) return;
  if (counter.kind === "bucket") {
    counter.used = Math.max(0, first);
    counter.atMs = Math.min(second, nowMs);
  } else if (nowMs < second) {
    counter.used = Math.max(0, first);
    counter.sinceMs = nowMs;
    counter.endsAtMs = Math.min(second, counter.endsAtMs);
  }
}
