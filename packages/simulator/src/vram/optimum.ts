/**
 * The exact offline optimum: the least load cost of any schedule that has the whole trace and begins every job within D of its
 * arrival, and before its client gives up.
 *
 * Models load side by side. From the start of its load until it is gone a model takes up its memory and that of one job. It
 * works on its requests in order of arrival, on as many at a time as it may, and can be unloaded when those that it began
 * are done; its memory is back after the unload and the reclaim. Of two twins one is in memory. No other program uses memory,
 * no load fails and no unload lies, which only helps.
 *
 * Whatever a schedule does can be moved forward in time until a load starts at the beginning of all or at the moment at
 * which a model that has to go for it is gone, and that is as soon as the last job which it still has to do is done. So what
 * has to be decided is, at each such moment, what is loaded and which smallest set is unloaded. States are worked off in order of
 * time; one that another equals or beats in every respect is dropped.
 */
import { type Course, Courses, doneAtMs, doneBy, keepsUp, type Request, requestOf } from "./course.ts";
import { Agenda } from "./heap.ts";
import { areTwins, type SimModel, type Trace } from "./trace.ts";
import type { Served } from "./world.ts";

export interface Optimum {
  readonly loadMs: number;
  /** False when states had to be merged (each merger is at least as good as both): then the true optimum is no less. */
  readonly exact: boolean;
}

export const MAX_MODELS = 10;

interface OneModel {
  readonly loadMs: number;
  /** From the last job's end until its memory is back. */
  readonly goneMs: number;
  readonly requests: readonly Request[];
  readonly courses: Courses;
  /** By request: when a load must have started at the latest so that it and all after it can begin in time. */
  readonly latestLoadMs: readonly number[];
}

interface Problem {
  readonly models: readonly OneModel[];
  readonly all: readonly number[];
  /** For each set of models (a bit mask), whether it can be in memory together. */
  readonly fits: readonly boolean[];
}

/** What there is when loads have just been started. */
interface State {
  readonly atMs: number;
  readonly costMs: number;
  /** The models in memory, on their way there included: a bit mask. */
  readonly resident: number;
  /** For each model its course while it is resident, else its first request that is still to be served. */
  readonly models: readonly (Course | number)[];
}

/** How many alike are kept, each for as many tries; after the last it is given up. */
const GROUP_SIZES = [Number.POSITIVE_INFINITY, 8, 4, 2, 1];

/**
 * `exactTries`: so many swaps are tried before states that are alike are merged. `undefined` when there are too many models,
 * or a delay so long that too much could be done in it.
 */
export function offlineOptimum(
  trace: Trace,
  served: readonly Served[],
  delayMs: number,
  exactTries: number,
): Optimum | undefined {
  const models = trace.models.filter((model) => served.some((one) => one.model === model));
  if (models.length > MAX_MODELS) return undefined;
  return solve(problemOf(trace, models, served, delayMs), exactTries);
}

function problemOf(
  trace: Trace,
  models: readonly SimModel[],
  served: readonly Served[],
  delayMs: number,
): Problem {
  const sets = Array.from({ length: 2 ** models.length }, (_, set) =>
    models.filter((_one, index) => set & (1 << index)),
  );
  const each = models.map((model) => {
    const requests = served
      .filter((one) => one.model === model)
      .sort((a, b) => a.arrivedMs - b.arrivedMs)
      .map((one) => requestOf(one, delayMs));
    const latestLoadMs = requests.map(({ dueMs }) => dueMs - model.loadMs);
    for (let index = latestLoadMs.length - 2; index >= 0; index -= 1) {
      latestLoadMs[index] = Math.min(latestLoadMs[index] ?? 0, latestLoadMs[index + 1] ?? 0);
    }
    return {
      loadMs: model.loadMs,
      goneMs: model.unloadMs + trace.reclaimMs,
      requests,
      courses: new Courses(model, requests),
      latestLoadMs,
    };
  });
  return {
    models: each,
    all: each.map((_, index) => index),
    fits: sets.map(
      (set) =>
        set.reduce((sum, { need }) => sum + need.bytes + need.transientBytes, 0) <= trace.totalBytes &&
        !set.some((one) => set.some((other) => areTwins(one, other))),
    ),
  };
}

