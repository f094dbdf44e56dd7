import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addToCounter,
  advanceCounter,
  type CountedShape,
  chargeCounter,
  correctCounter,
  counterOpensAtMs,
  newCounter,
  reshapeCounter,
  setCounterBack,
  shiftCounter,
} from "./counter.ts";

const START = Date.UTC(2026, 10, 21, 12);
const MINUTE = { kind: "sliding", windowMs: 60_000, slices: 120 } as const;
const PART_MS = MINUTE.windowMs / MINUTE.slices;
const BUCKET = { kind: "bucket", windowMs: 60_000 } as const;
const DAY_MS = 86_400_000;

/** A counter of a limit of `amount`, with the moment stated at each step. */
class Counted {
  readonly counter;
  readonly #facts;

  constructor(shape: CountedShape, amount = 0, endsAtMs: (nowMs: number) => number = () => 0) {
    this.counter = newCounter(shape, START);
    this.#facts = { amount, endsAtMs };
  }

  at(nowMs: number) {
    advanceCounter(this.counter, this.#facts, nowMs);
    return this.counter;
  }

  used(nowMs: number): number {
    return this.at(nowMs).used;
  }

  add(units: number, nowMs: number): void {
    addToCounter(this.at(nowMs), units);
  }

  charge(units: number, takenAtMs: number, nowMs: number): void {
    chargeCounter(this.at(nowMs), units, takenAtMs, this.#facts.endsAtMs(takenAtMs));
  }
}

interface Reserved {
  readonly afterMs: number;
  readonly units: number;
}
const reservations = fc.array(
  fc.record({ afterMs: fc.integer({ min: 0, max: 40_000 }), units: fc.integer({ min: 1, max: 20 }) }),
  { maxLength: 40 },
);

/** What was taken after `fromMs`, from a list of every taking. */
const takenAfter = (taken: readonly (readonly [atMs: number, units: number])[], fromMs: number): number =>
  taken.reduce((sum, [atMs, units]) => sum + (atMs > fromMs ? units : 0), 0);

function replay(list: readonly Reserved[], each: (nowMs: number, units: number) => void): number {
  let nowMs = START;
  for (const { afterMs, units } of list) {
    nowMs += afterMs;
    each(nowMs, units);
  }
  return nowMs;
}

describe("a sliding window", () => {
  it("never forgets a unit before its window is over, and forgets it one part later at the latest", () => {
    fc.assert(
      fc.property(reservations, (list) => {
        const counted = new Counted(MINUTE);
        const taken: [number, number][] = [];
        replay(list, (nowMs, units) => {
          const least = takenAfter(taken, nowMs - MINUTE.windowMs);
          const most = takenAfter(taken, nowMs - MINUTE.windowMs - PART_MS);
          expect(counted.used(nowMs)).toBeGreaterThanOrEqual(least);
          expect(counted.used(nowMs)).toBeLessThanOrEqual(most);
          counted.add(units, nowMs);
          taken.push([nowMs, units]);
        });
      }),
    );
  });

  it("opens when enough has come back, neither earlier nor later", () => {
    fc.assert(
      fc.property(reservations, fc.integer({ min: 0, max: 100 }), (list, left) => {
        const counted = new Counted(MINUTE);
        const endMs = replay(list, (nowMs, units) => counted.add(units, nowMs));
        const opensAtMs = counterOpensAtMs(counted.at(endMs), left + 5, 5);
        if (opensAtMs > endMs) expect(counted.used(opensAtMs - 1)).toBeGreaterThan(left);
        expect(counted.used(opensAtMs)).toBeLessThanOrEqual(left);
      }),
    );
  });

  it("lasts as long when the clock is set forward or back by a known time", () => {
    fc.assert(
      fc.property(reservations, fc.integer({ min: -DAY_MS, max: DAY_MS }), (list, deltaMs) => {
        const counted = new Counted(MINUTE);
        const endMs = replay(list, (nowMs, units) => counted.add(units, nowMs));
        const before = counted.used(endMs);
        shiftCounter(counted.counter, deltaMs);
        // Parts are aligned with the clock, so a shift rounds to half a part.
        expect(counted.used(endMs + deltaMs - PART_MS)).toBe(before);
        expect(counted.used(endMs + deltaMs + MINUTE.windowMs + 2 * PART_MS)).toBe(0);
      }),
    );
  });

  it("holds everything for one window when the clock is set back by an unknown time", () => {
    fc.assert(
      fc.property(reservations, fc.integer({ min: 120_000, max: 400 * DAY_MS }), (list, backMs) => {
        const counted = new Counted(MINUTE);
        const endMs = replay(list, (nowMs, units) => counted.add(units, nowMs));
        const before = counted.used(endMs);
        setCounterBack(counted.counter, endMs - backMs);
        const kept = counted.used(endMs - backMs + MINUTE.windowMs - 1);
        expect(kept).toBe(before);
        expect(counted.used(endMs - backMs + MINUTE.windowMs + PART_MS)).toBe(0);
      }),
    );
  });

  it("gives nothing back early, and nothing more than one part late, when its parts get another width", () => {
    fc.assert(
      fc.property(reservations, fc.integer({ min: 1, max: 300 }), (list, slices) => {
        const counted = new Counted(MINUTE);
        const taken: [number, number][] = [];
        const endMs = replay(list, (nowMs, units) => {
          counted.add(units, nowMs);
          taken.push([nowMs, units]);
        });
        reshapeCounter(counted.counter, { ...MINUTE, slices }, endMs);
        const lateMs = PART_MS + MINUTE.windowMs / slices;
        for (const laterMs of [0, 20_000, 50_000, 70_000]) {
          const nowMs = endMs + laterMs;
          expect(counted.used(nowMs)).toBeGreaterThanOrEqual(takenAfter(taken, nowMs - MINUTE.windowMs));
          expect(counted.used(nowMs)).toBeLessThanOrEqual(
            takenAfter(taken, nowMs - MINUTE.windowMs - lateMs),
          );
        }
      }),
    );
  });

  it("corrects downwards by what was taken first, and upwards by what is taken now", () => {
    const counted = new Counted(MINUTE);
    counted.add(4, START);
    counted.add(6, START + 30_000);
    correctCounter(counted.at(START + 30_000), 5, START + 30_000);
    expect(counted.used(START + 60_000 + PART_MS)).toBe(5);
    correctCounter(counted.at(START + 70_000), 9, START + 70_000);
    expect(counted.used(START + 90_000 + PART_MS)).toBe(4);
    expect(counted.used(START + 130_000 + PART_MS)).toBe(0);
  });

  it("charges a difference to the part in which it was taken, and not after that has left", () => {
    const counted = new Counted(MINUTE);
    counted.add(5, START);
    counted.add(5, START + 40_000);
    counted.charge(3, START, START + 41_000);
    expect(counted.used(START + 41_000)).toBe(13);
    expect(counted.used(START + 60_000 + PART_MS)).toBe(5);
    counted.charge(-5, START, START + 61_000);
    expect(counted.used(START + 61_000)).toBe(5);
    counted.charge(2, START + 20_000, START + 61_000);
    expect(counted.used(START + 61_000)).toBe(7);
    expect(counted.used(START + 80_000 + PART_MS)).toBe(5);
  });
});

describe("a bucket", () => {
  it("drains as its whole history computed at once does", () => {
    fc.assert(
      fc.property(reservations, (list) => {
        const counted = new Counted(BUCKET, 60);
        let used = 0;
        let atMs = START;
        replay(list, (nowMs, units) => {
          used = Math.max(0, used - (nowMs - atMs) / 1_000) + units;
          atMs = nowMs;
          counted.add(units, nowMs);
          expect(counted.used(nowMs)).toBeCloseTo(used, 6);
        });
      }),
    );
  });

  it("opens in the millisecond in which enough has come back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), (used, wanted) => {
        const counted = new Counted(BUCKET, 60);
        counted.add(used, START);
        const opensAtMs = counterOpensAtMs(counted.at(START), 60, wanted);
        expect(opensAtMs).toBe(START + Math.max(0, used + wanted - 60) * 1_000);
        expect(counterOpensAtMs(counted.at(opensAtMs), 60, wanted)).toBe(opensAtMs);
      }),
    );
    const counted = new Counted(BUCKET, 60);
    counted.add(60, START);
    expect(counterOpensAtMs(counted.at(START), 60, 61)).toBe(Number.POSITIVE_INFINITY);
  });

  it("gives nothing back for what was taken more than a window ago: it has come back already", () => {
    const counted = new Counted(BUCKET, 60);
    counted.add(30, START);
    counted.add(30, START + 61_000);
    counted.charge(-30, START, START + 61_000);
    expect(counted.used(START + 61_000)).toBe(30);
    counted.charge(-10, START + 61_000, START + 61_000);
    expect(counted.used(START + 61_000)).toBe(20);
  });

  it("takes a provider's figure as of the moment at which it was true", () => {
    const counted = new Counted(BUCKET, 60);
    correctCounter(counted.at(START + 10_000), 40, START);
    expect(counted.used(START + 10_000)).toBeCloseTo(30, 6);
  });
});

