import { expect, test } from "vitest";
import { fakeNeed, GIB } from "../testing/fakes.ts";
import { lab } from "../testing/lab.ts";
import { createScheduler } from "./scheduler.ts";
import type { ModelNeed } from "./types.ts";

const splitNeed = (model: string, gib: number, more: Partial<ModelNeed> = {}) =>
  fakeNeed(model, gib, { splits: true, ...more });

const refusalOf = (gpusGib: readonly number[], need: ModelNeed) =>
  lab(gpusGib)
    .send({ type: "arrive", waiter: 100, need })
    .find((one) => one.type === "reject");

test("what no GPU alone can hold is placed over all of them, each charged in proportion to its room", () => {
  const { ask, chargedGib, deviceOf, loaded, log, send } = lab([16, 8]);
  send({ type: "tick" });
  ask(splitNeed("big", 18));
  expect(deviceOf("fake/big")).toBe("cuda:0+cuda:1");
  expect(chargedGib()).toEqual([12, 6]);
  expect(loaded("fake/big")).toContainEqual(
    expect.objectContaining({ type: "grant", devices: ["cuda:0", "cuda:1"] }),
  );
  expect(log).toEqual(["load big", "grant big"]);
});

test("parts follow the room, as backends divide it, and what the jobs leave of it where that is too little", () => {
  const wide = lab([16, 8]);
  wide.ask(splitNeed("big", 16.5, { transientBytes: 2 * GIB }));
  // 11 + 2 and 5.5 + 2.
  expect(wide.chargedGib()).toEqual([13, 8]);
  const tight = lab([16, 8]);
  tight.ask(splitNeed("big", 19.5, { transientBytes: 2 * GIB }));
  // 13 + 2 and 6.5 + 2 would be too much for the second: 13.65 + 2 and 5.85 + 2.
  expect(tight.chargedGib()).toEqual([16, 8]);
  expect(tight.state("fake/big")).toBe("loading");
});

test("the memory of jobs is charged wholly on each GPU of a split model", () => {
  const need = splitNeed("big", 24, { transientBytes: 2 * GIB, concurrency: 4 });
  const { ask, chargedGib, loaded, log, release } = lab([16, 16]);
  for (let index = 0; index < 3; index += 1) ask(need);
  loaded("fake/big");
  // 12 + 2 x 2 on each; a third job finds no memory.
  expect(chargedGib()).toEqual([16, 16]);
  expect(log).toEqual(["load big", "grant big", "grant big"]);
  release(1);
  expect(log).toEqual(["load big", "grant big", "grant big", "grant big"]);
});

test("a backend that cannot split gets a refusal that states it", () => {
  expect(refusalOf([16, 8], fakeNeed("big", 18))).toMatchObject({
    reason: "needs-split",
    message:
      "fake/big needs 18.0 GiB and fits only when it is split over several devices (the largest has 16.0 GiB); choose a smaller one or a smaller context",
  });
});

test("what all GPUs together cannot hold with its work on each is refused", () => {
  expect(refusalOf([16, 8], splitNeed("big", 25))).toMatchObject({ reason: "too-large" });
  expect(refusalOf([16, 8], splitNeed("big", 21, { transientBytes: 2 * GIB }))).toMatchObject({
    reason: "too-large",
    message: expect.stringContaining("all 2 cuda devices together have 24.0 GiB"),
  });
  expect(refusalOf([16], splitNeed("big", 17))).toMatchObject({
    reason: "too-large",
    message: expect.stringContaining("the largest cuda device has 16.0 GiB"),
  });
});

test("one GPU is preferred where one can hold it, although it must be cleared and both together are free", () => {
  const { ask, deviceOf, loaded, log, release, unloaded } = lab([16, 8]);
  ask(fakeNeed("small", 10));
  loaded("fake/small");
  release(1);
  ask(splitNeed("big", 12));
  unloaded("fake/small");
  expect(log).toEqual(["load small", "grant small", "unload small", "load big"]);
  expect(deviceOf("fake/big")).toBe("cuda:0");
});

