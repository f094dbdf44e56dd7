import { describe, expect, it } from "vitest";
import { lastsUntilMs, poolOf, type QuotaMeter, type QuotaSource, secondAccount } from "./quota.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const meter = (part: Partial<QuotaMeter> = {}): QuotaMeter => ({
  id: "a|requests/day",
  unit: "requests",
  amount: 100,
  left: 100,
  resetsAtMs: DAY_MS,
  windowMs: DAY_MS,
  ...part,
});
const source = (...meters: QuotaMeter[]): QuotaSource => ({ provider: "a", meters });
const rate = (requests: number, tokens = 0) => ({ requests, tokens });

describe("the pool", () => {
  it("counts a limit that several models share once", () => {
    const shared = meter({ left: 60 });
    expect(poolOf([source(shared), source(shared), source(meter({ id: "b", left: 5 }))]).requests).toBe(65);
  });

  it("is bounded by the scarcest limit of each source", () => {
    const account = meter({ id: "account", left: 50 });
    const sources = [
      source(account, meter({ id: "x", left: 30 })),
      source(account, meter({ id: "y", left: 40 })),
    ];
    expect(poolOf(sources).requests).toBe(50);
  });

  it("is unknown where a source has no such limit", () => {
    expect(poolOf([source(meter()), source()])).toEqual({ requests: null, tokens: null });
    expect(poolOf([])).toEqual({ requests: 0, tokens: 0 });
  });
});

describe("a forecast", () => {
  it("ends when what is left is used up at the rate", () => {
    expect(lastsUntilMs([source(meter({ left: 20 }))], rate(10), 0)).toBe(2 * HOUR_MS);
    expect(
      lastsUntilMs([source(meter({ left: 20 })), source(meter({ id: "b", left: 10 }))], rate(10), 0),
    ).toBe(3 * HOUR_MS);
  });

  it("counts tokens as the requests of the last hours had them", () => {
    const tokens = meter({ id: "t", unit: "tokens", amount: 9_000, left: 3_000 });
    expect(lastsUntilMs([source(meter(), tokens)], rate(10, 1_000), 0)).toBe(3 * HOUR_MS);
  });

  it("goes on where a limit resets in time", () => {
    const soon = meter({ left: 20, resetsAtMs: HOUR_MS, amount: 1_000 });
    expect(lastsUntilMs([source(soon)], rate(10), 0)).toBeNull();
    const small = meter({ left: 20, resetsAtMs: HOUR_MS, amount: 30 });
    expect(lastsUntilMs([source(small)], rate(10), 0)).toBe(4 * HOUR_MS);
  });

  it("says nothing without requests, and where a source has no limit", () => {
    expect(lastsUntilMs([source(meter())], rate(0), 0)).toBeNull();
    expect(lastsUntilMs([source(meter({ left: 1 })), source()], rate(100), 0)).toBeNull();
    expect(lastsUntilMs([], rate(1), 5)).toBe(5);
  });

  it("moves with a second account, whose shared limits stay shared", () => {
    const shared = meter({ left: 20 });
    const sources = [source(shared), source(shared)];
    const more = [...sources, ...secondAccount(sources, "a")];
    expect(poolOf(more).requests).toBe(120);
    expect(lastsUntilMs(more, rate(10), 0)).toBe(12 * HOUR_MS);
    expect(secondAccount(sources, "b")).toEqual([]);
  });
});
