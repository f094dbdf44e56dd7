/** How the scheduler takes what drivers and backends answer: failures, silence, and what they hold behind its back. */
import { describe, expect, test } from "vitest";
import { fakeNeed, GIB } from "../testing/fakes.ts";
import { lab } from "../testing/lab.ts";
import { createScheduler, type Scheduler } from "./scheduler.ts";
import type { Decision, DriverFailure, FoundModel, ModelNeed, SchedulerConfig } from "./types.ts";

const NOW = 1_000;
type Of<T extends Decision["type"]> = Extract<Decision, { type: T }>;
const of = <T extends Decision["type"]>(type: T, decisions: readonly Decision[]): Of<T>[] =>
  decisions.filter((one): one is Of<T> => one.type === type);

/** A scheduler of one GPU that was measured and whose backend answered; time and answers are the test's. */
function bare(config: Partial<SchedulerConfig> = {}) {
  const scheduler: Scheduler = createScheduler({
    devices: [{ id: "cuda:0", headroomBytes: 0 }],
    backends: [{ id: "fake", slots: undefined }],
    ...config,
  });
  const step = scheduler.step.bind(scheduler);
  const read = (nowMs: number, usedGib = 0): Decision[] =>
    step(
      {
        type: "reading",
        startedMs: nowMs,
        devices: [{ device: "cuda:0", totalBytes: 16 * GIB, usedBytes: usedGib * GIB }],
      },
      nowMs,
    );
  const found = (nowMs: number, models: readonly FoundModel[] = [], stamp = 1_000_000): Decision[] =>
    step({ type: "found", backend: "fake", stamp, models }, nowMs);
  step({ type: "tick" }, NOW);
  found(NOW);
  read(NOW);
  const stateOf = (key: string, nowMs = NOW) =>
    scheduler.snapshot(nowMs).residencies.find((one) => one.key === key);
  return { scheduler, step, read, found, stateOf };
}
let waiters = 0;
const arrive = (need: ModelNeed, more: { deadlineMs?: number; priority?: number } = {}) =>
  ({ type: "arrive", waiter: ++waiters, need, ...more }) as const;
const copy = (need: ModelNeed, more: Partial<FoundModel> = {}): FoundModel => ({
  need,
  bytes: need.bytes,
  gpuBytes: need.bytes,
  busy: undefined,
  loading: false,
  ...more,
});

/** A model whose load failed so many times in a row, each when it was due. */
function failing(kind: DriverFailure, times: number, config: Partial<SchedulerConfig> = {}) {
  const { scheduler, step, read, found, stateOf } = bare(config);
  const need = fakeNeed("a", 4);
  let nowMs = NOW;
  let decisions = step(arrive(need), nowMs);
  const waitsMs: number[] = [];
  for (let count = 0; count < times; count += 1) {
    const [load] = of("load", decisions);
    if (load === undefined) throw new Error(`no load after ${count} failures`);
    const failed = step(
      { type: "load-failed", key: load.key, epoch: load.epoch, kind, why: "it broke" },
      nowMs,
    );
    decisions = [...failed, ...read(nowMs)];
    const untilMs = stateOf(load.key, nowMs)?.cooldownUntilMs;
    if (untilMs === undefined) break;
    waitsMs.push(untilMs - nowMs);
    nowMs = untilMs;
    if (count + 1 < times) decisions = [...step({ type: "tick" }, nowMs), ...read(nowMs)];
  }
  return { scheduler, step, read, found, decisions, waitsMs, stateOf, nowMs, need };
}

