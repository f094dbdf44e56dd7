import { type Failure, type Limit, type LimitReading, present } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import type { Candidate } from "../candidate.ts";
import type { RequestFacts } from "../facts.ts";
import { begin, type Result, settle } from "../settle.ts";
import { candidatesWith } from "../table.fixture.ts";
import type { Meter } from "./meter.ts";
import { needFor, type Reservation } from "./reserve.ts";

const START = Date.UTC(2026, 10, 21, 12);
const FACTS: RequestFacts = { model: "a", operation: "chat", needs: 0, promptTokens: 100 };
const REFUSED: Failure = { class: "rate_limit", scope: "model", message: "Too Many Requests" };

const start = (candidate: Candidate, nowMs: number): Reservation =>
  begin(candidate, needFor(candidate, FACTS), nowMs);
const end = (reservation: Reservation, result: Result, nowMs: number): void =>
  void settle(reservation, FACTS, result, nowMs);
const call = (candidate: Candidate, nowMs: number, result: Result = {}): void =>
  end(start(candidate, nowMs), result, nowMs);

function meterOf(candidate: Candidate, id: string): Meter {
  const meter = candidate.meters().find(({ spec }) => spec.id === id);
  if (meter === undefined)
    throw new Error(`${id} is not among ${candidate.meters().map(({ spec }) => spec.id)}`);
  return meter;
}
const reading = (limit: number, remaining: number, resetMs?: number): LimitReading => ({
  unit: "requests",
  limit,
  remaining,
  from: "header",
  ...present({ resetMs }),
});

describe("an upstream's own figures", () => {
  const declared: readonly Limit[] = [{ scope: "model", unit: "requests", window: "minute", amount: 10 }];

  it("do not undo calls that were begun after the one they came with", () => {
    const [a] = candidatesWith(declared);
    const meter = meterOf(a, "p@/a|requests/minute");
    const first = start(a, START);
    end(start(a, START + 100), { readings: [reading(10, 8)] }, START + 200);
    call(a, START + 300);
    call(a, START + 400);
    // It was answered last, and its headers describe the moment when it was the only one.
    end(first, { readings: [reading(10, 9)] }, START + 5_000);
    // Four; the one under way when figures came for the first time may count twice.
    expect(meter.used(START + 5_000)).toBeGreaterThanOrEqual(4);
    expect(meter.used(START + 5_000)).toBeLessThanOrEqual(5);
  });

  it("change how a window is thought to come back only when several agree", () => {
    const [a] = candidatesWith(declared);
    const meter = meterOf(a, "p@/a|requests/minute");
    // A window on the full minute, whose reset happens to be what a bucket's would be.
    call(a, START, { readings: [reading(10, 5, 30_000)] });
    expect(meter.spec.shape.kind).toBe("sliding");
    for (let used = 5; used < 8; used += 1)
      call(a, START + used, { readings: [reading(10, 10 - used, used * 6_000)] });
    expect(meter.spec.shape.kind).toBe("bucket");
  });

  it("do not take a window for a bucket that was used up as soon as it began", () => {
    const [a] = candidatesWith(declared);
    const meter = meterOf(a, "p@/a|requests/minute");
    for (let used = 8; used <= 10; used += 1)
      call(a, START + used, { readings: [reading(10, 10 - used, used * 6_000)] });
    expect(meter.spec.shape.kind).toBe("sliding");
  });

  it("of a refusal name a limit that no fragment declares, and its window", () => {
    const [a] = candidatesWith([]);
    for (let at = 0; at < 5; at += 1) call(a, START + at);
    call(a, START + 10, { failure: REFUSED, readings: [reading(5, 0, 40_000)] });
    expect(meterOf(a, "p@/a|requests/minute")).toMatchObject({ amount: 5, learned: { from: "header" } });
  });

  it("of one limit for all of an account's models are taken for that", () => {
    const [a, b] = candidatesWith([]);
    for (let at = 0; at < 5; at += 1) call(a, START + at);
    call(b, START + 10, { failure: REFUSED, readings: [reading(5, 0, 40_000)] });
    expect(meterOf(b, "p@|requests/minute").amount).toBe(5);
  });

  it("count an answer's tokens besides what its headers state", () => {
    const [a] = candidatesWith([
      { scope: "model", unit: "tokens", window: "minute", amount: 6_000, reset: "bucket" },
    ]);
    const meter = meterOf(a, "p@/a|tokens/minute");
    const tokens: LimitReading = { unit: "tokens", limit: 6_000, remaining: 5_900, from: "header" };
    end(start(a, START), { readings: [tokens], usage: { inputTokens: 100, outputTokens: 900 } }, START + 1);
    expect(meter.used(START + 1)).toBeCloseTo(1_000, -1);
  });
});

