import type { Failure, Limit } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import type { Candidate } from "../candidate.ts";
import type { RequestFacts } from "../facts.ts";
import { Memory } from "../memory.ts";
import { admit } from "../plan.ts";
import { begin, type Result, settle } from "../settle.ts";
import { candidatesWith } from "../table.fixture.ts";
import type { Meter } from "./meter.ts";
import { claimOf, countsOf, needFor, type Reservation } from "./reserve.ts";

const MINUTE_MS = 60_000;
const START = Date.UTC(2026, 10, 21, 12) + 1_000;
const FACTS: RequestFacts = { model: "a", operation: "chat", needs: 0, promptTokens: 100 };
const REFUSED: Failure = { class: "rate_limit", scope: "model", message: "Too Many Requests" };
const UNLIMITED = Number.POSITIVE_INFINITY;

const start = (candidate: Candidate, nowMs: number): Reservation =>
  begin(candidate, needFor(candidate, FACTS), nowMs);
const end = (reservation: Reservation, result: Result, nowMs: number): void =>
  void settle(reservation, FACTS, result, nowMs);
const call = (candidate: Candidate, nowMs: number, result: Result = {}): void =>
  end(start(candidate, nowMs), result, nowMs);
const open = (candidate: Candidate, nowMs: number): boolean =>
  admit(candidate, FACTS, nowMs, true).skip === undefined;

function meterOf(candidate: Candidate, id: string): Meter {
  const meter = candidate.meters().find(({ spec }) => spec.id === id);
  if (meter === undefined)
    throw new Error(`${id} is not among ${candidate.meters().map(({ spec }) => spec.id)}`);
  return meter;
}
const minuteOf = (candidate: Candidate): Meter => meterOf(candidate, "p@/a|requests/minute");

/** Calls for as long as the candidate is open, each answered up to `limit` a minute and then refused. */
function fill(
  candidate: Candidate,
  limit: number,
  nowMs: number,
  most = 200,
): { answered: number; refused: number } {
  const counts = { answered: 0, refused: 0 };
  for (let at = 0; at < most && open(candidate, nowMs + at); at += 1) {
    const ok = counts.answered < limit;
    call(candidate, nowMs + at, ok ? {} : { failure: REFUSED });
    if (ok) counts.answered += 1;
    else counts.refused += 1;
  }
  return counts;
}

/** A model that answers ten a minute, through `minutes` minutes in which it is used up. */
function learned(minutes = 3): { candidate: Candidate; meter: Meter; nowMs: number } {
  const [candidate] = candidatesWith([]);
  let nowMs = START;
  for (let minute = 0; minute < minutes; minute += 1) {
    fill(candidate, 10, nowMs);
    nowMs += 2 * MINUTE_MS;
  }
  return { candidate, meter: minuteOf(candidate), nowMs };
}

describe("a single refusal", () => {
  it("that states a wait keeps the model away for that wait, and the rate before is back at once", () => {
    const [candidate] = candidatesWith([]);
    for (let at = 0; at < 3; at += 1) call(candidate, START + at);
    const busy: Failure = { ...REFUSED, class: "overloaded", message: "server busy", retryAfterMs: 1_000 };
    call(candidate, START + 10, { failure: busy });
    expect(open(candidate, START + 1_009)).toBe(false);
    expect(fill(candidate, UNLIMITED, START + 1_010)).toEqual({ answered: 200, refused: 0 });
  });

  it("of one model leaves the others of its key as they were", () => {
    const [a, b] = candidatesWith([]);
    call(b, START);
    call(b, START + 1);
    call(a, START + 2, { failure: REFUSED });
    expect(fill(b, UNLIMITED, START + 3, 120)).toEqual({ answered: 120, refused: 0 });
  });

  it("teaches nothing of a limit that the fragment states, and of words of overload none does", () => {
    const stated: Limit = { scope: "model", unit: "requests", window: "minute", amount: 30 };
    const [candidate] = candidatesWith([stated]);
    for (let minute = 0; minute < 6; minute += 1) {
      const nowMs = START + 2 * minute * MINUTE_MS;
      for (let at = 0; at < 8; at += 1) call(candidate, nowMs + at);
      call(candidate, nowMs + 10, {
        failure: { ...REFUSED, class: minute === 0 ? "rate_limit" : "overloaded" },
      });
    }
    expect(minuteOf(candidate)).toMatchObject({ amount: 30, learned: undefined });
  });

  it("of calls at once opens the model half a second later and sets no limit", () => {
    const [candidate] = candidatesWith([]);
    start(candidate, START);
    call(candidate, START + 2, { failure: REFUSED, readings: [{ unit: "concurrency", from: "message" }] });
    expect(candidate.opensAtMs).toBe(START + 502);
    expect(meterOf(candidate, "p@/a|concurrency").amount).toBe(UNLIMITED);
  });
});

