import { describe, expect, it } from "vitest";
import { fakeNeed, GIB } from "../testing/fakes.ts";
import {
  actualBytes,
  capacityBytes,
  chargeOn,
  committedBytes,
  createDevice,
  type Device,
  hasReturned,
  hasRoomFor,
  type Leaving,
  roomBytes,
  settledBytes,
  takeReading,
} from "./device-memory.ts";
import { createResidency, type Residency, wholeOn } from "./residency.ts";
import type { DeviceConfig, ModelNeed } from "./types.ts";

const device = (more: Partial<DeviceConfig> = {}, state: Partial<Device> = {}): Device => ({
  ...createDevice({ id: "cuda:0", headroomBytes: GIB, ...more }),
  ...state,
});
const ready = (gib: number, more: Partial<Residency> = {}, need: Partial<ModelNeed> = {}): Residency => ({
  ...createResidency(fakeNeed("a", gib, need)),
  state: "ready",
  parts: wholeOn("cuda:0"),
  ...more,
});

const left = (gib: number, more: Partial<Leaving> = {}): Leaving => ({
  key: "gone",
  bytes: gib * GIB,
  freedBytes: 0,
  leavesMs: 1,
  goneMs: 2,
  onDemand: false,
  ...more,
});

describe("what models may take of a device", () => {
  it("is what the operator says where nothing is measured, and unknown where neither is", () => {
    expect(capacityBytes(device())).toBeUndefined();
    expect(roomBytes(device())).toBeUndefined();
    expect(capacityBytes(device({ declaredBytes: 6 * GIB }))).toBe(6 * GIB);
    expect(roomBytes(device({ declaredBytes: 6 * GIB }))).toBe(6 * GIB);
  });

  it("is what is measured without the headroom, and never more than the operator says", () => {
    const total = { totalBytes: 16 * GIB, externalBytes: 4 * GIB };
    expect([capacityBytes(device({}, total)), roomBytes(device({}, total))]).toEqual([15 * GIB, 11 * GIB]);
    const declared = { declaredBytes: 12 * GIB };
    expect([capacityBytes(device(declared, total)), roomBytes(device(declared, total))]).toEqual([
      12 * GIB,
      11 * GIB,
    ]);
    const little = { declaredBytes: 3 * GIB };
    expect([capacityBytes(device(little, total)), roomBytes(device(little, total))]).toEqual([
      3 * GIB,
      3 * GIB,
    ]);
  });

  it("is never less than nothing", () => {
    expect(capacityBytes(device({}, { totalBytes: GIB / 2 }))).toBe(0);
    expect(roomBytes(device({}, { totalBytes: 4 * GIB, externalBytes: 9 * GIB }))).toBe(0);
  });

  it("is RAM for the CPU and a GPU's own memory for any other", () => {
    expect([device({ id: "cpu" }).class, device({ id: "cuda:3" }).class]).toEqual(["cpu", "cuda"]);
  });
});

describe("what is charged to a device", () => {
  it("is the part of each model there, and in RAM what a model spills", () => {
    const spilled = ready(4, { spillBytes: GIB });
    expect(chargeOn(spilled, "cuda:0")).toBe(3 * GIB);
    expect(chargeOn(spilled, "cpu")).toBe(GIB);
    expect(chargeOn(spilled, "cuda:1")).toBe(0);
    expect(chargeOn({ ...spilled, parts: [] }, "cpu")).toBe(0);
  });

  it("is planned from the reservation on, and there from the load until memory is back", () => {
    const states = ["cold", "reserved", "loading", "ready", "draining", "unloading", "suspect"] as const;
    const charged = states.map((state) => {
      const one = ready(4, { state });
      return [committedBytes([one], "cuda:0") / GIB, actualBytes([one], device()) / GIB];
    });
    expect(charged).toEqual([
      [0, 0],
      [4, 0],
      [4, 4],
      [4, 4],
      [0, 4],
      [0, 4],
      [4, 4],
    ]);
    expect(committedBytes([ready(4), ready(3)], "cuda:0")).toBe(7 * GIB);
    expect(actualBytes([ready(4), ready(3)], device())).toBe(7 * GIB);
  });

  it("is still there while it has not been seen to come back, unless its backend frees it when that is needed", () => {
    const leaving = [
      left(4, { freedBytes: GIB }),
      left(2, { goneMs: undefined }),
      left(8, { onDemand: true }),
    ];
    expect(actualBytes([ready(5)], device({}, { leaving }))).toBe(8 * GIB);
  });
});

