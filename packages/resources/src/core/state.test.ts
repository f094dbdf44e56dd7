/** What the scheduler remembers: of models that come and go, of clients that give up, and of loads that were measured. */
import { describe, expect, test } from "vitest";
import { fakeNeed, GIB } from "../testing/fakes.ts";
import { NOWHERE, type Residency, wholeOn } from "./residency.ts";
import {
  type Core,
  createCore,
  estimateWaitMs,
  leave,
  move,
  noteGivenUp,
  noteLoadTime,
  noteStayed,
  placesOf,
  residencyOf,
  startLeaving,
  stopLeaving,
} from "./state.ts";
import type { ModelNeed, ResidencyState } from "./types.ts";
import type { Waiter } from "./waiters.ts";

const NOW = 1_000_000;
const coreOf = (): Core =>
  createCore({
    devices: [
      { id: "cuda:0", headroomBytes: 0 },
      { id: "cuda:1", headroomBytes: 0 },
      { id: "cpu", headroomBytes: 0 },
    ],
    backends: [
      { id: "fake", slots: undefined },
      { id: "other", slots: undefined },
    ],
  });
const on = (
  core: Core,
  name: string,
  more: Partial<Residency> = {},
  need: Partial<ModelNeed> = {},
): Residency => Object.assign(residencyOf(core, fakeNeed(name, 4, need)), more);
let ids = 0;
function waits(core: Core, residency: Residency, more: Partial<Waiter> = {}): Waiter {
  const id = ++ids;
  const waiter: Waiter = {
    id,
    key: residency.key,
    seq: id,
    arrivedMs: NOW,
    orderMs: NOW,
    deadlineMs: Number.POSITIVE_INFINITY,
    checkMs: Number.POSITIVE_INFINITY,
    waiting: true,
    before: undefined,
    after: undefined,
    ...more,
  };
  core.waiters.set(id, waiter);
  residency.queue.push(waiter);
  core.deadlines.push(waiter);
  return waiter;
}

describe("models that are known", () => {
  test("are the same at every request, with what is declared now", () => {
    const core = coreOf();
    const first = residencyOf(core, fakeNeed("a", 4));
    const larger = fakeNeed("a", 6);
    expect(residencyOf(core, larger)).toBe(first);
    expect(first.need).toBe(larger);
    expect(core.residencies.size).toBe(1);
  });

  test("are forgotten beyond 256 where they are nowhere and no client or operator named them for later", () => {
    const core = coreOf();
    for (let index = 0; index < 252; index += 1) on(core, `cold-${index}`);
    on(core, "ready", { state: "ready" });
    on(core, "pinned", { pin: true });
    on(core, "unpinned", { pin: false });
    waits(core, on(core, "waited"));
    expect(core.residencies.size).toBe(256);
    on(core, "cold-0");
    expect(core.residencies.size).toBe(256);
    on(core, "new");
    expect([...core.residencies.keys()].sort()).toEqual(
      ["ready", "pinned", "unpinned", "waited", "new"].map((name) => `fake/${name}`).sort(),
    );
  });
});

describe("a model that changes", () => {
  test("has a new epoch each time, over all models, and the time of the change", () => {
    const core = coreOf();
    const [a, b] = [on(core, "a"), on(core, "b")];
    move(core, a, "reserved", NOW);
    move(core, b, "reserved", NOW + 1);
    move(core, a, "loading", NOW + 2);
    expect([a.epoch, b.epoch, a.sinceMs, b.sinceMs]).toEqual([3, 2, NOW + 2, NOW + 1]);
  });

  test("has had its turn from the moment on at which it is made to go", () => {
    const core = coreOf();
    const a = on(core, "a");
    for (const state of ["reserved", "loading", "ready"] as const) move(core, a, state, NOW);
    expect(a.quantumEndMs).toBe(Number.NEGATIVE_INFINITY);
    move(core, a, "draining", NOW + 5);
    move(core, a, "ready", NOW + 9);
    expect(a.quantumEndMs).toBe(NOW + 5);
  });

  test("makes room for another only while it is on its way out", () => {
    const after = (state: ResidencyState): string | undefined => {
      const core = coreOf();
      const a = on(core, "a", { drainsFor: "fake/b", parts: wholeOn("cuda:0") });
      move(core, a, state, NOW);
      return a.drainsFor;
    };
    expect([after("draining"), after("unloading")]).toEqual(["fake/b", "fake/b"]);
    for (const state of ["ready", "cold", "failed", "suspect", "loading"] as const)
      expect(after(state), state).toBeUndefined();
  });

  test("has nothing anywhere once it is cold or failed, and what it has before that", () => {
    for (const state of ["cold", "failed", "suspect", "draining"] as const) {
      const core = coreOf();
      const a = on(core, "a", { parts: wholeOn("cuda:0"), spillBytes: 7, measuredBytes: 9, strangers: 2 });
      move(core, a, state, NOW);
      const { parts, spillBytes, measuredBytes, strangers } = a;
      expect({ parts, spillBytes, measuredBytes, strangers }, state).toEqual(
        state === "cold" || state === "failed"
          ? { parts: NOWHERE, spillBytes: 0, measuredBytes: undefined, strangers: 0 }
          : { parts: wholeOn("cuda:0"), spillBytes: 7, measuredBytes: 9, strangers: 2 },
      );
      expect(placesOf(core, a)).toHaveLength(state === "cold" || state === "failed" ? 0 : 1);
    }
  });

  test("is measured against what was used before its unload", () => {
    const core = coreOf();
    core.nextMeasureMs = NOW + 30_000;
    const a = on(core, "a", { parts: wholeOn("cuda:0") });
    move(core, a, "draining", NOW);
    expect(core.nextMeasureMs).toBe(NOW + 30_000);
    move(core, a, "unloading", NOW + 3);
    expect(core.nextMeasureMs).toBe(NOW + 3);
  });
});

