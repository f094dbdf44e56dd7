import fc from "fast-check";
import { expect, test } from "vitest";
import { offlineOptimum } from "./optimum.ts";
import { GIB, type SimModel, type Trace } from "./trace.ts";
import type { Served } from "./world.ts";

function model(name: string, gib: number, loadMs: number): SimModel {
  return {
    need: {
      spec: { key: `sim/${name}`, backend: "sim", model: name, options: {} },
      deviceClass: "cuda",
      bytes: gib * GIB,
      transientBytes: 0,
      loadCostMs: loadMs,
      concurrency: 1,
      pinned: false,
      priority: 0,
      idleUnloadMs: undefined,
      minResidencyMs: 0,
    },
    loadMs,
    unloadMs: 0,
  };
}

const A = model("a", 8, 10);
const B = model("b", 8, 1);
const C = model("c", 4, 3);

const trace = (models: readonly SimModel[]): Trace => ({
  name: "t",
  about: "",
  totalBytes: 12 * GIB,
  models,
  arrivals: [],
  external: [],
  reclaimMs: 0,
});
const at = (one: SimModel, arrivedMs: number): Served => ({ model: one, arrivedMs, waitMs: 0, headMs: 0 });

test("without delay, two models that do not fit together are loaded in turn", () => {
  const served = [at(A, 0), at(B, 1), at(A, 2), at(B, 3)];
  expect(offlineOptimum(trace([A, B]), served, 0)).toEqual({ loadMs: 22, exact: true });
});

test("with delay, requests are served in one go", () => {
  const served = [at(A, 0), at(B, 1), at(A, 2), at(B, 3)];
  expect(offlineOptimum(trace([A, B]), served, 10)).toEqual({ loadMs: 11, exact: true });
});

test("what fits beside the others stays", () => {
  const served = [at(A, 0), at(C, 1), at(A, 2), at(C, 3)];
  expect(offlineOptimum(trace([A, C]), served, 0)).toEqual({ loadMs: 13, exact: true });
});

/** Every schedule that loads at any arrival or due time, by force: no argument about when loads may be put off to. */
function byForce(served: readonly Served[], models: readonly SimModel[], delayMs: number): number {
  const times = [...new Set(served.flatMap((one) => [one.arrivedMs, one.arrivedMs + delayMs]))].sort(
    (a, b) => a - b,
  );
  const bytes = (set: number): number =>
    models.reduce((sum, { need }, index) => sum + (set & (1 << index) ? need.bytes : 0), 0);
  const sets = Array.from({ length: 2 ** models.length }, (_, set) => set).filter(
    (set) => bytes(set) <= 12 * GIB,
  );
  const memo = new Map<string, number>();
  // Several sets may follow one another at one moment, so a moment is left on purpose.
  const from = (time: number, resident: number, open: number): number => {
    if (time === times.length) return open === 0 ? 0 : Number.POSITIVE_INFINITY;
    const nowMs = times[time] ?? 0;
    let left = open;
    for (const [index, one] of served.entries()) {
      if (one.arrivedMs <= nowMs && resident & (1 << models.indexOf(one.model))) left &= ~(1 << index);
    }
    const key = `${time} ${resident} ${left}`;
    const known = memo.get(key);
    if (known !== undefined) return known;
    memo.set(key, Number.POSITIVE_INFINITY);
    const overdue = served.some((one, index) => left & (1 << index) && one.arrivedMs + delayMs <= nowMs);
    let best = overdue ? Number.POSITIVE_INFINITY : from(time + 1, resident, left);
    for (const [index, { loadMs }] of models.entries()) {
      if (resident & (1 << index)) continue;
      for (const set of sets) {
        const kept = set & ~(1 << index);
        if (!(set & (1 << index)) || (kept & resident) !== kept) continue;
        // A load that serves nobody at this moment can wait for one at which it does.
        const serves = served.some(
          (one, which) => left & (1 << which) && one.model === models[index] && one.arrivedMs <= nowMs,
        );
        if (serves) best = Math.min(best, loadMs + from(time, set, left));
      }
    }
    memo.set(key, best);
    return best;
  };
  return from(0, 0, 2 ** served.length - 1);
}

test("it is what trying all schedules finds", () => {
  const models = [A, B, C];
  const request = fc.record({ which: fc.nat({ max: 2 }), arrivedMs: fc.nat({ max: 20 }) });
  fc.assert(
    fc.property(
      fc.array(request, { minLength: 1, maxLength: 6 }),
      fc.nat({ max: 8 }),
      (requests, delayMs) => {
        const served = requests
          .map(({ which, arrivedMs }) => at(models[which] ?? A, arrivedMs))
          .sort((a, b) => a.arrivedMs - b.arrivedMs);
        expect(offlineOptimum(trace(models), served, delayMs)?.loadMs).toBe(byForce(served, models, delayMs));
      },
    ),
    { numRuns: 150 },
  );
});
