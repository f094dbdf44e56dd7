import { describe, expect, it } from "vitest";
import { hintedRetryMs, retryInfoMs } from "./stated-wait.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 12);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe("the wait in an error's words", () => {
  it.each([
    ["try again in 5 seconds", 5_000],
    ["try again in 5seconds", 5_000],
    ["retry in 1 second", 1_000],
    ["retry in 2.25 seconds.", 2_250],
    ["Please retry in 41.123456789s.", 41_124],
    ["Retry after 3m", 3 * MINUTE_MS],
    ["TRY AGAIN IN 250MS", 250],
    ["try again in 250ms", 250],
    ["try again in 1d", 24 * HOUR_MS],
    ["try again in 2h30m", 2.5 * HOUR_MS],
    ["try again in 1.5h", 1.5 * HOUR_MS],
    ["try again in 5s, or retry in 9s", 5_000],
    ["Rate limit reached. Please try again in 7.66s. Visit", 7_660],
    ["Please retry after 12 seconds.", 12_000],
    ["Please wait 20 seconds before the next request", 20_000],
    ["wait for 5s", 5_000],
    ["Your limit resets in 1 hour and 30 minutes.", 1.5 * HOUR_MS],
    ["Quota exceeded, reset after 2 days, 3 hours", 51 * HOUR_MS],
    ["It will be available again in about 4 min", 4 * MINUTE_MS],
    ["resets in: 41s", 41_000],
    ["try again in 5 secondsish", undefined],
    ["try again in 5st", undefined],
    ["try again at 5s", undefined],
    ["come in 5s", undefined],
    ["try again in 5", undefined],
    ["try again in a while", undefined],
    ["retry after 99999999999999999999 seconds", undefined],
    ["retry in 5 models", undefined],
    ["", undefined],
  ])("of %j is %s ms", (message, expectedMs) => {
    expect(hintedRetryMs(message, NOW_MS)).toBe(expectedMs);
  });

  it.each([
    ["Your limit resets at 2026-11-21T12:00:41Z.", 41_000],
    ["try again after 2026-11-21 12:01:00 UTC", MINUTE_MS],
    ["You are cut off until 2026-11-21T13:02:00.5+01:00", 2 * MINUTE_MS + 500],
    ["resets at 2026-11-21T11:00:00Z", 0],
    // Without a time zone the moment is unknown.
    ["resets at 2026-11-21 12:01:00", undefined],
    ["released at 2026-11-21T12:01:00Z", undefined],
  ])("counts to a moment: %j, %s ms", (message, expectedMs) => {
    expect(hintedRetryMs(message, NOW_MS)).toBe(expectedMs);
    expect(hintedRetryMs(message)).toBeUndefined();
  });
});

describe("Google's RetryInfo", () => {
  it.each([
    [[{ retryDelay: "41s" }], 41_000],
    [[{ "@type": "type.googleapis.com/google.rpc.Help" }, { retryDelay: "41.5s" }], 41_500],
    [[{ retryDelay: "0.000000001s" }], 1],
    [[{ retryDelay: { seconds: "3", nanos: 250_000_000 } }], 3_250],
    [[{ retryDelay: { seconds: 3 } }], 3_000],
    [[{ retryDelay: "soon" }], undefined],
    [[{ retryDelay: "-3s" }], undefined],
    [[{}], undefined],
    ["41s", undefined],
    [undefined, undefined],
  ])("%j is %s ms", (details, expectedMs) => {
    expect(retryInfoMs(details)).toBe(expectedMs);
  });
});
