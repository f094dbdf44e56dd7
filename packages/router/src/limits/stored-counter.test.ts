import { addToCounter, advanceCounter, type CountedShape, newCounter } from "@headgate/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { periodEndMs } from "./calendar.ts";
import { dumpCounter, restoreCounter } from "./stored-counter.ts";

const START = Date.UTC(2026, 10, 21, 12);
const FACTS = { amount: 60, endsAtMs: (nowMs: number) => periodEndMs("day", "Europe/Berlin", nowMs) };
const SHAPES: readonly CountedShape[] = [
  { kind: "sliding", windowMs: 60_000, slices: 120 },
  { kind: "bucket", windowMs: 60_000 },
  { kind: "calendar" },
];

const history = fc.array(fc.tuple(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 1, max: 20 })), {
  maxLength: 40,
});

function played(shape: CountedShape, reservations: readonly (readonly [afterMs: number, units: number])[]) {
  const counter = newCounter(shape, START);
  let nowMs = START;
  for (const [afterMs, units] of reservations) {
    nowMs += afterMs;
    advanceCounter(counter, FACTS, nowMs);
    addToCounter(counter, units);
  }
  return { counter, nowMs };
}

function restored(shape: CountedShape, numbers: readonly number[], nowMs: number) {
  const counter = newCounter(shape, nowMs);
  advanceCounter(counter, FACTS, nowMs);
  restoreCounter(counter, numbers, nowMs);
  advanceCounter(counter, FACTS, nowMs);
  return counter;
}

describe.each(SHAPES)("a stored counter of a limit that is $kind", (shape) => {
  it("counts the same when it is read, then or later", () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 0, max: 70_000 }), (reservations, laterMs) => {
        const { counter, nowMs } = played(shape, reservations);
        const read = restored(shape, dumpCounter(counter), nowMs + laterMs);
        advanceCounter(counter, FACTS, nowMs + laterMs);
        expect(read.used).toBeCloseTo(counter.used, 6);
      }),
    );
  });

  it("holds nothing longer than its window when the clock is behind the one it was written by", () => {
    const { counter } = played(shape, [[0, 5]]);
    const read = restored(shape, dumpCounter(counter), START - 7_200_000);
    expect(read.used).toBe(5);
    const goneMs = shape.kind === "calendar" ? FACTS.endsAtMs(START) : START - 7_200_000 + 61_000;
    advanceCounter(read, FACTS, goneMs);
    expect(read.used).toBe(0);
  });

  it("of a period that is over counts as nothing", () => {
    const { counter } = played(shape, [[0, 5]]);
    expect(restored(shape, dumpCounter(counter), START + 200_000_000).used).toBe(0);
  });

  it("is empty where numbers are missing", () => {
    for (const numbers of [[], [500]]) expect(restored(shape, numbers, START).used).toBe(0);
  });
});
