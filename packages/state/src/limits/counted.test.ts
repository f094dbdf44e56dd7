/** Claims by the full minute, and claims that are only counted. */
import { COUNTED_ONLY, type MeterClaim } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { claim, meter } from "../testing/claims.ts";
import { SharedLimitsCore } from "./core.ts";

const START_MS = 1_800_000_000_000;
const SLIDING = { kind: "sliding", windowMs: 60_000, slices: 240 } as const;
const limits = (): SharedLimitsCore => new SharedLimitsCore({ leaseMs: 30_000, untilMs: () => 0 });
const byMinute = (nowMs: number, amount: number): MeterClaim => {
  const periodStartMs = Math.floor(nowMs / 60_000) * 60_000;
  return { ...meter("m", SLIDING, amount), periodStartMs, byPeriod: true, endsAtMs: periodStartMs + 60_000 };
};

describe("a claim by the full minute", () => {
  it("is granted when the minute has room, though a window would be full", () => {
    const core = limits();
    for (let at = 0; at < 3; at += 1)
      expect(core.reserve(`t${at}`, [claim([byMinute(START_MS + 59_000, 3)])], START_MS + 59_000).index).toBe(
        0,
      );
    const full = core.reserve("t3", [claim([byMinute(START_MS + 59_500, 3)])], START_MS + 59_500);
    expect(full).toEqual({ index: -1, opensAtMs: START_MS + 60_000 });
    expect(core.reserve("t4", [claim([byMinute(START_MS + 60_000, 3)])], START_MS + 60_000).index).toBe(0);
    expect(core.reserve("t5", [claim([meter("m", SLIDING, 3)])], START_MS + 60_000).index).toBe(-1);
  });
});

describe("a claim that is only counted", () => {
  it("is granted whatever is used, and states what all had used before it", () => {
    const core = limits();
    const counted = { ...meter("m", SLIDING, COUNTED_ONLY), periodStartMs: START_MS + 60_000 };
    for (let at = 0; at < 5; at += 1) core.reserve(`t${at}`, [claim([counted])], START_MS + 50_000);
    expect(core.reserve("t5", [claim([counted])], START_MS + 61_000)).toEqual({
      index: 0,
      counted: [[5, 0]],
    });
    expect(core.reserve("t6", [claim([counted])], START_MS + 62_000)).toEqual({
      index: 0,
      counted: [[6, 1]],
    });
  });
});
