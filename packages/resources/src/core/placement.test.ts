/** Where a model that is not loaded could go, and who would have to leave for it. */
import { describe, expect, test } from "vitest";
import { fakeNeed, GIB } from "../testing/fakes.ts";
import { createDevice, type Device } from "./device-memory.ts";
import { type Claims, placementFor } from "./placement.ts";
import { createResidency, type Residency, wholeOn } from "./residency.ts";
import { type Core, createCore } from "./state.ts";
import type { ModelNeed } from "./types.ts";

const NOW = 1_000_000;

/** GPUs of so many GiB, and what is on them. */
function coreOf(gpusGib: readonly number[], residencies: readonly Residency[] = [], slots?: number): Core {
  const core = createCore({ devices: [], backends: [{ id: "fake", slots }] });
  for (const backend of core.backends.values()) backend.status = "up";
  const devices = gpusGib.map(
    (gib, index): Device => ({
      ...createDevice({ id: `cuda:${index}`, headroomBytes: 0 }),
      totalBytes: gib * GIB,
      usedBytes: 0,
      readMs: NOW,
    }),
  );
  const byKey = new Map(residencies.map((one) => [one.key, one]));
  return {
    ...core,
    devices,
    deviceById: new Map(devices.map((one) => [one.config.id, one])),
    residencies: byKey,
  };
}
const on = (
  gpu: number,
  name: string,
  gib: number,
  need: Partial<ModelNeed> = {},
  more: Partial<Residency> = {},
): Residency => ({
  ...createResidency(fakeNeed(name, gib, need)),
  state: "ready",
  parts: wholeOn(`cuda:${gpu}`),
  served: true,
  readyMs: NOW - 60_000,
  ...more,
});
const NO_CLAIMS = (): Claims => ({ devices: new Map(), backends: new Set() });
function waiting(name: string, gib: number, need: Partial<ModelNeed> = {}, sinceMs = NOW): Residency {
  const one = createResidency(fakeNeed(name, gib, need));
  one.queue.push({
    id: 1,
    key: one.key,
    seq: 1,
    arrivedMs: sinceMs,
    orderMs: sinceMs,
    deadlineMs: Number.POSITIVE_INFINITY,
    checkMs: Number.POSITIVE_INFINITY,
    waiting: true,
    before: undefined,
    after: undefined,
  });
  return one;
}
/** Where it goes and who leaves; or why not. */
function placed(core: Core, target: Residency, claims = NO_CLAIMS()) {
  const found = placementFor(core, target, claims, NOW);
  if (found.kind === "go")
    return [
      found.parts.map(({ device }) => device).join("+"),
      ...found.victims.map(({ need }) => need.spec.model).sort(),
    ];
  return found.kind === "never" ? `never: ${found.reason}` : `${found.kind}: ${found.why}`;
}

describe("a model goes", () => {
  test("where least is left over, among the devices that have room", () => {
    expect(placed(coreOf([16, 8, 12]), waiting("t", 6))).toEqual(["cuda:1"]);
    expect(placed(coreOf([16, 8, 12]), waiting("t", 10))).toEqual(["cuda:2"]);
    expect(placed(coreOf([16, 8], [on(1, "a", 4)]), waiting("t", 5))).toEqual(["cuda:0"]);
  });

  test("where no model has to leave, rather than where the best fit is", () => {
    expect(placed(coreOf([16, 8], [on(1, "a", 8)]), waiting("t", 8))).toEqual(["cuda:0"]);
  });

  test("where those who have to leave are cheapest to load again", () => {
    const core = (first: number, second: number) =>
      coreOf([8, 8], [on(0, "a", 8, { loadCostMs: first }), on(1, "b", 8, { loadCostMs: second })]);
    expect(placed(core(5_000, 9_000), waiting("t", 8))).toEqual(["cuda:0", "a"]);
    expect(placed(core(9_000, 5_000), waiting("t", 8))).toEqual(["cuda:1", "b"]);
  });

  test("in place of the models that are enough, the least worth first, and of no other", () => {
    const residencies = [
      on(0, "cheap", 4, { loadCostMs: 1_000 }),
      on(0, "dear", 4, { loadCostMs: 50_000 }),
      on(0, "large", 8, { loadCostMs: 30_000 }),
    ];
    expect(placed(coreOf([16], residencies), waiting("t", 4))).toEqual(["cuda:0", "cheap"]);
    expect(placed(coreOf([16], residencies), waiting("t", 8))).toEqual(["cuda:0", "large"]);
    expect(placed(coreOf([16], residencies), waiting("t", 16))).toEqual(["cuda:0", "cheap", "dear", "large"]);
  });

  test("in place of one that is at work only when it has waited too long, and of an idle one first", () => {
    const core = () =>
      coreOf(
        [8],
        [on(0, "busy", 4, { loadCostMs: 100 }, { leases: 1 }), on(0, "idle", 4, { loadCostMs: 9_000 })],
      );
    expect(placed(core(), waiting("t", 4, {}, NOW - 40_000))).toEqual(["cuda:0", "idle"]);
    expect(placed(core(), waiting("t", 8))).toBe("later: 8.0 GiB too little on cuda:0");
    expect(placed(core(), waiting("t", 8, { loadCostMs: 100 }, NOW - 40_000))).toEqual([
      "cuda:0",
      "busy",
      "idle",
    ]);
  });

  test("in place of its twin, whatever room there is, and waits for one that cannot leave", () => {
    const twin = (more: Partial<Residency> = {}): Residency =>
      on(0, "t", 2, { spec: { key: "fake/t?other", backend: "fake", model: "t", options: {} } }, more);
    expect(placed(coreOf([16], [twin()]), waiting("t", 2))).toEqual(["cuda:0", "t"]);
    expect(placed(coreOf([16], [twin({ leases: 1 })]), waiting("t", 2))).toBe(
      "later: fake/t?other is loaded, and there is only one of the two",
    );
    expect(placed(coreOf([16], [twin({ pin: true })]), waiting("t", 2))).toBe(
      "later: fake/t?other is loaded, and there is only one of the two",
    );
  });
});

