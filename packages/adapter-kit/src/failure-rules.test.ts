import type { FailureClass, FailureScope } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { classify, classifyError } from "./classify.ts";

const NOW_MS = Date.UTC(2026, 10, 21);

interface Refusal {
  /** 0 is an error inside an answer, which names none. */
  readonly status: number;
  readonly text?: string;
  readonly code?: string;
}

function judged({ status, text = "no", code }: Refusal): readonly [FailureClass, FailureScope] {
  const failure =
    status === 0
      ? classifyError({ message: text, ...(code === undefined ? {} : { code }) }, [])
      : classify(
          { status, headers: {}, body: JSON.stringify({ error: { message: text, code } }) },
          [],
          NOW_MS,
        );
  return [failure.class, failure.scope];
}
const classOf = (refusal: Refusal): FailureClass => judged(refusal)[0];

/** Which of these statuses make such an error this class. */
const statusesOf = (wanted: FailureClass, refusal: Omit<Refusal, "status">, statuses: readonly number[]) =>
  statuses.filter((status) => classOf({ ...refusal, status }) === wanted);

describe("what a status means where the body says nothing", () => {
  it.each<[number, FailureClass, FailureScope]>([
    [0, "server_error", "model"],
    [300, "server_error", "model"],
    [399, "server_error", "model"],
    [400, "bad_request", "request"],
    [401, "dead_key", "key"],
    [402, "out_of_credit", "key"],
    [403, "permission", "model"],
    [404, "server_error", "provider"],
    [405, "server_error", "provider"],
    [406, "bad_request", "request"],
    [408, "timeout", "model"],
    [409, "overloaded", "model"],
    [410, "server_error", "provider"],
    [411, "bad_request", "request"],
    [413, "context_window", "request"],
    [418, "bad_request", "request"],
    [422, "bad_request", "request"],
    [425, "overloaded", "model"],
    [429, "rate_limit", "model"],
    [451, "content_filter", "request"],
    [499, "bad_request", "request"],
    [500, "server_error", "model"],
    [503, "overloaded", "model"],
    [504, "timeout", "model"],
    [522, "timeout", "model"],
    [524, "timeout", "model"],
    [529, "overloaded", "model"],
    [599, "server_error", "model"],
  ])("%d: %s of the %s", (status, failureClass, scope) => {
    expect(judged({ status })).toEqual([failureClass, scope]);
  });
});

/** Each status that some rule names, and some that none does. */
const STATUSES = [0, 400, 401, 402, 403, 404, 409, 410, 413, 418, 422, 429, 499, 500, 502, 503] as const;

describe("what a code means, and with which statuses", () => {
  const refusals = [0, 400, 403, 404, 409, 410, 418, 422, 429, 499];
  it.each<[FailureClass, readonly string[], readonly number[]]>([
    ["context_window", ["context_length_exceeded", "request_too_large"], STATUSES],
    [
      "out_of_credit",
      ["insufficient_quota", "billing_error", "billing_hard_limit_reached", "insufficient_balance"],
      STATUSES.filter((status) => status !== 413),
    ],
    [
      "content_filter",
      ["content_filter", "contentpolicy", "CONTENT_POLICY_VIOLATION", "moderation_blocked"],
      [...refusals, 401],
    ],
    ["dead_key", ["invalid_api_key", "Authentication_Error", "UNAUTHENTICATED"], [0, 400, 401, 403]],
    [
      "model_gone",
      ["model_not_found", "model_decommissioned", "model_not_available", "model_terms_required"],
      [0, 400, 403, 404, 409, 410, 418, 422, 499],
    ],
    ["permission", ["permission_error", "PERMISSION_DENIED"], [0, 403]],
    [
      "overloaded",
      ["overloaded", "overloaded_error", "UNAVAILABLE"],
      [0, 400, 404, 409, 410, 418, 422, 429, 499, 500, 502, 503],
    ],
    ["rate_limit", ["rate_limit_error", "RateLimitExceeded"], [0, 429, 500, 502]],
    ["timeout", ["timeout", "REQUEST_TIMEOUT"], [0]],
    ["bad_request", ["invalid_request_error", "invalid_request"], [0, 400, 418, 422, 499]],
  ])("%s: %j", (failureClass, codes, statuses) => {
    for (const code of codes)
      expect([code, statusesOf(failureClass, { code }, STATUSES)]).toEqual([
        code,
        STATUSES.filter((status) => statuses.includes(status)),
      ]);
  });

  it.each([
    "xcontext_length_exceeded",
    "context_length_exceededx",
    "xinsufficient_quota",
    "insufficient_quotax",
    "xinvalid_api_key",
    "invalid_api_keyx",
    "xmodel_not_found",
    "model_not_foundx",
    "xpermission_error",
    "permission_errorx",
    "xoverloaded",
    "overloadedx",
    "xunavailable",
    "unavailablex",
    "xinvalid_request",
    "invalid_requestx",
    "content__filter",
    "rate__limit",
    "Model_Not_Found",
  ])("%s is no code of these", (code) => {
    expect(classOf({ status: 0, code })).toBe("server_error");
  });
});