describe("which limit an upstream's figures are of", () => {
  const requests = (window: "minute" | "hour" | "day", amount: number): Limit => ({
    scope: "model",
    unit: "requests",
    window,
    amount,
  });
  /** The meter that a reading corrected, and what it then counts. */
  function corrected(limits: readonly Limit[], readings: readonly LimitReading[], failure?: Failure) {
    const [candidate] = candidatesWith(limits);
    const meters = settle(
      start(candidate, START),
      FACTS,
      { readings, ...(failure === undefined ? {} : { failure }) },
      START,
    );
    return meters.map(({ spec, amount }) => [spec.id, amount]);
  }
  const header = (more: Partial<LimitReading>): LimitReading => ({
    unit: "requests",
    from: "header",
    ...more,
  });

  it("is the one of the window that they name", () => {
    expect(
      corrected([requests("minute", 10), requests("day", 100)], [header({ window: "day", limit: 90 })]),
    ).toEqual([["p@/a|requests/day", 90]]);
  });

  it("is the one whose figure they state, learned or stated by the fragment", () => {
    const limits = [requests("minute", 10), requests("hour", 60), requests("day", 100)];
    expect(corrected(limits, [header({ limit: 60 })])).toEqual([["p@/a|requests/hour", 60]]);
    const [candidate] = candidatesWith(limits);
    meterOf(candidate, "p@/a|requests/hour").learn(55, "header", START);
    for (const limit of [55, 60]) {
      const [meter] = settle(start(candidate, START), FACTS, { readings: [header({ limit })] }, START);
      expect(meter?.spec.id).toBe("p@/a|requests/hour");
    }
  });

  it("is the one that comes back as fast as they say", () => {
    const limits = [requests("minute", 10), requests("hour", 60), requests("day", 100)];
    // A slot of 80 an hour is back after 45 s; all 40 that are used of 80 after half an hour.
    expect(corrected(limits, [header({ limit: 80, remaining: 40, resetMs: 45_000 })])).toEqual([
      ["p@/a|requests/hour", 80],
    ]);
    expect(corrected(limits, [header({ limit: 80, remaining: 40, resetMs: 1_800_000 })])).toEqual([
      ["p@/a|requests/hour", 80],
    ]);
    expect(corrected(limits, [header({ limit: 80, remaining: 40, resetMs: 1_600_000 })])).toEqual([
      ["p@/a|requests/day", 80],
    ]);
  });

  it("is the one whose class of refusal speaks of it, unless it returns later than that window ends", () => {
    const daily: Failure = { ...REFUSED, class: "daily_quota" };
    const reading = header({ limit: 20, remaining: 0 });
    expect(corrected([], [reading], REFUSED)).toEqual([["p@/a|requests/minute", 20]]);
    expect(corrected([], [reading], daily)).toEqual([["p@/a|requests/day", 20]]);
    expect(corrected([], [{ ...reading, resetMs: 60_000 }], REFUSED)).toEqual([["p@/a|requests/minute", 20]]);
    expect(corrected([], [{ ...reading, resetMs: 90_000 }], REFUSED)).toEqual([]);
    expect(corrected([], [{ ...reading, remaining: 1 }], REFUSED)).toEqual([]);
    expect(corrected([], [reading])).toEqual([]);
    expect(corrected([], [reading], { ...REFUSED, class: "server_error" })).toEqual([]);
  });

  it("is the known one whose figure is nearest, where nothing else tells", () => {
    const limits = [requests("minute", 10), requests("day", 1_000)];
    expect(corrected(limits, [header({ limit: 99 })])).toEqual([["p@/a|requests/minute", 99]]);
    expect(corrected(limits, [header({ limit: 101 })])).toEqual([["p@/a|requests/day", 101]]);
  });

  it("is a new one where none of that unit is known", () => {
    const tokens: LimitReading = {
      unit: "tokens",
      window: "minute",
      limit: 6_000,
      remaining: 5_000,
      from: "header",
    };
    const [candidate] = candidatesWith([]);
    const [meter] = settle(start(candidate, START), FACTS, { readings: [tokens] }, START);
    expect(meter?.spec).toMatchObject({ id: "p@/a|tokens/minute", unit: "tokens", verified: false });
    expect(meter?.amount).toBe(6_000);
    expect(candidate.countsPrompts).toBe(true);
    expect(candidate.meters()).toContain(meter);
    // The second time it is the same one.
    const [again] = settle(start(candidate, START), FACTS, { readings: [tokens] }, START);
    expect(again).toBe(meter);
  });

  it("is none where the figure is no limit or the window is unknown", () => {
    const tokens = (more: Partial<LimitReading>): LimitReading => ({
      unit: "tokens",
      from: "header",
      ...more,
    });
    expect(corrected([], [tokens({ window: "minute", limit: 0 })])).toEqual([]);
    expect(corrected([], [tokens({ window: "minute" })])).toEqual([]);
    expect(corrected([], [tokens({ limit: 5 })])).toEqual([]);
  });

  it("is the account's where its count is nearer to what is gone, and stays so", () => {
    const [a, b] = candidatesWith([]);
    for (let at = 0; at < 8; at += 1) call(a, START + at);
    const minute = header({ window: "minute", limit: 20, remaining: 11 });
    const [meter] = settle(start(b, START + 10), FACTS, { readings: [minute] }, START + 10);
    expect(meter?.spec.id).toBe("p@|requests/minute");
    const next = header({ limit: 20, remaining: 10 });
    expect(settle(start(b, START + 20), FACTS, { readings: [next] }, START + 20)[0]).toBe(meter);
  });

  it("is the model's own where that count is nearer, or the fragment states it", () => {
    const remaining = (left: number): LimitReading[] => [
      header({ window: "minute", limit: 20, remaining: left }),
    ];
    const [a, b] = candidatesWith([]);
    call(a, START);
    const [near] = settle(start(b, START + 10), FACTS, { readings: remaining(19) }, START + 10);
    expect(near?.spec.id).toBe("p@/b|requests/minute");
    const [c, d] = candidatesWith([requests("minute", 20)]);
    for (let at = 0; at < 8; at += 1) call(c, START + at);
    const [stated] = settle(start(d, START + 10), FACTS, { readings: remaining(11) }, START + 10);
    expect(stated?.spec.id).toBe("p@/b|requests/minute");
  });
});