function solve(problem: Problem, exactTries: number): Optimum | undefined {
  const pool = new Pool(problem);
  const tries = { count: 0 };
  let best = Number.POSITIVE_INFINITY;
  const begin = { atMs: 0, costMs: 0, resident: 0, models: problem.models.map(() => 0) };
  for (const loads of subsets(wanted(problem, begin))) {
    const after = started(problem, begin, 0, 0, loads);
    if (after !== undefined) pool.add(after);
  }
  for (let state = pool.pop(); state !== undefined; state = pool.pop()) {
    if (state.costMs >= best) continue;
    const most = GROUP_SIZES[Math.floor(tries.count / exactTries)];
    if (most === undefined) return undefined;
    pool.groupSize = most;
    if (wanted(problem, state) === 0) best = state.costMs;
    else for (const after of successors(problem, state, tries)) if (after.costMs < best) pool.add(after);
  }
  return { loadMs: best, exact: pool.exact };
}

/** The models that are not in memory and have requests to come: a bit mask. */
function wanted({ models, all }: Problem, state: State): number {
  let set = 0;
  for (const index of all) {
    const next = state.models[index];
    if (typeof next === "number" && next < (models[index]?.requests.length ?? 0)) set |= 1 << index;
  }
  return set;
}

/** All subsets but the empty one. */
function* subsets(set: number): Generator<number> {
  for (let some = set; some > 0; some = (some - 1) & set) yield some;
}

/** All that can be done next: at the moments at which a model can be gone. */
function* successors(problem: Problem, state: State, tries: { count: number }): Generator<State> {
  const want = wanted(problem, state);
  const untilMs = latestMs(problem, state.models);
  /** By moment: what is gone only just then. */
  const moments = new Map<number, number>();
  for (const index of problem.all) {
    const course = state.models[index];
    if (typeof course !== "object") continue;
    const { goneMs } = problem.models[index] as OneModel;
    for (let done = 1; done < course.doneMs.length; done += 1) {
      const atMs = (course.doneMs[done] ?? 0) + goneMs;
      if (atMs > untilMs) break;
      if (atMs > state.atMs) moments.set(atMs, (moments.get(atMs) ?? 0) | (1 << index));
    }
  }
  for (const [atMs, just] of moments) yield* swaps(problem, state, atMs, just, want, tries);
}

/** What can be swapped for what at `atMs`: one of `just` goes, which it could not do before. */
function* swaps(
  problem: Problem,
  state: State,
  atMs: number,
  just: number,
  want: number,
  tries: { count: number },
): Generator<State> {
  let gone = 0;
  for (const index of problem.all) {
    const course = state.models[index];
    if (typeof course !== "object") continue;
    if (doneBy(course, atMs - (problem.models[index]?.goneMs ?? 0)) > course.first) gone |= 1 << index;
  }
  for (const loads of subsets(want)) {
    for (const leave of subsets(gone)) {
      if ((leave & just) === 0) continue;
      tries.count += 1;
      const fit = (stays: number): boolean =>
        problem.fits[(state.resident & ~leave) | loads | stays] === true;
      if (!fit(0)) continue;
      // What could have stayed did.
      if (problem.all.some((index) => leave & (1 << index) && fit(1 << index))) continue;
      const after = started(problem, state, atMs, leave, loads);
      if (after !== undefined) yield after;
    }
  }
}

/** The state after `leave` are gone and `loads` are begun; undefined when a job is then served too late or it does not fit. */
function started(
  problem: Problem,
  state: State,
  atMs: number,
  leave: number,
  loads: number,
): State | undefined {
  const resident = (state.resident & ~leave) | loads;
  if (problem.fits[resident] !== true) return undefined;
  const models = state.models.slice();
  let { costMs } = state;
  for (const index of problem.all) {
    const { loadMs, goneMs, courses } = problem.models[index] as OneModel;
    const old = models[index];
    if (leave & (1 << index) && typeof old === "object") models[index] = doneBy(old, atMs - goneMs);
    if ((loads & (1 << index)) === 0 || typeof old !== "number") continue;
    const course = courses.from(atMs + loadMs, old);
    if (course === undefined) return undefined;
    models[index] = course;
    costMs += loadMs;
  }
  return latestMs(problem, models) <= atMs ? undefined : { atMs, costMs, resident, models };
}

