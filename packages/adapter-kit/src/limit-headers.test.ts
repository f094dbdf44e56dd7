import type { LimitReading } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { limitInText, limitReadings } from "./limit-headers.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 12);

describe("limits in headers", () => {
  it("Groq, OpenAI, Cerebras and Mistral: a pair for requests and one for tokens", () => {
    const headers = {
      "content-type": "application/json",
      "x-ratelimit-limit-requests": "14400",
      "x-ratelimit-remaining-requests": "14370",
      "x-ratelimit-reset-requests": "2m59.56s",
      "x-ratelimit-limit-tokens": "18000",
      "x-ratelimit-remaining-tokens": "17997",
      "x-ratelimit-reset-tokens": "8ms",
    };
    expect(limitReadings(headers, NOW_MS)).toEqual([
      { unit: "requests", limit: 14_400, remaining: 14_370, resetMs: 179_560, from: "header" },
      { unit: "tokens", limit: 18_000, remaining: 17_997, resetMs: 8, from: "header" },
    ]);
  });

  it("windows in the name are distinguished", () => {
    const headers = {
      "x-ratelimit-limit-requests-day": "14400",
      "x-ratelimit-remaining-requests-day": "12",
      "x-ratelimit-limit-tokens-minute": "60000",
      "x-ratelimit-remaining-tokens-minute": "0",
    };
    expect(limitReadings(headers, NOW_MS)).toEqual([
      { unit: "requests", window: "day", limit: 14_400, remaining: 12, from: "header" },
      { unit: "tokens", window: "minute", limit: 60_000, remaining: 0, from: "header" },
    ]);
  });

  it("Anthropic: a moment in RFC 3339", () => {
    const headers = {
      "anthropic-ratelimit-requests-limit": "50",
      "anthropic-ratelimit-requests-remaining": "0",
      "anthropic-ratelimit-requests-reset": "2026-11-21T12:00:30Z",
    };
    expect(limitReadings(headers, NOW_MS)).toEqual([
      { unit: "requests", limit: 50, remaining: 0, resetMs: 30_000, from: "header" },
    ]);
  });

  it("OpenRouter: one counter, its reset in epoch milliseconds", () => {
    const headers = {
      "x-ratelimit-limit": "50",
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": String(NOW_MS + 3_600_000),
    };
    expect(limitReadings(headers, NOW_MS)).toEqual([
      { unit: "requests", limit: 50, remaining: 0, resetMs: 3_600_000, from: "header" },
    ]);
  });

  it.each<[string, string, Partial<LimitReading>]>([
    ["x-ratelimit-limit-request", "5", { unit: "requests", limit: 5 }],
    ["ratelimit-limit", "5", { unit: "requests", limit: 5 }],
    ["x-ratelimit-remaining-token", "5", { unit: "tokens", remaining: 5 }],
    ["x-ratelimit-remaining-tokens-hour", "5", { unit: "tokens", window: "hour", remaining: 5 }],
    ["x-ratelimit-remaining-month", "5", { unit: "requests", window: "month", remaining: 5 }],
    ["x-ratelimit-reset-tokens", "5", { unit: "tokens", resetMs: 5_000 }],
    ["anthropic-ratelimit-tokens-limit", "5", { unit: "tokens", limit: 5 }],
    ["anthropic-ratelimit-tokens-reset", "5s", { unit: "tokens", resetMs: 5_000 }],
    ["x-ratelimit-limit", " 12.5 ", { unit: "requests", limit: 12.5 }],
    ["x-ratelimit-limit", "1234567.123456", { unit: "requests", limit: 1_234_567.123456 }],
    ["x-ratelimit-limit", "123456789012345", { unit: "requests", limit: 123_456_789_012_345 }],
    ["x-ratelimit-limit", "1234567890123456", { unit: "requests" }],
    ["x-ratelimit-limit", "1.1234567", { unit: "requests" }],
    ["x-ratelimit-limit", "5.", { unit: "requests" }],
    ["x-ratelimit-limit", "5 a", { unit: "requests" }],
    ["x-ratelimit-limit", "a 5", { unit: "requests" }],
    ["x-ratelimit-reset", "later", { unit: "requests" }],
  ])("%s: %s", (name, value, reading) => {
    expect(limitReadings({ [name]: value }, NOW_MS)).toStrictEqual([{ ...reading, from: "header" }]);
    expect(limitReadings({ [name]: [value, "77"] }, NOW_MS)).toStrictEqual([{ ...reading, from: "header" }]);
  });

  it.each([
    "my-ratelimit-limit",
    "xx-ratelimit-limit",
    "x-ratelimit-limits",
    "x-ratelimit-limit-images",
    "x-ratelimit-limit-requests-week",
    "x-ratelimit-limit-minute-x",
    "anthropic-ratelimit-limit",
    "anthropic-ratelimit-input-tokens-limit",
    "my-anthropic-ratelimit-tokens-limit",
    "anthropic-ratelimit-tokens-limits",
    "ratelimit",
  ])("%s is no header of these families", (name) => {
    expect(limitReadings({ [name]: "5" }, NOW_MS)).toEqual([]);
  });

  it("a header without a value says nothing", () => {
    expect(limitReadings({ "x-ratelimit-limit": [], "x-ratelimit-remaining": undefined }, NOW_MS)).toEqual(
      [],
    );
  });

  it("readings of one unit in several windows are several", () => {
    const headers = { "x-ratelimit-limit-requests-minute": "5", "x-ratelimit-limit-requests-day": "50" };
    expect(limitReadings(headers, NOW_MS)).toEqual([
      { unit: "requests", window: "minute", limit: 5, from: "header" },
      { unit: "requests", window: "day", limit: 50, from: "header" },
    ]);
  });

  it("a value that is no number gives no reading", () => {
    expect(limitReadings({ "x-ratelimit-limit-requests": "-1" }, NOW_MS)).toEqual([
      { unit: "requests", from: "header" },
    ]);
    expect(limitReadings({ "x-ratelimit-policy": "10;w=1", server: "x" }, NOW_MS)).toEqual([]);
  });
});

