import { type Failure, type Limit, type LimitReading, present } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import type { Candidate } from "../candidate.ts";
import type { RequestFacts } from "../facts.ts";
import { Memory } from "../memory.ts";
import { begin, type Result, settle } from "../settle.ts";
import { candidatesWith } from "../table.fixture.ts";
import type { Meter } from "./meter.ts";
import { claimOf, needFor, type Reservation } from "./reserve.ts";

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

describe("limits that no fragment declares", () => {
  it("are what was used when a refusal came, calls under way counted", () => {
    const [a] = candidatesWith([]);
    for (let at = 0; at < 9; at += 1) call(a, START + at);
    start(a, START + 10);
    call(a, START + 20, { failure: REFUSED });
    expect(meterOf(a, "p@/a|requests/minute").amount).toBe(10);
  });

  it("are the account's where other models have used it up", () => {
    const [a, b] = candidatesWith([]);
    for (let at = 0; at < 10; at += 1) call(a, START + at);
    call(b, START + 20, { failure: REFUSED });
    expect(meterOf(b, "p@|requests/minute").amount).toBe(10);
    expect(meterOf(b, "p@/b|requests/minute").amount).toBe(Number.POSITIVE_INFINITY);
    // The limit holds for the other model, too.
    expect(meterOf(a, "p@|requests/minute").fits(1, START + 30)).toBe(false);
  });

  it("are of concurrent calls where the refusal names them", () => {
    const [a] = candidatesWith([]);
    const [one, two] = [start(a, START), start(a, START + 1)];
    call(a, START + 2, { failure: REFUSED, readings: [{ unit: "concurrency", from: "message" }] });
    expect(meterOf(a, "p@/a|concurrency").amount).toBe(2);
    expect(meterOf(a, "p@/a|requests/minute").amount).toBe(Number.POSITIVE_INFINITY);
    expect(a.opensAtMs - START).toBeLessThan(1_000);
    end(one, {}, START + 900);
    end(two, {}, START + 900);
  });

  it("are tried again less and less often while the tries are refused, and more often while they hold", () => {
    const [a] = candidatesWith([]);
    const meter = meterOf(a, "p@/a|requests/minute");
    const gaps: number[] = [];
    let nowMs = START;
    for (let minute = 0; minute < 600; minute += 1) {
      for (let at = 0; at < 12 && meter.fits(1, nowMs + at); at += 1) {
        call(a, nowMs + at, at < 10 ? {} : { failure: REFUSED });
        if (at >= 10) gaps.push(meter.limitProbe?.gapMs ?? 0);
      }
      nowMs += 61_000;
    }
    expect(meter.amount).toBeGreaterThanOrEqual(10);
    expect(meter.amount).toBeLessThanOrEqual(11);
    // Ten hours of ten calls a minute: one in some three hundred is a try too many.
    expect(gaps.length).toBeLessThan(20);
    expect(gaps.at(-1)).toBe(64 * 60_000);
  });

  describe("that refusals have taught", () => {
    const WINDOW_MS = 60_000;

    /** Ten calls fit, the eleventh is refused: the limit is ten, and is tried again four windows later. */
    function taught(tenths = 1): { candidate: Candidate; meter: Meter } {
      const [candidate] = candidatesWith([]);
      for (let at = 0; at < 10 * tenths; at += 1) call(candidate, START + at);
      call(candidate, START + 10 * tenths, { failure: REFUSED });
      return { candidate, meter: meterOf(candidate, "p@/a|requests/minute") };
    }
    /** As many calls as fit, from a moment on. */
    function fill(candidate: Candidate, meter: Meter, nowMs: number): void {
      while (meter.fits(1, nowMs)) call(candidate, nowMs);
    }
    const PROBE_MS = START + 10 + 4 * WINDOW_MS;

    it("are raised by one when they have been used up and it is time to try, not before", () => {
      const { candidate, meter } = taught();
      expect(meter).toMatchObject({ amount: 10, learned: { from: "refusals" } });
      fill(candidate, meter, PROBE_MS - 1);
      expect(meter.amount).toBe(10);
      fill(candidate, meter, PROBE_MS + WINDOW_MS + 1_000);
      expect(meter.amount).toBe(11);
    });

    it("are raised by a twentieth where that is more than one", () => {
      const { candidate, meter } = taught(10);
      expect(meter.amount).toBe(100);
      const nowMs = START + 100 + 4 * WINDOW_MS;
      for (let at = 0; at < 100; at += 1) call(candidate, nowMs);
      expect(meter.amount).toBe(105);
    });

    it("stay as they are while they are not used up", () => {
      const { candidate, meter } = taught();
      for (let at = 0; at < 8; at += 1) call(candidate, PROBE_MS + at);
      expect(meter.amount).toBe(10);
      call(candidate, PROBE_MS + 8);
      expect(meter.amount).toBe(11);
    });

    it("are not raised twice for one probe: the next comes after another wait", () => {
      const { candidate, meter } = taught();
      fill(candidate, meter, PROBE_MS);
      expect(meter.amount).toBe(11);
      fill(candidate, meter, PROBE_MS + WINDOW_MS);
      expect(meter.amount).toBe(11);
      fill(candidate, meter, PROBE_MS + 4 * WINDOW_MS);
      expect(meter.amount).toBe(12);
    });

    it("fall back when the probe is refused, and the next probe waits twice as long", () => {
      const { candidate, meter } = taught();
      for (let at = 0; at < 10; at += 1) call(candidate, PROBE_MS);
      expect(meter.amount).toBe(11);
      call(candidate, PROBE_MS + 1, { failure: REFUSED });
      expect(meter.amount).toBe(10);
      fill(candidate, meter, PROBE_MS + 1 + 8 * WINDOW_MS - 1);
      expect(meter.amount).toBe(10);
      fill(candidate, meter, PROBE_MS + 9 * WINDOW_MS + 1_000);
      expect(meter.amount).toBe(11);
    });

    it("never grow beyond what the fragment states", () => {
      const stated: Limit = { scope: "model", unit: "requests", window: "minute", amount: 11 };
      const [candidate] = candidatesWith([stated]);
      const meter = meterOf(candidate, "p@/a|requests/minute");
      for (let at = 0; at < 8; at += 1) call(candidate, START + at);
      call(candidate, START + 8, { failure: REFUSED });
      expect(meter.amount).toBe(8);
      for (let minute = 4; minute < 80; minute += 1) fill(candidate, meter, START + 8 + minute * WINDOW_MS);
      expect(meter).toMatchObject({ amount: 11, learned: undefined });
    });

    it("survive a restart with the wait until their next probe", () => {
      const memory = new Memory();
      const [before] = candidatesWith([], memory);
      for (let at = 0; at < 10; at += 1) call(before, START + at);
      call(before, START + 10, { failure: REFUSED });
      const next = new Memory();
      next.restore({ cooldowns: [], meters: memory.changedMeters(START + 20) }, START + 20);
      const [candidate] = candidatesWith([], next);
      const meter = meterOf(candidate, "p@/a|requests/minute");
      expect(meter).toMatchObject({ amount: 10, learned: { from: "refusals" } });
      fill(candidate, meter, PROBE_MS - 1);
      expect(meter.amount).toBe(10);
      fill(candidate, meter, PROBE_MS + WINDOW_MS + 1_000);
      expect(meter.amount).toBe(11);
    });
  });

  it("that one of several gateways has guessed are no claim on all of them", () => {
    const [a] = candidatesWith([]);
    for (let at = 0; at < 4; at += 1) call(a, START + at);
    call(a, START + 10, { failure: REFUSED });
    expect(meterOf(a, "p@/a|requests/minute").amount).toBe(4);
    expect(claimOf(a, needFor(a, FACTS), START + 20).meters).toEqual([]);
  });
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
    end(start(a, START), { readings: [tokens], usage: { inputTokens: 100, outputTokens: 700 } }, START + 1);
    expect(meter.used(START + 1)).toBeCloseTo(800, 6);
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

describe("what a refusal without a figure teaches", () => {
  const minuteOf = (candidate: Candidate): Meter => meterOf(candidate, "p@/a|requests/minute");

  it("is of the window that its class speaks of", () => {
    const [candidate] = candidatesWith([]);
    for (let at = 0; at < 5; at += 1) call(candidate, START + at);
    call(candidate, START + 10, { failure: { ...REFUSED, class: "daily_quota" } });
    expect(meterOf(candidate, "p@/a|requests/day").amount).toBe(5);
    expect(minuteOf(candidate).amount).toBe(Number.POSITIVE_INFINITY);
  });

  it("is nothing where the class speaks of no window", () => {
    const [candidate] = candidatesWith([]);
    for (let at = 0; at < 5; at += 1) call(candidate, START + at);
    for (const kind of ["overloaded", "out_of_credit", "server_error"] as const)
      call(candidate, START + 10, { failure: { ...REFUSED, class: kind } });
    for (const meter of candidate.meters()) expect(meter.amount).toBe(Number.POSITIVE_INFINITY);
  });

  it("is nothing where nothing was used, or too little of what is known: somebody else uses the account", () => {
    const [candidate] = candidatesWith([]);
    call(candidate, START, { failure: REFUSED });
    expect(minuteOf(candidate).amount).toBe(Number.POSITIVE_INFINITY);
    const [stated] = candidatesWith([{ scope: "model", unit: "requests", window: "minute", amount: 40 }]);
    for (let at = 0; at < 9; at += 1) call(stated, START + at);
    call(stated, START + 20, { failure: REFUSED });
    expect(minuteOf(stated).amount).toBe(40);
    call(stated, START + 30);
    call(stated, START + 40, { failure: REFUSED });
    expect(minuteOf(stated).amount).toBe(10);
  });

  it("is one refusal, however many of a burst are refused", () => {
    const [candidate] = candidatesWith([]);
    for (let at = 0; at < 10; at += 1) call(candidate, START + at);
    for (let at = 0; at < 5; at += 1) call(candidate, START + 20 + at, { failure: REFUSED });
    expect(minuteOf(candidate).limitProbe?.gapMs).toBe(4 * 60_000);
  });

  it("is when the refused limit opens again", () => {
    const [candidate] = candidatesWith([]);
    for (let at = 0; at < 5; at += 1) call(candidate, START + at);
    call(candidate, START + 1_000, { failure: REFUSED });
    expect(candidate.opensAtMs).toBe(minuteOf(candidate).opensAtMs(1, START + 1_000));
    expect(candidate.opensAtMs).toBe(START + 60_250);
  });

  it("of calls at once is how many are under way at the model, or at the account where none is, and one at least", () => {
    const atOnce: Result = { failure: REFUSED, readings: [{ unit: "concurrency", from: "message" }] };
    const [a, b] = candidatesWith([]);
    for (let at = 0; at < 3; at += 1) start(a, START + at);
    call(b, START + 10, atOnce);
    expect(meterOf(b, "p@|concurrency")).toMatchObject({ amount: 3, spec: { ofAccount: true } });
    const [alone] = candidatesWith([]);
    call(alone, START, atOnce);
    expect(meterOf(alone, "p@|concurrency").amount).toBe(1);
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
