/** The scripts against the reference: the same history must give the same answers and leave the same numbers. */
import { type Claim, COUNTED_ONLY, type MeterClaim, type MeterShape } from "@headgate/contract";
import fc from "fast-check";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../clock.ts";
import { SharedLimitsCore } from "../limits/core.ts";
import type { MeterState } from "../limits/rules.ts";
import { claim, meter, settled } from "../testing/claims.ts";
import { RedisServer, redisIsHere } from "../testing/redis-server.ts";
import { readRedisUrl } from "./address.ts";
import { redisLimits } from "./limits.ts";
import { RedisLink } from "./link.ts";

const START_MS = 1_800_000_000_000;
const LEASE_MS = 20_000;
const SHAPES: Readonly<Record<string, MeterShape>> = {
  s: { kind: "sliding", windowMs: 60_000, slices: 7 },
  b: { kind: "bucket", windowMs: 45_000 },
  d: { kind: "calendar" },
  c: { kind: "concurrency" },
};
/** The same meters as another version of the program counts them: other parts, another window. */
const WIDE: Readonly<Record<string, MeterShape>> = {
  s: { kind: "sliding", windowMs: 60_000, slices: 4 },
  b: { kind: "bucket", windowMs: 50_000 },
};
const shapeOf = (id: string, wide: boolean): MeterShape => ((wide && WIDE[id]) || SHAPES[id]) as MeterShape;
const DAY_MS = 90_000;
const endOf = (nowMs: number): number => (Math.floor(nowMs / DAY_MS) + 1) * DAY_MS;

const need = fc.record({ id: fc.constantFrom("s", "b", "d", "c"), need: fc.integer({ min: 0, max: 6 }) });
const fraction = fc.double({ min: 0, max: 12, noNaN: true });
const step = fc.record({
  // Forward mostly; a little back as other replicas' clocks are; far back as a clock that was set.
  afterMs: fc.oneof(
    { weight: 6, arbitrary: fc.nat(4_000) },
    { weight: 2, arbitrary: fc.integer({ min: -6_000, max: 100_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: -500_000, max: -5_000 }) },
  ),
  do: fc.constantFrom("reserve", "reserve", "reserve", "settle", "correct", "add"),
  claims: fc.array(fc.array(need, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }),
  cooldowns: fc.boolean(),
  used: fraction,
  pick: fc.nat(9),
  wide: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});

/** A sliding claim that counts by the minute, is only counted, or states the minute's first moment alone. */
function inPeriod(claim: MeterClaim, pick: number, nowMs: number): MeterClaim {
  if (claim.shape.kind !== "sliding" || pick % 4 === 0) return claim;
  const periodStartMs = Math.floor(nowMs / 60_000) * 60_000 - 250;
  switch (pick % 4) {
    case 1:
      return { ...claim, periodStartMs, byPeriod: true, endsAtMs: periodStartMs + 60_500 };
    case 2:
      return { ...claim, periodStartMs, amount: COUNTED_ONLY };
    default:
      return { ...claim, periodStartMs };
  }
}