describe("refusals in several windows", () => {
  it("at the same count are a limit of that count", () => {
    const { meter } = learned(2);
    expect(meter.amount).toBe(UNLIMITED);
    expect(learned(3).meter).toMatchObject({ amount: 10, learned: { from: "refusals" } });
  });

  it("are none while calls at that count are answered in between", () => {
    const [candidate] = candidatesWith([]);
    for (let minute = 0; minute < 30; minute += 1) {
      const nowMs = START + 4 * minute * MINUTE_MS;
      fill(candidate, 10, nowMs);
      fill(candidate, UNLIMITED, nowMs + 2 * MINUTE_MS, 11);
    }
    expect(minuteOf(candidate).amount).toBe(UNLIMITED);
  });

  it("by chance, at counts that differ, are none", () => {
    const [candidate] = candidatesWith([]);
    for (const [minute, limit] of [9, 14, 5, 18, 11, 7, 16].entries())
      fill(candidate, limit, START + 2 * minute * MINUTE_MS);
    expect(minuteOf(candidate).amount).toBe(UNLIMITED);
  });

  it("with waits that end with the minute are a limit after two", () => {
    const [candidate] = candidatesWith([]);
    for (let minute = 0; minute < 2; minute += 1) {
      const nowMs = START + 2 * minute * MINUTE_MS;
      for (let at = 0; at < 10; at += 1) call(candidate, nowMs + at);
      call(candidate, nowMs + 4_000, { failure: { ...REFUSED, retryAfterMs: 55_000 } });
    }
    expect(minuteOf(candidate).amount).toBe(10);
  });

  it("are the account's where the models are refused at its count, and not at theirs", () => {
    const [a, b] = candidatesWith([]);
    for (const [minute, ofA] of [3, 7, 5, 9, 2].entries()) {
      const nowMs = START + 2 * minute * MINUTE_MS;
      for (let at = 0; at < 12; at += 1) call(at < ofA ? a : b, nowMs + at);
      call(minute % 2 === 0 ? a : b, nowMs + 20, { failure: REFUSED });
    }
    expect(meterOf(a, "p@|requests/minute")).toMatchObject({ amount: 12, learned: { from: "refusals" } });
    expect(minuteOf(a).amount).toBe(UNLIMITED);
    expect(meterOf(b, "p@/b|requests/minute").amount).toBe(UNLIMITED);
  });

  it("of a model that is always refused are no limit of its account, however regular the others' calls are", () => {
    const [a, b] = candidatesWith([]);
    for (let minute = 0; minute < 20; minute += 1) {
      const nowMs = START + 2 * minute * MINUTE_MS;
      for (let at = 0; at < 6; at += 1) call(b, nowMs + at);
      call(a, nowMs + 20, { failure: REFUSED });
    }
    expect(meterOf(b, "p@|requests/minute").amount).toBe(UNLIMITED);
  });

  it("with nothing used are none: the account has other users", () => {
    const [candidate] = candidatesWith([]);
    for (let minute = 0; minute < 9; minute += 1)
      call(candidate, START + 2 * minute * MINUTE_MS, { failure: REFUSED });
    expect(minuteOf(candidate).amount).toBe(UNLIMITED);
  });

  it("of calls at once are a limit after two, of the model and of its account's other models", () => {
    const atOnce: Result = { failure: REFUSED, readings: [{ unit: "concurrency", from: "message" }] };
    const [a] = candidatesWith([]);
    const running = [start(a, START), start(a, START + 1)];
    for (let minute = 0; minute < 2; minute += 1) call(a, START + 2 + minute * MINUTE_MS, atOnce);
    expect(meterOf(a, "p@/a|concurrency").amount).toBe(2);
    for (const one of running) end(one, {}, START + 2 * MINUTE_MS);
  });

  it("while others are under way are a limit on calls at once, where no count over time explains them", () => {
    const [candidate] = candidatesWith([]);
    for (const [minute, used] of [2, 9, 4, 14, 6].entries()) {
      const nowMs = START + 2 * minute * MINUTE_MS;
      for (let at = 0; at < used; at += 1) call(candidate, nowMs + at);
      const running = start(candidate, nowMs + 100);
      call(candidate, nowMs + 200, { failure: REFUSED });
      end(running, {}, nowMs + 900);
    }
    expect(meterOf(candidate, "p@/a|concurrency").amount).toBe(1);
    expect(minuteOf(candidate).amount).toBe(UNLIMITED);
  });

  it("survive a restart as the limit that they taught", () => {
    const memory = new Memory();
    const [before] = candidatesWith([], memory);
    for (let minute = 0; minute < 3; minute += 1) fill(before, 10, START + 2 * minute * MINUTE_MS);
    const next = new Memory();
    const nowMs = START + 5 * MINUTE_MS;
    next.restore({ cooldowns: [], meters: memory.changedMeters(nowMs) }, nowMs);
    const [candidate] = candidatesWith([], next);
    expect(minuteOf(candidate)).toMatchObject({ amount: 10, learned: { from: "refusals" } });
  });
});

