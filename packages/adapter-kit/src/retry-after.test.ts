import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hintedRetryMs, MAX_RETRY_AFTER_MS, readWaitMs, retryAfterMs } from "./retry-after.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 12, 0, 0);

describe("the wait until the next attempt", () => {
  it.each([
    [{ "retry-after-ms": "250.4", "retry-after": "9" }, 251],
    [{ "retry-after": "2" }, 2000],
    [{ "retry-after": "0.5" }, 500],
    [{ "retry-after": ["7", "8"] }, 7000],
    [{ "retry-after": "Sat, 21 Nov 2026 12:01:00 GMT" }, 60_000],
    [{ "retry-after": "Sat, 21 Nov 2026 11:00:00 GMT" }, 0],
    [
      { "retry-after": "soon", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6s" },
      6000,
    ],
    [{ "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1m26.4s" }, 86_400],
    [{ "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "370ms" }, 370],
    [{ "x-ratelimit-remaining-requests-day": "0", "x-ratelimit-reset-requests-day": "33011.38" }, 33_011_380],
    [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW_MS + 5000) }, 5000],
    [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW_MS / 1000 + 5) }, 5000],
    [{ "ratelimit-remaining": "0", "ratelimit-reset": "30" }, 30_000],
    [
      {
        "anthropic-ratelimit-input-tokens-remaining": "0",
        "anthropic-ratelimit-input-tokens-reset": "2026-11-21T12:00:30Z",
      },
      30_000,
    ],
    [{ "retry-after": "99999999" }, MAX_RETRY_AFTER_MS],
  ])("reads %j", (headers, expected) => {
    expect(retryAfterMs(headers, NOW_MS)).toBe(expected);
  });

  it("uses the latest reset of the limits that are used up", () => {
    const headers = {
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-requests": "2s",
      "x-ratelimit-remaining-tokens": "0",
      "x-ratelimit-reset-tokens": "9s",
      "x-ratelimit-remaining-images": "3",
      "x-ratelimit-reset-images": "50s",
    };
    expect(retryAfterMs(headers, NOW_MS)).toBe(9000);
    const backwards = Object.fromEntries(Object.entries(headers).reverse());
    expect(retryAfterMs(backwards, NOW_MS)).toBe(9000);
    expect(retryAfterMs({ ...headers, "x-ratelimit-remaining-tokens": "1" }, NOW_MS)).toBe(2000);
  });

  it.each([
    {},
    { "retry-after": "" },
    { "retry-after": "-5" },
    { "x-ratelimit-remaining": "0" },
    { "x-ratelimit-reset": "5" },
  ])("is undefined where the upstream states none: %j", (headers) => {
    expect(retryAfterMs(headers, NOW_MS)).toBeUndefined();
  });

  it("is never negative, endless or no number", () => {
    const odd = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.date({ noInvalidDate: true }).map(String),
      fc.integer().map((n) => `${n}s`),
    );
    fc.assert(
      fc.property(odd, fc.nat(), (text, nowMs) => {
        const wait = readWaitMs(text, nowMs);
        if (wait !== undefined) {
          expect(Number.isInteger(wait)).toBe(true);
          expect(wait).toBeGreaterThanOrEqual(0);
          expect(wait).toBeLessThanOrEqual(MAX_RETRY_AFTER_MS);
        }
      }),
    );
  });

  it("finds the wait in an error's message", () => {
    expect(hintedRetryMs("Rate limit reached. Please try again in 7.66s. Visit")).toBe(7660);
    expect(hintedRetryMs("try again in 1m30s")).toBe(90_000);
    expect(hintedRetryMs("Please retry after 12 seconds.")).toBe(12_000);
    expect(hintedRetryMs("try again in a while")).toBeUndefined();
  });
});
