/** The wait that an upstream states in an error's body: in Google's RetryInfo, or only in the message's words. */
import type { JsonObject, JsonValue } from "@headgate/contract";
import { asArray, asCount, asObject, asText } from "./json-read.ts";
import { readWaitMs } from "./retry-after.ts";

const SECOND_MS = 1000;

/**
 * `error.details[].retryDelay` of a `google.rpc.RetryInfo`, in ms: `"41s"`, `"41.5s"`, or seconds and nanoseconds.
 * https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto
 */
export function retryInfoMs(details: JsonValue | undefined): number | undefined {
  for (const item of asArray(details) ?? []) {
    const delay = asObject(item)?.retryDelay;
    const parts = asObject(delay);
    const text = parts === undefined ? asText(delay) : `${secondsOf(parts)}s`;
    const waitMs = text === undefined ? undefined : readWaitMs(text, 0);
    if (waitMs !== undefined) return waitMs;
  }
  return undefined;
}

/** Proto JSON writes 64-bit numbers as text. */
const secondsOf = ({ seconds, nanos }: JsonObject): number =>
  Number(asText(seconds) ?? asCount(seconds) ?? 0) + (asCount(nanos) ?? 0) / 1e9;

const ANNOUNCES =
  "(?:try again|retry(?:ing)?|resets?|resetting|wait|available(?: again)?|renews?|refresh(?:es)?|until)";
/** The longest names come first: the first that matches counts. */
const UNITS: readonly (readonly [pattern: string, ms: number])[] = [
  ["milliseconds?|ms", 1],
  ["minutes?|mins?|m", 60 * SECOND_MS],
  ["seconds?|secs?|s", SECOND_MS],
  ["hours?|hrs?|h", 3600 * SECOND_MS],
  ["days?|d", 86_400 * SECOND_MS],
];
const AMOUNT = `([0-9]{1,12}(?:\\.[0-9]{1,12})?) ?(${UNITS.map(([pattern]) => pattern).join("|")})`;
const SPAN = new RegExp(
  `${ANNOUNCES}\\W{0,3}(?:(?:in|after|for|at least|about|approximately)\\W{1,2}){0,2}((?:${AMOUNT}(?:,? (?:and )?)?){1,6})(?![a-z0-9])`,
  "i",
);
const EACH = new RegExp(AMOUNT, "gi");
const MOMENT = new RegExp(
  `${ANNOUNCES}\\W{0,3}(?:(?:at|on|after|time)\\W{1,2}){0,2}([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\\.[0-9]{1,9})?)?) ?(Z|UTC|GMT|[+-][0-9]{2}:[0-9]{2})`,
  "i",
);

/**
 * The wait in an error's words, in ms: "Please try again in 7.66s", "resets in 1 hour and 30 minutes", "resets at
 * 2026-11-21T12:05:00Z". A moment without a time zone is not read.
 *
 * @param nowMs the current time; absent: moments are not read.
 */
export function hintedRetryMs(message: string, nowMs?: number): number | undefined {
  const span = SPAN.exec(message)?.[1];
  if (span !== undefined) return readWaitMs(`${spanMs(span)}ms`, 0);
  const moment = nowMs === undefined ? null : MOMENT.exec(message);
  if (moment === null || nowMs === undefined) return undefined;
  const [, date, time, zone = ""] = moment;
  return readWaitMs(`${date}T${time}${/^[a-z]/i.test(zone) ? "Z" : zone}`, nowMs);
}

function spanMs(span: string): number {
  let total = 0;
  for (const [, amount, unit = ""] of span.matchAll(EACH)) {
    const known = UNITS.find(([pattern]) => new RegExp(`^(?:${pattern})$`, "i").test(unit));
    total += Number(amount) * (known?.[1] ?? 0);
  }
  return total;
}
