/** When memory is measured, when a backend is asked, when the scheduler wants to be woken: nothing else starts any of them. */
import { describe, expect, test } from "vitest";
import { fakeNeed, GIB } from "../testing/fakes.ts";
import { createScheduler } from "./scheduler.ts";
import type { Decision, ModelNeed, SchedulerConfig, SchedulerEvent } from "./types.ts";

const NOW = 1_000;

function bare(config: Partial<SchedulerConfig> = {}) {
  const scheduler = createScheduler({
    devices: [{ id: "cuda:0", headroomBytes: 0 }],
    backends: [{ id: "fake", slots: undefined }],
    ...config,
  });
  /** What is asked for at this moment. */
  const at = (nowMs: number, event: SchedulerEvent = { type: "tick" }): string[] =>
    scheduler
      .step(event, nowMs)
      .flatMap((one) => (one.type === "inspect" || one.type === "measure" ? [one.type] : []));
  const read = (nowMs: number, usedGib = 0, startedMs = nowMs): readonly Decision[] =>
    scheduler.step(
      {
        type: "reading",
        startedMs,
        devices: [{ device: "cuda:0", totalBytes: 16 * GIB, usedBytes: usedGib * GIB }],
      },
      nowMs,
    );
  const found = (nowMs: number): readonly Decision[] =>
    scheduler.step({ type: "found", backend: "fake", stamp: 1_000_000, models: [] }, nowMs);
  return { scheduler, at, read, found };
}
let ids = 0;
const arrival = (need: ModelNeed, more: { deadlineMs?: number } = {}): SchedulerEvent => ({
  type: "arrive",
  waiter: ++ids,
  need,
  ...more,
});
const wakeOf = (decisions: readonly Decision[]): number | undefined =>
  decisions.flatMap((one) => (one.type === "wake" ? [one.atMs] : [])).at(-1);
const loadOf = (decisions: readonly Decision[]) => {
  const load = decisions.find((one) => one.type === "load");
  if (load === undefined) throw new Error("no load");
  return load;
};

