/** What is tried after an alias. */
import type { Path } from "../load/tree.ts";
import type { Chains, DefaultChain } from "./ladders.ts";
import { type LinkedModel, tierOf } from "./workspace.ts";

export interface OwnFallbacks {
  readonly section: "chains" | "default";
  readonly path: Path;
  readonly targets: readonly string[];
  /** The default that it takes, whose list holds the alias itself as well. */
  readonly shared?: DefaultChain;
}

/** Its own chain, else the default of its operation and tier without itself; `undefined`: it has neither. */
export function fallbacksOf(linked: LinkedModel, chains: Chains): OwnFallbacks | undefined {
  const { alias, operation } = linked.model;
  // An alias may be called `constructor`, which every object seems to have.
  const own = Object.hasOwn(chains.chains, alias) ? chains.chains[alias] : undefined;
  if (own !== undefined) return { section: "chains", path: ["chains", alias], targets: own };
  const tier = tierOf(linked);
  const ofOperation = chains.defaults.filter((one) => one.operation === operation);
  const shared =
    ofOperation.find((one) => one.tier === tier) ?? ofOperation.find((one) => one.tier === undefined);
  if (shared === undefined) return undefined;
  const targets = shared.targets.filter((target) => target !== alias);
  return { section: "default", path: shared.path, targets, shared };
}
