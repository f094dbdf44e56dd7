import type { Deployment, Limit, Strategy } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { Candidate } from "./candidate.ts";
import { Memory } from "./memory.ts";
import { headroomOf, isScored, type Scored, STRATEGIES, scoreOf } from "./score.ts";
import { candidatesWith, tableOf } from "./table.fixture.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const SCORED: readonly Scored[] = ["balanced", "fastest", "smartest", "cheapest", "reliable"];

function candidate(more: Partial<Deployment> = {}): Candidate {
  const { deployments, providers } = tableOf([{ alias: "a", provider: "p" }]);
  const [deployment] = deployments;
  const [provider] = providers;
  if (deployment === undefined || provider === undefined) throw new Error("the table has both");
  return new Candidate({ ...deployment, ...more }, provider, -1, "p@", new Memory());
}
const partsOf = (one: Candidate) => scoreOf(one, "balanced", NOW);

describe("the parts of a score", () => {
  it("reliability is the mean of successes and failures, faded with the hours", () => {
    const one = candidate();
    expect(partsOf(one).reliability).toBe(0.5);
    Object.assign(one.stats, { successes: 9, failures: 3, fadedAtMs: NOW });
    expect(partsOf(one).reliability).toBe(0.75);
    expect(scoreOf(one, "balanced", NOW + 3_600_000).reliability).toBe(5 / 7);
  });

  it("speed is halved at four seconds for 300 tokens, and is half where none is known", () => {
    const one = candidate();
    expect(partsOf(one).speed).toBe(0.5);
    one.stats.firstTokenMs = 1_000;
    expect(partsOf(one).speed).toBe(0.8);
    one.stats.tokensPerS = 100;
    expect(partsOf(one).speed).toBe(0.5);
    one.stats.firstTokenMs = 9_000;
    expect(partsOf(one).speed).toBe(0.25);
  });

  it("intelligence is from one to five, three where none is stated", () => {
    expect([1, 2, 3, 4, 5].map((intelligence) => partsOf(candidate({ intelligence })).intelligence)).toEqual([
      0, 0.25, 0.5, 0.75, 1,
    ]);
    expect(partsOf(candidate()).intelligence).toBe(0.5);
  });

  it("thrift goes by the tier where nothing is charged, and by the price where it is", () => {
    const price = (input: number, output: number) =>
      partsOf(candidate({ tier: "paid", price: { input, output } })).thrift;
    expect([price(0, 0), price(0.5, 1.5), price(2, 4)]).toEqual([0.3, 0.15, 0.075]);
    const tiers = ["free", "local", "subscription", "paid"] as const;
    expect(tiers.map((tier) => partsOf(candidate({ tier })).thrift)).toEqual([1, 0.9, 0.8, 0.1]);
    const dear = { input: 100, output: 500 };
    expect(tiers.slice(0, 3).map((tier) => partsOf(candidate({ tier, price: dear })).thrift)).toEqual([
      1, 0.9, 0.8,
    ]);
    expect(partsOf(candidate({ tier: "paid", price: { minute: 0.006 } })).thrift).toBe(0.1);
  });

  it("no price puts a paid model before one that costs nothing, where it was behind it without prices", () => {
    const free = candidate({ tier: "free", price: { input: 3, output: 15 }, intelligence: 2 });
    const unpriced = (candidate: Candidate, strategy: Scored): number => {
      const weights = {
        balanced: 4 / 11.5,
        fastest: 0.5 / 9.5,
        smartest: 0.5 / 11.5,
        cheapest: 10 / 13,
        reliable: 1 / 12.5,
      };
      const { total, thrift } = scoreOf(candidate, strategy, NOW);
      // Before prices were stated a paid model's thrift was 0.3.
      return total + (0.3 - thrift) * weights[strategy];
    };
    for (const strategy of SCORED)
      for (const intelligence of [1, 2, 3, 4, 5])
        for (const input of [0, 0.01, 0.1, 1, 10, 100]) {
          const paid = candidate({ tier: "paid", price: { input, output: input }, intelligence });
          const before = unpriced(paid, strategy) > scoreOf(free, strategy, NOW).total;
          const after = scoreOf(paid, strategy, NOW).total > scoreOf(free, strategy, NOW).total;
          expect(after && !before).toBe(false);
        }
  });

  it("headroom is what is left of the scarcest limit", () => {
    const limits: Limit[] = [
      { scope: "model", unit: "requests", window: "minute", amount: 10 },
      { scope: "account", unit: "requests", window: "day", amount: 4 },
    ];
    const [one] = candidatesWith(limits);
    expect(headroomOf(one, NOW)).toBe(1);
    for (const meter of one.meters()) meter.take(1, NOW);
    expect(headroomOf(one, NOW)).toBe(0.75);
    for (const meter of one.meters()) meter.take(7, NOW);
    expect(headroomOf(one, NOW)).toBe(0);
    const [unlimited] = candidatesWith([]);
    for (const meter of unlimited.meters()) meter.take(1_000, NOW);
    expect(headroomOf(unlimited, NOW)).toBe(1);
    expect(scoreOf(one, "balanced", NOW).headroom).toBe(0);
  });
});

