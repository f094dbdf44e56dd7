/** Who waits, for how long, and what is said to those who need not: queues, deadlines, pins, idle models, snapshots. */
import { describe, expect, test } from "vitest";
import { fakeNeed, GIB } from "../testing/fakes.ts";
import { lab } from "../testing/lab.ts";
import { createScheduler } from "./scheduler.ts";
import type { Decision, ModelNeed } from "./types.ts";

const rejections = (decisions: readonly Decision[]) => decisions.filter((one) => one.type === "reject");

describe("a queue that is full", () => {
  test("takes no more waiters, for one model or for all, and says how many wait", () => {
    const { ask, send } = lab([4], { maxQueuePerModel: 2, maxQueue: 3 });
    ask(fakeNeed("a", 3));
    ask(fakeNeed("a", 3));
    expect(rejections(send({ type: "arrive", waiter: 50, need: fakeNeed("a", 3) }))).toMatchObject([
      { reason: "queue-full", message: "2 wait for fake/a already", waiter: 50, key: "fake/a" },
    ]);
    ask(fakeNeed("b", 3));
    expect(rejections(send({ type: "arrive", waiter: 51, need: fakeNeed("c", 3) }))).toMatchObject([
      { reason: "queue-full", message: "3 wait already" },
    ]);
  });

  test("estimates when there may be room: the queue at the pace of late, and a load where one is due", () => {
    const need = fakeNeed("a", 3, { concurrency: 2, loadCostMs: 9_000 });
    const { ask, loaded, send, release, clock } = lab([4], { maxQueuePerModel: 3 });
    const estimate = (waiter: number) =>
      rejections(send({ type: "arrive", waiter, need })).map((one) => one.retryAfterMs);
    for (let count = 0; count < 3; count += 1) ask(need);
    // Two rounds of five seconds, as long as nothing was measured.
    expect(estimate(90)).toEqual([19_000]);
    loaded("fake/a");
    clock.ms += 2_000;
    release(1);
    for (let count = 0; count < 3; count += 1) ask(need);
    expect(estimate(91)).toEqual([6_000]);
  });
});

describe("a deadline", () => {
  test("turns a waiter away when it has come, and says how long it waited and for what", () => {
    const { ask, send, clock, loaded } = lab([8]);
    ask(fakeNeed("busy", 8, { concurrency: 1 }));
    loaded("fake/busy");
    send({ type: "arrive", waiter: 70, need: fakeNeed("other", 8), deadlineMs: clock.ms + 2_500 });
    clock.ms += 2_499;
    expect(rejections(send({ type: "tick" }))).toEqual([]);
    clock.ms += 1;
    expect(rejections(send({ type: "tick" }))).toMatchObject([
      {
        waiter: 70,
        reason: "deadline",
        message: expect.stringMatching(/^fake\/other was not free within 2\.5 s \(.+\)$/),
        retryAfterMs: 1_000,
      },
    ]);
  });

  test("is ten minutes from now where a client names a later one or none, and may be configured", () => {
    const waiting = (deadlineMs: number | undefined, maxWaitMs?: number) => {
      const { send, scheduler, clock, others } = lab([8], maxWaitMs === undefined ? {} : { maxWaitMs });
      others.bytes = 8 * GIB;
      send({ type: "tick" });
      send({
        type: "arrive",
        waiter: 1,
        need: fakeNeed("a", 4),
        ...(deadlineMs === undefined ? {} : { deadlineMs }),
      });
      return (scheduler.snapshot(clock.ms).queues[0]?.waiters[0]?.deadlineMs ?? 0) - clock.ms;
    };
    expect([waiting(undefined), waiting(10 ** 9), waiting(undefined, 7_000)]).toEqual([
      600_000, 600_000, 7_000,
    ]);
  });

  test("is what the scheduler wakes for", () => {
    const { send, clock, others } = lab([8]);
    others.bytes = 8 * GIB;
    send({ type: "tick" });
    const decisions = send({
      type: "arrive",
      waiter: 1,
      need: fakeNeed("a", 4),
      deadlineMs: clock.ms + 77,
    });
    expect(decisions.filter((one) => one.type === "wake").at(-1)).toEqual({
      type: "wake",
      atMs: clock.ms + 77,
    });
  });
});

