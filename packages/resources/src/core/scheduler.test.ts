import { expect, test } from "vitest";
import { FakeClock, fakeNeed, GIB } from "../testing/fakes.ts";
import { lab } from "../testing/lab.ts";
import { createScheduler } from "./scheduler.ts";

test("a model that was just loaded serves its first waiter before anyone evicts it (livelock)", () => {
  const { ask, loaded, log, others, pass, state } = lab([12]);
  ask(fakeNeed("a", 8));
  ask(fakeNeed("b", 6));
  // While A is loaded others take memory, so A cannot run yet; B waits far beyond H, and would fit in A's place.
  others.bytes = 5 * GIB;
  pass(60_000);
  loaded("fake/a");
  pass(200_000);
  expect(state("fake/a")).toBe("ready");
  expect(log).toEqual(["load a"]);
  others.bytes = 0;
  pass(60_000);
  expect(log.slice(0, 2)).toEqual(["load a", "grant a"]);
});

test("a fence never keeps a pinned model from its first job (deadlock)", () => {
  const pinned = fakeNeed("pinned", 4, { pinned: true, concurrency: 1 });
  const hot = fakeNeed("hot", 6, { concurrency: 1 });
  const big = fakeNeed("big", 8, { concurrency: 1 });
  const { ask, loaded, log, pass, state } = lab([12]);
  ask(hot);
  loaded("fake/hot");
  ask(pinned);
  ask(big);
  // Big's head is older than H and hot's quantum is over: hot is fenced, and drains.
  pass(60_000);
  expect(state("fake/hot")).toBe("draining");
  loaded("fake/pinned");
  expect(log).toEqual(["load hot", "grant hot", "load pinned", "grant pinned"]);
});

test("the fence lets the jobs that run end, and admits no new waiter before the older head", () => {
  const hot = fakeNeed("hot", 8, { concurrency: 2 });
  const rare = fakeNeed("rare", 8);
  const { ask, loaded, log, pass, release, unloaded, state } = lab([12]);
  ask(hot);
  loaded("fake/hot");
  ask(rare);
  pass(29_000);
  ask(hot);
  expect(state("fake/hot")).toBe("ready");
  pass(2_000);
  expect(state("fake/hot")).toBe("draining");
  release(1);
  ask(hot);
  expect(log).toEqual(["load hot", "grant hot", "grant hot"]);
  release(2);
  unloaded("fake/hot");
  loaded("fake/rare");
  expect(log).toEqual(["load hot", "grant hot", "grant hot", "unload hot", "load rare", "grant rare"]);
});

test("a head that has waited too long claims its device: no younger waiter loads there before it", () => {
  const { ask, loaded, pass, state } = lab([12]);
  ask(fakeNeed("hot", 4, { loadCostMs: 20_000 }));
  loaded("fake/hot");
  ask(fakeNeed("big", 12));
  pass(10_000);
  ask(fakeNeed("early", 2));
  expect(state("fake/early")).toBe("loading");
  pass(25_000);
  ask(fakeNeed("late", 2));
  expect(state("fake/late")).toBe("cold");
});

test("what fits beside waiters that have waited too long does not wait for them", () => {
  const { ask, loaded, pass, state } = lab([12]);
  ask(fakeNeed("hot", 8, { loadCostMs: 20_000 }));
  loaded("fake/hot");
  ask(fakeNeed("big", 10));
  pass(31_000);
  ask(fakeNeed("beside", 2));
  expect(state("fake/beside")).toBe("loading");
  ask(fakeNeed("in-the-way", 1));
  expect([state("fake/in-the-way"), state("fake/big")]).toEqual(["cold", "cold"]);
});

test("a model works for a second quantum for waiters older than the waiting head, and for no others", () => {
  // A quantum is 4 x 20 s.
  const need = (name: string) => fakeNeed(name, 8, { concurrency: 1, loadCostMs: 10_000 });
  const { ask, loaded, log, pass, release, state } = lab([12], { quantumFactor: 4 });
  ask(need("hot"));
  loaded("fake/hot");
  ask(need("hot"));
  ask(need("hot"));
  ask(need("other"));
  ask(need("hot"));
  pass(85_000);
  expect(state("fake/hot")).toBe("ready");
  release(1);
  release(2);
  // The third came before the other model's head, the fourth after it.
  expect(log).toEqual(["load hot", "grant hot", "grant hot", "grant hot"]);
  expect(state("fake/hot")).toBe("draining");
});

test("the second quantum ends too, whatever still waits", () => {
  const need = (name: string) => fakeNeed(name, 8, { concurrency: 1, loadCostMs: 10_000 });
  const { ask, loaded, pass, state } = lab([12], { quantumFactor: 4 });
  ask(need("hot"));
  loaded("fake/hot");
  ask(need("hot"));
  ask(need("other"));
  pass(159_000);
  expect(state("fake/hot")).toBe("ready");
  pass(2_000);
  expect(state("fake/hot")).toBe("draining");
});

