import { describe, expect, it } from "vitest";
import { answeredAt, type Evidence, isEnough, refusedAt, refusedAtOnce } from "./evidence.ts";

/** Refusals at these counts, one a window. */
const after = (counts: readonly number[], firm = false): Evidence | undefined =>
  counts.reduce<Evidence | undefined>(
    (before, count, window) => refusedAt(before, { count, window, firm }),
    undefined,
  );
const enough = (counts: readonly number[], firm = false, highest = 0): boolean => {
  const evidence = after(counts, firm);
  return evidence !== undefined && isEnough(evidence, highest);
};

describe("evidence of a limit", () => {
  it("is enough after three windows with a refusal at about the same count, not after one or two", () => {
    expect([[10], [10, 10], [10, 10, 10], [40, 41, 42]].map((counts) => enough(counts))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  it("needs one window more where the counts are low: they agree by chance more often", () => {
    expect([enough([3, 3, 3]), enough([3, 3, 3, 3]), enough([4, 4, 4])]).toEqual([false, true, true]);
  });

  it("needs two windows where a wait that fits, or words, speak for it", () => {
    expect([enough([10], true), enough([10, 10], true)]).toEqual([false, true]);
  });

  it("needs twice as many where twice as much was answered lately", () => {
    expect([enough([10, 10, 10], false, 30), enough([10, 10, 10, 10, 10, 10], false, 30)]).toEqual([
      false,
      true,
    ]);
    expect(enough([10, 10, 10], false, 22)).toBe(true);
  });

  it("begins anew with a refusal at another count, and when nothing was refused for an hour of minutes", () => {
    expect(enough([10, 10, 7, 7])).toBe(false);
    expect(after([10, 10, 7])).toMatchObject({ top: 7, windows: 1 });
    expect(after([10, 12])).toMatchObject({ top: 12, low: 12, windows: 1 });
    const again = (window: number) => refusedAt(after([10, 10]), { count: 10, window, firm: false }).windows;
    expect([again(61), again(62)]).toEqual([3, 1]);
  });

  it("spans the counts that differ by a twentieth at most", () => {
    expect(after([40, 38])).toEqual({ top: 40, low: 38, windows: 2, latest: 1, firm: 0 });
    expect(after([38, 39])).toMatchObject({ top: 39, low: 38, windows: 2 });
    expect(after([40, 37])).toMatchObject({ top: 37, low: 37, windows: 1 });
  });

  it("of one window is one refusal, the first: later ones count calls that are refused as well", () => {
    const first = refusedAt(undefined, { count: 10, window: 5, firm: false });
    expect(refusedAt(first, { count: 14, window: 5, firm: false })).toBe(first);
  });

  it("of calls at once is the lowest count of a window, and a higher one in another window shows nothing", () => {
    const atOnce = (...seen: readonly (readonly [window: number, count: number])[]): Evidence | undefined =>
      seen.reduce<Evidence | undefined>(
        (before, [window, count]) => refusedAtOnce(before, { window, count, firm: true }),
        undefined,
      );
    expect(atOnce([1, 5], [1, 2], [1, 4])).toMatchObject({ low: 2, windows: 1, latest: 1 });
    expect(atOnce([1, 5], [1, 2], [2, 6])).toMatchObject({ low: 2, windows: 1, latest: 1 });
    expect(atOnce([1, 5], [1, 2], [2, 6], [2, 2])).toMatchObject({ low: 2, windows: 2, latest: 2 });
    expect(atOnce([1, 9], [2, 9], [2, 4])).toMatchObject({ low: 4, windows: 1, latest: 2 });
    expect(atOnce([1, 2], [62, 5])).toMatchObject({ low: 5, windows: 1 });
  });

  it("is void after an answer at its count or above, and not after one below", () => {
    const evidence = after([10, 11]);
    expect(answeredAt(evidence, 10)).toBe(evidence);
    expect(answeredAt(evidence, 11)).toBeUndefined();
    expect(answeredAt(undefined, 11)).toBeUndefined();
  });
});