describe("memory and backends", () => {
  test("are looked at first of all, and then every half minute while nothing happens", () => {
    const { at, read, found } = bare();
    expect(at(NOW)).toEqual(["inspect", "measure"]);
    // An answer that is under way is not asked for again.
    expect(at(NOW + 100_000)).toEqual([]);
    expect(wakeOf([...read(NOW), ...found(NOW)])).toBe(NOW + 30_000);
    expect(at(NOW + 29_999)).toEqual([]);
    expect(at(NOW + 30_000)).toEqual(["inspect", "measure"]);
  });

  test("are looked at as often as is configured", () => {
    const { at, read, found } = bare({ lookIntervalMs: 5_000 });
    at(NOW);
    expect(wakeOf([...read(NOW), ...found(NOW)])).toBe(NOW + 5_000);
    expect(at(NOW + 5_000)).toEqual(["inspect", "measure"]);
  });

  test("of which memory is measured before a load, unless that was done a second ago at most", () => {
    const { scheduler, at, read, found } = bare();
    at(NOW);
    found(NOW);
    read(NOW);
    expect(at(NOW + 1_000, arrival(fakeNeed("a", 4)))).toEqual([]);
    expect(scheduler.snapshot(NOW).residencies[0]?.state).toBe("loading");
    expect(at(NOW + 2_001, arrival(fakeNeed("b", 4)))).toEqual(["measure"]);
    expect(scheduler.snapshot(NOW).residencies[1]?.state).toBe("reserved");
    loadOf(read(NOW + 2_001));
  });

  test("of which memory is measured every second while somebody waits", () => {
    const { at, read, found } = bare();
    at(NOW);
    found(NOW);
    read(NOW, 15);
    at(NOW, arrival(fakeNeed("a", 4)));
    expect(at(NOW + 999)).toEqual([]);
    expect(at(NOW + 1_000)).toEqual(["measure"]);
    read(NOW + 1_000, 15);
    expect(at(NOW + 1_999)).toEqual([]);
    expect(at(NOW + 2_000)).toEqual(["measure"]);
    loadOf(read(NOW + 2_000, 0));
  });

  test("of which memory is measured every quarter of a second while some is to come back", () => {
    const { scheduler, at, read, found } = bare();
    at(NOW);
    found(NOW);
    read(NOW);
    const load = loadOf(scheduler.step(arrival(fakeNeed("a", 4)), NOW));
    scheduler.step(
      { type: "loaded", key: load.key, epoch: load.epoch, bytes: 4 * GIB, gpuBytes: 4 * GIB },
      NOW,
    );
    scheduler.step({ type: "release", lease: 1, outcome: "done" }, NOW);
    const evicted = scheduler.step({ type: "evict", key: load.key }, NOW);
    const unload = evicted.find((one) => one.type === "unload");
    if (unload === undefined) throw new Error("no unload");
    expect(evicted.map(({ type }) => type)).toContain("measure");
    read(NOW, 4);
    expect(at(NOW + 249)).toEqual([]);
    expect(at(NOW + 250)).toEqual(["measure"]);
    read(NOW + 250, 4);
    scheduler.step({ type: "unloaded", key: unload.key, epoch: unload.epoch }, NOW + 300);
    expect(scheduler.snapshot(NOW)).toMatchObject({
      residencies: [],
      devices: [{ returningBytes: 4 * GIB }],
    });
    // A look that began before the unload ended decides nothing yet.
    read(NOW + 310, 3, NOW + 299);
    expect(scheduler.snapshot(NOW).devices[0]?.returningBytes).toBe(3 * GIB);
    expect(at(NOW + 560)).toEqual(["measure"]);
    read(NOW + 900, 0);
    expect(scheduler.snapshot(NOW).devices[0]).toMatchObject({ returningBytes: 0, externalBytes: 0 });
  });

  test("of which memory that does not come back within a minute is taken for the use of others", () => {
    const { scheduler, at, read, found } = bare();
    at(NOW);
    found(NOW);
    read(NOW);
    const load = loadOf(scheduler.step(arrival(fakeNeed("a", 4)), NOW));
    scheduler.step(
      { type: "loaded", key: load.key, epoch: load.epoch, bytes: 4 * GIB, gpuBytes: 4 * GIB },
      NOW,
    );
    scheduler.step({ type: "release", lease: 1, outcome: "done" }, NOW);
    const evicted = scheduler.step({ type: "evict", key: load.key }, NOW);
    const unload = evicted.find((one) => one.type === "unload");
    if (unload === undefined) throw new Error("no unload");
    scheduler.step({ type: "unloaded", key: unload.key, epoch: unload.epoch }, NOW);
    read(NOW + 59_999, 4);
    expect(scheduler.snapshot(NOW)).toMatchObject({
      residencies: [],
      devices: [{ externalBytes: 0, roomBytes: 16 * GIB, returningBytes: 4 * GIB }],
    });
    read(NOW + 60_000, 4);
    expect(scheduler.snapshot(NOW)).toMatchObject({
      residencies: [],
      devices: [{ externalBytes: 4 * GIB, roomBytes: 12 * GIB, returningBytes: 0 }],
    });
  });
});

describe("the scheduler wants to be woken", () => {
  /** Measured, answered, and one model that is ready and idle. */
  function ready(need: ModelNeed, config: Partial<SchedulerConfig> = {}) {
    const { scheduler, at, read, found } = bare(config);
    at(NOW);
    found(NOW);
    read(NOW);
    const load = loadOf(scheduler.step(arrival(need), NOW));
    scheduler.step(
      { type: "loaded", key: load.key, epoch: load.epoch, bytes: need.bytes, gpuBytes: need.bytes },
      NOW,
    );
    const released = scheduler.step({ type: "release", lease: 1, outcome: "done" }, NOW + 10);
    return { scheduler, released, at, read, found };
  }

  test("once for each moment: the same is not said twice", () => {
    const { scheduler, read, at, found } = bare();
    at(NOW);
    expect(wakeOf([...read(NOW), ...found(NOW)])).toBe(NOW + 30_000);
    expect(wakeOf(scheduler.step({ type: "unpin", key: "none" }, NOW + 1))).toBeUndefined();
    // A tick uses it up.
    expect(wakeOf(scheduler.step({ type: "tick" }, NOW + 2))).toBe(NOW + 30_000);
  });

  test("when an idle model is to be unloaded, and not for one that is pinned", () => {
    expect(wakeOf(ready(fakeNeed("a", 4, { idleUnloadMs: 700 })).released)).toBe(NOW + 710);
    expect(wakeOf(ready(fakeNeed("a", 4, { idleUnloadMs: 700, pinned: true })).released)).not.toBe(NOW + 710);
  });

  test("when a wait after a failed load is over", () => {
    const { scheduler, at, read, found } = bare();
    at(NOW);
    found(NOW);
    read(NOW);
    const load = loadOf(scheduler.step(arrival(fakeNeed("a", 4)), NOW));
    scheduler.step(
      { type: "load-failed", key: load.key, epoch: load.epoch, kind: "failed", why: "no" },
      NOW + 5,
    );
    const decisions = read(NOW + 5);
    expect(wakeOf(decisions) ?? wakeOf(scheduler.step({ type: "tick" }, NOW + 6))).toBe(NOW + 1_005);
  });

  test("when a head has waited so long that it may fence models in use", () => {
    const { scheduler } = ready(fakeNeed("a", 16, { concurrency: 1, loadCostMs: 100 }), {
      lookIntervalMs: 10 ** 9,
      freshMs: 10 ** 9,
    });
    scheduler.step(arrival(fakeNeed("a", 16, { concurrency: 1, loadCostMs: 100 })), NOW + 20);
    const waiting = scheduler.step(arrival(fakeNeed("b", 16, { loadCostMs: 100 })), NOW + 20);
    expect(wakeOf(waiting)).toBe(NOW + 30_020);
  });
});