test("where clients give up soon, an idle model stays until the waiter for its memory has waited for a while", () => {
  const { ask, clock, loaded, log, pass, release, send, state } = lab([12]);
  ask(fakeNeed("idle", 8, { loadCostMs: 10_000 }));
  loaded("fake/idle");
  const other = fakeNeed("other", 8, { loadCostMs: 10_000 });
  // While the model is in use, twenty clients request the other one and go away again.
  for (let client = 0; client < 20; client += 1) {
    const waiter = ask(other);
    clock.ms += 500;
    send({ type: "abort", waiter });
  }
  release(1);
  ask(other);
  // About 0.7 of all left soon: 0.6 x 0.7 x 20 s is more than the most, a quarter of 30 s.
  pass(7_000);
  expect(state("fake/idle")).toBe("ready");
  pass(1_000);
  expect(log.at(-1)).toBe("unload idle");
});

test("where no client gives up, or only after a long time, an idle model is evicted at once", () => {
  const { ask, clock, loaded, log, release, send } = lab([12]);
  ask(fakeNeed("idle", 8, { loadCostMs: 10_000 }));
  loaded("fake/idle");
  const other = fakeNeed("other", 8, { loadCostMs: 10_000 });
  for (let client = 0; client < 4; client += 1) {
    const waiter = ask(other);
    clock.ms += 8_000;
    send({ type: "abort", waiter });
  }
  release(1);
  ask(other);
  expect(log.at(-1)).toBe("unload idle");
});

test("what a backend that cannot be reached holds stays charged", () => {
  const { ask, loaded, release, scheduler, send, state, clock } = lab([12]);
  ask(fakeNeed("a", 8));
  loaded("fake/a");
  release(1);
  send({ type: "backend-down", backend: "fake", why: "connection refused" });
  expect(state("fake/a")).toBe("suspect");
  expect(scheduler.snapshot(clock.ms).devices[0]).toMatchObject({
    actualBytes: 8 * GIB,
    committedBytes: 8 * GIB,
  });
});

test("a model that need not be evicted after all stays", () => {
  const { ask, loaded, log, release } = lab([12]);
  ask(fakeNeed("small", 2, { loadCostMs: 100 }));
  ask(fakeNeed("large", 8, { loadCostMs: 10_000 }));
  loaded("fake/small");
  loaded("fake/large");
  release(1);
  release(2);
  // The small one is worth least and goes first, but without the large one it is not enough, and with it not needed.
  ask(fakeNeed("target", 9));
  expect(log.filter((line) => line.startsWith("unload"))).toEqual(["unload large"]);
});

test("several GPUs are filled best-fit, and a model that fits only over two of them gets that refusal", () => {
  const { ask, deviceOf, send } = lab([16, 8]);
  ask(fakeNeed("small", 6));
  ask(fakeNeed("large", 14));
  expect([deviceOf("fake/small"), deviceOf("fake/large")]).toEqual(["cuda:1", "cuda:0"]);
  const refused = send({ type: "arrive", waiter: 100, need: fakeNeed("split", 20) });
  expect(refused).toContainEqual(expect.objectContaining({ type: "reject", reason: "needs-split" }));
  const tooLarge = send({ type: "arrive", waiter: 101, need: fakeNeed("huge", 30) });
  expect(tooLarge).toContainEqual(expect.objectContaining({ type: "reject", reason: "too-large" }));
});

test("RAM and GPUs are separate, and a model that spills is charged on both", () => {
  const devices = (["cpu", "cuda:0"] as const).map((id) => ({ id, headroomBytes: 0 }));
  const scheduler = createScheduler({ devices, backends: [{ id: "fake", slots: undefined }] });
  const read = devices.map(({ id }) => ({ device: id, totalBytes: 16 * GIB, usedBytes: 6 * GIB }));
  const spilled = {
    need: fakeNeed("spilled", 9),
    bytes: 12 * GIB,
    gpuBytes: 6 * GIB,
    busy: 0,
    loading: false,
  };
  scheduler.step({ type: "found", backend: "fake", stamp: 1, models: [spilled] }, 1_000);
  scheduler.step({ type: "reading", startedMs: 1_000, devices: read }, 1_000);
  const of = (device: string) => scheduler.snapshot(1_000).devices.find((one) => one.device === device);
  expect([of("cpu")?.actualBytes, of("cuda:0")?.actualBytes]).toEqual([6 * GIB, 6 * GIB]);
  expect([of("cpu")?.externalBytes, of("cuda:0")?.externalBytes]).toEqual([0, 0]);
  const need = fakeNeed("small", 8, { deviceClass: "cpu" });
  expect(scheduler.step({ type: "arrive", waiter: 1, need }, 1_000)).toContainEqual(
    expect.objectContaining({ type: "load", key: "fake/small", devices: ["cpu"] }),
  );
});

