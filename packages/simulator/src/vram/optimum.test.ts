import { present } from "@headgate/contract";
import fc from "fast-check";
import { expect, test } from "vitest";
import { offlineOptimum } from "./optimum.ts";
import { GIB, type SimModel, type Trace } from "./trace.ts";
import type { Served } from "./world.ts";

interface Draft {
  readonly gib: number;
  readonly loadMs: number;
  readonly unloadMs?: number;
  readonly concurrency?: number;
  readonly twinOf?: string;
}

function model(name: string, { gib, loadMs, unloadMs = 0, concurrency = 1, twinOf = name }: Draft): SimModel {
  return {
    need: {
      spec: { key: `sim/${name}`, backend: "sim", model: twinOf, options: {} },
      deviceClass: "cuda",
      splits: false,
      bytes: gib * GIB,
      transientBytes: 0,
      loadCostMs: loadMs,
      concurrency,
      pinned: false,
      priority: 0,
      idleUnloadMs: undefined,
      minResidencyMs: 0,
    },
    loadMs,
    unloadMs,
  };
}

const A = model("a", { gib: 8, loadMs: 10 });
const B = model("b", { gib: 8, loadMs: 1 });
const C = model("c", { gib: 4, loadMs: 3 });

const trace = (models: readonly SimModel[], reclaimMs = 0): Trace => ({
  name: "t",
  about: "",
  totalBytes: 12 * GIB,
  models,
  arrivals: [],
  external: [],
  reclaimMs,
});

const at = (one: SimModel, arrivedMs: number, serviceMs = 0, patienceMs?: number): Served => ({
  model: one,
  job: present({ model: one, serviceMs, patienceMs }),
  arrivedMs,
  waitMs: 0,
  headMs: 0,
});

const optimum = (models: readonly SimModel[], served: readonly Served[], delayMs: number, tries = 1e6) =>
  offlineOptimum(trace(models), served, delayMs, tries);

const INTIME = [at(A, 20), at(B, 40), at(A, 60), at(B, 80)];

test("without delay, two models that do not fit together are loaded one after the other", () => {
  expect(optimum([A, B], INTIME, 0)).toEqual({ loadMs: 22, exact: true });
});

test("with delay, requests are served in one go", () => {
  expect(optimum([A, B], INTIME, 40)).toEqual({ loadMs: 11, exact: true });
});

test("what fits beside the others stays", () => {
  const served = [at(A, 20), at(C, 40), at(A, 60), at(C, 80)];
  expect(optimum([A, C], served, 0)).toEqual({ loadMs: 13, exact: true });
});

test("two twins are never there together, however much room there is", () => {
  const twin = model("c2", { gib: 4, loadMs: 3, twinOf: "c" });
  const served = [at(C, 20), at(twin, 40), at(C, 60), at(twin, 80)];
  expect(optimum([C, twin], served, 0)).toEqual({ loadMs: 12, exact: true });
});

test("a model cannot go before its jobs are done, and a waiter for that may wait too long", () => {
  const long = [at(A, 20, 100), at(B, 60, 50)];
  expect(optimum([A, B], long, 61)?.loadMs).toBe(11);
  expect(optimum([A, B], long, 60)?.loadMs).toBe(Number.POSITIVE_INFINITY);
});

test("no client is served after going away", () => {
  const served = (patienceMs?: number) => [at(A, 20), at(B, 40, 0, patienceMs), at(A, 60)];
  expect(optimum([A, B], served(), 22)?.loadMs).toBe(11);
  expect(optimum([A, B], served(5), 22)?.loadMs).toBe(21);
});

test("memory that comes back late keeps the next one waiting", () => {
  const served = [at(A, 20), at(B, 21)];
  expect(offlineOptimum(trace([A, B], 10), served, 10, 1e6)?.loadMs).toBe(11);
  expect(offlineOptimum(trace([A, B], 11), served, 10, 1e6)?.loadMs).toBe(Number.POSITIVE_INFINITY);
});

test("when it takes too long, the result is marked as a lower bound, and is one", () => {
  const served = Array.from({ length: 40 }, (_, index) => at([A, B, C][index % 3] ?? A, 20 + index * 7, 5));
  const exact = optimum([A, B, C], served, 60);
  const bound = optimum([A, B, C], served, 60, 200);
  expect(exact?.exact).toBe(true);
  expect(bound?.exact).toBe(false);
  expect(bound?.loadMs).toBeLessThanOrEqual(exact?.loadMs ?? 0);
});

/** One model on the way: how long its load still takes, or the ends of its jobs, or how long its memory is still missing. */
type Phase =
  | { readonly kind: "none" }
  | { readonly kind: "loading"; readonly untilMs: number }
  | { readonly kind: "loaded"; readonly endsMs: readonly number[] }
  | { readonly kind: "leaving"; readonly untilMs: number };