describe("memory that comes back", () => {
  test("is what the model had on each device, and RAM that it spilled into", () => {
    const core = coreOf();
    const a = on(core, "a", {
      state: "ready",
      parts: wholeOn("cuda:1"),
      measuredBytes: 6 * GIB,
      spillBytes: 2 * GIB,
    });
    startLeaving(core, a, NOW);
    expect(core.devices.map(({ leaving }) => leaving.map(({ key, bytes }) => [key, bytes / GIB]))).toEqual([
      [],
      [["fake/a", 4]],
      [["fake/a", 2]],
    ]);
    expect(core.devices[1]?.leaving[0]).toMatchObject({ freedBytes: 0, leavesMs: NOW, goneMs: undefined });
  });

  test("is not waited for where the model stays after all, and still is of one that is gone", () => {
    const core = coreOf();
    const [a, b] = [on(core, "a"), on(core, "b")].map((one) =>
      Object.assign(one, { state: "ready", parts: wholeOn("cuda:0") }),
    ) as [Residency, Residency];
    startLeaving(core, a, NOW);
    const [gone] = core.devices[0]?.leaving ?? [];
    if (gone !== undefined) gone.goneMs = NOW + 1;
    startLeaving(core, a, NOW + 2);
    startLeaving(core, b, NOW + 2);
    stopLeaving(core, a);
    expect(core.devices[0]?.leaving.map(({ key, goneMs }) => [key, goneMs])).toEqual([
      ["fake/a", NOW + 1],
      ["fake/b", undefined],
    ]);
  });
});

describe("clients that give up", () => {
  test("count by a sixteenth each where they leave within a quarter of the longest wait of a head", () => {
    const core = coreOf();
    const a = on(core, "a");
    noteGivenUp(core, waits(core, a), NOW + 7_500);
    expect(core.givingUp).toBe(1 / 16);
    noteGivenUp(core, waits(core, a), NOW + 100);
    expect(core.givingUp).toBeCloseTo(1 / 16 + 15 / 256, 12);
    const before = core.givingUp;
    noteGivenUp(core, waits(core, a), NOW + 7_501);
    expect(core.givingUp).toBeCloseTo((before * 15) / 16, 12);
  });

  test("count less with each that is admitted after it had to wait", () => {
    const core = coreOf();
    const a = on(core, "a");
    core.givingUp = 0.8;
    noteStayed(core, waits(core, a), NOW + 1_000);
    expect(core.givingUp).toBe(0.8);
    noteStayed(core, waits(core, a), NOW + 1_001);
    expect(core.givingUp).toBeCloseTo(0.75, 12);
  });

  test("wait no more, in any list", () => {
    const core = coreOf();
    const a = on(core, "a");
    const [first, second, third] = [
      waits(core, a, { checkMs: NOW + 10 }),
      waits(core, a, { checkMs: NOW + 20 }),
      waits(core, a),
    ];
    leave(core, first);
    expect([first.waiting, [...core.waiters.keys()], Array.from(a.queue)]).toEqual([
      false,
      [second.id, third.id],
      [second, third],
    ]);
    expect(core.deadlines.peek()).toBe(second);
    leave(core, third);
    leave(core, second);
    expect([core.waiters.size, a.queue.length, core.deadlines.peek()]).toEqual([0, 0, undefined]);
  });
});

describe("how long a load takes", () => {
  const load = (core: Core, name: string, loadCostMs: number, backend = "fake"): Residency =>
    residencyOf(
      core,
      fakeNeed(name, 4, {
        loadCostMs,
        spec: { key: `${backend}/${name}`, backend, model: name, options: {} },
      }),
    );

  test("is what was measured, half of it of the last one", () => {
    const core = coreOf();
    const a = load(core, "a", 10_000);
    expect(a.loadMs).toBe(10_000);
    noteLoadTime(core, a, 4_000);
    expect(a.loadMs).toBe(4_000);
    noteLoadTime(core, a, 8_000);
    expect(a.loadMs).toBe(6_000);
  });

  test("is, before a model's first load, as wrong as those of its backend were, and not as another backend's", () => {
    const core = coreOf();
    const [a, b, other] = [load(core, "a", 10_000), load(core, "b", 6_000), load(core, "c", 6_000, "other")];
    noteLoadTime(core, a, 20_000);
    // A ratio of 2, averaged with 1.
    expect([b.loadMs, other.loadMs]).toEqual([9_000, 6_000]);
    expect([load(core, "d", 2_000).loadMs, load(core, "e", 2_000, "other").loadMs]).toEqual([3_000, 2_000]);
    noteLoadTime(core, b, 3_000);
    expect([a.loadMs, b.loadMs, core.backends.get("fake")?.loadRatio]).toEqual([20_000, 3_000, 1]);
  });

  test("is part of a waiter's estimate, unless the model is there", () => {
    const core = coreOf();
    const a = load(core, "a", 10_000);
    noteLoadTime(core, a, 4_000);
    a.serviceMs = 1_500;
    expect(estimateWaitMs(core, a)).toBe(4_000);
    a.state = "ready";
    a.leases = 3;
    expect(estimateWaitMs(core, a)).toBe(3_000);
  });
});
