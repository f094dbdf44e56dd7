/** Random histories: models, a machine, and what happens, as data that shrinks to something readable. */
import fc from "fast-check";
import type { ModelNeed } from "../core/types.ts";

export interface Machine {
  /** GPUs, in units of memory. */
  readonly gpus: readonly number[];
  readonly slots: number | undefined;
  /** Of what was set aside for a split model on its first GPU, the part that the backend puts on its second, where that fits. */
  readonly oddPart: number;
  readonly models: readonly ModelDraft[];
}

export interface ModelDraft {
  /** Two drafts with the same name are twins: one model with other options. */
  readonly name: string;
  readonly options: number;
  readonly units: number;
  /** Its backend splits it where no GPU alone can hold it. */
  readonly splits: boolean;
  readonly transientUnits: number;
  readonly loadMs: number;
  readonly concurrency: number;
  readonly pinned: boolean;
  readonly priority: number;
  readonly idleUnloadMs: number | undefined;
}

export type Op =
  | {
      readonly op: "arrive";
      readonly model: number;
      readonly serviceMs: number;
      readonly deadlineMs?: number;
    }
  | { readonly op: "abort" | "finish" | "finish-twice"; readonly which: number }
  | { readonly op: "wait"; readonly ms: number }
  | { readonly op: "external"; readonly gpu: number; readonly units: number }
  | { readonly op: "lying-unload" }
  | {
      readonly op: "failing-load";
      readonly kind: "out-of-memory" | "missing" | "failed" | "unreachable" | "unverified";
    }
  | { readonly op: "reclaim"; readonly ms: number }
  | { readonly op: "crash"; readonly downMs: number }
  | { readonly op: "restart" }
  | { readonly op: "vanish"; readonly model: number }
  | { readonly op: "pin" | "unpin" | "evict"; readonly model: number };

export interface History {
  readonly machine: Machine;
  readonly ops: readonly Op[];
}

export const UNIT = 2 ** 30;
export const BACKEND = "lab";

export const needOf = (draft: ModelDraft): ModelNeed => ({
  spec: {
    key: `${BACKEND}/${draft.name}?num_ctx=${draft.options}`,
    backend: BACKEND,
    model: draft.name,
    options: { num_ctx: draft.options },
  },
  deviceClass: "cuda",
  splits: draft.splits,
  bytes: draft.units * UNIT,
  transientBytes: draft.transientUnits * UNIT,
  loadCostMs: draft.loadMs,
  concurrency: draft.concurrency,
  pinned: draft.pinned,
  priority: draft.priority,
  idleUnloadMs: draft.idleUnloadMs,
  minResidencyMs: 0,
});

const model = (index: number, pins: boolean): fc.Arbitrary<ModelDraft> =>
  fc.record({
    name: fc.oneof(
      { weight: 5, arbitrary: fc.constant(`m${index}`) },
      { weight: 1, arbitrary: fc.constant("twin") },
    ),
    options: fc.constant(index),
    units: fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 1, max: 12 }) },
      { weight: 1, arbitrary: fc.integer({ min: 12, max: 40 }) },
    ),
    splits: fc.boolean(),
    transientUnits: fc.integer({ min: 0, max: 3 }),
    loadMs: fc.integer({ min: 500, max: 8_000 }),
    concurrency: fc.integer({ min: 1, max: 3 }),
    pinned: pins
      ? fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true))
      : fc.constant(false),
    priority: fc.integer({ min: -4, max: 4 }),
    idleUnloadMs: fc.option(fc.integer({ min: 1_000, max: 60_000 }), { nil: undefined }),
  });

const machine = (troubled: boolean): fc.Arbitrary<Machine> =>
  fc.record({
    gpus: fc.array(fc.integer({ min: 8, max: 16 }), { minLength: 1, maxLength: 3 }),
    oddPart: troubled ? fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true })) : fc.constant(0),
    slots: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined, freq: 3 }),
    models: fc
      .integer({ min: 1, max: 5 })
      .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => model(index, troubled)))),
  });

const which = fc.nat({ max: 20 });
const arrive: fc.Arbitrary<Op> = fc.record(
  {
    op: fc.constant("arrive" as const),
    model: fc.nat({ max: 4 }),
    serviceMs: fc.integer({ min: 10, max: 20_000 }),
    deadlineMs: fc.integer({ min: 100, max: 60_000 }),
  },
  { requiredKeys: ["op", "model", "serviceMs"] },
);
const wait: fc.Arbitrary<Op> = fc.record({
  op: fc.constant("wait" as const),
  ms: fc.oneof(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 3_000, max: 60_000 })),
});
const abort: fc.Arbitrary<Op> = fc.record({ op: fc.constant("abort" as const), which });

const trouble: fc.Arbitrary<Op> = fc.oneof(
  fc.record({ op: fc.constantFrom("finish" as const, "finish-twice" as const), which }),
  fc.record({
    op: fc.constant("external" as const),
    gpu: fc.nat({ max: 2 }),
    units: fc.integer({ min: 0, max: 6 }),
  }),
  fc.record({ op: fc.constant("lying-unload" as const) }),
  fc.record({
    op: fc.constant("failing-load" as const),
    kind: fc.constantFrom(
      "out-of-memory" as const,
      "missing" as const,
      "failed" as const,
      "unreachable" as const,
      "unverified" as const,
    ),
  }),
  fc.record({ op: fc.constant("reclaim" as const), ms: fc.integer({ min: 0, max: 20_000 }) }),
  fc.record({ op: fc.constant("crash" as const), downMs: fc.integer({ min: 0, max: 20_000 }) }),
  fc.record({ op: fc.constant("restart" as const) }),
  fc.record({ op: fc.constant("vanish" as const), model: fc.nat({ max: 4 }) }),
  fc.record({
    op: fc.constantFrom("pin" as const, "unpin" as const, "evict" as const),
    model: fc.nat({ max: 4 }),
  }),
);

const ops = (troubles: number): fc.Arbitrary<Op[]> =>
  fc.array(
    fc.oneof(
      { weight: 8, arbitrary: arrive },
      { weight: 5, arbitrary: wait },
      { weight: 2, arbitrary: abort },
      ...(troubles > 0 ? [{ weight: troubles, arbitrary: trouble }] : []),
    ),
    { minLength: 1, maxLength: 40 },
  );

/** Everything that can go wrong. */
export const troubled: fc.Arbitrary<History> = fc.record({ machine: machine(true), ops: ops(5) });

/** Arrivals, aborts and time: here no waiter may wait beyond the bound. */
export const peaceful: fc.Arbitrary<History> = fc.record({ machine: machine(false), ops: ops(0) });
