import { describe, expect, it } from "vitest";
import { fakeNeed, GIB } from "../testing/fakes.ts";
import {
  areTwins,
  baseBytes,
  chargeBytes,
  chargedLeases,
  claimMs,
  createResidency,
  devicesOf,
  expectedInMs,
  isCommitted,
  isIdle,
  isPinned,
  isPresent,
  isUnserved,
  partBytes,
  partOn,
  type Residency,
  shareOf,
  wholeOn,
  worth,
} from "./residency.ts";
import type { ModelNeed, ResidencyState } from "./types.ts";
import type { Waiter } from "./waiters.ts";

const residency = (more: Partial<ModelNeed> = {}): Residency => createResidency(fakeNeed("a", 4, more));
const waits = (of: Residency, orderMs: number): Waiter => {
  const one: Waiter = {
    id: 1,
    key: of.key,
    seq: 1,
    arrivedMs: orderMs,
    orderMs,
    deadlineMs: Number.POSITIVE_INFINITY,
    checkMs: Number.POSITIVE_INFINITY,
    waiting: true,
    before: undefined,
    after: undefined,
  };
  of.queue.push(one);
  return one;
};

describe("what a model is charged", () => {
  it("is what is declared, what was measured where that is more, and an eighth more for each out-of-memory answer", () => {
    const one = residency();
    expect(baseBytes(one)).toBe(4 * GIB);
    one.peakBytes = 3 * GIB;
    expect(baseBytes(one)).toBe(4 * GIB);
    one.peakBytes = 8 * GIB;
    expect(baseBytes(one)).toBe(8 * GIB);
    one.shortfalls = 2;
    expect(baseBytes(one)).toBe(10 * GIB);
  });

  it("is its work besides, one job at least, and not what is in RAM", () => {
    const one = residency({ transientBytes: GIB });
    expect([chargedLeases(one), chargeBytes(one)]).toEqual([1, 5 * GIB]);
    one.leases = 1;
    expect([chargedLeases(one), chargeBytes(one)]).toEqual([1, 5 * GIB]);
    one.strangers = 2;
    expect([chargedLeases(one), chargeBytes(one)]).toEqual([3, 7 * GIB]);
    one.spillBytes = 2 * GIB;
    expect(chargeBytes(one)).toBe(5 * GIB);
  });

  it("of a part is its share of the model and all of the work, and no more than the device has", () => {
    const one = residency({ transientBytes: GIB });
    one.spillBytes = GIB;
    const part = { device: "cuda:0", share: 0.5, mostBytes: 10 * GIB } as const;
    expect(partBytes(one, part)).toBe(2.5 * GIB);
    expect(partBytes(one, { ...part, mostBytes: 2 * GIB })).toBe(2 * GIB);
    expect(shareOf({ ...part, share: 1 }, 7.5)).toBe(7.5);
    expect(shareOf({ ...part, share: 0.3 }, 11)).toBe(4);
  });

  it("is where its parts are", () => {
    const one = residency();
    expect(devicesOf(one)).toEqual([]);
    one.parts = wholeOn("cuda:1");
    expect(devicesOf(one)).toEqual(["cuda:1"]);
    expect(partOn(one, "cuda:1")).toEqual({
      device: "cuda:1",
      share: 1,
      mostBytes: Number.POSITIVE_INFINITY,
    });
    expect(partOn(one, "cuda:0")).toBeUndefined();
  });
});

