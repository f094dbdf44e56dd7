import type { Failure, Operation } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { type FirstTry, firstContentMs, isStale, retryIsFutile, secondTryAfterMs } from "./second-try.ts";

const failure = (failureClass: Failure["class"], more: Partial<Failure> = {}): Failure => ({
  class: failureClass,
  scope: "model",
  message: "it failed",
  ...more,
});
const first = (one: Failure, more: Partial<FirstTry> = {}): FirstTry => ({
  operation: "chat",
  failure: one,
  reset: false,
  otherOpen: false,
  named: false,
  ...more,
});
const isTriedAgain = (one: Failure, more: Partial<FirstTry> = {}): boolean =>
  secondTryAfterMs(first(one, more), 0.5) !== undefined;

describe("a stale connection", () => {
  const reset = { beforeAnyByte: true, kept: true, sinceSentMs: 1_000 };

  it("is a kept one that is closed before any byte, within a second of sending", () => {
    expect(isStale(reset)).toBe(true);
    expect(isStale({ ...reset, sinceSentMs: 1_001 })).toBe(false);
    expect(isStale({ ...reset, sinceSentMs: 120_000 })).toBe(false);
    expect(isStale({ ...reset, beforeAnyByte: false })).toBe(false);
    expect(isStale({ ...reset, kept: false })).toBe(false);
  });
});

describe("a second try", () => {
  const error500 = failure("server_error", { status: 500 });

  it("comes after a 500, also where another candidate is open", () => {
    expect(isTriedAgain(error500)).toBe(true);
    expect(isTriedAgain(error500, { otherOpen: true })).toBe(true);
  });

  it.each<[string, Failure, boolean]>([
    ["a 502", failure("server_error", { status: 502 }), false],
    ["a 503", failure("overloaded", { status: 503 }), false],
    ["a 504", failure("timeout", { status: 504 }), false],
    ["an overload that a stream reports", failure("overloaded"), false],
    ["an error without a status in a stream", failure("server_error"), false],
    ["a reset", failure("network"), true],
    ["a 429 with a wait of 3 s", failure("rate_limit", { status: 429, retryAfterMs: 3_000 }), false],
  ])("comes after %s only where no other candidate is open", (_, one, reset) => {
    expect(isTriedAgain(one, { reset })).toBe(true);
    expect(isTriedAgain(one, { reset, otherOpen: true })).toBe(false);
  });

  it("comes after a short stated wait of the model that the client named, though another model is open", () => {
    const limited = failure("rate_limit", { status: 429, retryAfterMs: 2_000 });
    expect(isTriedAgain(limited, { otherOpen: true, named: true })).toBe(true);
    expect(isTriedAgain(failure("overloaded", { status: 503 }), { otherOpen: true, named: true })).toBe(
      false,
    );
  });

  it.each<[string, Failure]>([
    ["a 429 without a stated wait", failure("rate_limit", { status: 429 })],
    ["a 429 with a longer wait", failure("rate_limit", { status: 429, retryAfterMs: 3_001 })],
    ["a 500 with a longer wait", failure("server_error", { status: 500, retryAfterMs: 3_001 })],
    ["a day's quota", failure("daily_quota", { status: 429, retryAfterMs: 1_000 })],
    ["the gateway's own time limit", failure("timeout")],
    ["a 408", failure("timeout", { status: 408 })],
    ["a refused connection", failure("network")],
    ["a redirect", failure("server_error", { status: 302 })],
    ["a malformed answer", failure("malformed", { status: 200 })],
    ["a dead key", failure("dead_key", { status: 401 })],
    ["a prompt that is too long", failure("context_window", { status: 400 })],
    ["the client's own error", failure("bad_request", { status: 400 })],
  ])("never comes after %s", (_, one) => {
    expect(isTriedAgain(one)).toBe(false);
  });

  it.each<[Operation, boolean]>([
    ["chat", true],
    ["embedding", true],
    ["rerank", true],
    ["moderation", true],
    ["image", false],
    ["speech", false],
    ["transcription", false],
  ])("for %s: %s", (operation, expected) => {
    expect(isTriedAgain(error500, { operation })).toBe(expected);
  });

  it("comes after the stated wait, else after 150 to 250 ms", () => {
    const limited = failure("rate_limit", { status: 429, retryAfterMs: 2_000 });
    expect(secondTryAfterMs(first(limited), 0.9)).toBe(2_000);
    expect(secondTryAfterMs(first(error500), 0)).toBe(150);
    expect(secondTryAfterMs(first(error500), 0.999_999)).toBeCloseTo(250, 0);
  });
});

