/** What must hold for every history, checked against a plain list of what was taken when. */
import type { Claim, MeterClaim } from "@headgate/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BUCKET, claim, DAY, FLIGHT, meter, settled } from "../testing/claims.ts";
import { SharedLimitsCore } from "./core.ts";
import { type MeterState, SKEW_MS, usedOf } from "./rules.ts";

const START_MS = 1_800_000_000_000;
const WINDOW_MS = 60_000;
const SLICES = 6;
const SLIDING = { kind: "sliding", windowMs: WINDOW_MS, slices: SLICES } as const;
const LEASE_MS = 30_000;
const AMOUNT = 20;
const DAY_MS = 100_000;

const limits = (): SharedLimitsCore => new SharedLimitsCore({ leaseMs: LEASE_MS, untilMs: () => 0 });
const used = (state: MeterState | undefined): number => (state === undefined ? 0 : usedOf(state));
/** The next end of a period, as a router would state it. */
const endOf = (nowMs: number): number => (Math.floor(nowMs / DAY_MS) + 1) * DAY_MS;

interface Step {
  readonly afterMs: number;
  readonly do: "reserve" | "settle" | "again" | "cancel" | "abandon";
  readonly need: number;
  /** Of what was needed, what was really used. */
  readonly share: number;
  readonly pick: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  afterMs: fc.oneof(fc.constant(0), fc.nat(3_000), fc.nat(WINDOW_MS * 2)),
  do: fc.constantFrom("reserve", "reserve", "reserve", "settle", "again", "cancel", "abandon"),
  need: fc.integer({ min: 1, max: AMOUNT + 1 }),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
  pick: fc.nat(20),
});

interface Take {
  readonly ticket: string;
  readonly atMs: number;
  readonly meters: readonly MeterClaim[];
  need: number;
}

/** Plays a history on a clock that only goes forward, and keeps the plain list. */
function play(
  steps: readonly Step[],
  check: (core: SharedLimitsCore, takes: readonly Take[], open: Map<string, Take>, nowMs: number) => void,
) {
  const core = limits();
  const takes: Take[] = [];
  const open = new Map<string, Take>();
  const done: Take[] = [];
  let nowMs = START_MS;
  for (const [number, { afterMs, do: what, need, share, pick }] of steps.entries()) {
    nowMs += afterMs;
    for (const [ticket, { atMs }] of open) if (atMs + LEASE_MS <= nowMs) open.delete(ticket);
    if (what === "reserve") {
      const ticket = `t${number}`;
      const meters = [
        meter("s", SLIDING, AMOUNT, need),
        meter("b", BUCKET, AMOUNT, need),
        meter("d", DAY, AMOUNT * 2, need, endOf(nowMs)),
        meter("c", FLIGHT, 3),
      ];
      if (core.reserve(ticket, [claim(meters)], nowMs).index === 0) {
        const take = { ticket, atMs: nowMs, meters, need };
        takes.push(take);
        open.set(ticket, take);
      }
    } else {
      const among = what === "again" ? done : [...open.values()];
      const take = among[pick % Math.max(1, among.length)];
      if (take === undefined) continue;
      const really = Math.floor(take.need * share);
      const settlements = take.meters.map((one) => settled(one, one.id === "c" ? 0 : really, take.atMs));
      if (what === "again") expect(core.settle(take.ticket, settlements, nowMs)).toBe(false);
      else {
        if (what === "settle") expect(core.settle(take.ticket, settlements, nowMs)).toBe(true);
        else if (what === "cancel") core.cancel(take.ticket, nowMs);
        else core.abandon(take.ticket, nowMs);
        if (what === "settle") take.need = really;
        if (what === "cancel") take.need = 0;
        open.delete(take.ticket);
        done.push(take);
      }
    }
    check(core, takes, open, nowMs);
  }
}

const sum = (takes: readonly Take[], from: (take: Take) => boolean): number =>
  takes.reduce((total, take) => total + (from(take) ? take.need : 0), 0);