describe("what is believed to be there without a doubt", () => {
  it("is what was measured, else what is charged without the jobs that may not use theirs", () => {
    const need = { transientBytes: GIB };
    expect(settledBytes(ready(4, {}, need), "cuda:0")).toBe(4 * GIB);
    expect(settledBytes(ready(4, { leases: 3 }, need), "cuda:0")).toBe(4 * GIB);
    expect(settledBytes(ready(4, { leases: 1, strangers: 2 }, need), "cuda:0")).toBe(6 * GIB);
    expect(settledBytes(ready(4, { measuredBytes: 5 * GIB, strangers: 2 }, need), "cuda:0")).toBe(5 * GIB);
    expect(settledBytes(ready(4, { measuredBytes: 5 * GIB, spillBytes: 2 * GIB }), "cuda:0")).toBe(3 * GIB);
    expect(settledBytes(ready(4, { measuredBytes: 5 * GIB, spillBytes: 2 * GIB }), "cpu")).toBe(2 * GIB);
  });

  it("is nothing of a model that is on its way in or out", () => {
    for (const state of ["loading", "unloading", "suspect", "cold"] as const)
      expect(settledBytes(ready(4, { state }), "cuda:0")).toBe(0);
    expect(settledBytes(ready(4, { state: "draining" }), "cuda:0")).toBe(4 * GIB);
  });
});

describe("what others use, as a reading shows it", () => {
  const read = (of: Device, usedGib: number | undefined, residencies: readonly Residency[]): number => {
    const usedBytes = usedGib === undefined ? undefined : usedGib * GIB;
    takeReading(of, { device: "cuda:0", totalBytes: 16 * GIB, usedBytes }, 7, residencies);
    return of.externalBytes / GIB;
  };

  it("is all that no model explains, where all is quiet", () => {
    const measured = ready(4, { measuredBytes: 4 * GIB });
    expect(read(device(), 6, [measured])).toBe(2);
    expect(read(device(), 3, [measured])).toBe(0);
    expect(read(device({}, { externalBytes: 5 * GIB }), 6, [measured])).toBe(2);
    const of = device();
    read(of, 6, []);
    expect(of).toMatchObject({ readMs: 7, totalBytes: 16 * GIB, usedBytes: 6 * GIB, externalBytes: 6 * GIB });
  });

  it("stays what it was while a model is on its way, within what is possible", () => {
    const loading = ready(4, { state: "loading" });
    expect(read(device({}, { externalBytes: 2 * GIB }), 5, [loading])).toBe(2);
    expect(read(device({}, { externalBytes: 2 * GIB }), 9, [loading])).toBe(5);
    expect(read(device({}, { externalBytes: 2 * GIB }), 1, [loading])).toBe(1);
    expect(read(device({}, { externalBytes: 0 }), 3, [loading])).toBe(0);
  });

  it("stays what it was while a model works, or was not measured", () => {
    const external = { externalBytes: 1 * GIB };
    expect(
      read(device({}, external), 8, [
        ready(4, { measuredBytes: 4 * GIB, leases: 1 }, { transientBytes: 3 * GIB }),
      ]),
    ).toBe(1);
    expect(
      read(device({}, external), 8, [
        ready(4, { measuredBytes: 4 * GIB, strangers: 1 }, { transientBytes: 3 * GIB }),
      ]),
    ).toBe(1);
    expect(read(device({}, external), 6, [ready(4, {}, { transientBytes: GIB })])).toBe(1);
    expect(read(device({}, external), 9, [ready(4, { measuredBytes: 4 * GIB })])).toBe(5);
  });

  it("does not depend on models of other devices", () => {
    const elsewhere = ready(4, { state: "loading", parts: wholeOn("cuda:1") });
    expect(read(device({}, { externalBytes: GIB }), 6, [elsewhere])).toBe(6);
  });

  it("is unknown, and so unchanged, where the use cannot be read", () => {
    const of = device({}, { externalBytes: GIB, usedBytes: 3 * GIB });
    expect(read(of, undefined, [])).toBe(1);
    expect(of.usedBytes).toBeUndefined();
    takeReading(of, undefined, 9, []);
    expect(of).toMatchObject({ readMs: 9, totalBytes: undefined, externalBytes: GIB });
  });
});