describe("how long a candidate may produce nothing", () => {
  const expected = {
    streams: true,
    otherOpen: true,
    reasons: false,
    p95Ms: undefined,
    policyMs: undefined,
    operatorsMs: undefined,
    timeouts: {},
  };

  it("of a stream, while another candidate is open: 10 s, and 60 s for a model that reasons", () => {
    expect(firstContentMs(expected)).toBe(10_000);
    expect(firstContentMs({ ...expected, reasons: true })).toBe(60_000);
  });

  it.each([
    [1_000, 10_000],
    [8_000, 24_000],
    [30_000, 60_000],
  ])(
    "of a model with a known 95th percentile of %i ms: three times that, from 10 to 60 s: %i ms",
    (p95Ms, ms) => {
      expect(firstContentMs({ ...expected, p95Ms })).toBe(ms);
      expect(firstContentMs({ ...expected, p95Ms, reasons: true })).toBe(ms);
    },
  );

  it("of the last candidate's stream, and of a whole answer: 120 s", () => {
    expect(firstContentMs({ ...expected, otherOpen: false, p95Ms: 1_000 })).toBe(120_000);
    expect(firstContentMs({ ...expected, streams: false, p95Ms: 1_000 })).toBe(120_000);
  });

  it("a fragment's longer limit counts there, and with its reason also while another candidate is open", () => {
    const timeouts = { firstTokenMs: 300_000 };
    expect(firstContentMs({ ...expected, timeouts })).toBe(10_000);
    expect(firstContentMs({ ...expected, timeouts, otherOpen: false })).toBe(300_000);
    expect(firstContentMs({ ...expected, timeouts, streams: false })).toBe(300_000);
    expect(firstContentMs({ ...expected, timeouts: { firstTokenMs: 30_000 }, otherOpen: false })).toBe(
      120_000,
    );
    expect(firstContentMs({ ...expected, timeouts: { ...timeouts, why: "It loads." } })).toBe(300_000);
  });

  it("the operator's option wins over a fragment's, unless the fragment says why it must not", () => {
    const timeouts = { firstTokenMs: 300_000 };
    const operators = { ...expected, operatorsMs: 5_000, timeouts };
    expect(firstContentMs(operators)).toBe(5_000);
    expect(firstContentMs({ ...operators, otherOpen: false })).toBe(5_000);
    expect(firstContentMs({ ...operators, streams: false })).toBe(25_000);
    expect(firstContentMs({ ...operators, timeouts: { ...timeouts, why: "It loads." } })).toBe(300_000);
  });

  it("a route's limit counts while another candidate is open", () => {
    const policy = { ...expected, policyMs: 4_000, operatorsMs: 70_000 };
    expect(firstContentMs(policy)).toBe(4_000);
    expect(firstContentMs({ ...policy, otherOpen: false })).toBe(70_000);
  });
});

describe("x-should-retry: false", () => {
  it.each([400, 401, 403, 404, 413, 422, 501])("is sent with %i: a retry gains nothing", (status) => {
    expect(retryIsFutile({ status, code: undefined, attempts: 0 })).toBe(true);
  });

  it("is sent for a dead key and for spent credit, which only the operator mends", () => {
    expect(retryIsFutile({ status: 503, code: "dead_key", attempts: 1 })).toBe(true);
    expect(retryIsFutile({ status: 503, code: "out_of_credit", attempts: 1 })).toBe(true);
  });

  it.each([408, 429, 500, 502, 503, 504])("is sent with %i only after two attempts", (status) => {
    expect(retryIsFutile({ status, code: "overloaded", attempts: 0 })).toBe(false);
    expect(retryIsFutile({ status, code: "overloaded", attempts: 1 })).toBe(false);
    expect(retryIsFutile({ status, code: "overloaded", attempts: 2 })).toBe(true);
  });
});