describe("the time until a load begins", () => {
  const other = fakeNeed("other", 8, { concurrency: 1 });
  const twoThatDoNotFit = (startInMs: number) => {
    const all = lab([8]);
    all.ask(fakeNeed("busy", 8, { concurrency: 1 }));
    all.loaded("fake/busy");
    const { ms } = all.clock;
    all.send({ type: "arrive", waiter: 70, need: other, startByMs: ms + startInMs, deadlineMs: ms + 60_000 });
    return all;
  };

  test("turns a waiter away whose model cannot be loaded", () => {
    const { send, clock } = twoThatDoNotFit(3_000);
    clock.ms += 2_999;
    expect(rejections(send({ type: "tick" }))).toEqual([]);
    clock.ms += 1;
    expect(rejections(send({ type: "tick" }))).toMatchObject([
      { waiter: 70, reason: "deadline", message: expect.stringContaining("within 3.0 s") },
    ]);
  });

  test("ends with the load that has a place for the waiter, however long that takes, and only for as long as it lasts", () => {
    const { send, clock, release, unloaded, log, scheduler } = twoThatDoNotFit(3_000);
    release(1);
    unloaded("fake/busy");
    expect(log.at(-1)).toBe("load other");
    send({ type: "arrive", waiter: 71, need: other, startByMs: clock.ms + 3_000 });
    clock.ms += 20_000;
    expect(rejections(send({ type: "tick" }))).toMatchObject([{ waiter: 71 }]);
    const { epoch } = scheduler.snapshot(clock.ms).residencies.find(({ key }) => key === "fake/other") ?? {
      epoch: 0,
    };
    send({ type: "loaded", key: "fake/other", epoch, bytes: 8 * GIB, gpuBytes: 8 * GIB });
    expect(log.at(-1)).toBe("grant other");
    expect(scheduler.snapshot(clock.ms).queues).toEqual([]);
  });

  test("is checked again when that load fails", () => {
    const { send, clock, release, unloaded, scheduler } = twoThatDoNotFit(3_000);
    release(1);
    unloaded("fake/busy");
    clock.ms += 20_000;
    send({ type: "tick" });
    const { epoch } = scheduler.snapshot(clock.ms).residencies.find(({ key }) => key === "fake/other") ?? {
      epoch: 0,
    };
    send({ type: "load-failed", key: "fake/other", epoch, kind: "failed", why: "it broke" });
    clock.ms += 999;
    expect(rejections(send({ type: "tick" }))).toEqual([]);
    clock.ms += 1;
    expect(rejections(send({ type: "tick" }))).toMatchObject([{ waiter: 70, reason: "deadline" }]);
  });
});

describe("a warm model", () => {
  const warm = fakeNeed("warm", 6, { warm: true, idleUnloadMs: 5_000 });

  test("is loaded before its first request, and stays loaded without any", () => {
    const { send, ask, loaded, log, pass, state } = lab([12]);
    send({ type: "know", need: warm });
    expect(log).toEqual(["load warm"]);
    ask(warm);
    loaded("fake/warm");
    expect(log).toEqual(["load warm", "grant warm"]);
    pass(60_000);
    send({ type: "release", lease: 1, outcome: "done" });
    pass(60_000);
    expect(state("fake/warm")).toBe("ready");
  });

  test("makes room for a waiter, and is loaded again once that model left", () => {
    const { send, ask, loaded, unloaded, release, log, pass } = lab([12]);
    send({ type: "know", need: warm });
    ask(warm);
    loaded("fake/warm");
    release(1);
    ask(fakeNeed("big", 10, { idleUnloadMs: 5_000 }));
    expect(log.at(-1)).toBe("unload warm");
    unloaded("fake/warm");
    loaded("fake/big");
    release(2);
    pass(4_000);
    expect(log.at(-1)).toBe("grant big");
    pass(2_000);
    expect(log.at(-1)).toBe("unload big");
    unloaded("fake/big");
    pass(1_000);
    expect(log.at(-1)).toBe("load warm");
  });

  test("is not loaded in place of another one", () => {
    const { send, ask, loaded, release, log, pass } = lab([12]);
    ask(fakeNeed("big", 10));
    loaded("fake/big");
    send({ type: "know", need: warm });
    release(1);
    pass(60_000);
    expect(log).toEqual(["load big", "grant big"]);
  });
});

