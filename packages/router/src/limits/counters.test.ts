import type { MeterShape } from "@headgate/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { periodEndMs } from "./calendar.ts";
import { BucketCounter, counterOf, SlidingCounter } from "./counters.ts";

const START = Date.UTC(2026, 10, 21, 12);
const MINUTE: Extract<MeterShape, { kind: "sliding" }> = { kind: "sliding", windowMs: 60_000, slices: 120 };

interface Reserved {
  readonly afterMs: number;
  readonly amount: number;
}
const reservations = fc.array(
  fc.record({ afterMs: fc.integer({ min: 0, max: 40_000 }), amount: fc.integer({ min: 1, max: 20 }) }),
  { maxLength: 40 },
);

/** Every taking on its own. */
function inWindow(taken: readonly (readonly [atMs: number, amount: number])[], fromMs: number): number {
  return taken.reduce((sum, [atMs, amount]) => sum + (atMs > fromMs ? amount : 0), 0);
}

function replay(list: readonly Reserved[], each: (nowMs: number, amount: number) => void): number {
  let nowMs = START;
  for (const { afterMs, amount } of list) {
    nowMs += afterMs;
    each(nowMs, amount);
  }
  return nowMs;
}

describe("a sliding window", () => {
  it("never forgets a unit before its window is over, and forgets it one part later at the latest", () => {
    fc.assert(
      fc.property(reservations, (list) => {
        const counter = new SlidingCounter(MINUTE.windowMs, MINUTE.slices);
        const taken: [number, number][] = [];
        const partMs = MINUTE.windowMs / MINUTE.slices;
        replay(list, (nowMs, amount) => {
          const least = inWindow(taken, nowMs - MINUTE.windowMs);
          const most = inWindow(taken, nowMs - MINUTE.windowMs - partMs);
          expect(counter.used(nowMs)).toBeGreaterThanOrEqual(least);
          expect(counter.used(nowMs)).toBeLessThanOrEqual(most);
          counter.add(amount, nowMs);
          taken.push([nowMs, amount]);
        });
      }),
    );
  });

  it("says when it falls to a figure, neither too early nor too late", () => {
    fc.assert(
      fc.property(reservations, fc.integer({ min: 0, max: 100 }), (list, target) => {
        const counter = new SlidingCounter(MINUTE.windowMs, MINUTE.slices);
        const endMs = replay(list, (nowMs, amount) => counter.add(amount, nowMs));
        const atMs = counter.fallsToAtMs(target, endMs);
        if (atMs > endMs) expect(counter.used(atMs - 1)).toBeGreaterThan(target);
        expect(counter.used(atMs)).toBeLessThanOrEqual(target);
      }),
    );
  });

  it("comes out of a store as it went in", () => {
    fc.assert(
      fc.property(reservations, fc.integer({ min: 0, max: 70_000 }), (list, laterMs) => {
        const counter = new SlidingCounter(MINUTE.windowMs, MINUTE.slices);
        const endMs = replay(list, (nowMs, amount) => counter.add(amount, nowMs));
        const numbers = counter.dump(endMs);
        const restored = new SlidingCounter(MINUTE.windowMs, MINUTE.slices);
        restored.restore(numbers, endMs + laterMs);
        expect(restored.used(endMs + laterMs)).toBe(counter.used(endMs + laterMs));
      }),
    );
  });

  it("lasts as long when the clock is set forth or back", () => {
    fc.assert(
      fc.property(reservations, fc.integer({ min: -86_400_000, max: 86_400_000 }), (list, deltaMs) => {
        const counter = new SlidingCounter(MINUTE.windowMs, MINUTE.slices);
        const endMs = replay(list, (nowMs, amount) => counter.add(amount, nowMs));
        const before = counter.used(endMs);
        counter.shift(deltaMs);
        const partMs = MINUTE.windowMs / MINUTE.slices;
        // The parts lie anew over the clock: half a part, no more.
        expect(counter.used(endMs + deltaMs - partMs)).toBe(before);
        expect(counter.used(endMs + deltaMs + MINUTE.windowMs + 2 * partMs)).toBe(0);
      }),
    );
  });
});

describe("a bucket", () => {
  it("drains as one that is reckoned anew from its whole history", () => {
    fc.assert(
      fc.property(reservations, (list) => {
        const counter = new BucketCounter(60_000, () => 60);
        let used = 0;
        let atMs = START;
        replay(list, (nowMs, amount) => {
          used = Math.max(0, used - (nowMs - atMs) / 1_000) + amount;
          atMs = nowMs;
          counter.add(amount, nowMs);
          expect(counter.used(nowMs)).toBeCloseTo(used, 6);
        });
      }),
    );
  });

  it("comes out of a store as it went in, and never below nothing", () => {
    fc.assert(
      fc.property(reservations, fc.integer({ min: 0, max: 70_000 }), (list, laterMs) => {
        const counter = new BucketCounter(60_000, () => 60);
        const endMs = replay(list, (nowMs, amount) => counter.add(amount, nowMs));
        const restored = new BucketCounter(60_000, () => 60);
        restored.restore(counter.dump(endMs), endMs + laterMs);
        expect(restored.used(endMs + laterMs)).toBeCloseTo(counter.used(endMs + laterMs), 6);
        // Taken just now: what is more than a window old is not corrected any more.
        restored.adjust(-1e9, endMs + laterMs, endMs + laterMs);
        expect(restored.used(endMs + laterMs)).toBe(0);
      }),
    );
  });
});

describe("a calendar period", () => {
  const day = () => counterOf({ kind: "calendar" }, (nowMs) => periodEndMs("day", "Europe/Berlin", nowMs));

  it("holds everything until its midnight and nothing afterwards", () => {
    fc.assert(
      fc.property(reservations, (list) => {
        const counter = day();
        const endMs = replay(list, (nowMs, amount) => counter.add(amount, nowMs));
        const total = list.reduce((sum, { amount }) => sum + amount, 0);
        const midnightMs = Date.UTC(2026, 10, 21, 23);
        expect(endMs).toBeLessThan(midnightMs);
        expect(counter.used(midnightMs - 1)).toBe(total);
        expect(counter.used(midnightMs)).toBe(0);
      }),
    );
  });

  it("gives nothing back for what another day took", () => {
    const counter = day();
    counter.add(5, START);
    const tomorrow = START + 86_400_000;
    counter.add(3, tomorrow);
    counter.adjust(-5, START, tomorrow);
    expect(counter.used(tomorrow)).toBe(3);
  });
});
