/** Tries models of one provider, a few at a time, within its declared limits. */
import type { Deployment, Failure, Limit, RoutedProvider } from "@headgate/contract";
import { observed } from "../../upstream/outcome.ts";
import { hideIn, type KeyAccess } from "./key-access.ts";
import { Pacer } from "./pacer.ts";
import { type Tried, tryModel, type UpstreamTarget } from "./try-model.ts";

export interface Candidate {
  readonly upstream: string;
  readonly operation: "chat" | "embedding";
}

export interface Probe {
  readonly candidate: Candidate;
  readonly result: Tried;
}

export interface Probing {
  /** In the order of the candidates; those that were not tried are missing. */
  readonly probes: readonly Probe[];
  /** Why the remaining candidates were not tried. */
  readonly stopped?: Failure;
}

export interface ProbeOptions {
  /** The provider's index in the table. */
  readonly index: number;
  /** Whether one refused request means that requests to other models would be refused too. */
  readonly shared: boolean;
  readonly wait: (ms: number) => Promise<void>;
  readonly onProbed: () => void;
}

const AT_ONCE = 4;
/** After so many in a row the network fails, not a model. */
const MAX_NETWORK_FAILURES = 3;

export async function probe(
  target: UpstreamTarget,
  access: KeyAccess,
  candidates: readonly Candidate[],
  { index, shared, wait, onProbed }: ProbeOptions,
): Promise<Probing> {
  const { provider, nowMs } = target;
  const pacer = new Pacer(requestsPer("minute", provider), nowMs, wait);
  const results = new Map<Candidate, Tried>();
  const perDay = requestsPer("day", provider);
  const queue = candidates.slice(0, Math.max(1, Math.floor(perDay / 2)));
  let inARow = 0;
  let stopped: Failure | undefined;

  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      await pacer.turn();
      if (stopped !== undefined) return;
      const tried = await tryModel(target, access, deploymentOf(provider, index, next));
      const result = typeof tried === "string" ? tried : hideIn(tried, access);
      results.set(next, result);
      onProbed();
      inARow = typeof result !== "string" && result.class === "network" ? inARow + 1 : 0;
      if (typeof result === "string") continue;
      if (endsIt(result, shared) || inARow === MAX_NETWORK_FAILURES) stopped ??= result;
    }
  };
  await Promise.all(Array.from({ length: atOnce(provider) }, work));
  // The other half of the day's requests is for the account's users.
  if (results.size < candidates.length)
    stopped ??= observed("daily_quota", `half of the ${perDay} requests a day that the account has`, "key");
  return {
    probes: candidates.flatMap((candidate) => {
      const result = results.get(candidate);
      return result === undefined ? [] : [{ candidate, result }];
    }),
    ...(stopped === undefined || results.size === candidates.length ? {} : { stopped }),
  };
}

/** A provider that refuses the key, or the account as a whole, gets no further request. */
const endsIt = ({ class: failure, scope }: Failure, shared: boolean): boolean =>
  scope === "key" ||
  scope === "provider" ||
  (shared && (failure === "rate_limit" || failure === "daily_quota"));

const isForAll = ({ scope }: Limit): boolean => scope === "account" || scope === "ip";

/** Limits that name models count for all models: which ones they mean is not always known. */
export function requestsPer(window: "minute" | "day", { limits }: RoutedProvider): number {
  const amounts = limits.flatMap((limit) =>
    isForAll(limit) && limit.unit === "requests" && limit.window === window ? [limit.amount] : [],
  );
  return Math.min(...amounts, Number.MAX_SAFE_INTEGER);
}

/** On a local machine each model may have to be loaded first. */
function atOnce({ limits, tier }: RoutedProvider): number {
  const amounts = limits.flatMap((limit) => (limit.unit === "concurrency" ? [limit.amount] : []));
  return Math.max(1, Math.floor(Math.min(...amounts, tier === "local" ? 1 : AT_ONCE)));
}

/** True with a limit for the whole account, or without any known limit. */
export const sharesLimits = ({ limits }: RoutedProvider, own: readonly Deployment[]): boolean =>
  limits.some(isForAll) || (limits.length === 0 && own.every((deployment) => deployment.limits.length === 0));

const deploymentOf = (
  { tier }: RoutedProvider,
  index: number,
  { upstream, operation }: Candidate,
): Deployment => ({
  provider: index,
  alias: upstream,
  upstream,
  operation,
  tier,
  served: true,
  capabilities: [],
  limits: [],
});
