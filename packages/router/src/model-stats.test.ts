import { describe, expect, it } from "vitest";
import {
  fade,
  learnAnswer,
  learnFailure,
  MIN_CALIBRATING_TOKENS,
  type ModelStats,
  newStats,
  restoreStats,
} from "./model-stats.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const HOUR_MS = 3_600_000;
const learned = (...answers: Partial<Parameters<typeof learnAnswer>[1]>[]): ModelStats => {
  const stats = newStats();
  for (const answer of answers) learnAnswer(stats, { promptChars: 0, ...answer }, NOW);
  return stats;
};

describe("averages over answers", () => {
  it("begin with the first answer and move by a tenth with each further one", () => {
    expect(learned({ outputTokens: 100 }).outputTokens).toBe(100);
    expect(learned({ outputTokens: 100 }, { outputTokens: 200 }).outputTokens).toBeCloseTo(110, 9);
    expect(learned({ firstTokenMs: 500 }, { firstTokenMs: 300 }).firstTokenMs).toBeCloseTo(480, 9);
  });

  it("stay as they are where an answer says nothing", () => {
    expect(learned({})).toEqual({ ...newStats(), successes: 2, fadedAtMs: NOW });
    expect(learned({ outputTokens: 100 }, { outputTokens: 0 }).outputTokens).toBe(100);
  });

  it("of speed count the tokens of an answer over the time that they were written in", () => {
    const answer = { outputTokens: 50, firstTokenMs: 1_000, durationMs: 3_000 };
    expect(learned(answer).tokensPerS).toBe(25);
    expect(learned({ ...answer, durationMs: 1_000 }).tokensPerS).toBe(0);
    expect(learned({ ...answer, durationMs: undefined }).tokensPerS).toBe(0);
    expect(learned({ ...answer, firstTokenMs: undefined }).tokensPerS).toBe(0);
    expect(learned({ ...answer, outputTokens: 1 }).tokensPerS).toBe(0);
    expect(learned({ ...answer, outputTokens: 2 }).tokensPerS).toBe(1);
  });

  it("of characters a token begin at four, and learn from prompts of some length alone", () => {
    expect(learned({ promptChars: 400, inputTokens: 200 }).charsPerToken).toBeCloseTo(3.8, 9);
    expect(learned({ promptChars: 399, inputTokens: 200 }).charsPerToken).toBe(4);
    expect(learned({ promptChars: 400, inputTokens: 0 }).charsPerToken).toBe(4);
    expect(learned({ promptChars: 4_000, inputTokens: 10 }).charsPerToken).toBeCloseTo(4.4, 9);
    expect(learned({ promptChars: 400, inputTokens: 4_000 }).charsPerToken).toBeCloseTo(3.75, 9);
    expect(MIN_CALIBRATING_TOKENS).toBe(50);
  });
});

describe("successes and failures", () => {
  it("begin at a guess of one each and count half after an hour", () => {
    const stats = newStats();
    for (let call = 0; call < 4; call += 1) learnAnswer(stats, { promptChars: 0 }, NOW);
    for (let call = 0; call < 2; call += 1) learnFailure(stats, NOW);
    expect(stats).toMatchObject({ successes: 5, failures: 3 });
    fade(stats, NOW + HOUR_MS);
    expect(stats).toMatchObject({ successes: 3, failures: 2 });
    fade(stats, NOW + 3 * HOUR_MS);
    expect(stats).toMatchObject({ successes: 1.5, failures: 1.25 });
  });

  it("are faded before one more is counted", () => {
    const stats = learned({}, {});
    learnFailure(stats, NOW + HOUR_MS);
    expect(stats).toMatchObject({ successes: 2, failures: 2 });
    learnAnswer(stats, { promptChars: 0 }, NOW + 2 * HOUR_MS);
    expect(stats).toMatchObject({ successes: 2.5, failures: 1.5 });
  });

  it("do not change when the clock stands or goes back, nor before anything was counted", () => {
    const stats = learned({});
    fade(stats, NOW);
    fade(stats, NOW - HOUR_MS);
    expect(stats).toMatchObject({ successes: 2, fadedAtMs: NOW });
    const unused: ModelStats = { ...newStats(), successes: 9 };
    fade(unused, NOW);
    expect(unused).toMatchObject({ successes: 9, fadedAtMs: NOW });
  });
});

describe("stats out of a store", () => {
  const restored = (data: unknown): ModelStats => {
    const stats = newStats();
    restoreStats(stats, typeof data === "string" ? data : JSON.stringify(data));
    return stats;
  };

  it("are as they were", () => {
    const stats = learned({ outputTokens: 9, firstTokenMs: 8, durationMs: 17 });
    expect(restored(stats)).toEqual(stats);
  });

  it("are kept within what is possible", () => {
    expect(restored({ charsPerToken: 0, successes: 0, failures: 0.5 })).toMatchObject({
      charsPerToken: 1.5,
      successes: 1,
      failures: 1,
    });
    expect(restored({ charsPerToken: 99 }).charsPerToken).toBe(8);
  });

  it("begin anew where they are damaged, number by number", () => {
    for (const data of ["", "null", "7", "[]", '{"outputTokens":'])
      expect(restored(data)).toEqual(newStats());
    expect(restored({ outputTokens: "9", firstTokenMs: -1, tokensPerS: null, successes: 3 })).toEqual({
      ...newStats(),
      successes: 3,
    });
    expect(restored({ unheard: 5, outputTokens: 0 })).toEqual(newStats());
  });
});
