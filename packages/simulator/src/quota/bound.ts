/**
 * The offline upper bound: the most that could have been served with the whole day known beforehand.
 *
 * It is a largest flow, hour by hour: requests of a name → the upstreams of its chain → their limits → the sink. Each limit
 * lets through at most what its shape allows in an hour and in the whole run (`mostBetween`); a limit that several models
 * share is one edge for all of them. Everything that it leaves out makes it larger, never smaller: context windows, what
 * happens within an hour, two limits of different kinds on one model (the scarcer counts), chance failures, waits. It counts
 * as weight.ts does, so it holds for every policy.
 */
import { Network } from "./flow.ts";
import { chainsOf } from "./run.ts";
import type { TrueLimit } from "./truth.ts";
import type { Upstream } from "./upstream.ts";
import { type DemandFigures, mostRequests, type Scarce, scarceIn, scarcest } from "./weight.ts";
import type { World } from "./world.ts";

const HOUR_MS = 3_600_000;

interface Span {
  readonly startMs: number;
  readonly hours: number;
}

/** @returns in average requests; see weight.ts */
export function upperBound(world: World, figures: DemandFigures, { startMs, hours }: Span): number {
  const span = [startMs, startMs + hours * HOUR_MS] as const;
  const network = new Network();
  const source = network.node();
  const sink = network.node();
  const amounts = largestAmounts(world);
  const sharers = new Map<TrueLimit, Upstream[]>();
  for (const upstream of world.upstreams.flat())
    for (const limit of upstream.limits) sharers.set(limit, [...(sharers.get(limit) ?? []), upstream]);
  const pools = new Map<TrueLimit, { readonly whole: number; readonly hourly: number[] }>();

  /** By upstream and hour: where flow enters it. */
  const entries = new Map<Upstream, { readonly scarce: Scarce; readonly hourly: readonly number[] }>();
  for (const upstream of world.upstreams.flat()) {
    const scarce = scarcest(upstream, figures, span);
    const capacity = (limit: TrueLimit, within: readonly [number, number]): number =>
      mostRequests(limit, upstream, figures, within, amounts.get(limit) ?? limit.amount);
    const counted = upstream.limits.filter((limit) => scarceIn(limit) === scarce);
    const own = counted.filter((limit) => sharers.get(limit)?.length === 1);
    const shared = counted.filter((limit) => !own.includes(limit));
    const wholeOf = (limits: readonly TrueLimit[]): number =>
      Math.min(...limits.map((limit) => capacity(limit, span)));
    // One of the two may bound the whole run: the tree has one place for it.
    const [pool] = [...shared].sort((a, b) => capacity(a, span) - capacity(b, span));
    const poolBinds = pool !== undefined && wholeOf([pool]) < wholeOf(own) * (sharers.get(pool)?.length ?? 1);
    let exit: (hour: number) => number;
    if (poolBinds) {
      const rooms = poolOf(pool, capacity);
      exit = (hour) => rooms.hourly[hour] ?? sink;
    } else {
      const whole = network.node();
      network.edge(whole, sink, wholeOf(own));
      exit = () => whole;
    }
    const hourly = Array.from({ length: hours }, (_, hour) => {
      const from = startMs + hour * HOUR_MS;
      const upMs = HOUR_MS - downMs(upstream, from);
      const entry = network.node();
      // A period that begins in mid-window touches one window more.
      const spare = upMs === HOUR_MS || upMs === 0 ? 0 : 60_000;
      const within = [from, from + Math.min(HOUR_MS, upMs + spare)] as const;
      network.edge(entry, exit(hour), Math.min(...own.map((limit) => capacity(limit, within))));
      return entry;
    });
    entries.set(upstream, { scarce, hourly });
  }

  function poolOf(
    limit: TrueLimit,
    capacity: (limit: TrueLimit, within: readonly [number, number]) => number,
  ): { readonly hourly: number[] } {
    let found = pools.get(limit);
    if (found === undefined) {
      const whole = network.node();
      network.edge(whole, sink, capacity(limit, span));
      const together = [...sharers.entries()].filter(([other, of]) => {
        const same = of.length === sharers.get(limit)?.length && of[0] === sharers.get(limit)?.[0];
        return same && scarceIn(other) === scarceIn(limit);
      });
      const hourly = Array.from({ length: hours }, (_, hour) => {
        const from = startMs + hour * HOUR_MS;
        const node = network.node();
        const within = [from, from + HOUR_MS] as const;
        network.edge(node, whole, Math.min(...together.map(([other]) => capacity(other, within))));
        return node;
      });
      found = { whole, hourly };
      pools.set(limit, found);
    }
    return found;
  }

  const chains = chainsOf(world.table);
  for (const [name, ofHours] of figures.byName) {
    const upstreams = (chains.get(name) ?? []).flatMap((index) => world.upstreams[index] ?? []);
    for (const [hour, of] of ofHours.entries()) {
      if (of.requests === 0) continue;
      const all = network.node();
      const inRequests = network.node();
      const inTokens = network.node();
      network.edge(source, all, of.most);
      network.edge(all, inRequests, of.requests);
      network.edge(all, inTokens, of.tokens);
      const inTime = network.node();
      network.edge(source, inTime, Number.POSITIVE_INFINITY);
      for (const upstream of upstreams) {
        const entry = entries.get(upstream);
        const to = entry?.hourly[hour];
        if (!upstream.deployment.served || entry === undefined || to === undefined) continue;
        network.edge(
          { requests: inRequests, tokens: inTokens, time: inTime }[entry.scarce],
          to,
          Number.POSITIVE_INFINITY,
        );
      }
    }
  }
  return network.maxFlow(source, sink);
}

function largestAmounts({ limits, changes }: World): Map<TrueLimit, number> {
  const amounts = new Map(limits.map((limit) => [limit, limit.amount]));
  for (const { limit, amount } of changes) amounts.set(limit, Math.max(amounts.get(limit) ?? 0, amount));
  return amounts;
}

const downMs = ({ outages }: Upstream, fromMs: number): number =>
  Math.min(
    HOUR_MS,
    outages.reduce(
      (sum, outage) =>
        sum + Math.max(0, Math.min(outage.toMs, fromMs + HOUR_MS) - Math.max(outage.fromMs, fromMs)),
      0,
    ),
  );
