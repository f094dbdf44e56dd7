/** What the gateways that are compared have in common: a chain of candidates, tried in order, that cool down after failures. */
import { type Limit, movesOn, type RoutingTable } from "@headgate/contract";
import type { SimRequest } from "../demand.ts";
import type { Call, Ended, Policy, Walk } from "../policy.ts";

export interface Candidate extends Call {
  readonly contextTokens: number;
  readonly limits: readonly Limit[];
  readonly intelligence: number;
  readonly providerId: string;
  cooldownUntilMs: number;
  failures: number;
}

/** By name, in the order of the chain, key after key. */
export function candidatesOf(table: RoutingTable): Map<string, readonly Candidate[]> {
  const byDeployment = table.deployments.map((deployment, index): Candidate[] => {
    const provider = table.providers[deployment.provider];
    if (provider === undefined || !deployment.served) return [];
    return Array.from({ length: Math.max(1, provider.keyVars.length) }, (_, key) => ({
      deployment: index,
      key,
      contextTokens: deployment.contextTokens ?? Number.POSITIVE_INFINITY,
      limits: [...deployment.limits, ...provider.limits],
      intelligence: deployment.intelligence ?? 3,
      providerId: provider.id,
      cooldownUntilMs: 0,
      failures: 0,
    }));
  });
  return new Map(
    table.routes.map(({ name, chain }) => [name, chain.flatMap((at) => byDeployment[at] ?? [])]),
  );
}

/** Tries the chain in order; a candidate that fails cools down for a minute. */
export function naiveChain(table: RoutingTable, cooldownMs = 60_000): Policy {
  const byName = candidatesOf(table);
  return {
    name: `chain, ${cooldownMs / 1_000} s cooldown`,
    walk: (request) => new ChainWalk(byName.get(request.model) ?? [], request, cooldownMs),
  };
}

class ChainWalk implements Walk {
  readonly #chain: readonly Candidate[];
  readonly #request: SimRequest;
  readonly #cooldownMs: number;
  #at = 0;

  constructor(chain: readonly Candidate[], request: SimRequest, cooldownMs: number) {
    this.#chain = chain;
    this.#request = request;
    this.#cooldownMs = cooldownMs;
  }

  next(nowMs: number): Call | undefined {
    for (;;) {
      const candidate = this.#chain[this.#at];
      if (candidate === undefined) return undefined;
      this.#at += 1;
      if (candidate.cooldownUntilMs <= nowMs && candidate.contextTokens >= this.#request.promptTokens)
        return candidate;
    }
  }

  ended(call: Call, { failure }: Ended, nowMs: number): boolean {
    if (failure === undefined) return false;
    (call as Candidate).cooldownUntilMs = nowMs + this.#cooldownMs;
    return movesOn(failure);
  }
}