describe("a figure that names neither a limit nor a window", () => {
  it("is of no meter, so that a refusal with it still counts as evidence", () => {
    const [candidate] = candidatesWith([]);
    const left: LimitReading = { unit: "requests", remaining: 3, from: "header" };
    expect(settle(start(candidate, START), FACTS, { readings: [left] }, START + 1)).toEqual([]);
  });
});

describe("figures of what is left", () => {
  const LIMITS: readonly Limit[] = [{ scope: "model", unit: "requests", window: "minute", amount: 10 }];

  it("make what is used what the upstream counts, and never less than nothing", () => {
    for (const [remaining, used] of [
      [4, 6],
      [10, 0],
      [15, 0],
      [0, 10],
    ] as const) {
      const [candidate] = candidatesWith(LIMITS);
      end(start(candidate, START), { readings: [reading(10, remaining)] }, START + 100);
      expect(meterOf(candidate, "p@/a|requests/minute").used(START + 100)).toBe(used);
    }
  });

  it("in whole units leave a finer count as it is, and correct one that differs by a unit or more", () => {
    const used = (remaining: number): number => {
      const [candidate] = candidatesWith([
        { scope: "model", unit: "requests", window: "minute", amount: 10, reset: "bucket" },
      ]);
      start(candidate, START - 3_000);
      end(start(candidate, START), { readings: [reading(10, remaining)] }, START);
      return meterOf(candidate, "p@/a|requests/minute").used(START);
    };
    // Half a unit came back in three seconds: 1.5 are used, and 8 whole ones remain.
    expect([used(8), used(7), used(9)]).toEqual([1.5, 3, 1]);
  });

  it("of a refused call follow the wait that it states, where whole units do not tell", () => {
    const opensInMs = (retryAfterMs?: number): number => {
      const [candidate] = candidatesWith([
        { scope: "model", unit: "requests", window: "minute", amount: 10, reset: "bucket" },
      ]);
      const meter = meterOf(candidate, "p@/a|requests/minute");
      // Nearly one unit has come back by this count; the upstream counted a bit more.
      for (let more = 0; more < 10; more += 1) call(candidate, START - 5_800);
      const failure = { ...REFUSED, ...present({ retryAfterMs }) };
      // The message says "used 9": it rounds down.
      const inWords = { ...reading(10, 1), from: "message" as const };
      call(candidate, START, { failure, readings: [reading(10, 0), inWords] });
      return Math.round(meter.opensAtMs(1, START) - START);
    };
    expect([opensInMs(), opensInMs(4_500), opensInMs(60_000)]).toEqual([200, 4_500, 200]);
  });

  it("count calls that are begun after the one that they came with", () => {
    const [candidate] = candidatesWith(LIMITS);
    const meter = meterOf(candidate, "p@/a|requests/minute");
    end(start(candidate, START), { readings: [reading(10, 9)] }, START + 1);
    const first = start(candidate, START + 1_000);
    start(candidate, START + 2_000);
    start(candidate, START + 3_000);
    end(first, { readings: [reading(10, 6)] }, START + 4_000);
    expect(meter.used(START + 4_000)).toBe(6);
  });

  it("say nothing of what is used where no limit is known", () => {
    const [candidate] = candidatesWith([]);
    const left: LimitReading = { unit: "requests", window: "minute", remaining: 3, from: "header" };
    end(start(candidate, START), { readings: [left] }, START + 1);
    expect(meterOf(candidate, "p@/a|requests/minute").used(START + 1)).toBe(1);
  });

  it("of tokens count half of what calls under way were reserved, for their answers", () => {
    const [candidate] = candidatesWith([
      { scope: "model", unit: "tokens", window: "minute", amount: 6_000, reset: "bucket" },
    ]);
    const meter = meterOf(candidate, "p@/a|tokens/minute");
    const tokens = (remaining: number): LimitReading => ({
      unit: "tokens",
      limit: 6_000,
      remaining,
      from: "header",
    });
    end(start(candidate, START), { readings: [tokens(5_900)] }, START);
    start(candidate, START + 100);
    end(start(candidate, START + 1_000), { readings: [tokens(5_000)] }, START + 1_000);
    // 500 tokens were reserved for the one under way.
    expect(meter.used(START + 1_000)).toBeCloseTo(1_250, 6);
  });

  it("change a limit at once, in both directions, and keep where it is from", () => {
    const [candidate] = candidatesWith(LIMITS);
    const meter = meterOf(candidate, "p@/a|requests/minute");
    for (const limit of [30, 5]) {
      const named: LimitReading = { unit: "requests", window: "minute", limit, from: "message" };
      end(start(candidate, START), { readings: [named] }, START);
      expect(meter).toMatchObject({ amount: limit, learned: { from: "message" } });
    }
  });
});

