/**
 * Reference 001 (a LiteLLM gateway): requests and tokens per minute are declared per model and avoided beforehand; each
 * candidate is tried three times, 5 s apart; after three failures in a row it cools down for 24 hours.
 */
import { movesOn, type RoutingTable } from "@headgate/contract";
import type { SimRequest } from "../demand.ts";
import type { Call, Ended, Policy, Walk } from "../policy.ts";
import { type Candidate, candidatesOf } from "./chain.ts";

const RETRIES = 2;
const RETRY_AFTER_MS = 5_000;
const ALLOWED_FAILS = 3;
const COOLDOWN_MS = 86_400_000;

/** What was sent in the running minute, as LiteLLM counts it: by the clock's minutes. */
interface Minute {
  minute: number;
  requests: number;
  tokens: number;
}

export function dayCooldown(table: RoutingTable): Policy {
  const byName = candidatesOf(table);
  const minutes = new Map<Candidate, Minute>();
  const minuteOf = (candidate: Candidate, nowMs: number): Minute => {
    const minute = Math.floor(nowMs / 60_000);
    let found = minutes.get(candidate);
    if (found === undefined || found.minute !== minute) {
      found = { minute, requests: 0, tokens: 0 };
      minutes.set(candidate, found);
    }
    return found;
  };
  return {
    name: "24 h cooldown (001)",
    walk: (request) => new DayWalk(byName.get(request.model) ?? [], request, minuteOf),
  };
}

class DayWalk implements Walk {
  readonly #chain: readonly Candidate[];
  readonly #request: SimRequest;
  readonly #minuteOf: (candidate: Candidate, nowMs: number) => Minute;
  #at = 0;
  #tries = 0;

  constructor(
    chain: readonly Candidate[],
    request: SimRequest,
    minuteOf: (candidate: Candidate, nowMs: number) => Minute,
  ) {
    this.#chain = chain;
    this.#request = request;
    this.#minuteOf = minuteOf;
  }

  next(nowMs: number): Call | undefined {
    for (;;) {
      const candidate = this.#chain[this.#at];
      if (candidate === undefined) return undefined;
      if (this.#tries <= RETRIES && this.#isOpen(candidate, nowMs)) {
        const notBeforeMs = this.#tries === 0 ? nowMs : nowMs + RETRY_AFTER_MS;
        this.#tries += 1;
        const minute = this.#minuteOf(candidate, notBeforeMs);
        minute.requests += 1;
        minute.tokens += this.#request.promptTokens;
        return { deployment: candidate.deployment, key: candidate.key, notBeforeMs };
      }
      this.#at += 1;
      this.#tries = 0;
    }
  }

  #isOpen(candidate: Candidate, nowMs: number): boolean {
    if (candidate.cooldownUntilMs > nowMs || candidate.contextTokens < this.#request.promptTokens)
      return false;
    const { requests, tokens } = this.#minuteOf(candidate, nowMs);
    return candidate.limits.every(({ unit, window, amount }) => {
      if (window !== "minute") return true;
      if (unit === "requests") return requests + 1 <= amount;
      return unit !== "tokens" || tokens + this.#request.promptTokens <= amount;
    });
  }

  ended(_: Call, { failure, usage }: Ended, nowMs: number): boolean {
    const candidate = this.#chain[this.#at];
    if (candidate === undefined) return false;
    if (failure === undefined) {
      candidate.failures = 0;
      this.#minuteOf(candidate, nowMs).tokens += usage?.outputTokens ?? 0;
      return false;
    }
    candidate.failures += 1;
    if (candidate.failures >= ALLOWED_FAILS) {
      candidate.failures = 0;
      candidate.cooldownUntilMs = nowMs + COOLDOWN_MS;
    }
    return movesOn(failure);
  }
}
