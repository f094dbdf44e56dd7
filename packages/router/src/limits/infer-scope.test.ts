/** Which limit refusals are evidence of: the model's or its account's, of which window and unit, or none. */
import type { Limit } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import type { Candidate } from "../candidate.ts";
import { candidatesWith } from "../table.fixture.ts";
import {
  AT_ONCE,
  amountOf,
  answer,
  call,
  DAY_MS,
  end,
  HOUR_MS,
  MINUTE_MS,
  meterOf,
  NOON,
  refuse,
  start,
  UNLIMITED,
} from "./attempts.fixture.ts";

const ACCOUNT = "p@|requests/minute";
const OF_A = "p@/a|requests/minute";
const OF_B = "p@/b|requests/minute";
/** Begins a second after a full minute, and is far from the one before. */
const windowMs = (window: number): number => NOON + 1_000 + 2 * window * MINUTE_MS;
const minute = (amount: number, more: Partial<Limit> = {}): Limit => ({
  scope: "model",
  unit: "requests",
  window: "minute",
  amount,
  ...more,
});

/** In each window so many calls of the one model and of the other, and then a refusal of the first. */
function refusedAfter(
  [a, b]: readonly [Candidate, Candidate],
  counts: readonly (readonly [ofA: number, ofB: number])[],
  from = 0,
): void {
  for (const [at, [ofA, ofB]] of counts.entries()) {
    const nowMs = windowMs(from + at);
    answer(a, ofA, nowMs);
    answer(b, ofB, nowMs + 100);
    refuse(a, nowMs + 200);
  }
}

describe("refusals at one count of the account", () => {
  it("are its limit from one call of its other models on", () => {
    const both = candidatesWith([]);
    refusedAfter(both, [
      [9, 1],
      [5, 5],
      [2, 8],
    ]);
    expect([amountOf(both[0], ACCOUNT), amountOf(both[0], OF_A)]).toEqual([10, UNLIMITED]);
  });

  it("show nothing of it where no other model was called", () => {
    const both = candidatesWith([]);
    refusedAfter(both, [
      [5, 5],
      [2, 8],
      [10, 0],
    ]);
    expect([amountOf(both[0], ACCOUNT), amountOf(both[0], OF_A)]).toEqual([UNLIMITED, UNLIMITED]);
  });

  it("are the model's where they are at one count of that too", () => {
    const both = candidatesWith([]);
    refusedAfter(both, [
      [5, 5],
      [5, 5],
      [5, 5],
    ]);
    expect([amountOf(both[0], OF_A), amountOf(both[0], ACCOUNT)]).toEqual([5, UNLIMITED]);
  });

  it("are void once the model's limit explains them", () => {
    const [a, b] = candidatesWith([]);
    refusedAfter(
      [a, b],
      [
        [5, 5],
        [5, 5],
        [5, 5],
      ],
    );
    refusedAfter([b, a], [[8, 2]], 3);
    expect([amountOf(a, OF_A), amountOf(b, OF_B), amountOf(a, ACCOUNT)]).toEqual([5, UNLIMITED, UNLIMITED]);
  });

  it("are void where a limit of the model that is known explains them", () => {
    const both = candidatesWith([minute(10)]);
    refusedAfter(both, [
      [10, 5],
      [10, 5],
      [10, 5],
      [10, 5],
    ]);
    expect([amountOf(both[0], OF_A), amountOf(both[0], ACCOUNT)]).toEqual([10, UNLIMITED]);
  });

  it("are void where a test of the model's inferred limit explains them", () => {
    const both = candidatesWith([]);
    const meter = meterOf(both[0], OF_A);
    meter.learn(12, "refusals", NOON);
    for (let window = 0; window < 4; window += 1) {
      meter.learn(12, "refusals", windowMs(window));
      meter.limitProbe = { atMs: NOON, gapMs: MINUTE_MS, base: 10 };
      refusedAfter(both, [[10, 5]], window);
      expect(meter.amount).toBe(10);
    }
    expect(amountOf(both[0], ACCOUNT)).toBe(UNLIMITED);
  });

  it("just below a known limit of it say that this one is lower, whatever the model's count is", () => {
    const both = candidatesWith([]);
    const account = meterOf(both[0], ACCOUNT);
    account.learn(20, "header", NOON);
    refusedAfter(both, [
      [5, 14],
      [5, 14],
      [5, 14],
    ]);
    expect([account.amount, amountOf(both[0], OF_A)]).toEqual([19, UNLIMITED]);
  });

  it("further below a known limit of it are judged as if that were unknown", () => {
    const both = candidatesWith([]);
    meterOf(both[0], ACCOUNT).learn(20, "header", NOON);
    refusedAfter(both, [
      [5, 13],
      [5, 13],
      [5, 13],
    ]);
    expect([amountOf(both[0], ACCOUNT), amountOf(both[0], OF_A)]).toEqual([20, 5]);
  });

  it("are the model's where the fragment states both, in any order", () => {
    const both = candidatesWith([minute(100, { scope: "account" }), minute(50)]);
    refusedAfter(both, [
      [8, 30],
      [8, 3],
      [8, 12],
    ]);
    expect([amountOf(both[0], OF_A), amountOf(both[0], ACCOUNT)]).toEqual([8, 100]);
  });
});

