/** The arithmetic of models over several devices; split.test.ts has what the scheduler does with it. */
import { describe, expect, test } from "vitest";
import { fakeNeed, GIB } from "../testing/fakes.ts";
import { createDevice, type Device } from "./device-memory.ts";
import { createResidency, type Residency, wholeOn } from "./residency.ts";
import { correctParts, devicesToSplitOver, mostBaseBytes, spareBytes, spread } from "./split.ts";
import { type Core, createCore } from "./state.ts";
import type { DeviceConfig, ModelNeed } from "./types.ts";

const gpu = (index: number, gib: number | undefined, more: Partial<DeviceConfig> = {}): Device => ({
  ...createDevice({ id: `cuda:${index}`, headroomBytes: 0, ...more }),
  totalBytes: gib === undefined ? undefined : gib * GIB,
});
function coreOf(devices: readonly Device[]): Core {
  const core = createCore({ devices: [], backends: [{ id: "fake", slots: undefined }] });
  return { ...core, devices, deviceById: new Map(devices.map((one) => [one.config.id, one])) };
}
const needing = (more: Partial<ModelNeed> = {}) =>
  createResidency(fakeNeed("a", 4, { splits: true, ...more }));

test("room for a part is what is free without the jobs, less a byte for rounding, and never less than nothing", () => {
  expect([spareBytes(100.9, 30), spareBytes(31, 30), spareBytes(30, 30), spareBytes(5, 30)]).toEqual([
    69, 0, 0, 0,
  ]);
});