describe("the score of a strategy", () => {
  /** reliability 0.75, speed 0.8, headroom 1, intelligence 1, thrift 0.15 */
  const known = (): Candidate => {
    const one = candidate({ tier: "paid", intelligence: 5, price: { input: 1, output: 1 } });
    Object.assign(one.stats, { successes: 3, failures: 1, fadedAtMs: NOW, firstTokenMs: 1_000 });
    return one;
  };

  it.each<[Scored, number]>([
    ["balanced", (3 * 0.75 + 1.5 * 0.8 + 1 + 2 + 4 * 0.15) / 11.5],
    ["fastest", (2 * 0.75 + 6 * 0.8 + 0.5 + 0.5 + 0.5 * 0.15) / 9.5],
    ["smartest", (2 * 0.75 + 0.5 * 0.8 + 0.5 + 8 + 0.5 * 0.15) / 11.5],
    ["cheapest", (0.75 + 0.5 * 0.8 + 1 + 0.5 + 10 * 0.15) / 13],
    ["reliable", (8 * 0.75 + 0.8 + 1.5 + 1 + 0.15) / 12.5],
  ])("%s weighs its parts so that the total is %d", (strategy, total) => {
    expect(scoreOf(known(), strategy, NOW).total).toBeCloseTo(total, 9);
  });

  it("lies between nothing and one, whatever is known", () => {
    const worst = candidate({ tier: "paid", intelligence: 1, price: { input: 1e9, output: 1e9 } });
    Object.assign(worst.stats, { successes: 1, failures: 1e9, fadedAtMs: NOW, firstTokenMs: 1e9 });
    const best = candidate({ intelligence: 5, price: { input: 0, output: 0 } });
    Object.assign(best.stats, { successes: 1e9, failures: 1, fadedAtMs: NOW, firstTokenMs: 0.001 });
    for (const strategy of SCORED) {
      expect(scoreOf(worst, strategy, NOW).total).toBeLessThan(0.15);
      expect(scoreOf(best, strategy, NOW).total).toBeGreaterThan(0.99);
    }
  });
});

describe("reliability with dice", () => {
  /** Numbers that look random and are the same each time (Lehmer, 1951). */
  const dice = (seed: number) => {
    let state = seed;
    return (): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
  };
  const samples = (successes: number, failures: number): number[] => {
    const one = candidate();
    const random = dice(7);
    return Array.from({ length: 4_000 }, () => {
      Object.assign(one.stats, { successes, failures, fadedAtMs: NOW });
      return scoreOf(one, "reliable", NOW, random).reliability;
    });
  };
  const moments = (values: readonly number[]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return { mean, variance };
  };

  it.each([
    [1, 1],
    [9, 3],
    [2, 40],
    [50, 2],
  ])("is drawn from Beta(%d, %d): seldom tried ones vary most", (a, b) => {
    const { mean, variance } = moments(samples(a, b));
    const expected = (a * b) / ((a + b) ** 2 * (a + b + 1));
    expect(Math.abs(mean - a / (a + b))).toBeLessThan(0.02);
    expect(variance / expected).toBeGreaterThan(0.85);
    expect(variance / expected).toBeLessThan(1.15);
    for (const value of samples(a, b).slice(0, 200)) {
      expect(value).toBeGreaterThan(0);
      expect(value).toBeLessThan(1);
    }
  });
});

it("strategies are these, and all but two of them are scores", () => {
  const all: Strategy[] = ["priority", "weighted", ...SCORED];
  expect([...STRATEGIES].sort()).toEqual([...all].sort());
  expect(all.filter(isScored)).toEqual(SCORED);
  expect(isScored(undefined)).toBe(false);
});
