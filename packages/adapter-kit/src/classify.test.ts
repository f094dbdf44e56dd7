import type { ErrorRule, FailureClass, FailureScope } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { classify, classifyError } from "./classify.ts";

const NOW_MS = Date.UTC(2026, 10, 21);
const openai = (message: string, code?: string | number, type?: string): string =>
  JSON.stringify({ error: { message, type, param: null, code } });
const judge = (status: number, body: string, rules: readonly ErrorRule[] = []) =>
  classify({ status, headers: {}, body }, rules, NOW_MS);

/** Prompts beyond the window, in each provider's own words. */
const OVERFLOWS: readonly (readonly [provider: string, status: number, body: string])[] = [
  [
    "OpenAI",
    400,
    openai("This model's maximum context length is 8192 tokens. However, …", "context_length_exceeded"),
  ],
  ["Anthropic", 400, openai("prompt is too long: 210000 tokens > 200000 maximum")],
  [
    "Gemini",
    400,
    '{"error":{"code":400,"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}',
  ],
  [
    "xAI",
    400,
    '{"code":"Client specified an invalid argument","error":"This model\'s maximum prompt length is 131072 but the request contains 140000 tokens."}',
  ],
  [
    "Moonshot",
    400,
    openai(
      "Invalid request: Your request exceeded model token limit: 8192",
      undefined,
      "invalid_request_error",
    ),
  ],
  [
    "Together",
    422,
    openai(
      "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000 `inputs` tokens and 1 `max_new_tokens`",
    ),
  ],
  ["Groq", 400, openai("Please reduce the length of the messages or completion.", "context_length_exceeded")],
  [
    "Mistral",
    400,
    openai("Prompt contains 40000 tokens … too large for model with 32768 maximum context length"),
  ],
  ["DeepSeek", 400, openai("This model's maximum context length is 65536 tokens.")],
  ["Cohere", 400, '{"message":"too many tokens: size limit exceeded by 100 tokens."}'],
  [
    "OpenRouter",
    400,
    openai(
      "This endpoint's maximum context length is 8192 tokens. However, you requested about 9000 tokens",
      400,
    ),
  ],
  [
    "llama.cpp",
    400,
    openai("the request exceeds the available context size", 400, "exceed_context_size_error"),
  ],
];

it.each(OVERFLOWS)("%s's own words for a prompt beyond the window are recognised", (_, status, body) => {
  expect(judge(status, body)).toMatchObject({ class: "context_window", scope: "request" });
});

it("reads a wait that stands only in Google's RetryInfo, whatever the envelope", () => {
  const error = {
    code: 429,
    message: "Resource has been exhausted",
    status: "RESOURCE_EXHAUSTED",
    details: [
      { "@type": "type.googleapis.com/google.rpc.QuotaFailure" },
      { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "41.5s" },
    ],
  };
  expect(judge(429, JSON.stringify({ error }))).toMatchObject({ class: "rate_limit", retryAfterMs: 41_500 });
  expect(judge(429, JSON.stringify([{ error }]))).toMatchObject({ retryAfterMs: 41_500 });
});

it("counts to a reset that stands only in the words", () => {
  expect(judge(429, openai("Limit reached. It resets at 2026-11-21T00:00:07Z")).retryAfterMs).toBe(7_000);
});

type Row = [name: string, status: number, body: string, expected: FailureClass, scope: FailureScope];