describe("how soon a model is thought to be free", () => {
  test("goes by its jobs of late, each new one counting a quarter", () => {
    const { scheduler, at, read, found } = bare();
    at(NOW);
    found(NOW);
    read(NOW);
    const need = fakeNeed("a", 4, { concurrency: 1 });
    const load = loadOf(scheduler.step(arrival(need), NOW));
    scheduler.step({ type: "loaded", key: load.key, epoch: load.epoch }, NOW);
    const estimate = (nowMs: number): number | undefined => scheduler.snapshot(nowMs).queues[0]?.estimateMs;
    scheduler.step({ type: "release", lease: 1, outcome: "done" }, NOW + 8_000);
    scheduler.step(arrival(need), NOW + 8_000);
    scheduler.step(arrival(need), NOW + 8_000);
    expect(estimate(NOW + 8_000)).toBe(16_000);
    scheduler.step({ type: "release", lease: 2, outcome: "done" }, NOW + 12_000);
    scheduler.step(arrival(need), NOW + 12_000);
    // 8 s and 4 s: 7 s; one works, one waits.
    expect(estimate(NOW + 12_000)).toBe(14_000);
  });

  test("is a second at least and the longest wait at most", () => {
    const { scheduler, at, read, found } = bare({ maxWaitMs: 3_000 });
    at(NOW);
    found(NOW);
    read(NOW, 16);
    scheduler.step(arrival(fakeNeed("a", 4, { loadCostMs: 50_000 })), NOW);
    expect(scheduler.snapshot(NOW).queues[0]?.estimateMs).toBe(3_000);
  });
});

describe("a backend with slots", () => {
  test("holds no more models than it has, and frees one before it loads another", () => {
    const { scheduler, at, read, found } = bare({ backends: [{ id: "fake", slots: 2 }] });
    at(NOW);
    found(NOW);
    read(NOW);
    const loads = ["a", "b", "c"].flatMap((name) =>
      scheduler
        .step(arrival(fakeNeed(name, 1, { loadCostMs: name === "a" ? 9_000 : 1_000 })), NOW)
        .filter(({ type }) => type === "load"),
    );
    expect(loads).toHaveLength(2);
    expect(scheduler.snapshot(NOW).queues.find(({ key }) => key === "fake/c")?.why).toBe("fake is full");
    for (const load of loads)
      if (load.type === "load")
        scheduler.step({ type: "loaded", key: load.key, epoch: load.epoch, bytes: GIB, gpuBytes: GIB }, NOW);
    scheduler.step({ type: "release", lease: 1, outcome: "done" }, NOW + 1);
    const released = scheduler.step({ type: "release", lease: 2, outcome: "done" }, NOW + 1);
    const unloads = [...released].filter(({ type }) => type === "unload");
    // The first idle one made room; the dearer of the two may have stayed.
    expect(
      scheduler
        .snapshot(NOW + 1)
        .residencies.filter(({ state }) => state === "unloading" || state === "draining"),
    ).toHaveLength(1);
    expect(unloads.length).toBeLessThanOrEqual(1);
  });
});
