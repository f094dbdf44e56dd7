/**
 * Reference 002 (FreeLLMAPI, "Bandit-pro"): counters of requests and tokens per minute and day for every (platform, model,
 * key); candidates are ordered by a score of health, headroom, intelligence and speed; a refused or failing key cools down; up
 * to 20 attempts; conversations stay where they were for 30 minutes. How long a key cools down is not stated there: two minutes
 * are taken. Its counters know nothing of limits that several models share, nor of headers.
 */
import { movesOn, type RoutingTable } from "@headgate/contract";
import type { SimRequest } from "../demand.ts";
import type { Call, Ended, Policy, Walk } from "../policy.ts";
import { type Candidate, candidatesOf } from "./chain.ts";

const MAX_ATTEMPTS = 20;
const COOLDOWN_MS = 120_000;
const STICKY_MS = 30 * 60_000;
const WINDOW_MS: Partial<Record<string, number>> = { minute: 60_000, day: 86_400_000 };

/** Counted in windows that begin with the first use. */
interface Counted {
  fromMs: number;
  used: number;
}

interface Seen {
  /** Falls with failures, mends with successes. */
  health: number;
  latencyMs: number;
  readonly counters: readonly {
    readonly windowMs: number;
    readonly tokens: boolean;
    readonly amount: number;
    readonly counted: Counted;
  }[];
}

export function scoreCooldown(table: RoutingTable): Policy {
  const byName = candidatesOf(table);
  const seen = new Map<Candidate, Seen>();
  for (const candidate of new Set([...byName.values()].flat())) {
    const counters = candidate.limits.flatMap(({ unit, window, amount }) => {
      const windowMs = WINDOW_MS[window ?? ""];
      if (windowMs === undefined || (unit !== "requests" && unit !== "tokens")) return [];
      return [{ windowMs, tokens: unit === "tokens", amount, counted: { fromMs: 0, used: 0 } }];
    });
    seen.set(candidate, { health: 1, latencyMs: 1_000, counters });
  }
  const sessions = new Map<string, { candidate: Candidate; atMs: number }>();
  return {
    name: "score and cooldown (002)",
    walk: (request, nowMs) => new ScoreWalk(byName.get(request.model) ?? [], request, nowMs, seen, sessions),
  };
}

const headroom = ({ counters }: Seen, nowMs: number): number => {
  let least = 1;
  for (const { windowMs, amount, counted } of counters) {
    if (nowMs - counted.fromMs >= windowMs) continue;
    least = Math.min(least, 1 - counted.used / amount);
  }
  return least;
};

class ScoreWalk implements Walk {
  readonly #ordered: Candidate[];
  readonly #request: SimRequest;
  readonly #seen: ReadonlyMap<Candidate, Seen>;
  readonly #sessions: Map<string, { candidate: Candidate; atMs: number }>;
  #at = 0;
  #attempts = 0;

  constructor(
    chain: readonly Candidate[],
    request: SimRequest,
    nowMs: number,
    seen: ReadonlyMap<Candidate, Seen>,
    sessions: Map<string, { candidate: Candidate; atMs: number }>,
  ) {
    this.#request = request;
    this.#seen = seen;
    this.#sessions = sessions;
    const scored: { candidate: Candidate; score: number }[] = [];
    const stays = request.session === undefined ? undefined : sessions.get(request.session);
    for (const candidate of chain) {
      const known = seen.get(candidate);
      if (known === undefined || candidate.cooldownUntilMs > nowMs) continue;
      if (candidate.contextTokens < request.promptTokens) continue;
      const room = headroom(known, nowMs);
      if (room <= 0) continue;
      const score = 2 * known.health + room + candidate.intelligence / 5 + 2_000 / (2_000 + known.latencyMs);
      const sticky = stays?.candidate === candidate && nowMs - stays.atMs < STICKY_MS;
      scored.push({ candidate, score: sticky ? 10 : score });
    }
    scored.sort((a, b) => b.score - a.score);
    this.#ordered = scored.map(({ candidate }) => candidate);
  }

  next(nowMs: number): Call | undefined {
    while (this.#attempts < MAX_ATTEMPTS) {
      const candidate = this.#ordered[this.#at];
      if (candidate === undefined) return undefined;
      this.#at += 1;
      const known = this.#seen.get(candidate);
      if (known === undefined || candidate.cooldownUntilMs > nowMs || headroom(known, nowMs) <= 0) continue;
      this.#attempts += 1;
      for (const { windowMs, tokens, counted } of known.counters) {
        if (nowMs - counted.fromMs >= windowMs) {
          counted.fromMs = nowMs;
          counted.used = 0;
        }
        counted.used += tokens ? this.#request.promptTokens : 1;
      }
      return candidate;
    }
    return undefined;
  }

  ended(call: Call, { failure, usage, durationMs }: Ended, nowMs: number): boolean {
    const candidate = call as Candidate;
    const known = this.#seen.get(candidate);
    if (known === undefined) return false;
    if (failure !== undefined) {
      known.health *= 0.7;
      candidate.cooldownUntilMs = nowMs + COOLDOWN_MS;
      return movesOn(failure);
    }
    known.health += 0.1 * (1 - known.health);
    known.latencyMs += 0.1 * (durationMs - known.latencyMs);
    for (const { tokens, counted } of known.counters) if (tokens) counted.used += usage?.outputTokens ?? 0;
    if (this.#request.session !== undefined)
      this.#sessions.set(this.#request.session, { candidate, atMs: nowMs });
    return false;
  }
}
