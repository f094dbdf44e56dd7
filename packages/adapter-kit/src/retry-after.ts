/** The wait that an upstream requests, from any of its headers. */
import type { FailureClass } from "@headgate/contract";

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The longest wait that is read: 31 days, the longest window of a quota. A longer one counts as unstated. */
export const MAX_RETRY_AFTER_MS = 31 * 24 * 60 * 60 * 1000;

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/**
 * The longest wait of each failure class that is believed, in ms. The wait of a failure cannot be longer than the window
 * or the outage that explains it, so a longer one is an error of the upstream and counts as unstated.
 */
export const MAX_STATED_WAIT_MS: Readonly<Record<FailureClass, number>> = {
  // A week: the longest window that subscriptions refuse with a plain 429.
  rate_limit: 7 * DAY_MS,
  // A day of a zone has 25 hours at most.
  daily_quota: 25 * HOUR_MS,
  monthly_quota: MAX_RETRY_AFTER_MS,
  out_of_credit: DAY_MS,
  dead_key: DAY_MS,
  permission: DAY_MS,
  model_gone: DAY_MS,
  overloaded: HOUR_MS,
  server_error: HOUR_MS,
  timeout: HOUR_MS,
  network: HOUR_MS,
  malformed: HOUR_MS,
  context_window: HOUR_MS,
  content_filter: HOUR_MS,
  bad_request: HOUR_MS,
};

const SECOND_MS = 1000;
const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: SECOND_MS,
  m: 60 * SECOND_MS,
  h: 3600 * SECOND_MS,
  d: 86_400 * SECOND_MS,
};
const NUMBER = /^[0-9]+(?:\.[0-9]+)?$/;
const DURATION = /^(?:[0-9]+(?:\.[0-9]+)?(?:ns|us|µs|ms|s|m|h|d))+$/;
const DURATION_PART = /([0-9]+(?:\.[0-9]+)?)(ns|us|µs|ms|s|m|h|d)/g;
/** Numbers from here on are times since 1970 rather than durations: 2001 in seconds, and in milliseconds. */
const EPOCH_S = 1e9;
const EPOCH_MS = 1e12;

/** Pairs of headers: the remaining amount, and its reset. The second's name is derived from the first's. */
const FAMILIES: readonly (readonly [remaining: RegExp, reset: string])[] = [
  [/^(x-)?ratelimit-remaining(-.+)?$/, "$1ratelimit-reset$2"],
  [/^anthropic-ratelimit-(.+)-remaining$/, "anthropic-ratelimit-$1-reset"],
];

/**
 * Milliseconds from now until the upstream accepts the next request, at least 0; `undefined` when it states none, or
 * only waits longer than 31 days.
 *
 * In order: `retry-after-ms`; `retry-after` in seconds or as an HTTP date (RFC 9110, 10.2.3); then the latest
 * reset among the limits that are used up.
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const milliseconds = first(headers["retry-after-ms"]);
  const exact =
    milliseconds !== undefined && NUMBER.test(milliseconds) ? bounded(Number(milliseconds)) : undefined;
  if (exact !== undefined) return exact;
  const header = first(headers["retry-after"]);
  const wait = header === undefined ? undefined : readWaitMs(header, nowMs);
  if (wait !== undefined) return wait;
  let latest: number | undefined;
  for (const [name, value] of Object.entries(headers)) {
    const left = first(value);
    if (left === undefined || !NUMBER.test(left) || Number(left) > 0) continue;
    for (const [remaining, reset] of FAMILIES) {
      if (!remaining.test(name)) continue;
      const moment = first(headers[name.replace(remaining, reset)]);
      const resetMs = moment === undefined ? undefined : readWaitMs(moment, nowMs);
      if (resetMs !== undefined) latest = Math.max(latest ?? 0, resetMs);
    }
  }
  return latest;
}

/**
 * A wait in any of the providers' formats: seconds, `1m26.4s`, a time since 1970, RFC 3339, an HTTP date. `undefined`
 * for any other text and for a wait longer than 31 days.
 */
export function readWaitMs(text: string, nowMs: number): number | undefined {
  const value = text.trim();
  if (NUMBER.test(value)) {
    const number = Number(value);
    if (number >= EPOCH_MS) return bounded(number - nowMs);
    return bounded(number >= EPOCH_S ? number * SECOND_MS - nowMs : number * SECOND_MS);
  }
  const span = readDurationMs(value);
  if (span !== undefined) return bounded(span);
  // Date.parse reads a bare "-5" as a year; every valid date in a header has a colon in its time.
  const moment = value.includes(":") ? Date.parse(value) : Number.NaN;
  return Number.isNaN(moment) ? undefined : bounded(moment - nowMs);
}

/** `1m26.4s`, `370ms`, `2h`: milliseconds. */
function readDurationMs(text: string): number | undefined {
  if (text.length > 64 || !DURATION.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(DURATION_PART)) {
    total += Number(amount) * (UNIT_MS[unit ?? ""] ?? 0);
  }
  return total;
}

const first = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === "string" ? value : value?.[0];

/** `undefined` for a wait that no limit explains. */
const bounded = (ms: number): number | undefined =>
  ms > MAX_RETRY_AFTER_MS ? undefined : Math.ceil(Math.max(0, ms));
