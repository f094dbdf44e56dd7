/**
 * Cooldowns: until when a provider, key or model gets no request, and why. A cooldown belongs to a stable identity (a
 * provider, a key, a model under a key), not to an index of one table, so it survives a swap of the table. The clock and
 * the random numbers are passed in.
 */
import type { Failure, FailureClass } from "@headgate/contract";

/** One identity's cooldown. Candidates hold references to these, so the hot path reads a field and no map. */
export interface Cooldown {
  /** `<provider>`, `<provider>@<key>` or `<provider>@<key>/<model>`. */
  readonly id: string;
  /** Cooling down until this moment, in ms since the epoch; 0 when open. */
  untilMs: number;
  /** The failure that started it; undefined before the first one. */
  failure?: Failure;
  /** Failures in a row. */
  streak: number;
  /** When the first failure since the last success was seen, ms since the epoch; 0 where none is known. */
  sinceMs: number;
  /** Failures since then, those of calls that were already under way included. */
  hits: number;
  /** Half open: when the one request that probes it was let through, in ms since the epoch; 0 when none is. */
  probeAtMs: number;
}

export const openCooldown = (id: string): Cooldown => ({
  id,
  untilMs: 0,
  streak: 0,
  sinceMs: 0,
  hits: 0,
  probeAtMs: 0,
});

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The longest cooldown, whatever a header states: an upstream clock may be wrong. */
export const MAX_COOLDOWN_MS = 31 * DAY_MS;

type CooldownRule = (streak: number, nowMs: number) => number;

const doubling =
  (firstMs: number, capMs: number, free = 0): CooldownRule =>
  (streak) =>
    streak <= free ? 0 : Math.min(capMs, firstMs * 2 ** Math.min(streak - free - 1, 20));

const untilMidnightUtc: CooldownRule = (_, nowMs) => DAY_MS - (nowMs % DAY_MS);

const untilNextMonthUtc: CooldownRule = (_, nowMs) => {
  const now = new Date(nowMs);
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) - nowMs;
};

/**
 * The length of a cooldown by failure class, in ms, where the upstream states none. A single failure of a server or a connection may be
 * chance, so the first in a row starts no cooldown. A client's own error starts none.
 */
const COOLDOWN: Readonly<Record<FailureClass, CooldownRule | undefined>> = {
  rate_limit: doubling(15 * SECOND_MS, MINUTE_MS),
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
 * Starts a cooldown because of `failure`. A cooldown is never shortened by a later, milder failure, and failures of calls
 * that were already under way when it began do not lengthen it: a burst is one trouble, not thirty.
 * @returns whether this failure started a cooldown
 */
export function applyFailure(
  cooldown: Cooldown,
  failure: Failure,
  nowMs: number,
  how: Applied = {},
): boolean {
  cooldown.probeAtMs = 0;
  const rule = COOLDOWN[failure.class];
  if (rule === undefined) return false;
  const coolingDown = cooldown.untilMs > nowMs;
  if (!coolingDown && cooldown.streak === 0) Object.assign(cooldown, { sinceMs: nowMs, hits: 0 });
  cooldown.hits += 1;
  if (!coolingDown) cooldown.streak += 1;
  else if (failure.retryAfterMs === undefined && failure.class === cooldown.failure?.class) return false;
  const stated = failure.retryAfterMs ?? (how.opensAtMs === undefined ? undefined : how.opensAtMs - nowMs);
  const cooldownMs = Math.min(
    MAX_COOLDOWN_MS,
    stated ?? jittered(failure, rule(cooldown.streak, nowMs), how.random ?? 0),
  );
  const untilMs = cooldownMs > 0 ? nowMs + cooldownMs : 0;
  if (untilMs < cooldown.untilMs) return false;
  cooldown.failure = failure;
  cooldown.untilMs = untilMs;
  return untilMs > 0;
}

/** What makes a cooldown differ from the rule of its class. */
export interface Applied {
  /** When the refused limit opens again, where that is known; Retry-After weighs more. */
  readonly opensAtMs?: number | undefined;
  /** From 0 up to 1: spreads the returns to a failing server, so that not all come at once. */
  readonly random?: number;
}

const JITTER = 0.2;

/** Failures of a server or a connection: they end by themselves, at an unknown time. */
const TROUBLE: ReadonlySet<FailureClass> = new Set([
  "overloaded",
  "server_error",
  "timeout",
  "network",
  "malformed",
]);

const jittered = (failure: Failure, cooldownMs: number, random: number): number =>
  TROUBLE.has(failure.class) ? cooldownMs * (1 + JITTER * random) : cooldownMs;

/** A probe that never settles blocks the other requests no longer than this. */
const PROBE_MS = 60_000;

/** Half open: one request probes it, and the others go elsewhere. */
export const halfOpen = (cooldown: Cooldown, nowMs: number): boolean =>
  cooldown.streak > 1 &&
  cooldown.failure !== undefined &&
  TROUBLE.has(cooldown.failure.class) &&
  nowMs >= cooldown.untilMs;

export const beingProbed = (cooldown: Cooldown, nowMs: number): boolean =>
  cooldown.probeAtMs !== 0 && nowMs - cooldown.probeAtMs < PROBE_MS && halfOpen(cooldown, nowMs);

/** An operator's word, or proof that the cause is gone: it may be tried at once, as if nothing had failed. */
export function endCooldown(cooldown: Cooldown): void {
  Object.assign(cooldown, openCooldown(cooldown.id));
  delete cooldown.failure;
}

/** A success ends the streak. It does not end a cooldown: the call may have begun before the cooldown did. */
export function applySuccess(cooldown: Cooldown): void {
  cooldown.streak = 0;
  cooldown.probeAtMs = 0;
}