test("each job more is charged with its own memory, and waits where there is none", () => {
  const need = fakeNeed("chat", 8, { transientBytes: 2 * GIB, concurrency: 4 });
  const { ask, loaded, log, release, scheduler, clock } = lab([12]);
  for (let index = 0; index < 3; index += 1) ask(need);
  loaded(need.spec.key);
  expect(log).toEqual(["load chat", "grant chat", "grant chat"]);
  expect(scheduler.snapshot(clock.ms).devices[0]?.actualBytes).toBe(12 * GIB);
  release(1);
  expect(log).toEqual(["load chat", "grant chat", "grant chat", "grant chat"]);
});

test("a backend with one slot holds one model, whatever memory there is", () => {
  const { ask, loaded, log, release, unloaded } = lab([24], {
    backends: [{ id: "fake", slots: 1 }],
  });
  ask(fakeNeed("a", 2));
  loaded("fake/a");
  ask(fakeNeed("b", 2));
  expect(log).toEqual(["load a", "grant a"]);
  release(1);
  unloaded("fake/a");
  expect(log).toEqual(["load a", "grant a", "unload a", "load b"]);
});

test("one model with two context sizes is never loaded twice", () => {
  const of = (num_ctx: number) =>
    fakeNeed("chat", 4, {
      spec: { key: `fake/chat?num_ctx=${num_ctx}`, backend: "fake", model: "chat", options: { num_ctx } },
    });
  const { ask, loaded, log, release, unloaded } = lab([24]);
  ask(of(4_096));
  loaded("fake/chat?num_ctx=4096");
  ask(of(8_192));
  release(1);
  unloaded("fake/chat?num_ctx=4096");
  expect(log).toEqual([
    "load chat?num_ctx=4096",
    "grant chat?num_ctx=4096",
    "unload chat?num_ctx=4096",
    "load chat?num_ctx=8192",
  ]);
});

test("priority goes first among heads, as if it had waited longer, and no more than that", () => {
  const { ask, loaded, log, pass, release, unloaded } = lab([8]);
  ask(fakeNeed("busy", 8));
  loaded("fake/busy");
  ask(fakeNeed("plain", 8));
  pass(4_000);
  ask(fakeNeed("urgent", 8), { priority: 1 });
  release(1);
  unloaded("fake/busy");
  expect(log.at(-1)).toBe("load urgent");
});

test("an answer to an older epoch does nothing", () => {
  const { ask, send, state } = lab([12]);
  ask(fakeNeed("a", 4));
  send({ type: "loaded", key: "fake/a", epoch: 0 });
  send({ type: "load-failed", key: "fake/a", epoch: 99, kind: "failed", why: "late" });
  expect(state("fake/a")).toBe("loading");
});

test("memory that a job gives back is not taken for that of a model on its way out", () => {
  const { ask, loaded, log, others, pass, release, returningGib, unloaded } = lab([12]);
  ask(fakeNeed("a", 6, { transientBytes: 2 * GIB }));
  ask(fakeNeed("b", 2));
  loaded("fake/a");
  loaded("fake/b");
  release(2);
  // A's job takes its two GiB; B is unloaded for C, and its two linger.
  others.bytes = 2 * GIB;
  ask(fakeNeed("c", 4));
  others.bytes = 4 * GIB;
  unloaded("fake/b");
  pass(2_000);
  release(1);
  others.bytes = 2 * GIB;
  pass(2_000);
  expect(returningGib()).toEqual([2]);
  others.bytes = 0;
  pass(2_000);
  expect(log.slice(-2)).toEqual(["unload b", "load c"]);
});

test("a look that began before a load ended shows nothing about it, and one that began later does", () => {
  const { ask, loaded, release, send, state, scheduler, clock } = lab([12]);
  ask(fakeNeed("a", 4));
  const { epoch } = scheduler.snapshot(clock.ms).residencies[0] ?? { epoch: 0 };
  loaded("fake/a");
  release(1);
  send({ type: "found", backend: "fake", stamp: epoch, models: [] });
  expect(state("fake/a")).toBe("ready");
  send({ type: "found", backend: "fake", stamp: epoch + 1, models: [] });
  expect(state("fake/a")).not.toBe("ready");
});

test("the fake clock of the tests keeps order", async () => {
  const clock = new FakeClock();
  const seen: number[] = [];
  clock.after(20, () => seen.push(2));
  clock.after(10, () => seen.push(1));
  await clock.advance(30);
  expect(seen).toEqual([1, 2]);
});