describe("how a window comes back, by an upstream's figures", () => {
  const shapeAfter = (limit: Partial<Limit>, readings: readonly LimitReading[]): string => {
    const [candidate] = candidatesWith([
      { scope: "model", unit: "requests", window: "minute", amount: 10, ...limit },
    ]);
    const meter = meterOf(candidate, `p@/a|requests/${limit.window ?? "minute"}`);
    for (const [at, one] of readings.entries()) call(candidate, START + at, { readings: [one] });
    return meter.spec.shape.kind;
  };
  const thrice = (one: LimitReading): LimitReading[] => [one, one, one];
  // Of ten a minute that come back one by one, five are back after half a minute.
  const REFILLS = reading(10, 5, 30_000);
  const WINDOW = reading(10, 5, 59_000);

  it("is believed after three that agree, and not after two", () => {
    expect(shapeAfter({}, thrice(REFILLS))).toBe("bucket");
    expect(shapeAfter({}, [REFILLS, REFILLS])).toBe("sliding");
    expect(shapeAfter({}, [REFILLS, WINDOW, REFILLS, REFILLS])).toBe("sliding");
    expect(shapeAfter({}, thrice(WINDOW))).toBe("sliding");
  });

  it("is what the fragment declares, where that is a bucket or a midnight", () => {
    expect(shapeAfter({ reset: "bucket" }, thrice(WINDOW))).toBe("bucket");
    expect(shapeAfter({ window: "day", reset: "00:00 UTC" }, thrice(reading(10, 5, 43_200_000)))).toBe(
      "calendar",
    );
  });

  it("is not told by figures of which nothing is used, or of which a part is missing", () => {
    expect(shapeAfter({}, thrice(reading(10, 10, 6_000)))).toBe("sliding");
    expect(shapeAfter({}, thrice(reading(10, 5)))).toBe("sliding");
    expect(shapeAfter({}, thrice({ unit: "requests", limit: 10, resetMs: 30_000, from: "header" }))).toBe(
      "sliding",
    );
  });
});
