/** The wall clock is set while shared limits count. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { BUCKET, claim, DAY, FLIGHT, MINUTE, meter, settled } from "../testing/claims.ts";
import { SharedLimitsCore } from "./core.ts";

const NOON_MS = Date.UTC(2026, 10, 21, 12);
const DAY_MS = 86_400_000;
const AMOUNT = 5;
const midnightAfter = (nowMs: number): number => (Math.floor(nowMs / DAY_MS) + 1) * DAY_MS;
/** One unit of each shape. */
const one = (nowMs: number) => [
  meter("s", MINUTE, AMOUNT),
  meter("b", BUCKET, AMOUNT),
  meter("d", DAY, AMOUNT, 1, midnightAfter(nowMs)),
  meter("c", FLIGHT, AMOUNT),
];
const limits = () => new SharedLimitsCore({ leaseMs: 30_000, untilMs: () => 0 });
/** A jump that is no whole number of parts rounds to one, and then the part of a request in flight may be another. */
const wholeParts = (ms: number): number => Math.round(ms / 5_000) * 5_000;
const jumps = fc.oneof(
  fc.integer({ min: 60_000, max: 400 * DAY_MS }),
  fc.integer({ min: -400 * DAY_MS, max: -60_000 }),
);

it("grants what was left and no more, each shape for itself", () => {
  fc.assert(
    fc.property(jumps, fc.integer({ min: 0, max: AMOUNT }), (deltaMs, taken) => {
      for (const shape of [0, 1, 2, 3]) {
        const core = limits();
        const reserve = (ticket: string, nowMs: number): number =>
          core.reserve(ticket, [claim(one(nowMs).slice(shape, shape + 1))], nowMs).index;
        for (let ticket = 0; ticket < taken; ticket += 1) expect(reserve(`t${ticket}`, NOON_MS)).toBe(0);
        core.shift(deltaMs);
        const grants = Array.from({ length: AMOUNT + 1 }, (_, at) => reserve(`u${at}`, NOON_MS + deltaMs));
        expect(grants.filter((index) => index === 0)).toHaveLength(AMOUNT - taken);
      }
    }),
  );
});

it("gives back a day's units when the day would have ended, or at the calendar's next end if that is sooner", () => {
  const leftMs = midnightAfter(NOON_MS) - NOON_MS;
  fc.assert(
    fc.property(jumps, (deltaMs) => {
      const core = limits();
      const nowMs = NOON_MS + deltaMs;
      const day = (atMs: number) => claim([meter("d", DAY, 1, 1, midnightAfter(atMs))]);
      core.reserve("t", [day(NOON_MS)], NOON_MS);
      core.shift(deltaMs);
      const opensAtMs = Math.min(nowMs + leftMs, midnightAfter(nowMs));
      expect(core.reserve("u", [day(nowMs)], nowMs)).toEqual({ index: -1, opensAtMs });
      expect(core.reserve("u", [day(opensAtMs - 1)], opensAtMs - 1).index).toBe(-1);
      expect(core.reserve("u", [day(opensAtMs)], opensAtMs).index).toBe(0);
      const endMs = midnightAfter(opensAtMs);
      expect(core.reserve("v", [day(endMs - 1)], endMs - 1)).toEqual({ index: -1, opensAtMs: endMs });
    }),
  );
});

it("gives back what a request in flight did not use, and what a cancelled one took", () => {
  fc.assert(
    fc.property(jumps.map(wholeParts), fc.boolean(), (deltaMs, cancelled) => {
      const core = limits();
      const nowMs = NOON_MS + deltaMs;
      const whole = (atMs: number) =>
        one(atMs).map((each) => (each.id === "c" ? each : { ...each, need: AMOUNT }));
      core.reserve("t", [claim(whole(NOON_MS))], NOON_MS);
      core.shift(deltaMs);
      if (cancelled) core.cancel("t", nowMs);
      else
        core.settle(
          "t",
          whole(nowMs).map((each) => settled(each, 0, nowMs)),
          nowMs,
        );
      expect(core.reserve("u", [claim(whole(nowMs))], nowMs).index).toBe(0);
    }),
  );
});
