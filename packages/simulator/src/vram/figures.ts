/** What is read off a run, and the bound that no head may wait beyond. */
import { longestService, type SimModel, type Trace } from "./trace.ts";
import type { Run } from "./world.ts";

export interface Figures {
  readonly policy: string;
  readonly meanWaitMs: number;
  readonly p99WaitMs: number;
  readonly maxWaitMs: number;
  /** The longest that anyone was first in the queue of its model, and by how much that missed the bound (below 1: met). */
  readonly maxHeadMs: number;
  readonly boundUsed: number;
  readonly loads: number;
  readonly loadMs: number;
  /** The part of `loadMs` that failed loads took. */
  readonly diedMs: number;
  readonly jobsPerSecond: number;
  readonly overcommits: number;
  readonly stuck: number;
}

/** The settings that the bound is made of. */
export interface Fairness {
  readonly maxHeadWaitMs: number;
  readonly quantumFactor: number;
}

/**
 * The bound on a head's wait: H, then for each model that contends for the same memory one quantum before ours (unload,
 * reclaim, load, quantum, the longest job), then our own load. A lie or a crash on the way costs each of these a retry. The
 * scheduler promises less: a second quantum for waiters older than the head (docs/adr/0014).
 */
export function headBoundMs(trace: Trace, target: SimModel, fair: Fairness): number {
  const longest = longestService(trace);
  const retryMs =
    (trace.lyingUnloadEvery === undefined ? 0 : 10_000) + (trace.crashEvery === undefined ? 0 : 15_000);
  const externalMs = trace.external.length > 0 ? 120_000 : 0;
  const swapMs = (model: SimModel): number => model.unloadMs + trace.reclaimMs + model.loadMs + retryMs;
  let boundMs = fair.maxHeadWaitMs + externalMs + swapMs(target);
  for (const model of trace.models) {
    if (model === target) continue;
    const quantumMs = fair.quantumFactor * (model.loadMs + target.loadMs);
    boundMs += swapMs(model) + quantumMs + (longest.get(model) ?? 0);
  }
  // The ones before it in its own queue hold its places.
  return boundMs + (longest.get(target) ?? 0);
}

export function figuresOf(policy: string, trace: Trace, run: Run, fair: Fairness): Figures {
  // Waits that were given up count too: else a policy would look better the more clients it drives away.
  const waits = [...run.served.map((one) => one.waitMs), ...run.gaveUpMs].sort((a, b) => a - b);
  const bounds = new Map(trace.models.map((model) => [model, headBoundMs(trace, model, fair)]));
  let maxHeadMs = 0;
  let boundUsed = 0;
  for (const one of run.served) {
    maxHeadMs = Math.max(maxHeadMs, one.headMs);
    boundUsed = Math.max(boundUsed, one.headMs / (bounds.get(one.model) ?? 1));
  }
  return {
    policy,
    meanWaitMs: waits.reduce((sum, wait) => sum + wait, 0) / Math.max(1, waits.length),
    p99WaitMs: waits[Math.min(waits.length - 1, Math.floor(waits.length * 0.99))] ?? 0,
    maxWaitMs: waits.at(-1) ?? 0,
    maxHeadMs,
    boundUsed,
    loads: run.loads,
    loadMs: run.loadMs,
    diedMs: run.diedMs,
    jobsPerSecond: run.served.length / Math.max(1, run.spanMs / 1_000),
    overcommits: run.overcommits,
    stuck: run.stuck,
  };
}
