/** One scenario under one policy: a worker's input and its result. Plain data both ways. */
import { type Catalog, present } from "@headgate/contract";
import { upperBound } from "./bound.ts";
import { type Figures, figuresFrom } from "./figures.ts";
import { naiveChain } from "./policies/chain.ts";
import { dayCooldown } from "./policies/day-cooldown.ts";
import { headgate } from "./policies/headgate.ts";
import { replicas } from "./policies/replicas.ts";
import { scoreCooldown } from "./policies/score-cooldown.ts";
import type { Policy } from "./policy.ts";
import { run } from "./run.ts";
import { type PolicyId, SCENARIOS, type Scenario } from "./scenarios.ts";
import { figuresOf, weigherOf } from "./weight.ts";
import { type World, worldOf } from "./world.ts";

export interface Task {
  readonly scenario: Scenario["id"];
  readonly policy: PolicyId;
  readonly seed: number;
  readonly hours: number;
  /** When the run begins: on a busy morning, so that quotas that are whole at first are soon used. */
  readonly startMs: number;
}

const REPLICAS = 4;
/** Requests an hour from which on the limits bound what is served, and not the demand. */
const DEMAND_OVER_SUPPLY = 10_000;

const POLICIES: Readonly<Record<PolicyId, (world: World, seed: number) => Policy>> = {
  chain: ({ table }) => naiveChain(table),
  day: ({ table }) => dayCooldown(table),
  score: ({ table }) => scoreCooldown(table),
  headgate: ({ table }, seed) => headgate(table, seed),
  replicas: ({ table }, seed) => replicas(table, seed, REPLICAS),
};

export interface Compared {
  readonly task: Task;
  readonly bound: number;
  readonly figures: Figures;
}

export function perform(catalog: Catalog, task: Task): Compared {
  const scenario = SCENARIOS.find(({ id }) => id === task.scenario);
  if (scenario === undefined) throw new Error(`there is no scenario ${task.scenario}`);
  const { seed, startMs } = task;
  const hours = Math.min(task.hours, scenario.hours ?? task.hours);
  const world = worldOf(catalog, {
    seed,
    startMs,
    hours,
    wrongShare: scenario.wrongShare,
    outages: true,
    ...present({ whims: scenario.whims }),
  });
  const demand = { seed, startMs, hours, perHour: scenario.perHour };
  const demanded = figuresOf(world, demand);
  const span = [startMs, startMs + hours * 3_600_000] as const;
  const bound = upperBound(world, demanded, { startMs, hours });
  const policy = POLICIES[task.policy](world, seed);
  const counts = run({ world, policy, demand, weightOf: weigherOf(world, demanded, span) });
  // Where demand is low, all of it is the most that can be served; the weights would count long requests double.
  const all =
    scenario.perHour < DEMAND_OVER_SUPPLY
      ? { value: counts.served, most: Math.min(bound, demanded.count) }
      : undefined;
  const most = all?.most ?? bound;
  const figures = figuresFrom(policy.name, (all?.value ?? counts.value) / most, counts, world);
  const { roundTrips } = policy;
  return { task, bound: most, figures: roundTrips === undefined ? figures : { ...figures, roundTrips } };
}
