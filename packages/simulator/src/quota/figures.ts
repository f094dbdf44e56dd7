/** A run's counts as the figures that are compared. */
import type { Counts } from "./run.ts";
import type { Scenario } from "./scenarios.ts";
import type { World } from "./world.ts";

export interface Figures {
  readonly policy: string;
  readonly asked: number;
  readonly served: number;
  /** Of the upper bound, weighed as it is; 1 is all. */
  readonly ofBound: number;
  readonly calls: number;
  /** Calls that a limit refused, and their part of all calls. */
  readonly wasted: number;
  readonly wastedShare: number;
  readonly attemptsP50: number;
  readonly attemptsP99: number;
  /** Unanswered requests although a candidate had had room for a second. */
  readonly overlooked: number;
  /** The declared limit that was overshot most, and by what part of what it granted. */
  readonly overshoot: number;
  readonly overshotLimit: string;
  /** Stray refusals that stated a wait, and those after whose wait calls were still kept away. */
  readonly strays: number;
  readonly heldBack: number;
  readonly roundTrips?: number;
}

/** One scenario's day under several policies. */
export interface Section {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly bound: number;
  readonly rows: readonly Figures[];
}

export const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

export function figuresFrom(policy: string, ofBound: number, counts: Counts, world: World): Figures {
  let overshoot = 0;
  let overshotLimit = "";
  for (const limit of world.declared) {
    const by = limit.refusedCalls / Math.max(1, limit.grantedCalls);
    if (by <= overshoot) continue;
    overshoot = by;
    overshotLimit = limit.id;
  }
  return {
    policy,
    asked: counts.asked,
    served: counts.served,
    ofBound,
    calls: counts.calls,
    wasted: counts.refused,
    wastedShare: counts.refused / Math.max(1, counts.calls),
    attemptsP50: quantile(counts.attempts, 0.5),
    attemptsP99: quantile(counts.attempts, 0.99),
    overlooked: counts.overlooked,
    strays: counts.strays,
    heldBack: counts.heldBack,
    overshoot,
    overshotLimit,
  };
}

/** @param counts how many took 0, 1, 2, … */
function quantile(counts: readonly number[], at: number): number {
  const all = counts.reduce((sum, count) => sum + (count ?? 0), 0);
  let seen = 0;
  for (let attempts = 0; attempts < counts.length; attempts += 1) {
    seen += counts[attempts] ?? 0;
    if (seen >= at * all) return attempts;
  }
  return counts.length;
}