describe("an idle model", () => {
  test("is unloaded after its idle time, counted from its last job, and not while it is pinned", () => {
    const { ask, loaded, release, clock, send, log, state } = lab([12]);
    ask(fakeNeed("a", 4, { idleUnloadMs: 10_000 }));
    ask(fakeNeed("pinned", 4, { idleUnloadMs: 10_000, pinned: true }));
    loaded("fake/a");
    loaded("fake/pinned");
    clock.ms += 5_000;
    release(1);
    release(2);
    clock.ms += 9_999;
    send({ type: "tick" });
    expect(state("fake/a")).toBe("ready");
    clock.ms += 1;
    send({ type: "tick" });
    expect(log.filter((line) => line.startsWith("unload"))).toEqual(["unload a"]);
    expect(state("fake/pinned")).toBe("ready");
  });

  test("stays for the time that it is to stay after a load at least", () => {
    const { ask, loaded, release, clock, send, state } = lab([12]);
    ask(fakeNeed("a", 4, { idleUnloadMs: 1_000, minResidencyMs: 5_000 }));
    loaded("fake/a");
    release(1);
    clock.ms += 4_999;
    send({ type: "tick" });
    expect(state("fake/a")).toBe("ready");
    clock.ms += 1;
    send({ type: "tick" });
    expect(state("fake/a")).toBe("unloading");
  });

  test("counts as unloaded for idleness, not as evicted", () => {
    const { ask, loaded, release, clock, send, scheduler } = lab([12]);
    ask(fakeNeed("a", 4, { idleUnloadMs: 1_000 }));
    loaded("fake/a");
    release(1);
    clock.ms += 1_000;
    send({ type: "tick" });
    expect(scheduler.snapshot(clock.ms).counts).toMatchObject({ idleUnloads: 1, evictions: 0 });
  });
});

describe("what an operator says", () => {
  test("a pin keeps a model from making room, and an unpin lets it go", () => {
    const { ask, loaded, release, send, log, pass } = lab([8]);
    ask(fakeNeed("a", 8));
    loaded("fake/a");
    release(1);
    send({ type: "pin", key: "fake/a" });
    ask(fakeNeed("b", 8));
    pass(100_000);
    expect(log).not.toContain("unload a");
    send({ type: "unpin", key: "fake/a" });
    pass(1_000);
    expect(log).toContain("unload a");
  });

  test("a pin keeps a model that is about to make room", () => {
    const { ask, loaded, send, pass, state } = lab([8]);
    ask(fakeNeed("a", 8, { concurrency: 1 }));
    loaded("fake/a");
    ask(fakeNeed("b", 8));
    pass(60_000);
    expect(state("fake/a")).toBe("draining");
    send({ type: "pin", key: "fake/a" });
    expect(state("fake/a")).toBe("ready");
    expect(state("fake/b")).toBe("cold");
  });

  test("an eviction unloads a model that is ready, neither pinned nor loaded for someone, and is counted", () => {
    const { ask, loaded, release, send, log, scheduler, clock } = lab([12]);
    ask(fakeNeed("a", 4));
    loaded("fake/a");
    release(1);
    send({ type: "pin", key: "fake/a" });
    send({ type: "evict", key: "fake/a" });
    expect(log).not.toContain("unload a");
    send({ type: "unpin", key: "fake/a" });
    send({ type: "evict", key: "fake/a" });
    expect(log).toContain("unload a");
    expect(scheduler.snapshot(clock.ms).counts.evictions).toBe(1);
    send({ type: "evict", key: "fake/unknown" });
    send({ type: "pin", key: "fake/new", need: fakeNeed("new", 1) });
    ask(fakeNeed("new", 1));
    expect(scheduler.snapshot(clock.ms).residencies.find(({ key }) => key === "fake/new")?.pinned).toBe(true);
  });
});

describe("a load without a waiter", () => {
  test("goes on, unless it stands in the way of a waiter", () => {
    const { ask, send } = lab([8]);
    const waiter = ask(fakeNeed("a", 8));
    expect(send({ type: "abort", waiter }).map(({ type }) => type)).not.toContain("abort-load");
    const aborted = send({ type: "arrive", waiter: 60, need: fakeNeed("b", 8) });
    expect(aborted.filter((one) => one.type === "abort-load")).toMatchObject([{ key: "fake/a" }]);
    // Once.
    expect(send({ type: "tick" }).map(({ type }) => type)).not.toContain("abort-load");
  });

  test("goes on where it is pinned, and where somebody waits for it", () => {
    const pinned = lab([8]);
    const waiter = pinned.ask(fakeNeed("a", 8, { pinned: true }));
    pinned.send({ type: "abort", waiter });
    expect(
      pinned.send({ type: "arrive", waiter: 60, need: fakeNeed("b", 8) }).map(({ type }) => type),
    ).not.toContain("abort-load");
    const waited = lab([8]);
    waited.ask(fakeNeed("a", 8));
    expect(
      waited.send({ type: "arrive", waiter: 60, need: fakeNeed("b", 8) }).map(({ type }) => type),
    ).not.toContain("abort-load");
  });
});