describe("limits", () => {
  it("never gives out more than a limit, whatever is reserved, settled, repeated or given up", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        play(steps, (core, takes, open, nowMs) => {
          expect(sum(takes, ({ atMs }) => atMs > nowMs - WINDOW_MS)).toBeLessThanOrEqual(AMOUNT);
          expect(sum(takes, ({ atMs }) => endOf(atMs) === endOf(nowMs))).toBeLessThanOrEqual(AMOUNT * 2);
          expect(open.size).toBeLessThanOrEqual(3);
          for (const id of ["s", "b", "d", "c"]) expect(used(core.state(id))).toBeGreaterThanOrEqual(0);
          expect(used(core.state("s"))).toBeLessThanOrEqual(AMOUNT);
        });
      }),
      { numRuns: 300 },
    );
  });

  it("lets no more out of a bucket in any period than its amount and what came back meanwhile", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        play(steps, (_core, takes, _open, nowMs) => {
          for (const { atMs: fromMs } of takes) {
            const back = ((nowMs - fromMs) * AMOUNT) / WINDOW_MS;
            expect(sum(takes, ({ atMs }) => atMs >= fromMs)).toBeLessThanOrEqual(AMOUNT + back + 1e-6);
          }
        });
      }),
      { numRuns: 150 },
    );
  });

  it("gives everything back: after a quiet window the whole amount fits", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let end = START_MS;
        let core = limits();
        play(steps, (played, _takes, _open, nowMs) => {
          core = played;
          end = nowMs;
        });
        const laterMs = end + WINDOW_MS + WINDOW_MS / SLICES + DAY_MS;
        const all = [
          meter("s", SLIDING, AMOUNT, AMOUNT),
          meter("b", BUCKET, AMOUNT, AMOUNT),
          meter("d", DAY, AMOUNT * 2, AMOUNT * 2, endOf(laterMs)),
          meter("c", FLIGHT, 3, 3),
        ];
        expect(core.reserve("last", [claim(all)], laterMs).index).toBe(0);
      }),
    );
  });

  it("freezes nothing longer than a window when the clock is set back, by however much", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 * 86_400_000 }),
        fc.integer({ min: 1, max: AMOUNT }),
        (backMs, need) => {
          const core = limits();
          const full = (nowMs: number, amount = AMOUNT): Claim =>
            claim([
              meter("s", SLIDING, AMOUNT, amount),
              meter("b", BUCKET, AMOUNT, amount),
              meter("d", DAY, AMOUNT, amount, endOf(nowMs)),
              meter("c", FLIGHT, AMOUNT, amount),
            ]);
          expect(core.reserve("before", [full(START_MS)], START_MS).index).toBe(0);
          const setBackMs = START_MS - backMs;
          // What was taken still counts …
          expect(core.reserve("at once", [full(setBackMs, need)], setBackMs).index).toBe(-1);
          // … and is back a window (or a period) later.
          const longestMs = Math.max(WINDOW_MS + WINDOW_MS / SLICES, LEASE_MS, DAY_MS) + 2 * SKEW_MS;
          expect(core.reserve("later", [full(setBackMs + longestMs)], setBackMs + longestMs).index).toBe(0);
        },
      ),
    );
  });

  it("overtakes nothing when replicas' clocks differ by a few seconds", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(4_000), fc.nat(SKEW_MS)), { maxLength: 60 }), (reservations) => {
        const core = limits();
        const takenMs: number[] = [];
        let trueMs = START_MS;
        for (const [number, [afterMs, behindMs]] of reservations.entries()) {
          trueMs += afterMs;
          const nowMs = trueMs - behindMs;
          const wanted = claim([meter("s", SLIDING, 5), meter("d", DAY, 8, 1, endOf(nowMs))]);
          if (core.reserve(`t${number}`, [wanted], nowMs).index === 0) takenMs.push(trueMs);
          // Counted by the shared limits' own clock, which is at most the true one and SKEW_MS behind.
          expect(takenMs.filter((atMs) => atMs > trueMs - WINDOW_MS + SKEW_MS).length).toBeLessThanOrEqual(5);
        }
      }),
    );
  });

  it("begins a calendar period anew at its end, on days of 23 and of 25 hours too", () => {
    const hour = 3_600_000;
    for (const hours of [23, 24, 25]) {
      const core = limits();
      const endsAtMs = START_MS + hours * hour;
      const wanted = (ends: number) => [claim([meter("rpd", DAY, 1, 1, ends)])];
      expect(core.reserve("a", wanted(endsAtMs), START_MS).index).toBe(0);
      expect(core.reserve("b", wanted(endsAtMs), endsAtMs - 1)).toEqual({ index: -1, opensAtMs: endsAtMs });
      expect(core.reserve("c", wanted(endsAtMs + 24 * hour), endsAtMs).index).toBe(0);
      // A settlement of the day before changes nothing of this one.
      core.settle("a", [settled(meter("rpd", DAY, 1, 1, endsAtMs), 0, START_MS)], endsAtMs + 1);
      expect(core.reserve("d", wanted(endsAtMs + 24 * hour), endsAtMs + 2).index).toBe(-1);
    }
  });

  it("never makes a long outage's use of a bucket cost more than one window", () => {
    const core = limits();
    const tpm = meter("tpm", BUCKET, 100, 1);
    expect(core.reserve("a", [claim([tpm])], START_MS).index).toBe(0);
    core.addUsed([settled(tpm, 10_000, START_MS)], START_MS + 1);
    expect(core.reserve("b", [claim([tpm])], START_MS + 2).index).toBe(-1);
    expect(core.reserve("c", [claim([tpm])], START_MS + 1_000).index).toBe(0);
  });
});