describe("room for a load while memory comes back", () => {
  const room = (gib: number, state: Partial<Device>, residencies: readonly Residency[] = []): boolean => {
    const of = device({}, { totalBytes: 17 * GIB, readMs: 9, leaving: [left(8)], ...state });
    return hasRoomFor(gib * GIB, of, residencies);
  };

  it("is there when the accounts have it, or when it is measured as free", () => {
    expect([room(8, { usedBytes: 16 * GIB }), room(9, { usedBytes: 16 * GIB })]).toEqual([true, false]);
    // Of mapped files, or filled again between two readings: what left was never seen to come back.
    expect([room(12, { usedBytes: 4 * GIB }), room(13, { usedBytes: 4 * GIB })]).toEqual([true, false]);
    expect(room(12, { usedBytes: undefined })).toBe(false);
    expect(room(12, { usedBytes: 4 * GIB, leaving: [], externalBytes: 8 * GIB })).toBe(false);
  });

  it("leaves what the reading cannot show yet: loads under way and since, and the work of those that are loaded", () => {
    const free = { usedBytes: 2 * GIB };
    expect([
      room(6, free, [ready(8, { state: "loading" })]),
      room(7, free, [ready(8, { state: "loading" })]),
    ]).toEqual([true, false]);
    expect(room(7, free, [ready(8, { readyMs: 10 })])).toBe(false);
    const working = ready(1, { readyMs: 8, measuredBytes: GIB, leases: 2 }, { transientBytes: 3 * GIB });
    expect([room(8, free, [working]), room(9, free, [working])]).toEqual([true, false]);
    // One on its way out only frees.
    expect(room(8, { usedBytes: 8 * GIB }, [ready(8, { state: "unloading" })])).toBe(true);
  });

  it("is no more than the operator says, whatever is free", () => {
    const of = device(
      { declaredBytes: 10 * GIB },
      { totalBytes: 64 * GIB, usedBytes: 0, readMs: 9, leaving: [left(8)] },
    );
    expect([hasRoomFor(4 * GIB, of, [ready(6)]), hasRoomFor(5 * GIB, of, [ready(6)])]).toEqual([true, false]);
  });

  it("counts what its backend frees by itself as free", () => {
    const orphan = { usedBytes: 12 * GIB, leaving: [left(8, { onDemand: true })], externalBytes: 10 * GIB };
    expect([room(12, orphan), room(13, orphan)]).toEqual([true, false]);
  });
});

describe("memory of a model that is gone", () => {
  const back = (usedGib: number | undefined, others: readonly Residency[] = [], externalGib = 0): boolean => {
    const of = device({}, { externalBytes: externalGib * GIB });
    of.usedBytes = usedGib === undefined ? undefined : usedGib * GIB;
    return hasReturned(of, others, GIB / 4);
  };

  it("is back when no more is used than the others explain, give or take a little", () => {
    expect([back(0), back(0.25), back(0.26), back(4)]).toEqual([true, true, false, false]);
    expect([back(2.25, [], 2), back(2.26, [], 2)]).toEqual([true, false]);
    expect([back(3, [ready(3)]), back(3.5, [ready(3)])]).toEqual([true, false]);
  });

  it("is not waited for where the use cannot be read", () => {
    expect(back(undefined)).toBe(true);
  });

  it("may be what others on their way out still hold, or what jobs have taken", () => {
    expect(back(3, [ready(3, { state: "unloading" })])).toBe(true);
    expect(back(3, [ready(3, { state: "suspect" })])).toBe(true);
    expect(back(3, [ready(3, { state: "cold" })])).toBe(false);
    const working = ready(3, { leases: 2, measuredBytes: 3 * GIB }, { transientBytes: GIB });
    expect([back(5, [working]), back(5.5, [working])]).toEqual([true, false]);
    expect(back(5, [{ ...working, parts: wholeOn("cuda:1") }])).toBe(false);
  });
});
