import { expect, test } from "vitest";
import type { Driver } from "./driver.ts";
import { createManager, type Lease, type ManagerOptions, type Refusal } from "./manager.ts";
import { FakeClock, FakeDriver, FakeGpu, fakeNeed, GIB } from "./testing/fakes.ts";

const chat = fakeNeed("chat", 6);
const image = fakeNeed("image", 9, { concurrency: 1 });
const embed = fakeNeed("embed", 1);
const needs = [chat, image, embed];

function set(options: Partial<ManagerOptions> & { readonly totalGib?: number | undefined } = {}) {
  const clock = new FakeClock();
  const gpu = new FakeGpu("totalGib" in options ? options.totalGib : 12);
  const driver = new FakeDriver(gpu, clock, needs);
  const start = () =>
    createManager({
      devices: [{ id: "cuda:0", headroomBytes: 0 }],
      backends: [{ driver }],
      probe: gpu,
      models: needs,
      clock,
      ...options,
    });
  return { clock, gpu, driver, start, manager: start() };
}

function lease(answer: Lease | Refusal): Lease {
  if (!answer.granted) throw new Error(`refused: ${answer.reason}: ${answer.message}`);
  return answer;
}

const states = (manager: { snapshot(): { residencies: readonly { key: string; state: string }[] } }) =>
  manager.snapshot().residencies.map((one) => `${one.key} ${one.state}`);

test("one load serves all its waiters", async () => {
  const { manager, clock, driver } = set();
  const both = [manager.acquire({ need: chat }), manager.acquire({ need: chat })];
  await clock.advance(2_000);
  const leases = (await Promise.all(both)).map(lease);
  expect(driver.calls).toEqual(["load chat"]);
  expect(manager.snapshot().leases).toHaveLength(2);
  for (const one of leases) one.release();
  expect(manager.snapshot().leases).toHaveLength(0);
});

test("a lease that is released twice is released once, and the second is counted", async () => {
  const { manager, clock } = set();
  const first = manager.acquire({ need: image });
  await clock.advance(2_000);
  const one = lease(await first);
  const second = manager.acquire({ need: image });
  const third = manager.acquire({ need: image });
  one.release();
  one.release();
  await clock.advance(100);
  expect(manager.snapshot().leases).toHaveLength(1);
  expect(manager.snapshot().counts).toMatchObject({ released: 1, strayReleases: 1 });
  lease(await second).release();
  lease(await third).release();
});

test("what does not fit beside the others waits, has the least needed unloaded and runs", async () => {
  const { manager, clock, driver } = set();
  const idle = [manager.acquire({ need: chat }), manager.acquire({ need: embed })];
  await clock.advance(3_000);
  const [chatLease, embedLease] = (await Promise.all(idle)).map(lease);
  embedLease?.release();
  const acquired = manager.acquire({ need: image });
  await clock.advance(20_000);
  expect(states(manager)).toContain("fake/image cold");
  chatLease?.release();
  await clock.advance(10_000);
  lease(await acquired).release();
  expect(driver.calls).toEqual(["load chat", "load embed", "unload chat", "load image"]);
});

test("memory counts as free when it is seen to be, not when the backend reports it", async () => {
  const { manager, clock, driver } = set();
  driver.reclaimMs = 20_000;
  const first = manager.acquire({ need: chat });
  await clock.advance(2_000);
  lease(await first).release();
  const acquired = manager.acquire({ need: image });
  await clock.advance(15_000);
  expect(driver.calls).toEqual(["load chat", "unload chat"]);
  await clock.advance(10_000);
  lease(await acquired).release();
});

test("an unload that could not be verified keeps its memory charged until the backend reports otherwise", async () => {
  const { manager, clock, driver } = set();
  const first = manager.acquire({ need: chat });
  await clock.advance(2_000);
  lease(await first).release();
  driver.lyingUnloads = 1;
  const acquired = manager.acquire({ need: image });
  await clock.advance(10);
  expect(driver.calls).toEqual(["load chat", "unload chat"]);
  await clock.advance(20_000);
  expect(driver.calls).toEqual(["load chat", "unload chat", "unload chat", "load image"]);
  lease(await acquired).release();
});

test("an aborted waiter leaves no trace", async () => {
  const { manager, clock } = set();
  const aborting = new AbortController();
  const acquired = manager.acquire({ need: chat, signal: aborting.signal });
  await clock.advance(100);
  aborting.abort(new Error("the client went away"));
  await expect(acquired).rejects.toThrow("the client went away");
  await clock.advance(5_000);
  expect(manager.snapshot()).toMatchObject({ queues: [], leases: [] });
  await expect(manager.acquire({ need: chat, signal: aborting.signal })).rejects.toThrow(
    "the client went away",
  );
});

test("a load without waiters is stopped when another waiter needs its memory", async () => {
  const { manager, clock, driver } = set();
  driver.loadMs = 60_000;
  const aborting = new AbortController();
  const gone = manager.acquire({ need: chat, signal: aborting.signal });
  await clock.advance(1_000);
  const acquired = manager.acquire({ need: image });
  driver.loadMs = 1_000;
  aborting.abort(new Error("gone"));
  await expect(gone).rejects.toThrow("gone");
  await clock.advance(10_000);
  expect(driver.calls).toEqual(["load chat", "stopped loading chat", "load image"]);
  lease(await acquired).release();
});

