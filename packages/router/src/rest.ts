/**
 * Who rests until when, and why. A rest belongs to a stable identity (a provider, a key, a model under a key), not to an
 * index of one table, so it survives a swap of the table. The clock and the dice are passed in.
 */
import type { Failure, FailureClass } from "@headgate/contract";

/** One thing that can rest. Slots point straight at these, so the hot path reads a field and no map. */
export interface Rest {
  /** `<provider>`, `<provider>@<key>` or `<provider>@<key>/<model>`. */
  readonly id: string;
  /** Resting until this moment, in ms since the epoch; 0 when open. */
  untilMs: number;
  /** Why it rests; undefined when it never has. */
  failure?: Failure;
  /** Failures in a row. */
  streak: number;
  /** Half open: since when one request has been let through to see whether it is well again; 0 when none is. */
  probeAtMs: number;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Nothing rests longer, whatever a header says: a wrong clock upstream must not close a door for good. */
export const MAX_REST_MS = 31 * DAY_MS;

type RestRule = (streak: number, nowMs: number) => number;

const doubling =
  (firstMs: number, capMs: number, free = 0): RestRule =>
  (streak) =>
    streak <= free ? 0 : Math.min(capMs, firstMs * 2 ** Math.min(streak - free - 1, 20));

const untilMidnightUtc: RestRule = (_, nowMs) => DAY_MS - (nowMs % DAY_MS);

const untilNextMonthUtc: RestRule = (_, nowMs) => {
  const now = new Date(nowMs);
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) - nowMs;
};

/**
 * How long a failure of each class rests when the upstream did not say. One trouble of a server or a line may be
 * chance, so the first in a row rests nothing. A client's own error rests nobody.
 */
const REST: Readonly<Record<FailureClass, RestRule | undefined>> = {
  rate_limit: doubling(15 * SECOND_MS, 10 * MINUTE_MS),
  daily_quota: untilMidnightUtc,
  monthly_quota: untilNextMonthUtc,
  out_of_credit: doubling(HOUR_MS, 6 * HOUR_MS),
  // Ends sooner when the key changes: a key's identity includes its value.
  dead_key: () => DAY_MS,
  permission: doubling(10 * MINUTE_MS, 6 * HOUR_MS),
  model_gone: doubling(10 * MINUTE_MS, 6 * HOUR_MS),
  overloaded: doubling(SECOND_MS, MINUTE_MS, 1),
  server_error: doubling(SECOND_MS, MINUTE_MS, 1),
  timeout: doubling(SECOND_MS, MINUTE_MS, 1),
  network: doubling(SECOND_MS, MINUTE_MS, 1),
  malformed: doubling(SECOND_MS, MINUTE_MS, 1),
  context_window: undefined,
  content_filter: undefined,
  bad_request: undefined,
};

/**
 * Rests `rest` because of `failure`. A rest is never shortened by a later, milder failure, and failures of calls
 * that were already under way when it began do not lengthen it: a burst is one trouble, not thirty.
 * @returns whether it rests now because of this failure
 */
export function applyFailure(rest: Rest, failure: Failure, nowMs: number, how: Applied = {}): boolean {
  rest.probeAtMs = 0;
  const rule = REST[failure.class];
  if (rule === undefined) return false;
  const resting = rest.untilMs > nowMs;
  if (!resting) rest.streak += 1;
  else if (failure.retryAfterMs === undefined && failure.class === rest.failure?.class) return false;
  const stated = failure.retryAfterMs ?? (how.opensAtMs === undefined ? undefined : how.opensAtMs - nowMs);
  const restMs = Math.min(
    MAX_REST_MS,
    stated ?? jittered(failure, rule(rest.streak, nowMs), how.random ?? 0),
  );
  const untilMs = restMs > 0 ? nowMs + restMs : 0;
  if (untilMs < rest.untilMs) return false;
  rest.failure = failure;
  rest.untilMs = untilMs;
  return untilMs > 0;
}

/** What makes a rest other than its class's rule says. */
export interface Applied {
  /** When the refused limit opens again, where that is known; Retry-After weighs more. */
  readonly opensAtMs?: number | undefined;
  /** From 0 up to 1: spreads the returns to a troubled server, so that not all come at once. */
  readonly random?: number;
}

const JITTER = 0.2;

/** Troubles of a server or a line: they pass by themselves, nobody says when. */
const TROUBLE: ReadonlySet<FailureClass> = new Set([
  "overloaded",
  "server_error",
  "timeout",
  "network",
  "malformed",
]);

const jittered = (failure: Failure, restMs: number, random: number): number =>
  TROUBLE.has(failure.class) ? restMs * (1 + JITTER * random) : restMs;

/** A request that is let through to a troubled server and not heard of again blocks it no longer than this. */
const PROBE_MS = 60_000;

/** Well again or not? While one request is finding out, the others go elsewhere. */
export const halfOpen = (rest: Rest, nowMs: number): boolean =>
  rest.streak > 1 && rest.failure !== undefined && TROUBLE.has(rest.failure.class) && nowMs >= rest.untilMs;

export const beingProbed = (rest: Rest, nowMs: number): boolean =>
  rest.probeAtMs !== 0 && nowMs - rest.probeAtMs < PROBE_MS && halfOpen(rest, nowMs);

/** A success ends the streak. It does not end a rest: the call may have begun before the door closed. */
export function applySuccess(rest: Rest): void {
  rest.streak = 0;
  rest.probeAtMs = 0;
}