/** The latest time at which one of the models that are not in memory must be loaded. */
function latestMs({ models, all }: Problem, states: State["models"]): number {
  let latest = Number.POSITIVE_INFINITY;
  for (const index of all) {
    const next = states[index];
    if (typeof next === "number")
      latest = Math.min(latest, models[index]?.latestLoadMs[next] ?? Number.POSITIVE_INFINITY);
  }
  return latest;
}

const BUCKET_MS = 5_000;
/** States so many buckets back are still compared with. */
const LOOK_BACK = 2;

/** States in order of time, without those that others beat. */
class Pool {
  readonly #problem: Problem;
  readonly #agenda = new Agenda<State>();
  /** By time, then by the models in memory. */
  readonly #buckets = new Map<number, Map<number, State[]>>();
  readonly #dropped = new Set<State>();
  groupSize = Number.POSITIVE_INFINITY;
  exact = true;

  constructor(problem: Problem) {
    this.#problem = problem;
  }

  pop(): State | undefined {
    for (;;) {
      const next = this.#agenda.pop();
      if (next === undefined) return undefined;
      if (!this.#dropped.delete(next.what)) return next.what;
    }
  }

  add(state: State): void {
    const bucket = Math.floor(state.atMs / BUCKET_MS);
    for (let back = 0; back <= LOOK_BACK; back += 1) {
      for (const [resident, group] of this.#buckets.get(bucket - back) ?? []) {
        if ((resident & state.resident) !== state.resident) continue;
        for (const other of group) if (this.#beats(other, state)) return;
      }
    }
    const groups = this.#buckets.get(bucket) ?? new Map<number, State[]>();
    this.#buckets.set(bucket, groups);
    const group = (groups.get(state.resident) ?? []).filter((other) => {
      if (!this.#beats(state, other)) return true;
      this.#dropped.add(other);
      return false;
    });
    const kept = group.length < this.groupSize ? state : this.#merged(state, group);
    group.push(kept);
    groups.set(state.resident, group);
    this.#agenda.push(kept.atMs, kept);
  }

  /** `state` and the one of `group` that is most like it, which is taken out, as one that is at least as good as both. */
  #merged(state: State, group: State[]): State {
    this.exact = false;
    const losses = group.map((other) => this.#lossMs(state, other));
    const [other] = group.splice(losses.indexOf(Math.min(...losses)), 1);
    if (other === undefined) return state;
    this.#dropped.add(other);
    return {
      atMs: Math.min(state.atMs, other.atMs),
      costMs: Math.min(state.costMs, other.costMs),
      resident: state.resident,
      models: state.models.map((mine, index) => better(mine, other.models[index] ?? mine)),
    };
  }

  /** How much is given away when the two become one. */
  #lossMs(a: State, b: State): number {
    return this.#problem.all.reduce(
      (sum, index) =>
        sum + (a.models[index] === b.models[index] ? 0 : (this.#problem.models[index]?.loadMs ?? 0)),
      Math.abs(a.costMs - b.costMs),
    );
  }

  /** At least as good in every respect: no dearer, no later, and each model as free to go with as much done. */
  #beats(a: State, b: State): boolean {
    if (a.costMs > b.costMs || a.atMs > b.atMs) return false;
    for (const index of this.#problem.all) {
      const mine = a.models[index];
      const theirs = b.models[index];
      const { goneMs, requests } = this.#problem.models[index] as OneModel;
      if (typeof mine === "number") {
        if (mine < requests.length && (typeof theirs !== "number" || mine < theirs)) return false;
      } else if (typeof theirs === "number") {
        if (mine === undefined || doneAtMs(mine, theirs) + goneMs > b.atMs) return false;
      } else if (mine === undefined || theirs === undefined || !keepsUp(mine, theirs, b.atMs, requests)) {
        return false;
      }
    }
    return true;
  }
}

/** At least as far on as both at any time. */
function better(a: Course | number, b: Course | number): Course | number {
  if (typeof a === "number" || typeof b === "number") return Math.max(Number(a), Number(b));
  if (a === b) return a;
  const first = Math.max(a.first, b.first);
  const most = Math.min(a.first + a.doneMs.length, b.first + b.doneMs.length);
  const doneMs: number[] = [];
  for (let upTo = first; upTo < most; upTo += 1) doneMs.push(Math.min(doneAtMs(a, upTo), doneAtMs(b, upTo)));
  return { first, doneMs };
}
