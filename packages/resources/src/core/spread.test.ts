/** The arithmetic of models over several devices; split.test.ts has what the scheduler does with it. */
import { describe, expect, test } from "vitest";
import { fakeNeed, GIB } from "../testing/fakes.ts";
import { createDevice, type Device } from "./device-memory.ts";
import { createResidency, wholeOn } from "./residency.ts";
import { devicesToSplitOver, mostBaseBytes, spareBytes, spread } from "./split.ts";
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