describe("parts", () => {
  test("are in proportion to their weights, and a device without one takes none", () => {
    const devices = [gpu(0, 16), gpu(1, 8), gpu(2, 8)];
    expect(spread(devices, [3, 0, 1])).toEqual([
      { device: "cuda:0", share: 0.75, mostBytes: 16 * GIB },
      { device: "cuda:2", share: 0.25, mostBytes: 8 * GIB },
    ]);
    expect(spread(devices, [1]).map(({ device, share }) => [device, share])).toEqual([["cuda:0", 1]]);
    expect(spread(devices, [0, 0, 0])).toEqual([]);
    expect(spread([gpu(0, undefined)], [1])[0]?.mostBytes).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("the devices that a model is split over", () => {
  const over = (core: Core, bytes: number, more: Partial<ModelNeed> = {}): string[] =>
    devicesToSplitOver(core, needing(more), bytes).map(({ config }) => config.id);
  const two = coreOf([gpu(0, 16), gpu(1, 8)]);

  test("are all of its class where none alone can hold it", () => {
    expect(over(two, 16 * GIB + 1)).toEqual(["cuda:0", "cuda:1"]);
    expect(over(two, 16 * GIB)).toEqual([]);
    expect(over(two, 9 * GIB)).toEqual([]);
  });

  test("are none where its backend does not split, or there is one device alone", () => {
    expect(over(two, 20 * GIB, { splits: false })).toEqual([]);
    expect(over(coreOf([gpu(0, 16)]), 20 * GIB)).toEqual([]);
    expect(over(two, 20 * GIB, { deviceClass: "cpu" })).toEqual([]);
  });

  test("are those whose memory is known", () => {
    expect(over(coreOf([gpu(0, 16), gpu(1, undefined), gpu(2, 8)]), 20 * GIB)).toEqual(["cuda:0", "cuda:2"]);
    expect(over(coreOf([gpu(0, 16), gpu(1, undefined)]), 20 * GIB)).toEqual([]);
    const declared = gpu(1, undefined, { declaredBytes: 8 * GIB });
    expect(over(coreOf([gpu(0, 16), declared]), 20 * GIB)).toEqual(["cuda:0", "cuda:1"]);
  });
});

describe("the most that a model can be, alone on its devices", () => {
  test("is the device without its work, or the spare room of all of them", () => {
    const core = coreOf([gpu(0, 16), gpu(1, 8)]);
    const one = needing({ transientBytes: GIB });
    expect(mostBaseBytes(core, { ...one, parts: wholeOn("cuda:0") })).toBe(15 * GIB);
    expect(mostBaseBytes(core, { ...one, parts: spread(core.devices, [1, 1]) })).toBe(22 * GIB - 2);
  });

  test("is not bounded where it is nowhere, or where its memory is unknown", () => {
    const core = coreOf([gpu(0, undefined)]);
    expect(mostBaseBytes(core, needing())).toBe(Number.POSITIVE_INFINITY);
    expect(mostBaseBytes(core, { ...needing(), parts: wholeOn("cuda:0") })).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("where a split model is in fact", () => {
  /** GPUs of 16 GiB, and how much of each is used in all and by other programs. */
  const seen = (...gpus: readonly (readonly [usedGib: number | undefined, externalGib: number])[]): Core =>
    coreOf(
      gpus.map(([used, external], index) => ({
        ...gpu(index, 16),
        usedBytes: used === undefined ? undefined : used * GIB,
        externalBytes: external * GIB,
      })),
    );
  const loaded = (
    core: Core,
    weights: readonly number[],
    gib = 24,
    more: Partial<Residency> = {},
  ): Residency => ({
    ...needing({ bytes: gib * GIB }),
    state: "ready",
    parts: spread(core.devices, weights),
    measuredBytes: gib * GIB,
    ...more,
  });
  /** What it has on each GPU after a correction, and what is left as the use of others there, in GiB. */
  const corrected = (core: Core, residency: Residency, others: readonly Residency[] = []) => {
    correctParts(core, residency, [residency, ...others]);
    return {
      parts: residency.parts.map(({ device, share }) => [device, Math.round(share * 2_400) / 100]),
      others: core.devices.map(({ externalBytes }) => externalBytes / GIB),
    };
  };
  const onGpu = (index: number, gib: number, more: Partial<Residency> = {}): Residency => ({
    ...createResidency(fakeNeed(`other-${index}`, gib)),
    state: "ready",
    parts: wholeOn(`cuda:${index}`),
    measuredBytes: gib * GIB,
    ...more,
  });
  const halves = [
    ["cuda:0", 12],
    ["cuda:1", 12],
  ];

  test("is where use is unexplained, as far as it is missing where it was thought to be", () => {
    const core = seen([9, 0], [15, 3]);
    expect(corrected(core, loaded(core, [1, 1]))).toEqual({
      parts: [
        ["cuda:0", 9],
        ["cuda:1", 15],
      ],
      others: [0, 0],
    });
    const mirrored = seen([15, 3], [9, 0]);
    expect(corrected(mirrored, loaded(mirrored, [1, 1])).parts).toEqual([
      ["cuda:0", 15],
      ["cuda:1", 9],
    ]);
  });

  test("is no further from where it was thought to be than use is unexplained, and the other way round", () => {
    const little = seen([7, 0], [15, 3]);
    expect(corrected(little, loaded(little, [1, 1]))).toEqual({
      parts: [
        ["cuda:0", 9],
        ["cuda:1", 15],
      ],
      others: [0, 0],
    });
    const much = seen([11, 0], [16, 4]);
    expect(corrected(much, loaded(much, [1, 1]))).toEqual({
      parts: [
        ["cuda:0", 11],
        ["cuda:1", 13],
      ],
      others: [0, 3],
    });
  });

  test("is looked for on all others, one after another, a GPU that had nothing of it among them", () => {
    const core = seen([5, 0], [14, 2], [8, 8]);
    expect(corrected(core, loaded(core, [1, 1, 0]))).toEqual({
      parts: [
        ["cuda:0", 5],
        ["cuda:1", 14],
        ["cuda:2", 5],
      ],
      others: [0, 0, 3],
    });
  });

  test("does not change by 64 MiB, which two readings may differ by", () => {
    const mib = 1 / 1_024;
    const missing = seen([12 - 64 * mib, 0], [15, 3]);
    expect(corrected(missing, loaded(missing, [1, 1])).parts).toEqual(halves);
    const unexplained = seen([9, 0], [12 + 64 * mib, 64 * mib]);
    expect(corrected(unexplained, loaded(unexplained, [1, 1])).parts).toEqual(halves);
    const more = seen([12 - 65 * mib, 0], [12 + 65 * mib, 65 * mib]);
    expect(corrected(more, loaded(more, [1, 1])).parts).not.toEqual(halves);
  });

  test("is not judged where use cannot be read, or where the model is not there for sure", () => {
    const blind = seen([undefined, 0], [15, 3]);
    expect(corrected(blind, loaded(blind, [1, 1])).parts).toEqual(halves);
    const half = seen([9, 0], [undefined, 3]);
    expect(corrected(half, loaded(half, [1, 1])).parts).toEqual(halves);
    const core = seen([9, 0], [15, 3]);
    expect(corrected(core, loaded(core, [1, 1], 24, { state: "draining" })).parts).toEqual(halves);
  });

  test("leaves other models what they have there, and those that are not in memory nothing", () => {
    const core = seen([12, 0], [15, 3]);
    expect(corrected(core, loaded(core, [1, 1]), [onGpu(0, 3)]).parts).toEqual([
      ["cuda:0", 9],
      ["cuda:1", 15],
    ]);
    for (const more of [{ state: "cold" }, { state: "reserved" }] as const) {
      const other = seen([12, 0], [15, 3]);
      expect(corrected(other, loaded(other, [1, 1]), [onGpu(0, 3, more)]).parts).toEqual(halves);
    }
    const elsewhere = seen([12, 0], [15, 3]);
    expect(corrected(elsewhere, loaded(elsewhere, [1, 1]), [onGpu(1, 3)]).parts).toEqual(halves);
  });

  test("is over several where it was taken to be on one that cannot hold it, and stays on one that can", () => {
    const core = seen([10, 0], [14, 14]);
    expect(corrected(core, loaded(core, [], 24, { parts: wholeOn("cuda:0") }))).toEqual({
      parts: [
        ["cuda:0", 10],
        ["cuda:1", 14],
      ],
      others: [0, 0],
    });
    const small = seen([2, 0], [14, 14]);
    const whole = loaded(small, [], 12, { parts: wholeOn("cuda:0") });
    correctParts(small, whole, [whole]);
    expect(whole.parts).toEqual(wholeOn("cuda:0"));
    // With its work it does not fit there.
    const worked = seen([2, 0], [14, 14]);
    const busy = loaded(worked, [], 12, { parts: wholeOn("cuda:0") });
    busy.need = { ...busy.need, transientBytes: 5 * GIB };
    correctParts(worked, busy, [busy]);
    expect(busy.parts.map(({ device }) => device)).toEqual(["cuda:0", "cuda:1"]);
  });

  test("is never in RAM", () => {
    const cpu: Device = { ...createDevice({ id: "cpu", headroomBytes: 0 }), totalBytes: 64 * GIB };
    const gpus = seen([9, 0], [12, 0]).devices;
    const core = coreOf([...gpus, { ...cpu, usedBytes: 8 * GIB, externalBytes: 8 * GIB }]);
    const residency = { ...loaded(core, []), parts: spread(gpus, [1, 1]) };
    correctParts(core, residency, [residency]);
    expect(residency.parts.map(({ device, share }) => [device, share])).toEqual([
      ["cuda:0", 0.5],
      ["cuda:1", 0.5],
    ]);
  });
});
