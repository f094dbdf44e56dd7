import { COUNTED_ONLY, type Failure, type FailureClass, type Limit } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { Candidate } from "../candidate.ts";
import type { RequestFacts } from "../facts.ts";
import { begin, type Result, settle } from "../settle.ts";
import { candidatesWith } from "../table.fixture.ts";
import type { Meter } from "./meter.ts";
import {
  amountOf,
  claimOf,
  needFor,
  type Reservation,
  settleMeters,
  settlementsOf,
  shortage,
  take,
} from "./reserve.ts";

const START = Date.UTC(2026, 10, 21, 12);
const FACTS: RequestFacts = {
  model: "a",
  operation: "chat",
  needs: 0,
  promptTokens: 100,
  maxOutputTokens: 50,
};
const failed = (failureClass: FailureClass): Failure => ({
  class: failureClass,
  scope: "model",
  message: "it failed",
});

function meterOf(candidate: Candidate, unit: Limit["unit"]): Meter {
  const meter = candidate.meters().find((one) => one.unit === unit && one.spec.declared !== undefined);
  if (meter === undefined) throw new Error(`no limit on ${unit}`);
  return meter;
}

/** What one attempt with this end counts against a limit. */
function counted(limit: Limit, result: Result): number {
  const [candidate] = candidatesWith([limit]);
  settle(begin(candidate, needFor(candidate, FACTS), START), FACTS, result, START + 1);
  return meterOf(candidate, limit.unit).used(START + 1);
}

const REQUESTS: Limit = { scope: "model", unit: "requests", window: "minute", amount: 10 };
const TOKENS: Limit = { scope: "model", unit: "tokens", window: "minute", amount: 10_000 };

describe("what a failed call counts against a limit on requests", () => {
  const turnedAway = [
    "rate_limit",
    "daily_quota",
    "monthly_quota",
    "out_of_credit",
    "dead_key",
    "permission",
    "model_gone",
    "overloaded",
  ] as const;
  const worked = [
    "server_error",
    "timeout",
    "malformed",
    "bad_request",
    "content_filter",
    "context_window",
  ] as const;

  it.each(turnedAway)("%s: nothing, unless the provider counts failed calls too", (failureClass) => {
    expect(counted(REQUESTS, { failure: failed(failureClass) })).toBe(0);
    expect(counted({ ...REQUESTS, counts_failed: false }, { failure: failed(failureClass) })).toBe(0);
    expect(counted({ ...REQUESTS, counts_failed: true }, { failure: failed(failureClass) })).toBe(1);
  });

  it.each(worked)("%s: one call, at every provider", (failureClass) => {
    expect(counted(REQUESTS, { failure: failed(failureClass) })).toBe(1);
    expect(counted({ ...REQUESTS, counts_failed: true }, { failure: failed(failureClass) })).toBe(1);
  });

  it("network: nothing anywhere, since the provider never saw the call", () => {
    expect(counted(REQUESTS, { failure: failed("network") })).toBe(0);
    expect(counted({ ...REQUESTS, counts_failed: true }, { failure: failed("network") })).toBe(0);
  });

  it("a call that was answered or cancelled is one, and one that was never sent is none", () => {
    expect(counted(REQUESTS, {})).toBe(1);
    expect(counted(REQUESTS, { cancelled: true })).toBe(1);
    for (const counts_failed of [true, false])
      expect(counted({ ...REQUESTS, counts_failed }, { unused: true })).toBe(0);
  });

  it("is told to a shared ledger alike", () => {
    for (const [counts_failed, used] of [
      [true, 1],
      [false, 0],
    ] as const) {
      const [candidate] = candidatesWith([{ ...REQUESTS, counts_failed }]);
      const reservation = take(candidate, needFor(candidate, FACTS), START);
      expect(settlementsOf(reservation, { failure: failed("rate_limit") })).toMatchObject([
        { id: "p@/a|requests/minute", reserved: 1, used },
        // Counted together, so that a limit can be learned; a refused call is not known to count there.
        { id: "p@|requests/minute", reserved: 1, used: 0 },
      ]);
    }
  });
});

describe("what a call counts against a limit on tokens", () => {
  it("is what the upstream counted, else what was reserved, else nothing", () => {
    expect(counted(TOKENS, { usage: { inputTokens: 90, outputTokens: 7 } })).toBe(97);
    expect(counted(TOKENS, {})).toBe(150);
    expect(counted(TOKENS, { cancelled: true })).toBe(150);
    expect(counted(TOKENS, { failure: failed("timeout") })).toBe(150);
    expect(counted(TOKENS, { failure: failed("server_error") })).toBe(0);
    expect(counted(TOKENS, { failure: failed("server_error"), cancelled: true })).toBe(150);
    expect(counted(TOKENS, { unused: true })).toBe(0);
    expect(
      counted(TOKENS, { failure: failed("server_error"), usage: { inputTokens: 90, outputTokens: 3 } }),
    ).toBe(93);
  });
});