describe("limits in the text of a refusal", () => {
  it.each([
    [
      "Rate limit reached for model `llama` in organization `org` on tokens per day (TPD): Limit 100000, Used 99,000, Requested 2000. Please try again in 14m24s.",
      { unit: "tokens", window: "day", limit: 100_000, remaining: 1_000 },
    ],
    [
      "Rate limit reached for gpt-4o on requests per min (RPM): Limit 3, Used 3, Requested 1.",
      { unit: "requests", window: "minute", limit: 3, remaining: 0 },
    ],
    [
      '{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier", "quotaValue": "20"}',
      { unit: "requests", window: "day", limit: 20, remaining: 0 },
    ],
    [
      "You are using a Trial key, which is limited to 1000 API calls / month.",
      { unit: "requests", window: "month", limit: 1_000, remaining: 0 },
    ],
  ])("%s", (text, reading) => {
    expect(limitInText(text)).toEqual([{ ...reading, from: "message" }]);
  });

  it.each<[string, LimitReading["unit"], LimitReading["window"]]>([
    ["requests per minute", "requests", "minute"],
    ["Requests per 1 minute", "requests", "minute"],
    ["per-minute requests", "requests", "minute"],
    ["(RPM)", "requests", "minute"],
    ["RequestsPerMinute", "requests", "minute"],
    ["requests per hour", "requests", "hour"],
    ["requests per 1 hour", "requests", "hour"],
    ["rph", "requests", "hour"],
    ["requests per day", "requests", "day"],
    ["requests per 1 day", "requests", "day"],
    ["rpd", "requests", "day"],
    ["requestsPerDay", "requests", "day"],
    ["tokens per min", "tokens", "minute"],
    ["tokens per minute", "tokens", "minute"],
    ["tokens per 1 minute", "tokens", "minute"],
    ["TPM", "tokens", "minute"],
    ["tokensPerMinute", "tokens", "minute"],
    ["TokenCountPerMinute", "tokens", "minute"],
    ["tokens per day", "tokens", "day"],
    ["tokens per 1 day", "tokens", "day"],
    ["tpd", "tokens", "day"],
    ["TokensPerDay", "tokens", "day"],
    ["API calls / month", "requests", "month"],
    ["api call/month", "requests", "month"],
    ["api calls per month", "requests", "month"],
    ["requests per month", "requests", "month"],
    ["API calls / minute", "requests", "minute"],
    ["api call per minute", "requests", "minute"],
    ["api calls/minute", "requests", "minute"],
  ])("%s are %s a %s", (words, unit, window) => {
    expect(limitInText(`${words}, limit 7`)).toEqual([
      { unit, window, limit: 7, remaining: 0, from: "message" },
    ]);
  });

  it.each([
    "xrpm",
    "rpmx",
    "xrph",
    "rphx",
    "xrpd",
    "rpdx",
    "xtpm",
    "tpmx",
    "xtpd",
    "tpdx",
    "tokens per year",
    "calls per minute",
  ])("%s names no unit", (words) => {
    expect(limitInText(`${words}, limit 7`)).toEqual([]);
  });

  it.each<[string, number]>([
    ["limit 7", 7],
    ["Limit: 7", 7],
    ["limit:7", 7],
    ["limit 1,200,000", 1_200_000],
    ["limited to 1,000 calls", 1_000],
    ['"quotaValue": "20"', 20],
    ["quotaValue:20", 20],
    [`limit ${"9".repeat(15)}`, 999_999_999_999_999],
  ])("reads the figure in %s", (words, limit) => {
    expect(limitInText(`rpm: ${words}`)).toMatchObject([{ limit }]);
  });

  it.each([
    "xlimit 7",
    "limit  7",
    "limit seven",
    "limit 7x",
    "limit ,7",
    `limit ${"9".repeat(16)}`,
    "limited to x",
    "quotaValue x",
  ])("reads no figure in %s", (words) => {
    expect(limitInText(`rpm: ${words}`)).toEqual([]);
  });

  it.each<[string, number]>([
    ["used 3", 7],
    ["Used: 3", 7],
    ["used ~3", 7],
    ["used: ~3", 7],
    ["used:3", 7],
    ["used 0", 10],
    ["used 12", 0],
    ["unused 3", 0],
    ["used up", 0],
    ["used 3x", 0],
  ])("what is left of 10 after %s is %d", (words, remaining) => {
    expect(limitInText(`rpm: limit 10, ${words}`)).toMatchObject([{ limit: 10, remaining }]);
  });

  it.each(["concurrency limit reached", "too many CONCURRENT requests"])(
    "%s speaks of calls at once",
    (text) => {
      expect(limitInText(text)).toEqual([{ unit: "concurrency", from: "message" }]);
    },
  );

  it("of calls at once is not asked where a unit is named, nor seen in a longer word", () => {
    expect(limitInText("concurrent requests per minute")).toEqual([]);
    expect(limitInText("rpm, limit 7, concurrency")).toMatchObject([{ unit: "requests", limit: 7 }]);
    expect(limitInText("nonconcurrent")).toEqual([]);
    expect(limitInText("concurrently")).toEqual([]);
  });

  it("reports concurrent calls without their limit", () => {
    expect(
      limitInText(
        "High concurrency usage of this API, please reduce concurrency or contact customer service.",
      ),
    ).toEqual([{ unit: "concurrency", from: "message" }]);
  });

  it("without a unit or a number gives no reading", () => {
    expect(limitInText("Too many requests, limit 5")).toEqual([]);
    expect(limitInText("You exceeded your requests per minute")).toEqual([]);
    expect(limitInText("requests per day: limit 0")).toEqual([]);
  });
});