/** Every schedule, millisecond by millisecond: loads, jobs and unloads may begin at any of them or not. */
function byForce(models: readonly SimModel[], served: readonly Served[], delayMs: number): number {
  const queues = models.map((one) => served.filter((request) => request.model === one));
  const memo = new Map<string, number>();
  const fits = (phases: readonly Phase[]): boolean =>
    models.reduce((sum, { need }, index) => sum + (phases[index]?.kind === "none" ? 0 : need.bytes), 0) <=
    12 * GIB;

  const from = (nowMs: number, before: readonly Phase[], next: readonly number[]): number => {
    const phases = before.map((phase): Phase => {
      if (phase.kind === "loading" && phase.untilMs <= nowMs) return { kind: "loaded", endsMs: [] };
      if (phase.kind === "leaving" && phase.untilMs <= nowMs) return { kind: "none" };
      if (phase.kind !== "loaded") return phase;
      return { kind: "loaded", endsMs: phase.endsMs.filter((endMs) => endMs > nowMs).sort((a, b) => a - b) };
    });
    if (next.every((done, index) => done === queues[index]?.length)) return 0;
    if (next.some((done, index) => (queues[index]?.[done]?.arrivedMs ?? nowMs) + delayMs < nowMs))
      return Number.POSITIVE_INFINITY;
    const key = JSON.stringify([nowMs, phases, next]);
    const known = memo.get(key);
    if (known !== undefined) return known;
    const best = each(nowMs, 0, phases, next);
    memo.set(key, best);
    return best;
  };

  /** What model `index` and those after it do now, then the next millisecond. Unloads come first: see `turns`. */
  const each = (nowMs: number, index: number, phases: readonly Phase[], next: readonly number[]): number => {
    if (index === models.length) return loads(nowMs, 0, phases, next);
    const phase = phases[index];
    const one = models[index];
    if (one === undefined || phase?.kind !== "loaded") return each(nowMs, index + 1, phases, next);
    let best = each(nowMs, index + 1, phases, next);
    if (phase.endsMs.length === 0) {
      const gone: Phase =
        one.unloadMs === 0 ? { kind: "none" } : { kind: "leaving", untilMs: nowMs + one.unloadMs };
      best = Math.min(best, each(nowMs, index + 1, phases.with(index, gone), next));
    }
    const request = queues[index]?.[next[index] ?? 0];
    const free = phase.endsMs.length < one.need.concurrency;
    if (free && request !== undefined && request.arrivedMs <= nowMs) {
      const { serviceMs } = request.job;
      const endsMs = serviceMs === 0 ? phase.endsMs : [...phase.endsMs, nowMs + serviceMs];
      const begun = next.with(index, (next[index] ?? 0) + 1);
      best = Math.min(best, each(nowMs, index, phases.with(index, { kind: "loaded", endsMs }), begun));
    }
    return best;
  };

  const loads = (nowMs: number, index: number, phases: readonly Phase[], next: readonly number[]): number => {
    const one = models[index];
    if (one === undefined) return from(nowMs + 1, phases, next);
    let best = loads(nowMs, index + 1, phases, next);
    const loading = phases.with(index, { kind: "loading", untilMs: nowMs + one.loadMs });
    if (phases[index]?.kind === "none" && fits(loading))
      best = Math.min(best, one.loadMs + loads(nowMs, index + 1, loading, next));
    return best;
  };

  return from(
    0,
    models.map(() => ({ kind: "none" })),
    models.map(() => 0),
  );
}

test("it is what trying all schedules finds", () => {
  const drawn = fc.record({
    gib: fc.constantFrom(4, 6, 8),
    loadMs: fc.integer({ min: 1, max: 3 }),
    unloadMs: fc.nat({ max: 1 }),
    concurrency: fc.integer({ min: 1, max: 2 }),
  });
  const request = fc.record({
    which: fc.nat({ max: 2 }),
    arrivedMs: fc.nat({ max: 9 }),
    serviceMs: fc.integer({ min: 1, max: 3 }),
  });
  fc.assert(
    fc.property(
      fc.tuple(drawn, drawn, drawn),
      fc.array(request, { minLength: 1, maxLength: 5 }),
      fc.nat({ max: 7 }),
      (drafts, requests, delayMs) => {
        const models = drafts.map((draft, index) => model(`m${index}`, draft));
        const served = requests
          .map(({ which, arrivedMs, serviceMs }) => at(models[which] ?? A, arrivedMs, serviceMs))
          .sort((a, b) => a.arrivedMs - b.arrivedMs);
        const found = optimum(models, served, delayMs);
        expect(found).toEqual({ loadMs: byForce(models, served, delayMs), exact: true });
      },
    ),
    { numRuns: 300 },
  );
});