describe("refusals of a day", () => {
  const refusedOnDays = (candidate: Candidate, count: number, days: number): void => {
    for (let day = 0; day < days; day += 1) {
      const nowMs = NOON + 1_000 + 2 * day * DAY_MS;
      // Some in each of several minutes, so that no minute explains them.
      for (let at = 0; at < count; at += 1) call(candidate, nowMs + at * 20_000);
      refuse(candidate, nowMs + HOUR_MS, { class: "daily_quota" });
    }
  };

  it("are a limit of the day, which is tested after a day", () => {
    const [candidate] = candidatesWith([]);
    refusedOnDays(candidate, 30, 3);
    const meter = meterOf(candidate, "p@/a|requests/day");
    const lastMs = NOON + 1_000 + 4 * DAY_MS + HOUR_MS;
    expect(meter).toMatchObject({
      amount: 30,
      learned: { from: "refusals" },
      limitProbe: { atMs: lastMs + DAY_MS, gapMs: DAY_MS },
    });
    expect([amountOf(candidate, OF_A), amountOf(candidate, ACCOUNT)]).toEqual([UNLIMITED, UNLIMITED]);
  });

  it("several on one day are one", () => {
    const [candidate] = candidatesWith([]);
    answer(candidate, 30, NOON);
    for (let hour = 1; hour < 9; hour += 1)
      refuse(candidate, NOON + hour * HOUR_MS, { class: "daily_quota" });
    expect(amountOf(candidate, "p@/a|requests/day")).toBe(UNLIMITED);
  });
});

describe("refusals teach nothing", () => {
  it("of tokens, however regular their count is", () => {
    const [candidate] = candidatesWith([
      { scope: "model", unit: "tokens", window: "minute", amount: 1_000_000 },
    ]);
    const meter = meterOf(candidate, "p@/a|tokens/minute");
    for (const [window, calls] of [5, 10, 20, 4].entries()) {
      answer(candidate, calls, windowMs(window));
      meter.setUsed(5_000, windowMs(window) + 100);
      refuse(candidate, windowMs(window) + 200);
    }
    expect([meter.amount, amountOf(candidate, OF_A)]).toEqual([1_000_000, UNLIMITED]);
  });

  it("after one that states figures: what was inferred so far is void", () => {
    const [candidate] = candidatesWith([]);
    for (let window = 0; window < 4; window += 1) {
      answer(candidate, 10, windowMs(window));
      const readings = [{ unit: "tokens", window: "minute", limit: 9_000, from: "header" }] as const;
      const failure = { class: "rate_limit", scope: "model", message: "no" } as const;
      call(candidate, windowMs(window) + 50, window === 2 ? { failure, readings } : { failure });
    }
    expect(amountOf(candidate, OF_A)).toBe(UNLIMITED);
  });

  it("where it is the server that failed", () => {
    const [a, b] = candidatesWith([]);
    for (let window = 0; window < 4; window += 1) {
      answer(a, 10, windowMs(window));
      const running = start(b, windowMs(window) + 50);
      const failure = { class: "server_error", scope: "model", message: "oops" } as const;
      call(a, windowMs(window) + 60, { ...AT_ONCE, failure });
      end(running, {}, windowMs(window) + 70);
    }
    expect(a.meters().map(({ amount }) => amount)).toEqual([UNLIMITED, UNLIMITED, UNLIMITED]);
  });
});

describe("how long a refused model stays away", () => {
  it("is until the refused window has room, not until another one has", () => {
    const [candidate] = candidatesWith([
      minute(3, { reset: "bucket" }),
      { scope: "model", unit: "requests", window: "day", amount: 3 },
    ]);
    answer(candidate, 3, NOON);
    refuse(candidate, NOON + 2);
    expect(candidate.opensAtMs).toBeGreaterThan(NOON + 19_000);
    expect(candidate.opensAtMs).toBeLessThanOrEqual(NOON + 20_002);
  });

  it("is as for any refusal where the request alone is more than the limit", () => {
    const [candidate] = candidatesWith([{ scope: "model", unit: "tokens", window: "minute", amount: 50 }]);
    refuse(candidate, NOON);
    expect(candidate.opensAtMs).toBe(NOON + 15_000);
  });
});