test("victims leave every GPU that a split model needs, and a model that need not be evicted stays", () => {
  const { ask, loaded, log, release, unloaded } = lab([16, 16]);
  // Two on each GPU: best-fit puts 4 beside 12.
  const names = ["a", "b", "c", "d"];
  for (const [index, gib] of [12, 12, 4, 4].entries()) {
    const name = names[index] ?? "";
    ask(fakeNeed(name, gib, { loadCostMs: gib * 1_000 }));
    loaded(`fake/${name}`);
  }
  for (let lease = 1; lease <= 4; lease += 1) release(lease);
  ask(splitNeed("big", 23));
  const left = log.filter((line) => line.startsWith("unload"));
  expect(left).toEqual(["unload a", "unload b"]);
  unloaded("fake/a");
  expect(log).not.toContain("load big");
  unloaded("fake/b");
  expect(log.at(-1)).toBe("load big");
});

test("a split model waits while one of its GPUs is busy, and claims both when it has waited too long", () => {
  const { ask, chargedGib, loaded, log, pass, release, state, unloaded } = lab([16, 16]);
  ask(fakeNeed("busy", 12, { loadCostMs: 20_000 }));
  loaded("fake/busy");
  ask(splitNeed("big", 28));
  pass(10_000);
  expect([state("fake/big"), chargedGib()]).toEqual(["cold", [12, 0]]);
  pass(25_000);
  // Neither GPU takes what would be in its way, the empty one no more than the other.
  ask(fakeNeed("late", 4));
  ask(fakeNeed("large", 14));
  expect([state("fake/late"), state("fake/large"), state("fake/big")]).toEqual(["cold", "cold", "cold"]);
  release(1);
  unloaded("fake/busy");
  expect(log.slice(2)).toEqual(["unload busy", "load big"]);
});

test("what fits beside a split model that claims both GPUs does not wait for it", () => {
  const { ask, loaded, pass, state } = lab([16, 16]);
  ask(fakeNeed("busy", 12, { loadCostMs: 20_000 }));
  loaded("fake/busy");
  ask(splitNeed("big", 26));
  pass(31_000);
  ask(fakeNeed("beside", 3));
  expect(state("fake/beside")).toBe("loading");
});

test("a split model keeps off a GPU that an older head has claimed, though the others with the rest of it would do", () => {
  const { ask, deviceOf, loaded, pass, state } = lab([16, 16, 16]);
  for (const name of ["pinned-0", "pinned-1"]) {
    ask(fakeNeed(name, 10, { pinned: true }));
    loaded(`fake/${name}`);
  }
  ask(fakeNeed("busy", 8, { loadCostMs: 20_000 }));
  loaded("fake/busy");
  expect(["pinned-0", "pinned-1", "busy"].map((name) => deviceOf(`fake/${name}`))).toEqual([
    "cuda:0",
    "cuda:1",
    "cuda:2",
  ]);
  ask(fakeNeed("older", 9));
  pass(31_000);
  ask(splitNeed("big", 17));
  expect([state("fake/older"), state("fake/big")]).toEqual(["cold", "cold"]);
  ask(fakeNeed("beside", 6));
  expect(state("fake/beside")).toBe("loading");
});

test("what a job gives back on the second GPU is not taken for the memory of a model that leaves it", () => {
  const { ask, deviceOf, giveBack, loaded, log, othersOn, pass, release, returningGib, unloadedLeaving } =
    lab([12, 10]);
  ask(fakeNeed("b", 2));
  loaded("fake/b");
  ask(splitNeed("big", 13, { transientBytes: 2 * GIB }));
  loaded("fake/big");
  release(1);
  expect(deviceOf("fake/b")).toBe("cuda:1");
  // The job takes its two GiB on each; B is unloaded for C, and its two linger.
  othersOn.fill(2 * GIB);
  ask(fakeNeed("c", 2.5));
  unloadedLeaving("fake/b", ["cuda:1"]);
  pass(2_000);
  release(2);
  othersOn.fill(0);
  pass(2_000);
  expect(returningGib()).toEqual([0, 2]);
  giveBack();
  pass(2_000);
  expect(log.slice(-2)).toEqual(["unload b", "load c"]);
});