const ROWS: Row[] = [
  [
    "Groq, tokens per minute",
    429,
    openai(
      "Rate limit reached for model `x` on tokens per minute (TPM): Limit 6000",
      "rate_limit_exceeded",
      "tokens",
    ),
    "rate_limit",
    "model",
  ],
  [
    "Groq, requests per day",
    429,
    openai("Rate limit reached on requests per day (RPD): Limit 1000", "rate_limit_exceeded"),
    "daily_quota",
    "model",
  ],
  [
    "Groq, prompt beyond the minute's tokens",
    413,
    openai("Request too large for model `x` on tokens per minute (TPM)", "rate_limit_exceeded"),
    "context_window",
    "request",
  ],
  [
    "Groq, model withdrawn",
    400,
    openai("The model `x-3.1` has been decommissioned", "model_decommissioned"),
    "model_gone",
    "model",
  ],
  [
    "OpenRouter, free models per day",
    429,
    openai("Rate limit exceeded: free-models-per-day", 429),
    "daily_quota",
    "model",
  ],
  ["OpenRouter, no credit", 402, openai("This request requires more credits", 402), "out_of_credit", "key"],
  ["OpenRouter, unknown model", 400, openai("foo/bar is not a valid model ID", 400), "model_gone", "model"],
  [
    "OpenRouter, no endpoint",
    404,
    openai("No endpoints found for foo/bar:free.", 404),
    "model_gone",
    "model",
  ],
  [
    "OpenRouter, backend's 429 inside a 500",
    500,
    openai("Provider returned error", 429),
    "rate_limit",
    "model",
  ],
  [
    "OpenAI, quota",
    429,
    openai("You exceeded your current quota", "insufficient_quota", "insufficient_quota"),
    "out_of_credit",
    "key",
  ],
  [
    "OpenAI, bad key",
    401,
    openai("Incorrect API key provided: test-key", "invalid_api_key"),
    "dead_key",
    "key",
  ],
  [
    "OpenAI, context",
    400,
    openai("This model's maximum context length is 8192 tokens", "context_length_exceeded"),
    "context_window",
    "request",
  ],
  [
    "OpenAI, policy",
    400,
    openai("Your request was rejected", "content_policy_violation"),
    "content_filter",
    "request",
  ],
  [
    "Azure, filter",
    400,
    openai("The response was filtered due to content management policy", "content_filter"),
    "content_filter",
    "request",
  ],
  [
    "OpenAI, no such model",
    404,
    openai("The model `gpt-9` does not exist or you do not have access to it.", "model_not_found"),
    "model_gone",
    "model",
  ],
  [
    "OpenAI, bad field",
    400,
    openai("Unrecognized request argument supplied: foo", undefined, "invalid_request_error"),
    "bad_request",
    "request",
  ],
  [
    "Anthropic, prompt too long",
    400,
    '{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}',
    "context_window",
    "request",
  ],
  [
    "Anthropic, overloaded",
    529,
    '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
    "overloaded",
    "model",
  ],
  [
    "Anthropic, credit",
    400,
    '{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API"}}',
    "out_of_credit",
    "key",
  ],
  [
    "Google, bad key",
    400,
    '[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]',
    "dead_key",
    "key",
  ],
  [
    "Google, per day",
    429,
    '{"error":{"code":429,"message":"You exceeded your current quota","status":"RESOURCE_EXHAUSTED","details":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}}',
    "daily_quota",
    "model",
  ],
  [
    "NVIDIA, degraded",
    400,
    '{"detail":"Function id x: DEGRADED function cannot be invoked"}',
    "overloaded",
    "model",
  ],
  ["ModelScope, balance", 429, openai("insufficient balance"), "out_of_credit", "key"],
  [
    "Cohere, trial key per month",
    429,
    '{"message":"You are using a Trial key, which is limited to 1000 API calls / month (monthly)"}',
    "monthly_quota",
    "key",
  ],
  [
    "Mistral, unknown field",
    422,
    '{"detail":[{"loc":["body","foo"],"msg":"Extra inputs are not permitted"}]}',
    "bad_request",
    "request",
  ],
  [
    "Mistral, invalid model",
    400,
    '{"object":"error","message":"Invalid model: x","type":"invalid_model","code":"1500"}',
    "model_gone",
    "model",
  ],
  ["Cloudflare, User-Agent", 403, "error code: 1010", "permission", "provider"],
  ["Cloudflare, 524", 524, "<!DOCTYPE html><title>a timeout occurred</title>", "timeout", "model"],
  [
    "a proxy's page",
    502,
    "<html><head><title>502 Bad Gateway</title></head></html>",
    "server_error",
    "provider",
  ],
  ["a proxy's 503 page", 503, "<html><h1>503 Service Unavailable</h1></html>", "overloaded", "model"],
  ["a route that is not there", 404, "404 page not found", "server_error", "provider"],
  ["a page for a route", 404, "<html><title>Not Found</title></html>", "server_error", "provider"],
  [
    "Ollama, missing model",
    404,
    '{"error":"model \\"llama3.2:3b\\" not found, try pulling it first"}',
    "model_gone",
    "model",
  ],
  ["Ollama, busy", 503, '{"error":"server busy, please try again"}', "overloaded", "model"],
  [
    "Ollama, memory",
    500,
    '{"error":"model requires more system memory (9 GiB) than is available"}',
    "overloaded",
    "model",
  ],
  ["talkies, another model is active", 409, '{"detail":"another model is active"}', "overloaded", "model"],
  ["moderation", 403, openai("Your input was flagged by moderation"), "content_filter", "request"],
  ["forbidden", 403, openai("Access denied to this model"), "permission", "model"],
  ["legal reasons", 451, "", "content_filter", "request"],
  ["slow", 408, "", "timeout", "model"],
  ["a proxy's timeout", 504, "upstream request timeout", "timeout", "model"],
  ["a plain 500", 500, "Internal Server Error", "server_error", "model"],
  ["a redirect", 302, "", "server_error", "model"],
];