describe("what the words mean, and with which statuses", () => {
  it.each<[FailureClass, readonly string[], readonly number[]]>([
    [
      "context_window",
      [
        "context length",
        "the context_window",
        "context-size",
        "contextlength",
        "Maximum context",
        "prompt is too long",
        "too many tokens",
        "too many input tokens",
        "input is too long",
        "reduce the length of the messages",
        "reduce the length of the prompt",
        "exceeds the available context",
        "exceeds the models context",
        "exceeds the model's maximum",
      ],
      [0, 400, 413, 422, 500, 502, 503],
    ],
    [
      "out_of_credit",
      [
        "insufficient balance",
        "insufficient_credit",
        "insufficient-credits",
        "Insufficientfunds",
        "credit balance is too low",
        "out of credit",
        "out of credits",
        "requires more credits",
        "need more credits",
        "no credit left",
        "no credits remaining",
        "negative balance",
        "billing hard limit",
      ],
      [0, 400, 401, 402, 403, 404, 409, 410, 418, 422, 429, 499],
    ],
    [
      "content_filter",
      [
        "content policy",
        "content-policy",
        "content_policy",
        "content management policy",
        "content filter",
        "safety system",
        "safety filter",
        "flagged by us",
        "flagged as unsafe",
        "flagged for review",
        "moderation",
      ],
      [400, 403, 422],
    ],
    [
      "daily_quota",
      ["per day", "per-day", "per_day", "PerDay", "a daily limit", "(RPD)", "on tpd"],
      [0, 429],
    ],
    ["monthly_quota", ["per month", "per-month", "per_month", "PerMonth", "a monthly limit"], [0, 403, 429]],
    [
      "dead_key",
      [
        "API key is not valid",
        "api_key invalid",
        "api-key expired",
        "apikey revoked",
        "api key not found",
        "API_KEY_INVALID",
        "invalid api key",
        "incorrect api_key",
        "expired api-key",
        "revoked apikey",
        "unknown api key",
        "invalid x-api-key",
      ],
      [0, 400, 401, 403],
    ],
    [
      "model_gone",
      [
        "model x not found",
        "the model does not exist",
        "model is not available",
        "model unavailable",
        "model not supported",
        "model decommissioned",
        "model was deprecated",
        "model retired",
        "model is no longer offered",
        "no such model",
        "unknown model",
        "invalid model",
        "unsupported model",
        "x is not a valid model",
        "no allowed providers",
        "no endpoints found",
      ],
      [0, 400, 404, 410, 422],
    ],
    [
      "overloaded",
      ["out of memory", "cudaMalloc failed", "failed to allocate", "requires more system memory"],
      [0, 409, 500, 502, 503],
    ],
    [
      "overloaded",
      [
        "overloaded",
        "server busy",
        "server is busy",
        "DEGRADED",
        "at capacity",
        "over capacity",
        "no healthy upstream",
        "no available instances",
        "no available instance",
      ],
      [0, 400, 404, 409, 410, 418, 422, 429, 499, 500, 502, 503],
    ],
    [
      "rate_limit",
      ["rate limit", "rate-limit", "rate_limit", "ratelimit", "too many requests", "RESOURCE_EXHAUSTED"],
      [0, 429],
    ],
  ])("%s: %j", (failureClass, texts, statuses) => {
    for (const text of texts)
      expect([text, statusesOf(failureClass, { text }, STATUSES)]).toEqual([
        text,
        STATUSES.filter((status) => statuses.includes(status)),
      ]);
  });

  it.each([
    "context of the length",
    "too many output tokens",
    "exceeds the limit",
    "insufficient quota",
    "no credits",
    "perhaps a day",
    "todaily",
    "dailyish",
    "grpd",
    "rpdx",
    "bimonthlyx",
    "bimonthly",
    "monthlyish",
    "api key, which is valid",
    "api key missing",
    "content is a policy",
    "flagged",
    "models not found",
    `model ${"x".repeat(121)}not found`,
    "memory",
    "busy",
    "capacity",
    "no upstream",
    "rates limit",
    "many requests",
    "error code 1010",
  ])("%s says nothing", (text) => {
    expect(classOf({ status: 0, text })).toBe("server_error");
  });

  it("a model's name may be long between its two words", () => {
    expect(classOf({ status: 404, text: `model ${"x".repeat(119)}not found` })).toBe("model_gone");
  });
});

