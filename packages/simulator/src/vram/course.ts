/** How one model works off its requests while it stays loaded. */
import type { SimModel } from "./trace.ts";
import type { Served } from "./world.ts";

/** A request as the optimum sees it. Times in ms. */
export interface Request {
  readonly arrivedMs: number;
  /** The latest time at which its job may begin. */
  readonly dueMs: number;
  readonly serviceMs: number;
  /** The client goes away then, and its job ends. */
  readonly leavesMs: number;
}

export const requestOf = ({ arrivedMs, job }: Served, delayMs: number): Request => ({
  arrivedMs,
  dueMs: arrivedMs + Math.min(delayMs, job.patienceMs ?? delayMs),
  serviceMs: job.serviceMs,
  leavesMs: arrivedMs + (job.patienceMs ?? Number.POSITIVE_INFINITY),
});

/** What becomes of a model's requests, in order of arrival, if it stays loaded from some time on. */
export interface Course {
  /** The first request that is this course's. */
  readonly first: number;
  /** By number of requests from `first` on: when they are all done, at the earliest. It can be unloaded then. */
  readonly doneMs: readonly number[];
}

/** When the requests before `upTo` are done. */
export const doneAtMs = (course: Course, upTo: number): number =>
  course.doneMs[Math.max(0, upTo - course.first)] ?? Number.POSITIVE_INFINITY;

/** How many of the model's requests, counted from its first ever, are done at `atMs`. */
export function doneBy(course: Course, atMs: number): number {
  let low = 0;
  let high = course.doneMs.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((course.doneMs[middle] ?? 0) <= atMs) low = middle;
    else high = middle - 1;
  }
  return course.first + low;
}

/** Whether from `atMs` on `a` has at every moment done all that `b` has. */
export function keepsUp(a: Course, b: Course, atMs: number, requests: readonly Request[]): boolean {
  if (a === b) return true;
  const ready = (a.doneMs[0] ?? 0) <= atMs;
  for (let upTo = ready ? Math.max(b.first, doneBy(a, atMs)) : b.first; upTo <= requests.length; upTo += 1) {
    const mineMs = doneAtMs(a, upTo);
    const theirsMs = doneAtMs(b, upTo);
    if (mineMs > theirsMs && mineMs > atMs) return false;
    // Both are idle when the next request comes: all that follows is the same.
    if ((requests[upTo]?.arrivedMs ?? 0) >= Math.max(mineMs, theirsMs)) return true;
  }
  return true;
}

/** The courses of one model, each worked out once. */
export class Courses {
  readonly #requests: readonly Request[];
  readonly #concurrency: number;
  readonly #known = new Map<number, Course | undefined>();

  constructor(model: SimModel, requests: readonly Request[]) {
    this.#requests = requests;
    this.#concurrency = model.need.concurrency;
  }

  /** Undefined when a request would begin too late. */
  from(readyMs: number, first: number): Course | undefined {
    const key = readyMs * (this.#requests.length + 1) + first;
    if (!this.#known.has(key)) this.#known.set(key, this.#work(readyMs, first));
    return this.#known.get(key);
  }

  #work(readyMs: number, first: number): Course | undefined {
    const freeMs = new Array<number>(this.#concurrency).fill(readyMs);
    const doneMs = [readyMs];
    let last = readyMs;
    for (const request of this.#requests.slice(first)) {
      const place = freeMs.indexOf(Math.min(...freeMs));
      const startMs = Math.max(request.arrivedMs, freeMs[place] ?? readyMs);
      if (startMs > request.dueMs) return undefined;
      const endMs = Math.max(startMs, Math.min(startMs + request.serviceMs, request.leavesMs));
      freeMs[place] = endMs;
      last = Math.max(last, endMs);
      doneMs.push(last);
    }
    return { first, doneMs };
  }
}
