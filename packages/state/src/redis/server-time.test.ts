import type { SharedLimits } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { MINUTE, meter, settled } from "../testing/claims.ts";
import { inServerTime, serverTime } from "./server-time.ts";

const NOON_MS = Date.UTC(2026, 10, 21, 12);
const DAY_MS = 86_400_000;

/** A replica's clock beside a server's; `answers` false: the server is away. */
function world() {
  const at = { wallMs: NOON_MS, monotonicMs: 500, serverMs: NOON_MS + 3_000, answers: true };
  const time = serverTime(
    { nowMs: () => at.wallMs, monotonicMs: () => at.monotonicMs, after: () => () => {} },
    () => (at.answers ? Promise.resolve(at.serverMs) : Promise.reject(new Error("away"))),
  );
  return { at, time };
}

describe("the server's time", () => {
  it("is the own clock's while that differs by seconds, and the server's when it is far off", async () => {
    const { at, time } = world();
    await time.measure();
    expect(time.toServer(at.wallMs)).toBe(NOON_MS);
    at.serverMs += DAY_MS;
    await time.measure();
    expect(time.toServer(at.wallMs)).toBe(at.serverMs);
    expect(time.toOwn(at.serverMs)).toBe(at.wallMs);
  });

  it("does not move when the own clock is set, whether the server answers or not", async () => {
    for (const answers of [true, false]) {
      for (const byMs of [DAY_MS, -DAY_MS]) {
        const { at, time } = world();
        await time.measure();
        at.answers = answers;
        at.wallMs += byMs;
        expect(time.toServer(at.wallMs)).toBe(NOON_MS);
        await Promise.resolve();
        await Promise.resolve();
        expect(Math.abs(time.toServer(at.wallMs) - NOON_MS)).toBeLessThanOrEqual(3_000);
      }
    }
  });
});

it("carries each moment of a call over to the server's time, and the answer's back", async () => {
  const { at, time } = world();
  at.serverMs = NOON_MS + DAY_MS;
  await time.measure();
  const calls: unknown[] = [];
  const limits: SharedLimits = {
    async reserve(claims, nowMs) {
      calls.push([claims[0]?.meters[0]?.endsAtMs, nowMs]);
      return { index: -1, opensAtMs: nowMs + 60_000 };
    },
    settle: (_ticket, [one], nowMs) => void calls.push([one?.takenAtMs, one?.endsAtMs, nowMs]),
    correct: ([one], nowMs) => void calls.push([one?.endsAtMs, nowMs]),
    addUsed: ([one], nowMs) => void calls.push([one?.takenAtMs, one?.endsAtMs, nowMs]),
  };
  const shared = inServerTime(limits, time);
  const claimed = meter("m", MINUTE, 1, 1, NOON_MS + 9);
  const used = settled(claimed, 1, NOON_MS - 5);
  const grant = await shared.reserve([{ meters: [claimed], cooldowns: [] }], NOON_MS);
  shared.settle("t", [used], NOON_MS);
  shared.addUsed([used], NOON_MS);
  shared.correct([{ ...claimed, used: 1 }], NOON_MS);
  expect(grant).toEqual({ index: -1, opensAtMs: NOON_MS + 60_000 });
  const [taken, now, ends] = [-5, 0, 9].map((ms) => NOON_MS + DAY_MS + ms);
  expect(calls).toEqual([
    [ends, now],
    [taken, ends, now],
    [taken, ends, now],
    [ends, now],
  ]);
});