describe("the classifier", () => {
  it.each(ROWS)("classifies %s", (_name, status, body, expected, scope) => {
    const failure = judge(status, body);
    expect({ class: failure.class, scope: failure.scope }).toEqual({ class: expected, scope });
    expect(failure.status).toBe(status);
  });

  it("applies a provider's own rule first, by status, code and text together", () => {
    const rule: ErrorRule = { status: 401, contains: "user NOT found", class: "rate_limit", why: "seen" };
    expect(judge(401, openai("User not found"), [rule]).class).toBe("rate_limit");
    expect(judge(401, openai("Other"), [rule]).class).toBe("dead_key");
    expect(judge(403, openai("User not found"), [rule]).class).toBe("permission");
    const byCode: ErrorRule = { code: "tool_use_failed", class: "malformed", why: "seen" };
    expect(judge(400, openai("x", "tool_use_failed"), [byCode]).class).toBe("malformed");
    expect(judge(400, openai("tool_use_failed", "other"), [byCode]).class).toBe("bad_request");
    expect(judge(400, openai("x", "other", "tool_use_failed"), [byCode]).class).toBe("malformed");
  });

  it("carries the upstream's message, code and wait", () => {
    const failure = classify(
      { status: 429, headers: { "retry-after": "3" }, body: openai("slow\ndown", "rate_limit_exceeded") },
      [],
      NOW_MS,
    );
    expect(failure).toEqual({
      class: "rate_limit",
      scope: "model",
      message: "slow down",
      status: 429,
      code: "rate_limit_exceeded",
      retryAfterMs: 3000,
    });
    expect(judge(429, openai("Please try again in 7.5s")).retryAfterMs).toBe(7500);
  });

  const HOUR_S = 3_600;
  it.each([
    ["rate_limit", 429, "slow down", 7 * 24 * HOUR_S],
    ["daily_quota", 429, "too many requests per day", 25 * HOUR_S],
    ["monthly_quota", 429, "monthly limit reached", 31 * 24 * HOUR_S],
    ["out_of_credit", 402, "add credit", 24 * HOUR_S],
    ["dead_key", 401, "bad key", 24 * HOUR_S],
    ["permission", 403, "not allowed", 24 * HOUR_S],
    ["model_gone", 404, "model not found", 24 * HOUR_S],
    ["overloaded", 503, "later", HOUR_S],
    ["server_error", 500, "broken", HOUR_S],
    ["timeout", 504, "slow", HOUR_S],
  ])("a wait of %s is believed up to the longest of its class", (failureClass, status, message, longestS) => {
    const withWait = (seconds: number, rules: readonly ErrorRule[] = []) =>
      classify({ status, headers: { "retry-after": String(seconds) }, body: openai(message) }, rules, NOW_MS);
    expect(withWait(longestS)).toMatchObject({ class: failureClass, retryAfterMs: longestS * 1_000 });
    expect(withWait(longestS + 1).retryAfterMs).toBeUndefined();
    const own: ErrorRule = { status, class: "server_error", why: "seen" };
    expect(withWait(HOUR_S + 1, [own]).retryAfterMs).toBeUndefined();
    const inner = { message: "x", class: "server_error", retryAfterMs: (HOUR_S + 1) * 1_000 } as const;
    expect(classifyError(inner, []).retryAfterMs).toBeUndefined();
  });

  it("describes a page or an empty body, and shows no key", () => {
    expect(judge(502, "<html><title>502 Bad Gateway</title></html>").message).toBe(
      "HTTP 502 with an HTML page, not JSON (502 Bad Gateway)",
    );
    expect(judge(500, "").message).toBe("HTTP 500 without a message");
    expect(judge(401, openai("Incorrect API key provided: sk-fakefakefake1234")).message).not.toContain(
      "fakefake",
    );
    expect(judge(403, "error code: 1010").message).toContain("User-Agent");
  });

  it("reads a message from a body that was cut short", () => {
    const cut = openai("You are too fast", "rate_limit_exceeded").slice(0, 40);
    expect(judge(429, cut).message).toBe("You are too fast");
    expect(judge(400, '{"error":{"code":"x","message":"half a sent').message).toBe("half a sent");
  });

  it("classifies errors inside an answer by status, code or message", () => {
    const inner = (message: string, more = {}) => classifyError({ message, ...more }, []).class;
    expect(inner("x", { status: 429 })).toBe("rate_limit");
    expect(inner("x", { code: "overloaded_error" })).toBe("overloaded");
    expect(inner("x", { code: "rate_limit_error" })).toBe("rate_limit");
    expect(inner("Rate limit exceeded: free-models-per-day", { status: 429 })).toBe("daily_quota");
    expect(inner("CUDA error: out of memory")).toBe("overloaded");
    expect(inner("server busy, please try again")).toBe("overloaded");
    expect(inner("unknown")).toBe("server_error");
    expect(inner("cut", { class: "network" })).toBe("network");
    expect(classifyError({ message: "x", status: 429, retryAfterMs: 5 }, []).retryAfterMs).toBe(5);
    const rule: ErrorRule = { contains: "venice", class: "rate_limit", why: "seen" };
    expect(classifyError({ message: "Venice is down" }, [rule]).class).toBe("rate_limit");
  });

  it("believes a status inside the body only where the answer's own is a mere 500", () => {
    expect(judge(500, openai("x", 404)).class).toBe("server_error");
    expect(judge(500, openai("x", 404)).scope).toBe("provider");
    expect(judge(502, openai("x", 429)).class).toBe("server_error");
    expect(judge(400, openai("x", 429)).class).toBe("bad_request");
    expect(judge(500, openai("x", 429)).status).toBe(500);
  });

  it("takes the wait from the headers, else from the words, else says none", () => {
    const body = openai("try again in 7s");
    expect(classify({ status: 429, headers: { "retry-after": "3" }, body }, [], NOW_MS).retryAfterMs).toBe(
      3_000,
    );
    expect(judge(429, body).retryAfterMs).toBe(7_000);
    expect(judge(429, openai("slow"))).not.toHaveProperty("retryAfterMs");
    expect(judge(429, "<title>try again in 7s</title>")).not.toHaveProperty("retryAfterMs");
    expect(classifyError({ message: "try again in 2s" }, []).retryAfterMs).toBe(2_000);
    expect(classifyError({ message: "try again in 2s", retryAfterMs: 9 }, []).retryAfterMs).toBe(9);
  });

  it("gives a failure no more than is known", () => {
    expect(classifyError({ message: "x" }, [])).toStrictEqual({
      class: "server_error",
      scope: "model",
      message: "x",
    });
    expect(
      classifyError({ message: " x\ny ", class: "malformed", status: 200, code: "c" }, []),
    ).toStrictEqual({
      class: "malformed",
      scope: "model",
      message: "x y",
      status: 200,
      code: "c",
    });
    expect(judge(500, openai("x"))).toStrictEqual({
      class: "server_error",
      scope: "model",
      message: "x",
      status: 500,
    });
    expect(judge(500, openai("x", undefined, "t"))).toMatchObject({ code: "t" });
    expect(judge(500, openai("x", "c", "t"))).toMatchObject({ code: "c" });
  });

  it("shows no key, whichever rule it was", () => {
    const rule: ErrorRule = { status: 400, class: "rate_limit", why: "seen" };
    expect(judge(400, openai("sk-fakefakefake1234"), [rule]).message).toBe("[redacted]");
    expect(classifyError({ message: "sk-fakefakefake1234", class: "network" }, []).message).toBe(
      "[redacted]",
    );
  });

  it("a provider's rule that asks for several things asks for all of them, and the first that holds decides", () => {
    const both: ErrorRule = { status: 400, code: "c", contains: "Words", class: "overloaded", why: "seen" };
    const any: ErrorRule = { contains: "words", class: "timeout", why: "seen" };
    const classOf = (status: number, body: string): FailureClass => judge(status, body, [both, any]).class;
    expect(classOf(400, openai("WORDS", "c"))).toBe("overloaded");
    expect(classOf(401, openai("words", "c"))).toBe("timeout");
    expect(classOf(400, openai("words", "d"))).toBe("timeout");
    expect(classOf(400, openai("none", "c"))).toBe("bad_request");
    expect(judge(400, openai("words", "c"), [any, both]).class).toBe("timeout");
    expect(judge(400, openai("words", "c"), [both]).scope).toBe("model");
  });

  it("has words for a body without any", () => {
    expect(judge(500, " \n ").message).toBe("HTTP 500 without a message");
    expect(judge(500, '{"a":1}').message).toBe("HTTP 500 without a message");
    expect(judge(500, " upstream {x} ").message).toBe("upstream {x}");
    expect(judge(502, "<html><body>").message).toBe("HTTP 502 with an HTML page, not JSON");
  });
});