it("a call that was under way when its model's limit on tokens was learned counts what it used", () => {
  const [candidate] = candidatesWith([]);
  const [first, second, third] = [1, 2, 3].map(() => begin(candidate, needFor(candidate, FACTS), START)) as [
    Reservation,
    Reservation,
    Reservation,
  ];
  const usage = { inputTokens: 100, outputTokens: 20 };
  const readings = [
    { unit: "tokens", window: "minute", limit: 6_000, remaining: 5_000, from: "header" },
  ] as const;
  settle(first, FACTS, { usage, readings }, START + 1);
  const meter = candidate.meters().find(({ unit }) => unit === "tokens");
  const before = meter?.used(START + 2) ?? 0;
  settle(second, FACTS, { usage }, START + 2);
  expect(meter?.used(START + 2)).toBe(before + 120);
  settle(third, FACTS, { unused: true }, START + 3);
  expect(meter?.used(START + 3)).toBe(before + 120);
});

describe("what an attempt will need, as estimated", () => {
  const chat = (more: Partial<RequestFacts> = {}): RequestFacts => ({
    model: "a",
    operation: "chat",
    needs: 0,
    ...more,
  });
  const counting = (): Candidate => candidatesWith([TOKENS])[0];
  const priced = (limits: readonly Limit[]): Candidate => {
    const [{ deployment, provider, memory }] = candidatesWith(limits);
    return new Candidate(
      { ...deployment, price: { input: 2, output: 10 } },
      { ...provider, limits },
      -1,
      "p@",
      memory,
    );
  };

  it("is one call of no tokens where no limit counts them", () => {
    const [candidate] = candidatesWith([REQUESTS]);
    expect(needFor(candidate, chat({ promptTokens: 100, inputs: 3, images: 4 }))).toEqual({
      tokens: 0,
      inputs: 1,
      images: 1,
      usd: 0,
    });
    expect(needFor(candidate, chat({ operation: "embedding", inputs: 3, images: 4 }))).toEqual({
      tokens: 0,
      inputs: 3,
      images: 4,
      usd: 0,
    });
    expect(needFor(candidate, chat({ operation: "image" }))).toMatchObject({ inputs: 1, images: 1 });
  });

  it("is the prompt's tokens and those of an answer of the usual length", () => {
    expect(needFor(counting(), chat({ promptTokens: 100 })).tokens).toBe(500);
    expect(needFor(counting(), chat({ promptTokens: 100, maxOutputTokens: 50 })).tokens).toBe(150);
    expect(needFor(counting(), chat({ promptTokens: 100, maxOutputTokens: 5_000 })).tokens).toBe(500);
    expect(needFor(counting(), chat({})).tokens).toBe(400);
  });

  it("reckons by what is known of the model", () => {
    const candidate = counting();
    candidate.stats.outputTokens = 100;
    expect(needFor(candidate, chat({ promptTokens: 100 })).tokens).toBe(280);
    candidate.stats.charsPerToken = 2;
    expect(needFor(candidate, chat({ promptChars: 101 })).tokens).toBe(231);
    expect(needFor(candidate, chat({ promptChars: 100, promptTokens: 10 })).tokens).toBe(190);
  });

  it("counts pictures and documents, and no answer where the operation writes none", () => {
    expect(needFor(counting(), chat({ promptTokens: 1, media: 2, maxOutputTokens: 0 })).tokens).toBe(1_601);
    expect(
      needFor(counting(), chat({ operation: "embedding", promptTokens: 7, inputs: 3, images: 2 })),
    ).toEqual({ tokens: 7, inputs: 3, images: 2, usd: 0 });
    expect(needFor(counting(), chat({ promptTokens: 7 }))).toMatchObject({ inputs: 1, images: 1 });
  });

  it("costs what the prompt and the answer cost", () => {
    const usd: Limit = { scope: "model", unit: "usd", window: "day", amount: 1 };
    const candidate = priced([usd]);
    expect(needFor(candidate, chat({ promptTokens: 1_000, maxOutputTokens: 100 })).usd).toBeCloseTo(
      0.003,
      12,
    );
    const reservation = take(candidate, needFor(candidate, chat({ promptTokens: 1_000 })), START);
    expect(
      settlementsOf(reservation, { usage: { inputTokens: 1_000, outputTokens: 300 } })[0]?.used,
    ).toBeCloseTo(0.005, 12);
    settle(reservation, chat(), { usage: { inputTokens: 1_000, outputTokens: 300 } }, START);
    expect(meterOf(candidate, "usd").used(START)).toBeCloseTo(0.005, 12);
  });

  it.each<[Limit["unit"], number]>([
    ["requests", 1],
    ["concurrency", 1],
    ["tokens", 2],
    ["inputs", 3],
    ["images", 4],
    ["usd", 5],
    ["neurons", 0],
  ])("is so much of %s: %d", (unit, amount) => {
    expect(amountOf(unit, { tokens: 2, inputs: 3, images: 4, usd: 5 })).toBe(amount);
  });
});