describe("a limit that refusals taught", () => {
  it("is tested after a minute with two calls, and less and less often while the tests are refused", () => {
    const { candidate, meter, nowMs } = learned();
    let refused = 0;
    for (let minute = 0; minute < 600; minute += 1)
      refused += fill(candidate, 10, nowMs + minute * 61_000).refused;
    expect(meter.amount).toBeGreaterThanOrEqual(10);
    // Ten hours of ten calls a minute: one in some four hundred is a call too many.
    expect(refused).toBeLessThan(20);
    expect(refused).toBeGreaterThan(4);
  });

  it("ends with an answer above it, and the rate before is back", () => {
    const { candidate, meter, nowMs } = learned();
    fill(candidate, UNLIMITED, nowMs);
    fill(candidate, UNLIMITED, nowMs + MINUTE_MS + 1_000);
    expect(meter).toMatchObject({ amount: UNLIMITED, learned: undefined });
    expect(fill(candidate, UNLIMITED, nowMs + 3 * MINUTE_MS).answered).toBe(200);
  });

  it("of an account ends when its other models go on answering", () => {
    const [a, b] = candidatesWith([]);
    const account = meterOf(a, "p@|requests/minute");
    account.learn(6, "refusals", START);
    account.limitProbe = { atMs: START + MINUTE_MS, gapMs: MINUTE_MS };
    for (let minute = 1; minute < 4; minute += 1) {
      const nowMs = START + minute * 61_000;
      for (let at = 0; at < 60 && open(b, nowMs + at); at += 1) call(b, nowMs + at);
    }
    expect(account).toMatchObject({ amount: UNLIMITED, learned: undefined });
  });

  it("never grows beyond what the fragment states", () => {
    const stated: Limit = { scope: "model", unit: "requests", window: "minute", amount: 12 };
    const [candidate] = candidatesWith([stated]);
    for (let minute = 0; minute < 3; minute += 1) fill(candidate, 8, START + 2 * minute * MINUTE_MS);
    const meter = minuteOf(candidate);
    expect(meter.amount).toBe(8);
    for (let minute = 6; minute < 20; minute += 1) fill(candidate, UNLIMITED, START + minute * 61_000);
    expect(meter).toMatchObject({ amount: 12, learned: undefined });
  });
});