describe.skipIf(!redisIsHere)("the scripts", () => {
  const server = new RedisServer();
  beforeAll(async () => void (await server.start()));
  afterAll(() => server.stop());

  it("equal the rules, number by number, on any history", async () => {
    let nowMs = START_MS;
    const clock = { ...systemClock, nowMs: () => nowMs };
    const link = new RedisLink(Redis, {
      address: readRedisUrl(server.url),
      clock,
      timeoutMs: 5_000,
      onDegraded: () => {},
      onRecovered: () => {},
      restore: async () => {},
    });
    await link.open();
    const untilMs = START_MS + 30_000;
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        nowMs = START_MS;
        runs += 1;
        const prefix = `{lua${runs}}:`;
        await link.redis.hset(`${prefix}cooldowns`, "cooling", `${untilMs} {}`);
        const core = new SharedLimitsCore({
          leaseMs: LEASE_MS,
          untilMs: (id) => (id === "cooling" ? untilMs : 0),
        });
        const warnings: string[] = [];
        const limits = redisLimits({
          link,
          clock,
          prefix,
          leaseMs: LEASE_MS,
          maxQueued: 1_000,
          warn: (message) => warnings.push(message),
        });
        const open: { here: string; there: string; claim: Claim; atMs: number }[] = [];
        for (const [number, { afterMs, do: what, claims, cooldowns, used, pick, wide }] of steps.entries()) {
          nowMs += afterMs;
          const meters = (wanted: (typeof claims)[number]) =>
            wanted.map(({ id, need }) =>
              inPeriod(
                meter(id, shapeOf(id, wide), 10, need, id === "d" ? endOf(nowMs) : undefined),
                pick,
                nowMs,
              ),
            );
          if (what === "reserve") {
            const requested = claims.map((wanted, i) =>
              claim(meters(wanted), cooldowns && i === 0 ? ["cooling"] : []),
            );
            const here = `h${number}`;
            const verdict = core.reserve(here, requested, nowMs);
            const { ticket: there, ...grant } = await limits.reserve(requested, nowMs);
            expect({ number, ...grant }).toEqual({ number, ...verdict });
            const taken = requested[verdict.index];
            if (taken !== undefined && there !== undefined)
              open.push({ here, there, claim: taken, atMs: nowMs });
            continue;
          }
          if (what === "settle") {
            const [one] = open.splice(pick % Math.max(1, open.length), 1);
            if (one === undefined) continue;
            const words = one.claim.meters.map((m) => settled(m, m.id === "c" ? 0 : used, one.atMs));
            core.settle(one.here, words, nowMs);
            limits.settle(one.there, words, nowMs);
          } else {
            const [wanted = []] = claims;
            const [first] = meters(wanted);
            if (first === undefined) continue;
            const word = settled(first, used, nowMs - pick * 8_000);
            if (what === "correct") {
              core.correct([word], nowMs);
              limits.correct([word], nowMs);
            } else {
              core.addUsed([word], nowMs);
              limits.addUsed([word], nowMs);
            }
          }
          await limits.deliver();
        }
        limits.close();
        expect(warnings).toEqual([]);
        for (const id of Object.keys(SHAPES)) {
          const state = core.state(id);
          if (state !== undefined) expect(await kept(link.redis, `${prefix}l:`, id)).toEqual(plain(state));
        }
      }),
      { numRuns: 120 },
    );
    link.close();
  });

  it("leave nothing on the server that does not run out", async () => {
    const redis = new Redis(readRedisUrl(server.url).options);
    const keys = await redis.keys("*");
    for (const key of keys)
      if (!key.endsWith("cooldowns")) expect([key, await redis.pttl(key)]).not.toContain(-1);
    expect(keys.length).toBeGreaterThan(10);
    redis.disconnect();
  });
});

/** A state as numbers, without what only one side writes down. */
function plain(state: MeterState): unknown {
  if (state.kind === "concurrency") {
    return [...state.leases.values()]
      .filter((lease) => lease.need > 0)
      .map((lease) => [lease.need, lease.expiresAtMs])
      .toSorted(byText);
  }
  if (state.kind === "sliding") {
    const parts: [number, number][] = [];
    for (let index = state.first; index < state.parts.length; index += 2) {
      const [part = Number.NaN, units = Number.NaN] = state.parts.slice(index, index + 2);
      if (units > 0) parts.push([part, units]);
    }
    return { t: state.atMs, parts };
  }
  if (state.kind === "bucket") return { t: state.atMs, u: state.used, a: state.amount };
  return { t: state.atMs, u: state.used, s: state.sinceMs, e: state.endsAtMs };
}

async function kept(redis: Redis, prefix: string, id: string): Promise<unknown> {
  if (id === "c") {
    const flat = await redis.zrange(`${prefix}c:c`, "0", "-1", "WITHSCORES");
    const leases = new Map<string, [number, number]>();
    for (let i = 0; i < flat.length; i += 2) {
      const [ticket = ""] = (flat[i] ?? "").split("#");
      leases.set(ticket, [(leases.get(ticket)?.[0] ?? 0) + 1, Number(flat[i + 1])]);
    }
    return [...leases.values()].toSorted(byText);
  }
  const { k: _, p: __, ...fields } = await redis.hgetall(`${prefix}${id}:${id}`);
  const numbers = Object.entries(fields).map(([name, text]) => [name, Number(text)] as const);
  if (id !== "s") return Object.fromEntries(numbers);
  const parts = numbers.filter(([name, units]) => name !== "t" && units > 0);
  return { t: Number(fields.t), parts: parts.map(([name, units]) => [Number(name), units]) };
}

const byText = (a: unknown, b: unknown): number => JSON.stringify(a).localeCompare(JSON.stringify(b));
