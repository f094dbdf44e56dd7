import type { Failure, FailureClass, Limit } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import type { Candidate } from "../candidate.ts";
import type { RequestFacts } from "../facts.ts";
import { begin, type Result, settle } from "../settle.ts";
import { candidatesWith } from "../table.fixture.ts";
import type { Meter } from "./meter.ts";
import { needFor, settlementsOf, take } from "./reserve.ts";

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