describe("memory that others take", () => {
  test("sheds idle models until the rest fits, those worth least first", () => {
    const { ask, loaded, release, others, clock, send, log } = lab([16]);
    for (const [name, loadCostMs] of [
      ["dear", 60_000],
      ["cheap", 1_000],
      ["middle", 9_000],
    ] as const) {
      ask(fakeNeed(name, 4, { loadCostMs }));
      loaded(`fake/${name}`);
    }
    for (const lease of [1, 2, 3]) release(lease);
    others.bytes = 9 * GIB;
    clock.ms += 30_000;
    send({ type: "tick" });
    expect(log.filter((line) => line.startsWith("unload"))).toEqual(["unload cheap", "unload middle"]);
  });

  test("sheds neither a model at work nor a pinned one", () => {
    const { ask, loaded, release, others, clock, send, log } = lab([16]);
    ask(fakeNeed("works", 4));
    ask(fakeNeed("pinned", 4, { pinned: true }));
    loaded("fake/works");
    loaded("fake/pinned");
    release(2);
    others.bytes = 12 * GIB;
    clock.ms += 30_000;
    send({ type: "tick" });
    expect(log.filter((line) => line.startsWith("unload"))).toEqual([]);
  });
});

describe("which requests are refused at once", () => {
  const told = (need: ModelNeed, gpusGib: readonly number[], declared?: number) => {
    const scheduler = createScheduler({
      devices: gpusGib.map((_, at) => ({
        id: `cuda:${at}` as const,
        headroomBytes: 0,
        ...(declared === undefined ? {} : { declaredBytes: declared * GIB }),
      })),
      backends: [{ id: "fake", slots: undefined }],
    });
    scheduler.step({ type: "found", backend: "fake", stamp: 9, models: [] }, 1_000);
    const devices = gpusGib.map((gib, at) => ({
      device: `cuda:${at}` as const,
      totalBytes: Number.isNaN(gib) ? undefined : gib * GIB,
      usedBytes: Number.isNaN(gib) ? undefined : 0,
    }));
    scheduler.step({ type: "reading", startedMs: 1_000, devices }, 1_000);
    return rejections(scheduler.step({ type: "arrive", waiter: 1, need }, 1_000));
  };

  test.each<[string, ModelNeed, number[], string, string]>([
    [
      "no device of its kind",
      fakeNeed("a", 1, { deviceClass: "cpu" }),
      [8],
      "too-large",
      "fake/a needs a cpu device, and there is none",
    ],
    [
      "a device whose memory is unknown",
      fakeNeed("a", 1),
      [Number.NaN],
      "memory-unknown",
      "how much cuda memory there is cannot be measured",
    ],
    [
      "one device that is too small",
      fakeNeed("a", 9),
      [8],
      "too-large",
      "the largest cuda device has 8.0 GiB",
    ],
    [
      "several that are too small together",
      fakeNeed("a", 25, { splits: true }),
      [8, 16],
      "too-large",
      "all 2 cuda devices together have 24.0 GiB",
    ],
    [
      "several that would do together, and a backend that cannot split",
      fakeNeed("a", 20),
      [8, 16],
      "needs-split",
      "the largest has 16.0 GiB",
    ],
  ])("%s", (_, need, gpus, reason, message) => {
    expect(told(need, gpus)).toMatchObject([
      { reason, message: expect.stringContaining(message), retryAfterMs: undefined },
    ]);
  });

  test("no waiter, where it just fits, or the operator declared what cannot be measured", () => {
    expect(told(fakeNeed("a", 8), [8])).toEqual([]);
    expect(told(fakeNeed("a", 6, { transientBytes: 2 * GIB }), [8])).toEqual([]);
    expect(told(fakeNeed("a", 7, { transientBytes: 2 * GIB }), [8])).toHaveLength(1);
    expect(told(fakeNeed("a", 6), [Number.NaN], 8)).toEqual([]);
    expect(told(fakeNeed("a", 9), [16], 8)).toHaveLength(1);
  });
});

