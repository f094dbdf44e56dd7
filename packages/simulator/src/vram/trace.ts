/** What a simulation runs: models on one GPU, jobs over time, and what goes wrong. Times in ms, memory in bytes. */
import type { ModelNeed } from "@headgate/resources";

export const GIB = 2 ** 30;

/** A model as it truly is; the scheduler sees the declaration only. */
export interface SimModel {
  readonly need: ModelNeed;
  readonly loadMs: number;
  readonly unloadMs: number;
}

export interface Job {
  readonly model: SimModel;
  readonly serviceMs: number;
  /** The client goes away this long after it came, waiting or not. */
  readonly patienceMs?: number;
  /** What the same client requests once this is done, and how long it pauses first. */
  readonly next?: { readonly afterMs: number; readonly job: Job };
}

export interface Arrival {
  readonly atMs: number;
  readonly job: Job;
}

export interface Trace {
  readonly name: string;
  /** What it shows, in a few words. */
  readonly about: string;
  readonly totalBytes: number;
  readonly models: readonly SimModel[];
  readonly arrivals: readonly Arrival[];
  /** From `atMs` on others use `bytes`. */
  readonly external: readonly { readonly atMs: number; readonly bytes: number }[];
  /** How long freed memory takes to be seen free. */
  readonly reclaimMs: number;
  /** The part of models' memory that readings show: mapped files hardly count as used. Default all of it. */
  readonly shown?: number;
  /** Every n-th unload does nothing, which only a look shows. */
  readonly lyingUnloadEvery?: number;
  /** Every n-th load fails half way. */
  readonly crashEvery?: number;
}

/** True when all models can be loaded together, so that nothing ever has to be unloaded. */
export function workingSetFits(trace: Trace): boolean {
  const used = new Set<SimModel>();
  for (const { job } of trace.arrivals)
    for (let at: Job | undefined = job; at !== undefined; at = at.next?.job) used.add(at.model);
  let bytes = 0;
  for (const { need } of used) bytes += need.bytes + need.transientBytes;
  const external = trace.external.reduce((most, one) => Math.max(most, one.bytes), 0);
  const twins = [...used].some((one) => [...used].some((other) => areTwins(one, other)));
  return !twins && bytes + external <= trace.totalBytes;
}

/** The longest that one job of `model` takes in this trace. */
export function longestService(trace: Trace): ReadonlyMap<SimModel, number> {
  const longest = new Map<SimModel, number>();
  for (const { job } of trace.arrivals) {
    for (let at: Job | undefined = job; at !== undefined; at = at.next?.job) {
      longest.set(at.model, Math.max(longest.get(at.model) ?? 0, at.serviceMs));
    }
  }
  return longest;
}

/** The same model with other load options: one backend holds only one of the two. */
export const areTwins = (a: SimModel, b: SimModel): boolean =>
  a !== b && a.need.spec.backend === b.need.spec.backend && a.need.spec.model === b.need.spec.model;