describe("a shortage", () => {
  it("is of the meter that opens last, and none where all have room", () => {
    const [candidate] = candidatesWith([
      { ...REQUESTS, amount: 1 },
      { scope: "account", unit: "requests", window: "day", amount: 1 },
      { scope: "account", unit: "concurrency", amount: 5 },
    ]);
    const need = needFor(candidate, FACTS);
    expect(shortage(candidate, need, START)).toBeUndefined();
    take(candidate, need, START);
    const short = shortage(candidate, need, START);
    expect(short?.meter.spec.id).toBe("p@|requests/day");
    expect(short?.opensAtMs).toBe(short?.meter.opensAtMs(1, START));
  });

  it("is not of a limit that the request takes nothing of", () => {
    const [candidate] = candidatesWith([
      { scope: "model", unit: "neurons", window: "day", amount: 0 },
      TOKENS,
    ]);
    meterOf(candidate, "tokens").take(10_000, START);
    const nothing = { tokens: 0, inputs: 1, images: 1, usd: 0 };
    expect(shortage(candidate, nothing, START)).toBeUndefined();
  });
});

describe("a claim on a shared ledger", () => {
  /** The period of a minute that holds START, with its margins. */
  const PERIOD = { periodStartMs: START - 60_250, endsAtMs: START + 250 };
  const countedOnly = (id: string) => ({
    id,
    shape: { kind: "sliding", windowMs: 60_000, slices: 240 },
    amount: COUNTED_ONLY,
    need: 1,
  });
  const limits: readonly Limit[] = [
    { scope: "account", unit: "requests", window: "day", amount: 50, reset: "00:00 UTC" },
    TOKENS,
  ];

  it("names what is limited, how much of it is wanted, and the cooldowns that must be over", () => {
    const [candidate] = candidatesWith(limits);
    expect(claimOf(candidate, needFor(candidate, FACTS), START)).toStrictEqual({
      meters: [
        {
          id: "p@|requests/day",
          shape: { kind: "calendar" },
          amount: 50,
          need: 1,
          endsAtMs: Date.UTC(2026, 10, 22),
        },
        {
          id: "p@/a|tokens/minute",
          shape: { kind: "sliding", windowMs: 60_000, slices: 240 },
          amount: 10_000,
          need: 150,
          // Whether units come back with the full minute is to be tested.
          byPeriod: true,
          ...PERIOD,
        },
        { ...countedOnly("p@/a|requests/minute"), periodStartMs: PERIOD.periodStartMs },
        { ...countedOnly("p@|requests/minute"), periodStartMs: PERIOD.periodStartMs },
      ],
      cooldowns: ["p@", "p@/a", "p"],
    });
    const nothing = { tokens: 0, inputs: 1, images: 1, usd: 0 };
    expect(claimOf(candidate, nothing, START).meters.map(({ id }) => id)).toEqual([
      "p@|requests/day",
      "p@/a|requests/minute",
      "p@|requests/minute",
    ]);
  });

  it("is settled with what was really used, in the period that it was taken in", () => {
    const [candidate] = candidatesWith(limits);
    const reservation = take(candidate, needFor(candidate, FACTS), START);
    expect(settlementsOf(reservation, { usage: { inputTokens: 90, outputTokens: 5 } })).toStrictEqual([
      {
        id: "p@|requests/day",
        shape: { kind: "calendar" },
        reserved: 1,
        used: 1,
        takenAtMs: START,
        endsAtMs: Date.UTC(2026, 10, 22),
      },
      {
        id: "p@/a|tokens/minute",
        shape: { kind: "sliding", windowMs: 60_000, slices: 240 },
        reserved: 150,
        used: 95,
        takenAtMs: START,
      },
      ...["p@/a|requests/minute", "p@|requests/minute"].map((id) => ({
        id,
        shape: { kind: "sliding", windowMs: 60_000, slices: 240 },
        reserved: 1,
        used: 1,
        takenAtMs: START,
      })),
    ]);
  });

  it("is settled for what was used though nothing of it was reserved, and not where neither is so", () => {
    const [candidate] = candidatesWith([TOKENS]);
    const nothing = { tokens: 0, inputs: 1, images: 1, usd: 0 };
    const reservation = take(candidate, nothing, START);
    expect(settlementsOf(reservation, { usage: { inputTokens: 9, outputTokens: 1 } })).toMatchObject([
      { reserved: 0, used: 10 },
      { id: "p@/a|requests/minute" },
      { id: "p@|requests/minute" },
    ]);
    expect(settlementsOf(reservation, {}).map(({ id }) => id)).not.toContain("p@/a|tokens/minute");
  });
});

it("an attempt is settled once", () => {
  const [candidate] = candidatesWith([TOKENS]);
  const reservation = take(candidate, needFor(candidate, FACTS), START);
  expect(reservation).toMatchObject({ takenAtMs: START, settled: false });
  settleMeters(reservation, { usage: { inputTokens: 10, outputTokens: 0 } }, START);
  settleMeters(reservation, { usage: { inputTokens: 900, outputTokens: 0 } }, START);
  const meter = meterOf(candidate, "tokens");
  expect([meter.used(START), meter.pending]).toEqual([10, 0]);
});