describe("a snapshot", () => {
  test("shows who waits for what, in which place, and why", () => {
    const { ask, loaded, scheduler, clock, release } = lab([8]);
    ask(fakeNeed("a", 8, { concurrency: 1, loadCostMs: 2_000 }));
    loaded("fake/a");
    ask(fakeNeed("a", 8, { concurrency: 1, loadCostMs: 2_000 }));
    clock.ms += 500;
    ask(fakeNeed("b", 4));
    const { queues } = scheduler.snapshot(clock.ms);
    expect(queues).toEqual([
      {
        key: "fake/a",
        why: "all its leases are taken",
        estimateMs: 10_000,
        waiters: [{ waiter: 2, position: 1, waitedMs: 500, deadlineMs: 601_000, attached: false }],
      },
      {
        key: "fake/b",
        why: expect.any(String),
        estimateMs: 6_000,
        waiters: [{ waiter: 3, position: 1, waitedMs: 0, deadlineMs: 601_500, attached: false }],
      },
    ]);
    release(1);
    expect(scheduler.snapshot(clock.ms).queues.map(({ key }) => key)).toEqual(["fake/b"]);
  });

  test("shows which waiters a load that is under way has places for", () => {
    const { ask, scheduler, clock } = lab([8]);
    for (let count = 0; count < 3; count += 1) ask(fakeNeed("a", 8, { concurrency: 2 }));
    expect(scheduler.snapshot(clock.ms).queues[0]?.waiters.map(({ attached }) => attached)).toEqual([
      true,
      true,
      false,
    ]);
  });

  test("shows what is where", () => {
    const { ask, loaded, scheduler, clock, others, send } = lab([8]);
    others.bytes = GIB;
    send({ type: "tick" });
    ask(fakeNeed("a", 4, { transientBytes: GIB, pinned: true }));
    loaded("fake/a");
    const { devices, residencies, backends, counts } = scheduler.snapshot(clock.ms);
    expect(devices).toMatchObject([
      {
        device: "cuda:0",
        totalBytes: 8 * GIB,
        capacityBytes: 8 * GIB,
        committedBytes: 5 * GIB,
        actualBytes: 5 * GIB,
      },
    ]);
    expect(residencies).toMatchObject([
      {
        key: "fake/a",
        backend: "fake",
        model: "a",
        options: {},
        state: "ready",
        device: "cuda:0",
        parts: [{ device: "cuda:0", chargeBytes: 5 * GIB }],
        chargeBytes: 5 * GIB,
        spillBytes: 0,
        measuredBytes: 4 * GIB,
        leases: 1,
        concurrency: 2,
        waiting: 0,
        pinned: true,
        served: true,
        loads: 1,
        sinceMs: 1_000,
        lastUsedMs: 1_000,
        drainsFor: undefined,
        failure: undefined,
        cooldownUntilMs: undefined,
      },
    ]);
    expect(backends).toEqual([{ backend: "fake", status: "up", slots: undefined, why: undefined }]);
    expect(counts).toEqual({
      granted: 1,
      released: 0,
      strayReleases: 0,
      rejected: 0,
      aborted: 0,
      loads: 1,
      failedLoads: 0,
      evictions: 0,
      idleUnloads: 0,
    });
  });

  test("leaves out models that are nowhere and have no waiter", () => {
    const { ask, loaded, send, scheduler, clock } = lab([8]);
    ask(fakeNeed("busy", 8));
    loaded("fake/busy");
    const waiter = ask(fakeNeed("a", 4));
    const keys = () => scheduler.snapshot(clock.ms).residencies.map(({ key }) => key);
    expect(keys()).toEqual(["fake/busy", "fake/a"]);
    send({ type: "abort", waiter });
    send({ type: "abort", waiter });
    expect(keys()).toEqual(["fake/busy"]);
    expect(scheduler.snapshot(clock.ms).counts.aborted).toBe(1);
  });

  test("shows for whom a model makes room", () => {
    const { ask, loaded, scheduler, clock, pass } = lab([8]);
    ask(fakeNeed("a", 8, { concurrency: 1 }));
    loaded("fake/a");
    ask(fakeNeed("b", 8));
    pass(60_000);
    const { residencies, queues } = scheduler.snapshot(clock.ms);
    expect(residencies.map(({ key, state, drainsFor }) => [key, state, drainsFor])).toEqual([
      ["fake/a", "draining", "fake/b"],
      ["fake/b", "reserved", undefined],
    ]);
    expect(queues[0]).toMatchObject({ key: "fake/b", why: "others are making room" });
  });
});

describe("priority", () => {
  test("is worth five seconds of waiting a step, three steps at most, and the request's before the model's", () => {
    const first = (aheadMs: number, priority: number | undefined, own = 0): string | undefined => {
      const { ask, loaded, log, pass, release, unloaded } = lab([8]);
      ask(fakeNeed("busy", 8));
      loaded("fake/busy");
      ask(fakeNeed("plain", 8));
      pass(aheadMs);
      ask(fakeNeed("urgent", 8, { priority: own }), priority === undefined ? {} : { priority });
      release(1);
      unloaded("fake/busy");
      return log.at(-1);
    };
    expect(first(6_000, 1)).toBe("load plain");
    expect(first(4_000, undefined, 1)).toBe("load urgent");
    expect(first(4_000, 0, 1)).toBe("load plain");
    expect(first(14_000, 9)).toBe("load urgent");
    expect(first(16_000, 9)).toBe("load plain");
  });
});