test("when a backend ends its waiters are refused, and it serves again when it is back", async () => {
  const { manager, clock, driver } = set();
  const first = manager.acquire({ need: chat });
  await clock.advance(2_000);
  const held = lease(await first);
  driver.kill();
  held.release("unreachable");
  await clock.advance(100);
  expect(await manager.acquire({ need: chat })).toMatchObject({ granted: false, reason: "backend-down" });
  driver.down = false;
  await clock.advance(10_000);
  const again = manager.acquire({ need: chat });
  await clock.advance(5_000);
  lease(await again).release();
  expect(driver.calls).toEqual(["load chat", "load chat"]);
});

test("a load that never answers is given up in time", async () => {
  const { manager, clock, driver } = set({ limits: { loadMs: 30_000 } });
  driver.hangs = true;
  const acquired = manager.acquire({ need: chat });
  await clock.advance(29_000);
  expect(states(manager)).toEqual(["fake/chat loading"]);
  driver.hangs = false;
  // What it holds never comes back, so it counts as used by others.
  await clock.advance(90_000);
  lease(await acquired).release();
});

test("out of memory is tried again, with more room each time, and then given up", async () => {
  const { manager, clock, driver } = set();
  driver.loadFailures = ["out-of-memory"];
  const acquired = manager.acquire({ need: chat });
  await clock.advance(500);
  expect(states(manager)).toEqual(["fake/chat failed"]);
  await clock.advance(10_000);
  lease(await acquired).release();
  driver.loadFailures = ["out-of-memory", "out-of-memory", "out-of-memory"];
  const refused = manager.acquire({ need: embed });
  await clock.advance(60_000);
  expect(await refused).toMatchObject({ granted: false, reason: "load-failed" });
});

test("a model that the backend does not have fails its waiters at once, by name", async () => {
  const { manager, clock, driver } = set();
  driver.loadFailures = ["missing"];
  const acquired = manager.acquire({ need: chat });
  await clock.advance(100);
  const answer = await acquired;
  expect(answer).toMatchObject({ granted: false, reason: "model-missing" });
  expect(answer.granted ? "" : answer.message).toContain("fake/chat");
});

test("a restart adopts what it finds loaded", async () => {
  const { manager, clock, driver, start } = set();
  const first = manager.acquire({ need: chat });
  await clock.advance(2_000);
  lease(await first);
  manager.close();
  const next = start();
  const again = next.acquire({ need: chat });
  await clock.advance(1_000);
  lease(await again).release();
  expect(driver.calls).toEqual(["load chat"]);
  expect(next.snapshot().devices[0]).toMatchObject({ externalBytes: 0, actualBytes: 6 * GIB });
});

test("an undeclared model is adopted too, and makes room when it must", async () => {
  const { manager: former, clock, driver, gpu, start } = set();
  former.close();
  driver.models.set("stranger", 8 * GIB);
  gpu.held.set("stranger", 8 * GIB);
  const manager = start();
  await clock.advance(100);
  expect(states(manager)).toEqual(["fake/stranger ready"]);
  const acquired = manager.acquire({ need: image });
  await clock.advance(10_000);
  lease(await acquired).release();
  expect(driver.calls).toEqual(["unload stranger", "load image"]);
});

test("unmeasurable memory takes no model, unless the operator states how much there is", async () => {
  const closed = set({ totalGib: undefined });
  const acquired = closed.manager.acquire({ need: chat });
  await closed.clock.advance(1_000);
  expect(await acquired).toMatchObject({ granted: false, reason: "memory-unknown" });
  expect(closed.driver.calls).toEqual([]);

  const devices = [{ id: "cuda:0", headroomBytes: 0, declaredBytes: 8 * GIB }] as const;
  const opted = set({ totalGib: undefined, devices });
  const granted = opted.manager.acquire({ need: chat });
  await opted.clock.advance(5_000);
  lease(await granted).release();
});

test("other programs that grow get the idle models' memory, and no job starts while there is too little", async () => {
  const { manager, clock, driver, gpu } = set({ tuning: { lookIntervalMs: 1_000 } });
  const first = manager.acquire({ need: chat });
  await clock.advance(2_000);
  lease(await first).release();
  gpu.otherBytes = 8 * GIB;
  await clock.advance(2_000);
  expect(driver.calls).toEqual(["load chat", "unload chat"]);
  const acquired = manager.acquire({ need: chat });
  await clock.advance(10_000);
  expect(manager.snapshot().queues[0]?.why).toContain("4.0 GiB");
  gpu.otherBytes = 0;
  await clock.advance(5_000);
  lease(await acquired).release();
});