describe("a load that failed", () => {
  test("is tried again after a wait that doubles up to a minute", () => {
    const { waitsMs } = failing("failed", 8, { maxLoadFailures: 99 });
    expect(waitsMs).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  test("waits longer where that is configured, and ends its row with a success", () => {
    const { waitsMs } = failing("failed", 2, { loadBackoffMs: 5_000, maxLoadFailures: 99 });
    expect(waitsMs).toEqual([5_000, 10_000]);
  });

  test("turns away those who wait, and those who come, after the third in a row, and says why and when", () => {
    expect(of("reject", failing("failed", 2).decisions)).toEqual([]);
    const { decisions, step, nowMs, need, stateOf } = failing("failed", 3);
    const [refusal] = of("reject", decisions);
    expect(refusal).toMatchObject({ reason: "load-failed", retryAfterMs: 4_000 });
    expect(refusal?.message).toContain("it broke");
    expect(stateOf(need.spec.key)).toMatchObject({ state: "failed", failure: "it broke", waiting: 0 });
    const [later] = of("reject", step(arrive(need), nowMs - 3_000));
    expect(later).toMatchObject({ reason: "load-failed", retryAfterMs: 3_000 });
    // Once the wait is over it is tried again.
    step({ type: "tick" }, nowMs);
    expect(of("reject", step(arrive(need), nowMs))).toHaveLength(0);
  });

  test("because the model is missing turns everyone away at once, without a promise", () => {
    const { step, stateOf } = bare();
    const need = fakeNeed("a", 4);
    const [load] = of("load", step(arrive(need), NOW));
    if (load === undefined) throw new Error("no load");
    const failed = step(
      { type: "load-failed", key: load.key, epoch: load.epoch, kind: "missing", why: "no such model" },
      NOW,
    );
    expect(of("reject", failed)).toMatchObject([
      { reason: "model-missing", retryAfterMs: undefined, message: expect.stringContaining("no such model") },
    ]);
    expect(stateOf("fake/a")).toMatchObject({ state: "failed", device: undefined });
    expect(of("reject", step(arrive(need), NOW))).toMatchObject([{ reason: "load-failed" }]);
  });

  test("because memory was short asks for an eighth more the next time, and for no more than there is", () => {
    const once = failing("out-of-memory", 2, { maxLoadFailures: 99 });
    once.step({ type: "tick" }, once.nowMs);
    once.read(once.nowMs);
    expect(once.stateOf("fake/a", once.nowMs)).toMatchObject({ state: "loading", chargeBytes: 5 * GIB });
    const { step, read, stateOf } = bare({ maxLoadFailures: 99 });
    const [load] = of("load", step(arrive(fakeNeed("big", 15)), NOW));
    if (load === undefined) throw new Error("no load");
    step({ type: "load-failed", key: load.key, epoch: load.epoch, kind: "out-of-memory", why: "oom" }, NOW);
    read(NOW);
    step({ type: "tick" }, NOW + 1_000);
    read(NOW + 1_000);
    expect(stateOf("fake/big")).toMatchObject({ state: "loading", chargeBytes: 15 * GIB });
  });

  test.each(["unreachable", "unverified"] as const)(
    "and may still be going on (%s) keeps its memory until its backend says",
    (kind) => {
      const { step, stateOf, scheduler } = bare();
      const [load] = of("load", step(arrive(fakeNeed("a", 4)), NOW));
      if (load === undefined) throw new Error("no load");
      const failed = step(
        { type: "load-failed", key: load.key, epoch: load.epoch, kind, why: "who knows" },
        NOW,
      );
      expect(stateOf("fake/a")?.state).toBe("suspect");
      expect(of("inspect", failed)).toHaveLength(1);
      expect(scheduler.snapshot(NOW).counts.failedLoads).toBe(0);
      expect(scheduler.snapshot(NOW).devices[0]).toMatchObject({
        committedBytes: 4 * GIB,
        actualBytes: 4 * GIB,
      });
    },
  );
});

describe("an unload that failed", () => {
  const unloading = () => {
    const all = lab([12]);
    all.ask(fakeNeed("a", 8));
    all.loaded("fake/a");
    all.release(1);
    all.ask(fakeNeed("b", 8));
    const epoch =
      all.scheduler.snapshot(all.clock.ms).residencies.find(({ key }) => key === "fake/a")?.epoch ?? 0;
    const fail = (kind: DriverFailure) =>
      all.send({ type: "unload-failed", key: "fake/a", epoch, kind, why: "no" });
    return { ...all, fail };
  };

  test("because the model is busy leaves it where it is for two seconds", () => {
    const { fail, state, log, pass } = unloading();
    expect(state("fake/a")).toBe("unloading");
    fail("busy");
    expect(state("fake/a")).toBe("ready");
    pass(1_000);
    expect(log.filter((line) => line === "unload a")).toHaveLength(1);
    pass(2_000);
    expect(log.filter((line) => line === "unload a")).toHaveLength(2);
  });

  test("because the model is gone gives its memory back", () => {
    const { fail, state } = unloading();
    fail("missing");
    expect(state("fake/a")).toBe("cold");
  });

  test("for no known reason: it stays charged, and its backend is asked", () => {
    const { fail } = unloading();
    expect(of("inspect", fail("unverified")).length).toBeGreaterThan(0);
  });
});

describe("a backend that does not answer", () => {
  test("turns away those who wait and those who come, and says when it is looked at again", () => {
    const { step, scheduler } = bare();
    const need = fakeNeed("a", 4);
    step(arrive(need), NOW);
    const down = step({ type: "backend-down", backend: "fake", why: "connection refused" }, NOW);
    expect(of("reject", down)).toMatchObject([
      { reason: "backend-down", retryAfterMs: 1_000, message: "fake does not answer: connection refused" },
    ]);
    expect(of("reject", step(arrive(need), NOW + 400))).toMatchObject([
      { reason: "backend-down", retryAfterMs: 600, message: "fake does not answer: connection refused" },
    ]);
    expect(scheduler.snapshot(NOW).backends).toEqual([
      { backend: "fake", status: "down", slots: undefined, why: "connection refused" },
    ]);
  });

  test("is looked at again after a wait that doubles up to half a minute", () => {
    const { step } = bare();
    let nowMs = NOW;
    for (const waitMs of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      step({ type: "backend-down", backend: "fake", why: "no" }, nowMs);
      expect(of("inspect", step({ type: "tick" }, nowMs + waitMs - 1))).toEqual([]);
      nowMs += waitMs;
      expect(of("inspect", step({ type: "tick" }, nowMs))).toHaveLength(1);
    }
  });

  test("is looked at every five seconds at least while requests come, until it answers", () => {
    const { step, found } = bare();
    let nowMs = NOW;
    const waitsMs: number[] = [];
    for (let count = 0; count < 7; count += 1) {
      step({ type: "backend-down", backend: "fake", why: "no" }, nowMs);
      const [refusal] = of("reject", step(arrive(fakeNeed("a", 1)), nowMs));
      const waitMs = refusal?.retryAfterMs ?? Number.NaN;
      waitsMs.push(waitMs);
      expect(of("inspect", step({ type: "tick" }, nowMs + waitMs - 1))).toEqual([]);
      nowMs += waitMs;
      expect(of("inspect", step({ type: "tick" }, nowMs))).toHaveLength(1);
    }
    expect(waitsMs).toEqual([1_000, 2_000, 4_000, 5_000, 5_000, 5_000, 5_000]);
    found(nowMs);
    step({ type: "backend-down", backend: "fake", why: "no" }, nowMs);
    expect(of("reject", step(arrive(fakeNeed("a", 1)), nowMs))).toMatchObject([{ retryAfterMs: 1_000 }]);
  });

  test("is looked at for a request that comes long after the last look, and serves it where it is back", () => {
    const { step, found, read } = bare();
    for (let failures = 0; failures < 6; failures += 1)
      step({ type: "backend-down", backend: "fake", why: "no" }, NOW);
    const arrived = step(arrive(fakeNeed("a", 1)), NOW + 10_000);
    expect(of("reject", arrived)).toEqual([]);
    expect(of("inspect", arrived)).toHaveLength(1);
    expect(of("load", [...found(NOW + 10_005), ...read(NOW + 10_010)])).toHaveLength(1);
  });

  test("keeps what it held charged, and others' backends are none of its business", () => {
    const backends = [
      { id: "fake", slots: undefined },
      { id: "other", slots: undefined },
    ];
    const { step, stateOf } = bare({ backends });
    step({ type: "found", backend: "other", stamp: 1_000_000, models: [] }, NOW);
    const other = fakeNeed("b", 2, { spec: { key: "other/b", backend: "other", model: "b", options: {} } });
    for (const need of [fakeNeed("a", 4), other]) {
      const [load] = of("load", step(arrive(need), NOW));
      if (load !== undefined) step({ type: "loaded", key: load.key, epoch: load.epoch }, NOW);
    }
    step({ type: "backend-down", backend: "fake", why: "no" }, NOW);
    expect([stateOf("fake/a")?.state, stateOf("other/b")?.state]).toEqual(["suspect", "ready"]);
    expect(of("grant", step(arrive(other), NOW))).toHaveLength(1);
  });

  test("that is not configured is ignored, and a need that names it is an error", () => {
    const { step } = bare();
    expect(of("reject", step({ type: "backend-down", backend: "none", why: "no" }, NOW))).toEqual([]);
    step({ type: "found", backend: "none", stamp: 1, models: [] }, NOW);
    const need = fakeNeed("a", 1, { spec: { key: "none/a", backend: "none", model: "a", options: {} } });
    expect(() => step(arrive(need), NOW)).toThrow(/none, which none\/a names/);
  });

  test("is not asked for a model before it answered for the first time", () => {
    const scheduler = createScheduler({
      devices: [{ id: "cuda:0", headroomBytes: 0 }],
      backends: [{ id: "fake", slots: undefined }],
    });
    const first = scheduler.step(arrive(fakeNeed("a", 1)), NOW);
    expect(of("inspect", first)).toHaveLength(1);
    expect(of("measure", first)).toHaveLength(1);
    expect(of("load", first)).toEqual([]);
    expect(scheduler.snapshot(NOW).queues[0]?.why).toContain("fake has not answered yet");
    // One look at a time.
    expect(of("inspect", scheduler.step({ type: "tick" }, NOW + 60_000))).toEqual([]);
  });
});

describe("how many jobs a model runs at a time", () => {
  test("is what its backend reports, in both directions, until it is unloaded", () => {
    const { step, found, stateOf } = bare();
    const need = fakeNeed("a", 4, { concurrency: 2 });
    found(NOW, [copy(need, { concurrency: 3 })]);
    for (let asked = 0; asked < 3; asked += 1) expect(of("grant", step(arrive(need), NOW))).toHaveLength(1);
    expect(of("grant", step(arrive(need), NOW))).toHaveLength(0);
    expect(stateOf("fake/a")).toMatchObject({ concurrency: 3, leases: 3 });
    found(NOW + 1, [copy(need, { concurrency: 1 })]);
    for (const lease of [1, 2])
      expect(of("grant", step({ type: "release", lease, outcome: "done" }, NOW + 1))).toHaveLength(0);
    expect(of("grant", step({ type: "release", lease: 3, outcome: "done" }, NOW + 1))).toHaveLength(1);
    expect(stateOf("fake/a")).toMatchObject({ concurrency: 1 });
  });

  test("is what its load answered, and as declared where the backend tells nothing", () => {
    for (const [reported, granted] of [
      [2, 2],
      [undefined, 1],
    ] as const) {
      const { step } = bare();
      const need = fakeNeed("a", 4, { concurrency: 1 });
      const [load] = of("load", step(arrive(need), NOW));
      step(arrive(need), NOW);
      const answer = { type: "loaded", key: load?.key ?? "", epoch: load?.epoch ?? 0 } as const;
      expect(of("grant", step({ ...answer, concurrency: reported }, NOW))).toHaveLength(granted);
    }
  });
});

describe("what a backend is found to hold", () => {
  test("serves at once, with no lease for the jobs that it works on already", () => {
    const { step, found, stateOf } = bare();
    const need = fakeNeed("a", 4, { concurrency: 2 });
    found(NOW, [copy(need, { busy: 1 })]);
    expect(stateOf("fake/a")).toMatchObject({
      state: "ready",
      device: "cuda:0",
      measuredBytes: 4 * GIB,
      leases: 0,
    });
    expect(of("grant", step(arrive(need), NOW))).toHaveLength(1);
    expect(of("grant", step(arrive(need), NOW))).toHaveLength(0);
    // The stranger's job ended.
    expect(of("grant", found(NOW + 1, [copy(need, { busy: 1 })]))).toHaveLength(1);
  });

  test("is loading still: it is asked again, soon", () => {
    const { found, stateOf } = bare();
    const need = fakeNeed("a", 4);
    found(NOW, [copy(need, { loading: true })]);
    expect(stateOf("fake/a")?.state).toBe("suspect");
    found(NOW + 1_000, [copy(need, { loading: true })]);
    expect(stateOf("fake/a")?.state).toBe("suspect");
    found(NOW + 2_000, [copy(need)]);
    expect(stateOf("fake/a")?.state).toBe("ready");
  });

  test("is on the device that it says, on the CPU where none of it is on a GPU, else where most is unexplained", () => {
    const devices = (["cuda:0", "cuda:1", "cpu"] as const).map((id) => ({ id, headroomBytes: 0 }));
    const placed = (more: Partial<FoundModel>): string | undefined => {
      const { scheduler, step } = bare({ devices });
      const used = [2, 6, 1];
      step(
        {
          type: "reading",
          startedMs: NOW,
          devices: devices.map(({ id }, at) => ({
            device: id,
            totalBytes: 16 * GIB,
            usedBytes: (used[at] ?? 0) * GIB,
          })),
        },
        NOW,
      );
      step({ type: "found", backend: "fake", stamp: 1_000_000, models: [copy(fakeNeed("a", 4), more)] }, NOW);
      return scheduler.snapshot(NOW).residencies[0]?.device;
    };
    expect(placed({})).toBe("cuda:1");
    expect(placed({ device: "cuda:0" })).toBe("cuda:0");
    expect(placed({ device: "cuda:7" })).toBe("cuda:1");
    expect(placed({ gpuBytes: 0 })).toBe("cpu");
  });

  test("is no stranger's use any more", () => {
    const { scheduler, read, found } = bare();
    read(NOW, 6);
    expect(scheduler.snapshot(NOW).devices[0]?.externalBytes).toBe(6 * GIB);
    found(NOW, [copy(fakeNeed("a", 4))]);
    expect(scheduler.snapshot(NOW).devices[0]?.externalBytes).toBe(2 * GIB);
  });

  test("no longer is gone, and one that works on our jobs is doubted first", () => {
    const { scheduler, step, found, stateOf } = bare();
    const need = fakeNeed("a", 4);
    found(NOW, [copy(need)]);
    step(arrive(need), NOW);
    found(NOW + 1);
    expect(stateOf("fake/a")?.state).toBe("suspect");
    step({ type: "release", lease: 1, outcome: "done" }, NOW + 2);
    found(NOW + 3);
    expect(stateOf("fake/a")).toBeUndefined();
    expect(scheduler.snapshot(NOW).devices[0]).toMatchObject({
      actualBytes: 4 * GIB,
      returningBytes: 4 * GIB,
    });
  });

  test.each<[number | undefined, number | undefined, number | undefined, number]>([
    [undefined, undefined, undefined, 0],
    [Number.NaN, undefined, undefined, 0],
    [-1, undefined, undefined, 0],
    [6, 4, 6, 2],
    [6, 9, 6, 0],
    [6, -1, 6, 6],
    [6, undefined, 6, 0],
    [3, 3, 3, 0],
  ])(
    "measured as %s GiB, of which %s on the GPU: %s are believed, and %s are in RAM",
    (gib, gpuGib, measured, spilled) => {
      const { found, stateOf } = bare();
      const bytes = gib === undefined ? undefined : gib * GIB;
      const gpuBytes = gpuGib === undefined ? undefined : gpuGib * GIB;
      found(NOW, [copy(fakeNeed("a", 4), { bytes, gpuBytes })]);
      expect(stateOf("fake/a")).toMatchObject({
        measuredBytes: measured === undefined ? undefined : measured * GIB,
        spillBytes: spilled * GIB,
        chargeBytes: (Math.max(4, measured ?? 0) - spilled) * GIB,
      });
    },
  );
});

describe("a lease", () => {
  test("ends once, and what is released twice is only counted", () => {
    const { ask, loaded, release, scheduler, clock } = lab([12]);
    ask(fakeNeed("a", 4));
    loaded("fake/a");
    clock.ms += 700;
    expect(scheduler.snapshot(clock.ms).leases).toEqual([
      { lease: 1, waiter: 1, key: "fake/a", heldMs: 700 },
    ]);
    release(1);
    release(1);
    release(9);
    expect(scheduler.snapshot(clock.ms).counts).toMatchObject({ granted: 1, released: 1, strayReleases: 2 });
    expect(scheduler.snapshot(clock.ms).residencies[0]).toMatchObject({ leases: 0, lastUsedMs: clock.ms });
  });

  test("that ended because its backend cannot be reached has the backend looked at, and no other end has", () => {
    const { step } = bare();
    const need = fakeNeed("a", 4, { concurrency: 3 });
    const [load] = of("load", step(arrive(need), NOW));
    if (load === undefined) throw new Error("no load");
    step({ type: "loaded", key: load.key, epoch: load.epoch }, NOW);
    step(arrive(need), NOW);
    step(arrive(need), NOW);
    expect(of("inspect", step({ type: "release", lease: 1, outcome: "done" }, NOW))).toEqual([]);
    expect(of("inspect", step({ type: "release", lease: 2, outcome: "failed" }, NOW))).toEqual([]);
    expect(of("inspect", step({ type: "release", lease: 3, outcome: "unreachable" }, NOW))).toHaveLength(1);
  });
});

describe("a backend is asked again", () => {
  const lookAfterMs = (models: readonly FoundModel[], stamp?: number): number => {
    const { step, found } = bare({ freshMs: 10 ** 9 });
    found(NOW, models, stamp);
    for (let ms = 1; ms <= 40_000; ms += 1) {
      if (ms % 1_000 > 1 && ms < 29_000) continue;
      if (of("inspect", step({ type: "tick" }, NOW + ms)).length > 0) return ms;
    }
    return Number.NaN;
  };

  test("a second later while something of it is unclear, and half a minute later where nothing is", () => {
    const need = fakeNeed("a", 4);
    expect(lookAfterMs([])).toBe(30_000);
    expect(lookAfterMs([copy(need)])).toBe(30_000);
    expect(lookAfterMs([copy(need, { busy: 0 })])).toBe(30_000);
    expect(lookAfterMs([copy(need, { busy: 1 })])).toBe(1_000);
    expect(lookAfterMs([copy(need, { loading: true })])).toBe(1_000);
  });

  test("half a minute later though something of another backend is unclear", () => {
    const backends = [
      { id: "fake", slots: undefined },
      { id: "other", slots: undefined },
    ];
    const { step, found } = bare({ backends });
    const other = fakeNeed("b", 2, { spec: { key: "other/b", backend: "other", model: "b", options: {} } });
    step({ type: "found", backend: "other", stamp: 1_000_000, models: [copy(other, { busy: 1 })] }, NOW);
    found(NOW);
    const asked = of("inspect", step({ type: "tick" }, NOW + 1_000)).map(({ backend }) => backend);
    expect(asked).toEqual(["other"]);
  });
});

describe("what one backend is found to hold", () => {
  test("says nothing of another's models", () => {
    const backends = [
      { id: "fake", slots: undefined },
      { id: "other", slots: undefined },
    ];
    const { step, found, stateOf } = bare({ backends });
    const other = fakeNeed("b", 2, { spec: { key: "other/b", backend: "other", model: "b", options: {} } });
    step({ type: "found", backend: "other", stamp: 1_000_000, models: [copy(other)] }, NOW);
    found(NOW + 1);
    expect(stateOf("other/b")?.state).toBe("ready");
  });

  test("does not disturb a model that is being loaded or unloaded: its driver will say", () => {
    const { step, found, stateOf } = bare();
    const need = fakeNeed("a", 4);
    step(arrive(need), NOW);
    found(NOW + 1, [copy(need)]);
    expect(stateOf("fake/a")?.state).toBe("loading");
    found(NOW + 2);
    expect(stateOf("fake/a")?.state).toBe("loading");
  });

  test("before a model changed says nothing of it", () => {
    const { step, found, stateOf } = bare();
    const need = fakeNeed("a", 4);
    found(NOW, [copy(need)]);
    const epoch = stateOf("fake/a")?.epoch ?? 0;
    found(NOW + 1, [], epoch - 1);
    expect(stateOf("fake/a")?.state).toBe("ready");
    found(NOW + 2, [copy(need, { busy: 2 })], epoch - 1);
    expect(of("grant", step(arrive(need), NOW + 3))).toHaveLength(1);
    found(NOW + 4, [], epoch);
    expect(stateOf("fake/a")?.state).toBe("suspect");
  });

  test("is loaded where the scheduler had just planned to load it: no model has to make room", () => {
    const { step, found, stateOf, read } = bare({ freshMs: 100 });
    const need = fakeNeed("a", 4);
    step(arrive(need), NOW + 5_000);
    expect(stateOf("fake/a")?.state).toBe("reserved");
    expect(of("grant", found(NOW + 5_001, [copy(need)]))).toHaveLength(1);
    expect(of("load", read(NOW + 5_002))).toEqual([]);
    expect(stateOf("fake/a")?.state).toBe("ready");
  });
});

describe("memory that is freed", () => {
  test("does not hold a load up that the measured free memory covers, though it was never seen to be used", () => {
    const { scheduler, step, read } = bare();
    // 4 GiB of others. Mapped files do not count as used, so the next quiet reading takes the others for less.
    read(NOW, 4);
    const loads: string[] = [];
    for (const name of ["a", "b", "a", "b"]) {
      const waiting = step(arrive(fakeNeed(name, 10)), NOW);
      const [unload] = of("unload", waiting);
      const gone =
        unload === undefined ? [] : step({ type: "unloaded", key: unload.key, epoch: unload.epoch }, NOW);
      const [load] = of("load", [...waiting, ...gone, ...read(NOW, 4)]);
      if (load === undefined)
        throw new Error(`${name} waits: ${JSON.stringify(scheduler.snapshot(NOW).queues)}`);
      loads.push(load.key);
      const granted = step(
        { type: "loaded", key: load.key, epoch: load.epoch, bytes: 10 * GIB, gpuBytes: 10 * GIB },
        NOW,
      );
      const [grant] = of("grant", granted);
      step({ type: "release", lease: grant?.lease ?? 0, outcome: "done" }, NOW);
      read(NOW, 4);
    }
    expect(loads).toEqual(["fake/a", "fake/b", "fake/a", "fake/b"]);
  });

  test("of a model that its backend cannot unload any more is counted on for the next load", () => {
    const { step, read } = bare();
    const [first] = of("load", step(arrive(fakeNeed("a", 10)), NOW));
    if (first === undefined) throw new Error("no load");
    step({ type: "loaded", key: first.key, epoch: first.epoch, bytes: 10 * GIB, gpuBytes: 10 * GIB }, NOW);
    step({ type: "release", lease: 1, outcome: "done" }, NOW);
    read(NOW, 10);
    const [unload] = of("unload", step(arrive(fakeNeed("b", 10)), NOW));
    if (unload === undefined) throw new Error("no unload");
    const { key, epoch } = unload;
    const failed = step({ type: "unload-failed", key, epoch, kind: "orphaned", why: "deleted" }, NOW);
    expect(of("load", [...failed, ...read(NOW, 10)])).toMatchObject([{ key: "fake/b" }]);
  });

  test("is that of the model that left first, on each device by itself", () => {
    const { scheduler, step, read } = bare();
    const returningGib = () => (scheduler.snapshot(NOW).devices[0]?.returningBytes ?? 0) / GIB;
    for (const name of ["a", "b"]) {
      const [load] = of("load", step(arrive(fakeNeed(name, 4)), NOW));
      if (load === undefined) throw new Error("no load");
      step({ type: "loaded", key: load.key, epoch: load.epoch, bytes: 4 * GIB, gpuBytes: 4 * GIB }, NOW);
    }
    step({ type: "release", lease: 1, outcome: "done" }, NOW);
    step({ type: "release", lease: 2, outcome: "done" }, NOW);
    read(NOW + 1, 8);
    for (const [at, name] of ["a", "b"].entries()) {
      const [unload] = of("unload", step({ type: "evict", key: `fake/${name}` }, NOW + 10 + at));
      if (unload === undefined) throw new Error("no unload");
      step({ type: "unloaded", key: unload.key, epoch: unload.epoch }, NOW + 20 + at);
    }
    read(NOW + 30, 8);
    expect(returningGib()).toBe(8);
    read(NOW + 40, 5);
    expect(returningGib()).toBe(5);
    read(NOW + 50, 4);
    expect(returningGib()).toBe(4);
    read(NOW + 60, 0);
    expect(returningGib()).toBe(0);
  });
});
