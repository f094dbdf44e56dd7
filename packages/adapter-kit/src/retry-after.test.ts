import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_RETRY_AFTER_MS, readWaitMs, retryAfterMs } from "./retry-after.ts";

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
    [{ "retry-after": "2678400" }, MAX_RETRY_AFTER_MS],
    [{ "retry-after-ms": "99999999999999999999", "retry-after": "3" }, 3000],
    [
      {
        "retry-after": "99999999999999999999",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "6s",
      },
      6000,
    ],
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

  it.each([
    "99999999999999999999",
    "99999999",
    "2678401",
    "745h",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    String(NOW_MS + MAX_RETRY_AFTER_MS + 1),
  ])("is unstated where it is longer than any window: %s", (value) => {
    expect(retryAfterMs({ "retry-after": value }, NOW_MS)).toBeUndefined();
    expect(retryAfterMs({ "retry-after-ms": "99999999999999999999" }, NOW_MS)).toBeUndefined();
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

  it.each([
    ["1.5d", 1.5 * 86_400_000],
    ["2h", 7_200_000],
    ["3m", 180_000],
    ["4s", 4_000],
    ["5ms", 5],
    ["6000us", 6],
    ["6000µs", 6],
    ["7000000ns", 7],
    ["1d2h3m4s5ms", 93_784_005],
    ["0.4ms", 1],
    [" 12 ", 12_000],
    [" 12s\n", 12_000],
    ["999999999", undefined],
    ["31d", MAX_RETRY_AFTER_MS],
    ["32d", undefined],
    ["2678399.9", MAX_RETRY_AFTER_MS - 100],
    ["0", 0],
  ])("reads %j as %d ms", (text, expectedMs) => {
    expect(readWaitMs(text, 0)).toBe(expectedMs);
  });

  it("takes a number for a moment since 1970 from 2001 on, in seconds and in milliseconds", () => {
    expect(readWaitMs("1000000000", 999_999_995_000)).toBe(5_000);
    expect(readWaitMs("1000000000000", 999_999_999_995)).toBe(5);
  });

  it.each([
    "soon",
    "",
    "s",
    "5 apples",
    "5y",
    "5sec",
    "x5s",
    "5s!",
    "1.s",
    ".5s",
    "1,5s",
    "-5s",
    "12a",
    "a12",
    "1.2.3",
    "2026-11-21",
    "1h".repeat(33),
  ])("reads no wait in %j", (text) => {
    expect(readWaitMs(text, 0)).toBeUndefined();
  });

  it("reads a chain of durations up to 64 characters", () => {
    expect(readWaitMs("1s".repeat(32), 0)).toBe(32_000);
  });

  it.each<[string, Record<string, string>]>([
    ["a header that only ends like one", { "my-x-ratelimit-remaining": "0", "my-x-ratelimit-reset": "5" }],
    ["a longer name", { "x-ratelimit-remainings": "0", "x-ratelimit-resets": "5" }],
    [
      "a prefix before Anthropic's",
      { "my-anthropic-ratelimit-requests-remaining": "0", "my-anthropic-ratelimit-requests-reset": "5" },
    ],
    [
      "a suffix after Anthropic's",
      { "anthropic-ratelimit-requests-remaining-x": "0", "anthropic-ratelimit-requests-reset-x": "5" },
    ],
    ["what is left as no number", { "x-ratelimit-remaining": "none", "x-ratelimit-reset": "5" }],
    ["what is left as nothing", { "x-ratelimit-remaining": "", "x-ratelimit-reset": "5" }],
    ["a reset that is no wait", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "later" }],
    ["something left", { "x-ratelimit-remaining": "0.5", "x-ratelimit-reset": "5" }],
    ["retry-after-ms that is no number", { "retry-after-ms": "9 ms" }],
  ])("says nothing for %s", (_, headers) => {
    expect(retryAfterMs(headers, NOW_MS)).toBeUndefined();
  });

  it("does not read a header that was sent without a value", () => {
    const headers = {
      "x-ratelimit-remaining": [],
      "x-ratelimit-reset": "5",
      "retry-after": [],
      "retry-after-ms": [],
    };
    expect(retryAfterMs(headers, NOW_MS)).toBeUndefined();
    expect(retryAfterMs({ "x-ratelimit-remaining": undefined }, NOW_MS)).toBeUndefined();
  });

  it("reads the reset of whichever limits are used up, whatever stands beside them", () => {
    const headers = {
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-remaining-tokens": "0",
      "x-ratelimit-reset-tokens": "3s",
    };
    expect(retryAfterMs(headers, NOW_MS)).toBe(3_000);
  });
});