describe("a model waits", () => {
  test("for what cannot leave: pinned models are in its way for good", () => {
    expect(placed(coreOf([8], [on(0, "p", 4, { pinned: true })]), waiting("t", 5))).toBe(
      "stuck: cuda:0 has 4.0 GiB beside what cannot leave it, and 5.0 GiB are needed",
    );
    expect(placed(coreOf([8], [on(0, "p", 4, { pinned: true })]), waiting("t", 4))).toEqual(["cuda:0"]);
  });

  test("for a slot of its backend, and for nothing where all slots are taken for good", () => {
    const idle = (name: string, more: Partial<Residency> = {}) => on(0, name, 1, {}, more);
    expect(placed(coreOf([16], [idle("a")], 2), waiting("t", 1))).toEqual(["cuda:0"]);
    expect(placed(coreOf([16], [idle("a"), idle("b", { leases: 1 })], 2), waiting("t", 1))).toEqual([
      "cuda:0",
      "a",
    ]);
    expect(placed(coreOf([16], [idle("a", { leases: 1 })], 1), waiting("t", 1))).toBe("later: fake is full");
    expect(placed(coreOf([16], [idle("a", { pin: true })], 1), waiting("t", 1))).toBe(
      "stuck: fake holds what cannot leave it",
    );
    expect(placed(coreOf([16], [idle("a", { pin: true }), idle("b")], 2), waiting("t", 1))).toEqual([
      "cuda:0",
      "b",
    ]);
  });

  test("for older heads that have waited too long, unless it fits beside them and all that came since", () => {
    const claims = (gib: number): Claims => ({
      devices: new Map([["cuda:0", { bytes: gib * GIB, sinceMs: NOW - 5_000 }]]),
      backends: new Set(),
    });
    expect(placed(coreOf([16]), waiting("t", 4), claims(12))).toEqual(["cuda:0"]);
    expect(placed(coreOf([16]), waiting("t", 5), claims(12))).toBe(
      "later: waiters that have waited too long come first",
    );
    const since = on(0, "since", 2, {}, { readyMs: NOW - 1_000 });
    const before = on(0, "before", 2, {}, { readyMs: NOW - 9_000 });
    expect(placed(coreOf([16], [since]), waiting("t", 3), claims(12))).toBe(
      "later: waiters that have waited too long come first",
    );
    expect(placed(coreOf([16], [before]), waiting("t", 3), claims(12))).toEqual(["cuda:0"]);
    const pinned = on(0, "pinned", 2, { pinned: true }, { readyMs: NOW - 9_000 });
    expect(placed(coreOf([16], [pinned]), waiting("t", 3), claims(12))).toBe(
      "later: waiters that have waited too long come first",
    );
    expect(placed(coreOf([16, 16]), waiting("t", 5), claims(12))).toEqual(["cuda:1"]);
    expect(placed(coreOf([16]), waiting("t", 1), { devices: new Map(), backends: new Set(["fake"]) })).toBe(
      "later: waiters that have waited too long come first",
    );
  });

  test("until memory has been measured", () => {
    const core = coreOf([16]);
    for (const device of core.devices) Object.assign(device, { totalBytes: undefined, readMs: undefined });
    expect(placed(core, waiting("t", 1))).toBe("stuck: memory has not been measured yet");
    for (const device of core.devices) device.readMs = NOW;
    expect(placed(core, waiting("t", 1))).toBe("never: memory-unknown");
  });

  test("and wants of its device what it needs, with its work", () => {
    const core = coreOf([8], [on(0, "busy", 8, {}, { leases: 1 })]);
    const found = placementFor(core, waiting("t", 4, { transientBytes: GIB }), NO_CLAIMS(), NOW);
    expect(found).toMatchObject({ kind: "later", wants: [["cuda:0", 5 * GIB]] });
  });
});

test("what never fits is said to, to the last byte", () => {
  expect(placed(coreOf([8]), waiting("t", 8))).toEqual(["cuda:0"]);
  expect(placed(coreOf([8]), waiting("t", 8, { transientBytes: 1 }))).toBe("never: too-large");
  expect(placed(coreOf([8, 8]), waiting("t", 16))).toBe("never: needs-split");
  expect(placed(coreOf([8, 8]), waiting("t", 16, { transientBytes: 1 }))).toBe("never: too-large");
  expect(placed(coreOf([8, 8]), waiting("t", 15, { splits: true }))).toEqual(["cuda:0+cuda:1"]);
  expect(placed(coreOf([8, 8]), waiting("t", 17, { splits: true }))).toBe("never: too-large");
});
