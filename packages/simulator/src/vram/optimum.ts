/**
 * The exact offline optimum: the least load cost that serves every request within D of its arrival, knowing the future.
 *
 * The problem it solves exactly: loads and jobs take no time, memory and "one of two twins" are hard, a request is served at
 * any moment in [arrival, arrival + D] at which its model is in memory. Both relaxations only help the optimum, so its cost
 * is a lower bound on that of any schedule whose longest wait is D.
 *
 * Loads happen when some waiting request is due: an earlier load can be put off until its own request is due or until
 * another load takes its place, and serves no fewer that way. So the state at a due time is the set of resident models and,
 * for each other model, its oldest request that waits. States are worked off by due time; one that another equals or beats
 * in every respect is dropped.
 */
import { areTwins, type SimModel, type Trace } from "./trace.ts";
import type { Served } from "./world.ts";

export interface Optimum {
  readonly loadMs: number;
  /** False when states had to be merged (each merger takes the better of both): then the true optimum is no less. */
  readonly exact: boolean;
}

export const MAX_MODELS = 10;

interface Problem {
  readonly costs: readonly number[];
  /** Arrivals of each model in order. */
  readonly arrivals: readonly (readonly number[])[];
  /** For each set of models (a bit mask), its bytes; Infinity when it cannot be in memory together. */
  readonly bytes: readonly number[];
  readonly roomBytes: number;
  readonly delayMs: number;
}

interface State {
  readonly costMs: number;
  readonly resident: number;
  /** For each model that is not resident, the index of its oldest request that waits or is to come. */
  readonly next: readonly number[];
  readonly dueMs: number;
}

/** `undefined` when the trace has more models than can be enumerated. */
export function offlineOptimum(
  trace: Trace,
  served: readonly Served[],
  delayMs: number,
  maxStates = 400,
): Optimum | undefined {
  const models = trace.models.filter((model) => served.some((one) => one.model === model));
  if (models.length > MAX_MODELS) return undefined;
  const problem: Problem = {
    costs: models.map((model) => model.loadMs),
    arrivals: models.map((model) =>
      served
        .filter((one) => one.model === model)
        .map((one) => one.arrivedMs)
        .sort((a, b) => a - b),
    ),
    bytes: subsetBytes(models),
    roomBytes: trace.totalBytes,
    delayMs,
  };
  return solve(problem, maxStates);
}

function subsetBytes(models: readonly SimModel[]): number[] {
  return Array.from({ length: 2 ** models.length }, (_, mask) => {
    const inside = models.filter((_one, index) => mask & (1 << index));
    if (inside.some((one) => inside.some((other) => areTwins(one, other)))) return Number.POSITIVE_INFINITY;
    return inside.reduce((sum, { need }) => sum + need.bytes + need.transientBytes, 0);
  });
}

function solve(problem: Problem, maxStates: number): Optimum {
  const none = problem.costs.map(() => 0);
  const pool = new Pool(maxStates);
  pool.add({ costMs: 0, resident: 0, next: none, dueMs: dueMs(problem, 0, none) });
  let best = Number.POSITIVE_INFINITY;
  for (;;) {
    const state = pool.pop();
    if (state === undefined) return { loadMs: best, exact: pool.exact };
    if (state.costMs >= best) continue;
    if (state.dueMs === Number.POSITIVE_INFINITY) best = state.costMs;
    else for (const after of successors(problem, state)) if (after.costMs < best) pool.add(after);
  }
}

function dueMs(problem: Problem, resident: number, next: readonly number[]): number {
  let due = Number.POSITIVE_INFINITY;
  for (const [index, arrivals] of problem.arrivals.entries()) {
    if (resident & (1 << index)) continue;
    due = Math.min(due, (arrivals[next[index] ?? 0] ?? Number.POSITIVE_INFINITY) + problem.delayMs);
  }
  return due;
}

