/** All policies on all traces, and whether the bars are met. */
import { COMPARATORS, comparator, INFINITE } from "./comparators.ts";
import { type Fairness, type Figures, figuresOf } from "./figures.ts";
import { type Optimum, offlineOptimum } from "./optimum.ts";
import { OURS, ours } from "./ours.ts";
import { type Trace, workingSetFits } from "./trace.ts";
import { makeTraces, type TraceOptions } from "./traces.ts";
import { type Policy, simulate } from "./world.ts";

/** The scheduler's own defaults: what is measured is what is shipped. */
export const FAIRNESS: Fairness = { maxHeadWaitMs: 30_000, quantumFactor: 8 };

export const BARS = {
  /** Mean wait, against the best comparator that starves no waiter. */
  meanWait: 1.1,
  /** The same, against the least of all comparators: those that starve a waiter pay nothing for the others. */
  leastMean: 2,
  /**
   * The wait of 99 in 100, against the same best comparator. In a run of 400 jobs it is made of four waits: over seeds it is 0.85 to
   * 1.1 of the comparator's on each trace, and in one run up to this much.
   */
  p99Wait: 1.35,
  /** Load cost, against the offline optimum at the same longest wait. */
  loads: 2.1,
  /** Jobs per second, against the semaphore of one where all models fit. */
  throughput: 5,
  /** The longest wait of a head, against its bound. */
  starvation: 1,
} as const;

/** Swaps that are tried for the exact optimum: all that it takes for our own, fewer for each of the others. */
const TRIES = { own: 30_000_000, other: 1_000_000 } as const;

/** Means of a few hundredths of a second differ by the order of two events. */
const NOISE_MS = 50;

export interface Row extends Figures {
  /** Undefined for the lower bound, which no memory limits, and where finding it takes too long. */
  readonly optimum: Optimum | undefined;
}

export interface Bar {
  readonly bar: keyof typeof BARS;
  readonly trace: string;
  readonly value: number;
  readonly limit: number;
  readonly met: boolean;
  /** Name of that comparator. */
  readonly against: string;
}

export interface TraceReport {
  readonly trace: string;
  readonly about: string;
  readonly rows: readonly Row[];
  readonly bars: readonly Bar[];
}

export interface CompareOptions extends TraceOptions {
  /** Names of traces; undefined: all. */
  readonly only?: readonly string[] | undefined;
  /** Swaps that are tried for the exact optimum, after which it becomes a lower bound; 0: no optimum at all. */
  readonly tries?: { readonly own: number; readonly other: number };
}

export function compare({ only, tries = TRIES, ...options }: CompareOptions): TraceReport[] {
  const traces = makeTraces(options).filter((trace) => only?.includes(trace.name) ?? true);
  return traces.map((trace) => {
    const policies: Policy[] = [INFINITE, ...COMPARATORS].map((rules) => comparator(rules, trace));
    const rows = policies.map((policy) => measure(trace, policy, tries.other));
    rows.push(measure(trace, ours(FAIRNESS), tries.own));
    return { trace: trace.name, about: trace.about, rows, bars: barsOf(trace, rows) };
  });
}

function measure(trace: Trace, policy: Policy, tries: number): Row {
  const run = simulate(trace, policy);
  const figures = figuresOf(policy.name, trace, run, FAIRNESS);
  const longestMs = run.served.reduce((most, one) => Math.max(most, one.waitMs), 0);
  const sought = tries > 0 && policy.clairvoyant?.infinite !== true;
  return { ...figures, optimum: sought ? offlineOptimum(trace, run.served, longestMs, tries) : undefined };
}

/** Failed loads are left out: one in so many fails under every policy, and none of the optimum's. */
export const loadRatio = (row: Row): number | undefined =>
  row.optimum === undefined ? undefined : (row.loadMs - row.diedMs) / Math.max(1, row.optimum.loadMs);

function barsOf(trace: Trace, rows: readonly Row[]): Bar[] {
  const own = rows.find((row) => row.policy === OURS);
  if (own === undefined) return [];
  const bars: Bar[] = [];
  const add = (bar: keyof typeof BARS, value: number, met: boolean, against: string): void => {
    bars.push({ bar, trace: trace.name, value, limit: BARS[bar], met, against });
  };
  const rivals = rows.filter((row) => row !== own && row.policy !== INFINITE.name && row.boundUsed <= 1);
  const best = rivals.reduce<Row | undefined>(
    (least, row) => (least === undefined || row.meanWaitMs < least.meanWaitMs ? row : least),
    undefined,
  );
  if (best !== undefined) {
    const ratio = own.meanWaitMs / Math.max(1, best.meanWaitMs);
    add(
      "meanWait",
      ratio,
      ratio <= BARS.meanWait || own.meanWaitMs - best.meanWaitMs <= NOISE_MS,
      best.policy,
    );
    const p99 = own.p99WaitMs / Math.max(1, best.p99WaitMs);
    const near = own.p99WaitMs - best.p99WaitMs <= NOISE_MS;
    add("p99Wait", p99, p99 <= BARS.p99Wait || near, best.policy);
  }
  const real = rows.filter((row) => row !== own && row.policy !== INFINITE.name);
  const [first, ...others] = real;
  if (first !== undefined) {
    const least = others.reduce((so, row) => (row.meanWaitMs < so.meanWaitMs ? row : so), first);
    const ratio = own.meanWaitMs / Math.max(1, least.meanWaitMs);
    add(
      "leastMean",
      ratio,
      ratio <= BARS.leastMean || own.meanWaitMs - least.meanWaitMs <= NOISE_MS,
      least.policy,
    );
  }
  const loads = loadRatio(own);
  if (loads !== undefined) add("loads", loads, loads <= BARS.loads, "offline optimum");
  const single = rows.find((row) => row.policy === COMPARATORS[0]?.name);
  if (single !== undefined && workingSetFits(trace)) {
    const ratio = own.jobsPerSecond / single.jobsPerSecond;
    add("throughput", ratio, ratio >= BARS.throughput, single.policy);
  }
  add("starvation", own.boundUsed, own.boundUsed <= BARS.starvation, "the bound on a head's wait");
  return bars;
}
