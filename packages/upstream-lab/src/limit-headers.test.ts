import { describe, expect, it } from "vitest";
import { goDuration, limitHeaders } from "./limit-headers.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 12, 0, 0, 250);

describe("limit headers", () => {
  it("have durations in Groq's form", () => {
    expect([500, 7660, 86_400, 3_600_000, 86_399_999].map(goDuration)).toEqual([
      "500ms",
      "7.66s",
      "1m26.4s",
      "1h0m0s",
      "23h59m59.999s",
    ]);
  });

  it("have Groq's pairs for requests and tokens", () => {
    const headers = limitHeaders({ style: "groq", requestsRemaining: 7, tokensResetInMs: 1570 }, NOW_MS);
    expect(headers["x-ratelimit-remaining-requests"]).toBe("7");
    expect(headers["x-ratelimit-reset-tokens"]).toBe("1.57s");
  });

  it("have OpenRouter's reset in epoch milliseconds", () => {
    const headers = limitHeaders({ style: "openrouter", requestsResetInMs: 1000 }, NOW_MS);
    expect(headers["x-ratelimit-reset"]).toBe(String(NOW_MS + 1000));
  });

  it("have Anthropic's reset in RFC 3339, never before the true one", () => {
    const headers = limitHeaders({ style: "anthropic", requestsResetInMs: 1000 }, NOW_MS);
    expect(headers["anthropic-ratelimit-requests-reset"]).toBe("2026-11-20T12:00:02Z");
  });
});