describe("a 429 whose words are a 503's", () => {
  it.each([
    "server busy",
    "The model is too busy, please retry",
    "The engine is currently overloaded",
    "Service tier capacity exceeded for this model.",
    "No capacity available for this model",
    "We're experiencing high traffic right now! Please try again soon.",
    "high demand",
    "under heavy load",
    "Service temporarily unavailable",
    "Service Unavailable",
  ])("is an overload: %s", (text) => {
    expect(classOf({ status: 429, text })).toBe("overloaded");
  });

  it.each(["engine_overloaded_error", "overloaded_error", "queue_exceeded", "UNAVAILABLE"])(
    "is an overload by its code: %s",
    (code) => {
      expect(classOf({ status: 429, code, text: "slow down" })).toBe("overloaded");
    },
  );

  it.each(["Too Many Requests", "Rate limit exceeded", "slow down", "busybody", "try again later"])(
    "is a refusal where they name no overload: %s",
    (text) => {
      expect(classOf({ status: 429, text })).toBe("rate_limit");
    },
  );

  it("is a quota's where they name a day as well", () => {
    expect(classOf({ status: 429, text: "daily limit reached, server busy" })).toBe("daily_quota");
  });
});

describe("Cloudflare's refusal of a User-Agent", () => {
  const body = (text: string, status = 403): string =>
    classify({ status, headers: {}, body: text }, [], NOW_MS).scope;

  it.each([
    "error code: 1010",
    "Error code 1010",
    "error code:1010",
    "error code1010",
    "browser_signature_banned",
    '{"error_code": 1010}',
    '{"errorcode":1010}',
  ])("is of the provider, and no model's: %s", (text) => {
    expect(body(text)).toBe("provider");
  });

  it.each(["error code: 10101", "error_code: 1010", '{"error_code":10101}', '{"error_code":  1010}'])(
    "is not seen in %s",
    (text) => {
      expect(body(text)).toBe("model");
    },
  );

  it("comes with a 403", () => {
    expect(body("error code: 1010", 400)).toBe("request");
  });
});

describe("OpenAI's code for a text that is too long", () => {
  const tooLong = (at: string): FailureClass =>
    classOf({
      status: 400,
      code: "string_above_max_length",
      text: `Invalid '${at}': string too long. Expected a string with maximum length 64, but got a string with length 70 instead.`,
    });

  it.each([
    "messages[0].content",
    "messages[2].content[1].text",
    "input",
    "input[3].output",
    "instructions",
    "prompt",
  ])("is a prompt's: %s", (at) => {
    expect(tooLong(at)).toBe("context_window");
  });

  it.each([
    "messages[1].tool_calls[0].id",
    "input[2].call_id",
    "input[2].id",
    "tools[0].function.name",
    "metadata.a",
  ])("is the request's own fault: %s", (at) => {
    expect(tooLong(at)).toBe("bad_request");
  });
});

it("a note stands before the upstream's own words", () => {
  const message = (status: number, text: string): string =>
    classify({ status, headers: {}, body: JSON.stringify({ error: text }) }, [], NOW_MS).message;
  expect(message(500, "out of memory")).toMatch(/^.+: out of memory$/);
  expect(message(404, "nothing here")).toMatch(/^.+: nothing here$/);
  expect(message(403, "error code: 1010")).toMatch(/^.*User-Agent.*: error code: 1010$/);
  expect(message(500, "it broke")).toBe("it broke");
});