test("evict unloads what is idle, and refuses what is pinned or not there", async () => {
  const { manager, clock, driver } = set();
  expect(manager.evict("fake/chat")).toEqual({ ok: false, why: "fake/chat is not loaded" });
  expect(manager.pin("fake/unknown")).toEqual({ ok: false, why: "no model fake/unknown is known" });
  const first = manager.acquire({ need: chat });
  await clock.advance(2_000);
  expect(manager.pin("fake/chat")).toEqual({ ok: true });
  expect(manager.evict("fake/chat")).toEqual({ ok: false, why: "fake/chat is pinned; unpin it first" });
  manager.unpin("fake/chat");
  expect(manager.evict("fake/chat")).toEqual({ ok: true });
  expect(states(manager)).toEqual(["fake/chat draining"]);
  lease(await first).release();
  await clock.advance(1_000);
  expect(driver.calls).toEqual(["load chat", "unload chat"]);
});

test("an idle model is unloaded after its time", async () => {
  const { manager, clock, driver } = set();
  const need = { ...chat, idleUnloadMs: 60_000 };
  const first = manager.acquire({ need });
  await clock.advance(2_000);
  lease(await first).release();
  await clock.advance(59_000);
  expect(driver.calls).toEqual(["load chat"]);
  await clock.advance(2_000);
  expect(driver.calls).toEqual(["load chat", "unload chat"]);
});

test("a full queue and a deadline are refusals that state when to retry", async () => {
  const { manager, clock } = set({ tuning: { maxQueuePerModel: 1 } });
  const held = manager.acquire({ need: image });
  await clock.advance(2_000);
  const late = manager.acquire({ need: image, deadlineMs: clock.nowMs() + 5_000 });
  const full = await manager.acquire({ need: image });
  expect(full).toMatchObject({ granted: false, reason: "queue-full" });
  expect(full.granted ? 0 : full.retryAfterMs).toBeGreaterThanOrEqual(1_000);
  await clock.advance(5_000);
  expect(await late).toMatchObject({ granted: false, reason: "deadline" });
  lease(await held).release();
});

test("close refuses all waiters, stops what is under way, and leases can still be released", async () => {
  const { manager, clock, driver } = set();
  const first = manager.acquire({ need: embed });
  await clock.advance(2_000);
  const held = lease(await first);
  const acquired = manager.acquire({ need: chat });
  await clock.advance(100);
  manager.close();
  expect(await acquired).toMatchObject({ granted: false, reason: "closing" });
  await clock.advance(100);
  expect(driver.calls).toEqual(["load embed", "load chat", "stopped loading chat"]);
  held.release();
  expect(manager.snapshot().leases).toEqual([]);
  expect(await manager.acquire({ need: chat })).toMatchObject({ granted: false, reason: "closing" });
});

test("a need for a backend that is not there is the caller's mistake, and the error states it", async () => {
  const { manager } = set();
  const need = { ...chat, spec: { ...chat.spec, backend: "elsewhere" } };
  await expect(manager.acquire({ need })).rejects.toThrow("elsewhere");
});

/** Two GPUs of 12 GiB and a backend that puts half of a large model on each, or has one there already. */
function splitting(loadedBefore: boolean) {
  const clock = new FakeClock();
  const devices = (["cuda:0", "cuda:1"] as const).map((id) => ({ id, headroomBytes: 0 }));
  const loads: unknown[] = [];
  let there = loadedBefore;
  const resident = { model: "big", options: {}, bytes: 20 * GIB, gpuBytes: 20 * GIB, busy: undefined };
  const driver: Driver = {
    backend: "fake",
    health: async () => ({ ok: true }),
    loaded: async () => (there ? [{ ...resident, loading: false }] : []),
    async load(_spec, _signal, device) {
      loads.push(device);
      there = true;
      return { ...resident, loading: false };
    },
    unload: async () => {},
  };
  const manager = createManager({
    devices,
    backends: [{ driver, splits: true }],
    probe: {
      read: async () =>
        devices.map(({ id }) => ({ device: id, totalBytes: 12 * GIB, usedBytes: there ? 10 * GIB : 0 })),
    },
    clock,
  });
  return { clock, manager, loads };
}

test("the backend of a model that is split gets no device, and the lease names all of them", async () => {
  const { clock, manager, loads } = splitting(false);
  const answer = manager.acquire({ need: fakeNeed("big", 20, { splits: true }) });
  await clock.advance(1_000);
  expect(lease(await answer).devices).toEqual(["cuda:0", "cuda:1"]);
  expect(loads).toEqual([undefined]);
  expect(manager.snapshot().residencies[0]).toMatchObject({
    device: "cuda:0+cuda:1",
    parts: [
      { device: "cuda:0", chargeBytes: 10 * GIB },
      { device: "cuda:1", chargeBytes: 10 * GIB },
    ],
    chargeBytes: 20 * GIB,
  });
});

test("an undeclared residency is taken for split where its backend splits models", async () => {
  const { clock, manager } = splitting(true);
  await clock.advance(40_000);
  expect(manager.snapshot().residencies[0]).toMatchObject({ device: "cuda:0+cuda:1" });
  expect(manager.snapshot().devices.map((one) => one.externalBytes)).toEqual([0, 0]);
});