describe("units that come back with the full minute", () => {
  const stated: Limit = { scope: "model", unit: "requests", window: "minute", amount: 10 };
  /** Ten calls at the end of a minute, and what is let through at the beginning of the next. */
  function across(
    candidate: Candidate,
    minute: number,
    limit: number,
  ): { answered: number; refused: number } {
    const nowMs = START + 3 * minute * MINUTE_MS;
    for (let at = 0; at < 10; at += 1) call(candidate, nowMs + 50_000 + at);
    return fill(candidate, limit, nowMs + 60_000);
  }

  it("are tested with one call a minute, and after three answers the meter counts by them", () => {
    const [candidate] = candidatesWith([stated]);
    // No test in the first window: what an earlier process took in that minute is not known.
    expect([0, 1, 2, 3].map((minute) => across(candidate, minute, 10).answered)).toEqual([0, 1, 1, 10]);
    expect(minuteOf(candidate).byPeriod).toBe(true);
    expect(across(candidate, 4, 10)).toEqual({ answered: 10, refused: 0 });
  });

  it("are tested less and less often where that is refused, and a few refusals end the count by them", () => {
    const [candidate] = candidatesWith([stated]);
    let refused = 0;
    for (let minute = 0; minute < 40; minute += 1) refused += across(candidate, minute, 0).refused;
    expect(refused).toBeLessThan(9);
    expect(minuteOf(candidate).byPeriod).toBe(false);
    const [other] = candidatesWith([stated]);
    for (let minute = 0; minute < 3; minute += 1) across(other, minute, 10);
    for (let minute = 3; minute < 6; minute += 1) across(other, minute, 0);
    expect(minuteOf(other).byPeriod).toBe(false);
  });

  it("are not looked for where the fragment states that units return one by one", () => {
    const [candidate] = candidatesWith([{ ...stated, reset: "rolling" }]);
    expect(across(candidate, 0, 10).answered).toBe(0);
  });

  it("outlive a restart", () => {
    const memory = new Memory();
    const [before] = candidatesWith([stated], memory);
    for (let minute = 0; minute < 4; minute += 1) across(before, minute, 4);
    const nowMs = START + 9 * MINUTE_MS + 61_000;
    const next = new Memory();
    next.restore({ cooldowns: [], meters: memory.changedMeters(nowMs) }, nowMs);
    const [candidate] = candidatesWith([stated], next);
    const meter = minuteOf(candidate);
    expect([meter.byPeriod, meter.used(nowMs)]).toEqual([true, minuteOf(before).used(nowMs)]);
  });
});

describe("gateways that share their limits", () => {
  it("count a limit that is not known together, and infer it from the count of all", () => {
    const [candidate] = candidatesWith([]);
    for (let minute = 0; minute < 3; minute += 1) {
      const nowMs = START + 2 * minute * MINUTE_MS;
      const need = needFor(candidate, FACTS);
      call(candidate, nowMs);
      const claim = claimOf(candidate, need, nowMs + 1);
      expect(claim.meters.map(({ id }) => id)).toEqual(["p@/a|requests/minute", "p@|requests/minute"]);
      // The other gateways have used eleven.
      const counts = countsOf(
        claim,
        claim.meters.map(() => [12, 12] as const),
      );
      settle(begin(candidate, need, nowMs + 1, counts), FACTS, { failure: REFUSED }, nowMs + 1);
    }
    expect(minuteOf(candidate)).toMatchObject({ amount: 12, learned: { from: "refusals" } });
    expect(claimOf(candidate, needFor(candidate, FACTS), START + 9 * MINUTE_MS).meters[0]).toMatchObject({
      amount: 12,
    });
  });
});