/** The first request that comes after `atMs`. */
function firstAfter(arrivals: readonly number[], atMs: number): number {
  let low = 0;
  let high = arrivals.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((arrivals[middle] ?? 0) > atMs) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** All that can be done when someone is due: what is loaded, what of it and of the rest stays. */
function* successors(problem: Problem, state: State): Generator<State> {
  const { arrivals, bytes, costs, roomBytes } = problem;
  const atMs = state.dueMs;
  let due = 0;
  let waiting = 0;
  for (const index of costs.keys()) {
    const bit = 1 << index;
    const arrivedMs = arrivals[index]?.[state.next[index] ?? 0];
    if (state.resident & bit || arrivedMs === undefined || arrivedMs > atMs) continue;
    waiting |= bit;
    if (arrivedMs + problem.delayMs <= atMs) due |= bit;
  }
  const after = arrivals.map((ofModel) => firstAfter(ofModel, atMs));
  for (let more = waiting & ~due; ; more = (more - 1) & waiting & ~due) {
    const loaded = due | more;
    let costMs = state.costMs;
    for (const [index, cost] of costs.entries()) if (loaded & (1 << index)) costMs += cost;
    const ends: number[] = [];
    for (let kept = state.resident; ; kept = (kept - 1) & state.resident) {
      if (bears(problem, kept, loaded)) {
        for (let stays = loaded; ; stays = (stays - 1) & loaded) {
          const end = kept | stays;
          if ((bytes[end] ?? Number.POSITIVE_INFINITY) <= roomBytes) ends.push(end);
          if (stays === 0) break;
        }
      }
      if (kept === 0) break;
    }
    for (const end of ends) {
      if (ends.some((other) => other !== end && (other & end) === end)) continue;
      const next = state.next.map((old, index) => {
        const bit = 1 << index;
        if (end & bit) return 0;
        return loaded & bit || state.resident & bit ? (after[index] ?? 0) : old;
      });
      yield { costMs, resident: end, next, dueMs: dueMs(problem, end, next) };
    }
    if (more === 0) return;
  }
}

/** Whether each of `loaded`, one after the other, fits beside `kept`. */
function bears(problem: Problem, kept: number, loaded: number): boolean {
  for (const index of problem.costs.keys()) {
    const bit = 1 << index;
    if (loaded & bit && (problem.bytes[kept | bit] ?? Number.POSITIVE_INFINITY) > problem.roomBytes)
      return false;
  }
  return true;
}

/** At least as good in every respect: no dearer, and each model resident or with a later request to serve. */
function beats(a: State, b: State): boolean {
  if (a.costMs > b.costMs) return false;
  for (let index = 0; index < a.next.length; index += 1) {
    const bit = 1 << index;
    if (a.resident & bit) continue;
    if (b.resident & bit || (a.next[index] ?? 0) < (b.next[index] ?? 0)) return false;
  }
  return true;
}

/** States that wait for their due time, by resident set. */
class Pool {
  readonly #maxStates: number;
  #states: State[] = [];
  exact = true;

  constructor(maxStates: number) {
    this.#maxStates = maxStates;
  }

  add(state: State): void {
    for (const other of this.#states) if (beats(other, state)) return;
    this.#states = this.#states.filter((other) => !beats(state, other));
    this.#states.push(state);
    if (this.#states.length > this.#maxStates) this.#merge();
  }

  pop(): State | undefined {
    let first = 0;
    for (const [index, state] of this.#states.entries()) {
      if (state.dueMs < (this.#states[first]?.dueMs ?? 0)) first = index;
    }
    const last = this.#states.pop();
    const state = this.#states[first];
    if (last === undefined || state === undefined) return last;
    this.#states[first] = last;
    return state;
  }

  /** The dearest half of each resident set becomes one state each, better than any of them. */
  #merge(): void {
    this.exact = false;
    const groups = Map.groupBy(this.#states, (state) => state.resident);
    this.#states = [];
    for (const group of groups.values()) {
      group.sort((a, b) => a.costMs - b.costMs);
      const half = Math.ceil(group.length / 2);
      this.#states.push(...group.slice(0, half));
      const rest = group.slice(half);
      const [dearest] = rest;
      if (dearest === undefined) continue;
      const next = dearest.next.map((_, index) => Math.max(...rest.map((state) => state.next[index] ?? 0)));
      this.#states.push({ ...dearest, next, dueMs: Math.max(...rest.map((state) => state.dueMs)) });
    }
  }
}
