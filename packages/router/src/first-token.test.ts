import { describe, expect, it } from "vitest";
import { firstTokenP95Ms, learnAnswer, newStats, restoreStats } from "./model-stats.ts";

const answered = (firstTokenMs: number, streamed: boolean) => ({ promptChars: 0, firstTokenMs, streamed });

describe("the time to first token", () => {
  it("is known from ten streams on, as their 95th percentile", () => {
    const stats = newStats();
    for (let ms = 1; ms <= 9; ms += 1) learnAnswer(stats, answered(ms, true), 0);
    expect(firstTokenP95Ms(stats)).toBeUndefined();
    for (let ms = 10; ms <= 20; ms += 1) learnAnswer(stats, answered(ms, true), 0);
    expect(firstTokenP95Ms(stats)).toBe(19);
  });

  it("counts no whole answers", () => {
    const stats = newStats();
    for (let round = 0; round < 30; round += 1) learnAnswer(stats, answered(9_000, false), 0);
    expect(firstTokenP95Ms(stats)).toBeUndefined();
  });

  it("forgets streams beyond the last forty", () => {
    const stats = newStats();
    for (let round = 0; round < 40; round += 1) learnAnswer(stats, answered(9_000, true), 0);
    for (let round = 0; round < 40; round += 1) learnAnswer(stats, answered(100, true), 0);
    expect(firstTokenP95Ms(stats)).toBe(100);
  });

  it("survives a restart, and damaged records are left out", () => {
    const stats = newStats();
    for (let round = 0; round < 12; round += 1) learnAnswer(stats, answered(700, true), 0);
    const again = newStats();
    restoreStats(again, JSON.stringify(stats));
    expect(firstTokenP95Ms(again)).toBe(700);
    const damaged = newStats();
    restoreStats(damaged, '{"firstTokensMs":[1,"x",null,-5,2],"firstTokenMs":7}');
    expect(damaged).toMatchObject({ firstTokensMs: [1, 2], firstTokenMs: 7 });
    restoreStats(damaged, '{"firstTokensMs":"none"}');
    expect(damaged.firstTokensMs).toEqual([1, 2]);
  });
});