describe("a calendar period", () => {
  const day = () =>
    new Counted({ kind: "calendar" }, 0, (nowMs) => (Math.floor(nowMs / DAY_MS) + 1) * DAY_MS);
  const MIDNIGHT = START + DAY_MS / 2;

  it("holds everything until its end and nothing afterwards", () => {
    fc.assert(
      fc.property(reservations, (list) => {
        const counted = day();
        const endMs = replay(list, (nowMs, units) => counted.add(units, nowMs));
        const total = list.reduce((sum, { units }) => sum + units, 0);
        expect(endMs).toBeLessThan(MIDNIGHT);
        if (total > 0) expect(counterOpensAtMs(counted.at(endMs), total, 1)).toBe(MIDNIGHT);
        expect(counted.used(MIDNIGHT - 1)).toBe(total);
        expect(counted.used(MIDNIGHT)).toBe(0);
      }),
    );
  });

  it("gives nothing back for what another day took", () => {
    const counted = day();
    counted.add(5, START);
    const tomorrow = START + DAY_MS;
    counted.add(3, tomorrow);
    counted.charge(-5, START, tomorrow);
    expect(counted.used(tomorrow)).toBe(3);
    counted.charge(-2, tomorrow, tomorrow);
    expect(counted.used(tomorrow)).toBe(1);
  });

  it("keeps what was used, for the time that was left of the period, when the clock is set by a known time", () => {
    for (const deltaMs of [-DAY_MS, -DAY_MS / 4, DAY_MS / 4, 5 * DAY_MS]) {
      const counted = day();
      counted.add(5, START);
      shiftCounter(counted.counter, deltaMs);
      counted.charge(-2, START + deltaMs, START + deltaMs);
      expect(counted.used(MIDNIGHT + deltaMs - 1)).toBe(3);
      expect(counted.used(MIDNIGHT + deltaMs)).toBe(0);
    }
  });
});
