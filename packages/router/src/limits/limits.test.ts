import type { Limit } from "@headgate/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RequestFacts } from "../facts.ts";
import { Memory } from "../memory.ts";
import { admit } from "../plan.ts";
import { begin, type Result, settle } from "../settle.ts";
import { candidatesWith } from "../table.fixture.ts";
import type { Reservation } from "./reserve.ts";

const START = Date.UTC(2026, 10, 21, 12);
const LIMITS: readonly Limit[] = [
  { scope: "model", unit: "requests", window: "minute", amount: 8 },
  { scope: "account", unit: "requests", window: "hour", amount: 40, reset: "bucket" },
  { scope: "account", unit: "tokens", window: "day", amount: 20_000, reset: "00:00 America/Los_Angeles" },
  { scope: "account", unit: "concurrency", amount: 3 },
];

const facts = (promptTokens: number): RequestFacts => ({
  model: "a",
  operation: "chat",
  needs: 0,
  promptTokens,
  maxOutputTokens: 50,
});

type Step =
  | { readonly do: "begin"; readonly candidate: number; readonly tokens: number }
  | { readonly do: "settle"; readonly which: number; readonly how: number; readonly twice: boolean }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "restart" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("begin" as const),
      candidate: fc.integer({ min: 0, max: 1 }),
      tokens: fc.integer({ min: 1, max: 3_000 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("settle" as const),
      which: fc.nat(),
      how: fc.integer({ min: 0, max: 4 }),
      twice: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 90_000 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "restart" as const }) },
);

/** Never more than was reserved: how far an answer outgrows its estimate is not the shared limits' doing. */
const RESULTS: readonly ((tokens: number) => Result)[] = [
  (tokens) => ({ usage: { inputTokens: tokens, outputTokens: 20 } }),
  () => ({ failure: { class: "server_error", scope: "request", message: "it broke" } }),
  () => ({ failure: { class: "timeout", scope: "request", message: "too slow" } }),
  () => ({ cancelled: true }),
  () => ({ unused: true }),
];

/** What an exact clerk would have written down. */
interface Written {
  readonly atMs: number;
  readonly candidate: number;
  tokens: number;
  requests: number;
  open: boolean;
}

function expectWithin(written: readonly Written[], nowMs: number): void {
  for (const candidate of [0, 1]) {
    const lastMinute = written.filter((one) => one.candidate === candidate && one.atMs > nowMs - 60_000);
    expect(lastMinute.reduce((sum, { requests }) => sum + requests, 0)).toBeLessThanOrEqual(8);
  }
  // Los Angeles' day ends at 08:00 UTC; no sequence of steps lasts that long.
  expect(written.reduce((sum, { tokens }) => sum + tokens, 0)).toBeLessThanOrEqual(20_000);
  expect(written.filter(({ open }) => open).length).toBeLessThanOrEqual(3);
}

describe("the shared limits, whatever happens in whatever order", () => {
  it("holds every limit, settles once, never counts below nothing, and outlives a restart", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let memory = new Memory();
        let candidates = candidatesWith(LIMITS, memory);
        let nowMs = START;
        const written: Written[] = [];
        let open: { readonly reservation: Reservation; readonly tokens: number; readonly entry: Written }[] =
          [];
        for (const one of steps) {
          switch (one.do) {
            case "wait":
              nowMs += one.ms;
              break;
            case "restart": {
              const meters = memory.changedMeters(nowMs);
              memory = new Memory();
              memory.restore({ cooldowns: [], meters: [...kept(meters), ...meters] }, nowMs);
              candidates = candidatesWith(LIMITS, memory);
              // What was in flight never settles; it stays counted as it was reserved.
              for (const { entry } of open) entry.open = false;
              open = [];
              break;
            }
            case "begin": {
              const candidate = candidates[one.candidate];
              if (candidate === undefined) break;
              const { need, skip } = admit(candidate, facts(one.tokens), nowMs, true);
              if (skip !== undefined) break;
              const entry = {
                atMs: nowMs,
                candidate: one.candidate,
                tokens: need.tokens,
                requests: 1,
                open: true,
              };
              written.push(entry);
              open.push({ reservation: begin(candidate, need, nowMs), tokens: one.tokens, entry });
              break;
            }
            case "settle": {
              const [done] = open.splice(one.which % Math.max(1, open.length), 1);
              if (done === undefined) break;
              const { reservation, tokens, entry } = done;
              const result = RESULTS[one.how]?.(tokens) ?? {};
              settle(reservation, facts(tokens), result, nowMs);
              if (one.twice) settle(reservation, facts(tokens), result, nowMs);
              entry.open = false;
              if (result.usage !== undefined) entry.tokens = tokens + 20;
              else if (result.unused === true) entry.requests = 0;
              if (result.unused === true || result.failure?.class === "server_error") entry.tokens = 0;
            }
          }
          expectWithin(written, nowMs);
          for (const candidate of candidates)
            for (const meter of candidate.meters()) {
              expect(meter.used(nowMs)).toBeGreaterThanOrEqual(0);
              expect(meter.pending).toBeGreaterThanOrEqual(0);
            }
        }

        /** A store keeps the last record of each meter, changed since or not. */
        function kept(changed: readonly { readonly id: string }[]) {
          const fresh = new Set(changed.map(({ id }) => id));
          return candidates.flatMap((candidate) =>
            candidate
              .meters()
              .filter(({ spec }) => !fresh.has(spec.id))
              .map((meter) => meter.record(nowMs)),
          );
        }
      }),
      { numRuns: 200 },
    );
  });

  it("counts the same after the clock was set while nothing happened", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9_000 }), { maxLength: 12 }),
        fc.integer({ min: -3_600_000, max: 3_600_000 }),
        (waits, deltaMs) => {
          const memory = new Memory();
          const [candidate] = candidatesWith(LIMITS.slice(0, 2), memory);
          if (candidate === undefined) throw new Error("no candidate");
          let nowMs = START;
          for (const ms of waits) {
            nowMs += ms;
            const { need, skip } = admit(candidate, facts(1), nowMs, true);
            if (skip === undefined) settle(begin(candidate, need, nowMs), facts(1), {}, nowMs);
          }
          const before = candidate.meters().map((meter) => meter.used(nowMs));
          memory.shift(deltaMs);
          const after = candidate.meters().map((meter) => meter.used(nowMs + deltaMs));
          for (const [at, used] of after.entries())
            expect(Math.abs(used - (before[at] ?? 0))).toBeLessThan(1.01);
        },
      ),
    );
  });
});
