/** A crowd of background clients that takes all that it gets, beside interactive ones: what each of them loses by the other. */
import type { Catalog } from "@headgate/contract";
import { headgate } from "./policies/headgate.ts";
import { type Counts, type Crowd, run } from "./run.ts";
import { worldOf } from "./world.ts";

export interface BackgroundOptions {
  readonly seed: number;
  readonly hours: number;
  readonly startMs: number;
  /** Interactive requests an hour. */
  readonly perHour: number;
  /** Background clients, each with one request at a time. */
  readonly clients: number;
}

export interface BackgroundFigures {
  /** The interactive clients' 95th percentile with the crowd, over the same without it. */
  readonly p95: number;
  /** Interactive requests served with the crowd, over the same without it. */
  readonly served: number;
  /** What the crowd is served, over what is left where the same crowd takes everything without regard for others. */
  readonly ofLeftOver: number;
}

export function backgroundFigures(catalog: Catalog, options: BackgroundOptions): BackgroundFigures {
  const { seed, hours, startMs, perHour, clients } = options;
  const play = (crowd: Crowd | undefined): Counts => {
    const world = worldOf(catalog, { seed, startMs, hours, wrongShare: 0, outages: false });
    const demand = { seed, startMs, hours, perHour };
    return run({
      world,
      policy: headgate(world.table, seed),
      demand,
      weightOf: () => 1,
      ...(crowd === undefined ? {} : { crowd }),
    });
  };
  const alone = play(undefined);
  const beside = play({ clients, priority: "background" });
  const greedy = play({ clients, priority: "interactive" });
  const leftOver = greedy.served + greedy.crowdServed - alone.served;
  return {
    p95: quantile(beside.durationsMs, 0.95) / quantile(alone.durationsMs, 0.95),
    served: beside.served / alone.served,
    ofLeftOver: beside.crowdServed / leftOver,
  };
}

function quantile(values: readonly number[], at: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(at * (sorted.length - 1))] ?? 0;
}
