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