test("the memory of a split model counts as free when it is back on both of its GPUs", () => {
  const { ask, giveBack, loaded, log, pass, release, returningGib, state, unloadedLeaving } = lab([16, 16]);
  ask(splitNeed("big", 28));
  loaded("fake/big");
  release(1);
  ask(splitNeed("next", 20));
  unloadedLeaving("fake/big", ["cuda:1"]);
  pass(5_000);
  expect([returningGib(), state("fake/next")]).toEqual([[0, 14], "reserved"]);
  giveBack();
  pass(2_000);
  expect([returningGib(), log.at(-1)]).toEqual([[0, 0], "load next"]);
});

test("other programs that grow on one GPU of a split model evict it when it is idle", () => {
  const { ask, loaded, log, othersOn, pass, release } = lab([16, 16]);
  ask(splitNeed("big", 28));
  loaded("fake/big");
  release(1);
  othersOn[1] = 6 * GIB;
  pass(60_000);
  expect(log.at(-1)).toBe("unload big");
});

test("a residency larger than any GPU that is found after a restart is spread over them as readings show it", () => {
  const need = splitNeed("big", 24, { transientBytes: GIB });
  const { ask, chargedGib, deviceOf, found, log, othersGib, pass } = lab([16, 16]);
  found(need, [9, 15]);
  pass(40_000);
  expect(deviceOf("fake/big")).toBe("cuda:0+cuda:1");
  expect([chargedGib(), othersGib()]).toEqual([
    [10, 16],
    [0, 0],
  ]);
  ask(need);
  expect(log).toEqual(["grant big"]);
});

test("a residency that is found before memory was measured is spread when it is", () => {
  const need = splitNeed("big", 24);
  const devices = (["cuda:0", "cuda:1"] as const).map((id) => ({ id, headroomBytes: 0 }));
  const scheduler = createScheduler({ devices, backends: [{ id: "fake", slots: undefined }] });
  const resident = { need, bytes: 24 * GIB, gpuBytes: 24 * GIB, busy: 0, loading: false };
  scheduler.step({ type: "found", backend: "fake", stamp: 1, models: [resident] }, 1_000);
  const read = [10, 14].map((gib, index) => ({
    device: `cuda:${index}` as const,
    totalBytes: 16 * GIB,
    usedBytes: gib * GIB,
  }));
  scheduler.step({ type: "reading", startedMs: 1_000, devices: read }, 1_000);
  const { residencies, devices: seen } = scheduler.snapshot(1_000);
  expect(residencies[0]?.parts).toEqual([
    { device: "cuda:0", chargeBytes: 10 * GIB },
    { device: "cuda:1", chargeBytes: 14 * GIB },
  ]);
  expect(seen.map(({ externalBytes }) => externalBytes)).toEqual([0, 0]);
});

test("a backend that splits otherwise than was set aside is charged as readings show, and its model works", () => {
  const devices = (["cuda:0", "cuda:1"] as const).map((id) => ({ id, headroomBytes: GIB }));
  const { ask, chargedGib, found, loaded, log, othersGib, pass, release } = lab([16, 16], { devices });
  const need = splitNeed("big", 26, { transientBytes: GIB });
  ask(need);
  expect(chargedGib()).toEqual([14, 14]);
  found(need, [10, 16]);
  loaded("fake/big");
  release(1);
  pass(31_000);
  // With a job 17 on a GPU that has 15 for models: it is there, so it fits.
  expect([chargedGib(), othersGib()]).toEqual([
    [11, 15],
    [0, 0],
  ]);
  ask(need);
  expect(log).toEqual(["load big", "grant big", "grant big"]);
});