describe("what a state means", () => {
  const STATES: readonly ResidencyState[] = [
    "cold",
    "reserved",
    "loading",
    "ready",
    "draining",
    "unloading",
    "failed",
    "suspect",
  ];
  const which = (holds: (one: Residency) => boolean): ResidencyState[] =>
    STATES.filter((state) => holds({ ...residency(), state }));

  it("for plans, and for memory", () => {
    expect(which(isCommitted)).toEqual(["reserved", "loading", "ready", "suspect"]);
    expect(which(isPresent)).toEqual(["loading", "ready", "draining", "unloading", "suspect"]);
  });

  it("an operator's word weighs more than what is configured", () => {
    expect([residency(), residency({ pinned: true })].map(isPinned)).toEqual([false, true]);
    expect(isPinned({ ...residency({ pinned: true }), pin: false })).toBe(false);
    expect(isPinned({ ...residency(), pin: true })).toBe(true);
  });

  it("is idle without leases, without jobs of others, and without a waiter", () => {
    const one = residency();
    expect(isIdle(one)).toBe(true);
    expect(isIdle({ ...one, leases: 1 })).toBe(false);
    expect(isIdle({ ...one, strangers: 1 })).toBe(false);
    const waited = residency();
    waits(waited, 5);
    expect(isIdle(waited)).toBe(false);
    expect([isUnserved(one), isUnserved(waited), isUnserved({ ...waited, served: true })]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it("claims a turn since its head came, or since it was made to go where that is later", () => {
    const one = residency();
    expect(claimMs(one)).toBe(Number.POSITIVE_INFINITY);
    waits(one, 50);
    expect(claimMs(one)).toBe(50);
    one.quantumEndMs = 80;
    expect(claimMs(one)).toBe(80);
    one.quantumEndMs = 20;
    expect(claimMs(one)).toBe(50);
  });

  it("is a twin of the same model with other options at the same backend, and of no other", () => {
    const of = (model: string, backend: string, key: string): Residency =>
      createResidency(fakeNeed(model, 1, { spec: { key, backend, model, options: {} } }));
    const one = of("m", "x", "k1");
    expect(areTwins(one, of("m", "x", "k2"))).toBe(true);
    expect(areTwins(one, of("n", "x", "k2"))).toBe(false);
    expect(areTwins(one, of("m", "y", "k2"))).toBe(false);
    expect(areTwins(one, one)).toBe(false);
  });
});

describe("when the next request is expected", () => {
  const after = (gapMs: number | undefined, strayMs: number | undefined, sinceMs: number): number =>
    expectedInMs({ ...residency(), gapMs, strayMs, lastArrivalMs: 1_000 }, 1_000 + sinceMs);

  it.each<[string, number | undefined, number | undefined, number, number]>([
    ["a gap after the last, where arrivals keep time", 10_000, 0, 4_000, 6_000],
    ["at once, where it is due", 10_000, 0, 9_999, 1],
    ["after as long as it has stayed away, where it is overdue", 10_000, 0, 25_000, 25_000],
    ["a gap from now, where arrivals do not keep time", 10_000, 10_000, 4_000, 10_000],
    ["a gap from now, where half of the gap is no certainty", 10_000, 5_000, 4_000, 10_000],
    ["in between, where they nearly keep time", 10_000, 2_500, 4_000, 8_000],
    ["soon, where it is a little late", 10_000, 2_500, 12_000, 6_000.5],
    ["a minute from now, where it came once", undefined, undefined, 4_000, 60_000],
    ["after longer than a minute of silence, where it came once", undefined, undefined, 90_000, 90_000],
  ])("%s", (_, gapMs, strayMs, sinceMs, expected) => {
    expect(after(gapMs, strayMs, sinceMs)).toBeCloseTo(expected, 6);
  });

  it("is a minute from now where it never came", () => {
    expect(expectedInMs(residency(), 5_000)).toBe(60_000);
  });
});

it("keeping a model is worth its load, over its bytes and the time until it is wanted", () => {
  const of = (more: Partial<ModelNeed>): number => worth(residency(more), 1_000) * 60_000;
  expect(of({ loadCostMs: 8_000, bytes: 4_000 })).toBeCloseTo(2, 9);
  expect(of({ loadCostMs: 8_000, bytes: 8_000 })).toBeCloseTo(1, 9);
  expect(of({ loadCostMs: 16_000, bytes: 4_000 })).toBeCloseTo(4, 9);
  expect(of({ loadCostMs: 8_000, bytes: 0 })).toBeCloseTo(8_000, 6);
});
