/** How long a model that is in memory stays there although another is waited for. */
import { describe, expect, test } from "vitest";
import { fakeNeed } from "../testing/fakes.ts";
import { availability, isUrgent, LATER } from "./eviction.ts";
import { createResidency, type Residency, wholeOn } from "./residency.ts";
import { type Core, createCore } from "./state.ts";
import type { ModelNeed } from "./types.ts";

const NOW = 1_000_000;

function core(more: Partial<Core> = {}): Core {
  const made = createCore({
    quantumFactor: 4,
    devices: [{ id: "cuda:0", headroomBytes: 0 }],
    backends: [{ id: "fake", slots: undefined }],
  });
  for (const backend of made.backends.values()) backend.status = "up";
  return { ...made, ...more };
}
let ids = 0;
function residency(name: string, need: Partial<ModelNeed> = {}, more: Partial<Residency> = {}): Residency {
  return { ...createResidency(fakeNeed(name, 4, { loadCostMs: 10_000, ...need })), ...more };
}
const ready = (need: Partial<ModelNeed> = {}, more: Partial<Residency> = {}): Residency =>
  residency("victim", need, {
    state: "ready",
    parts: wholeOn("cuda:0"),
    served: true,
    readyMs: NOW - 50_000,
    ...more,
  });
function waits(of: Residency, arrivedMs: number, orderMs = arrivedMs): Residency {
  of.queue.push({
    id: ++ids,
    key: of.key,
    seq: ids,
    arrivedMs,
    orderMs,
    deadlineMs: Number.POSITIVE_INFINITY,
    checkMs: Number.POSITIVE_INFINITY,
    waiting: true,
    before: undefined,
    after: undefined,
  });
  return of;
}
const target = (arrivedMs = NOW): Residency => waits(residency("target"), arrivedMs);

test("a head is urgent once it has waited for half a minute", () => {
  expect(isUrgent(core(), target(NOW - 29_999), NOW)).toBe(false);
  expect(isUrgent(core(), target(NOW - 30_000), NOW)).toBe(true);
  expect(isUrgent(core(), residency("unwanted"), NOW)).toBe(false);
});

describe("a model never leaves", () => {
  test("while it is pinned, in doubt, or at a backend that does not answer", () => {
    expect(availability(core(), ready({ pinned: true }), target(), true, NOW)).toBe("never");
    expect(availability(core(), ready({}, { state: "suspect" }), target(), true, NOW)).toBe("never");
    for (const status of ["down", "unknown"] as const) {
      const down = core();
      for (const backend of down.backends.values()) backend.status = status;
      expect(availability(down, ready(), target(), true, NOW)).toBe("never");
    }
  });
});

describe("a model leaves later", () => {
  test("while it is on its way, or was loaded for somebody who still waits", () => {
    for (const state of ["reserved", "loading", "draining", "unloading"] as const)
      expect(availability(core(), ready({}, { state }), target(), true, NOW)).toBe(LATER);
    expect(availability(core(), waits(ready({}, { served: false }), NOW), target(), true, NOW)).toBe(LATER);
  });

  test("than its last failed unload says", () => {
    expect(availability(core(), ready({}, { staysUntilMs: NOW + 5 }), target(), true, NOW)).toBe(NOW + 5);
    expect(availability(core(), ready({}, { staysUntilMs: NOW }), target(), true, NOW)).toBe("idle");
  });

  test("while it is at work and no head has waited too long", () => {
    expect(availability(core(), ready({}, { leases: 1 }), target(), false, NOW)).toBe(LATER);
    expect(availability(core(), ready({}, { strangers: 1 }), target(), false, NOW)).toBe(LATER);
    expect(availability(core(), waits(ready(), NOW), target(), false, NOW)).toBe(LATER);
  });
});

describe("a model at work leaves for an urgent head", () => {
  // A quantum is 4 x (10 s + 10 s).
  test("after a quantum since it was ready", () => {
    const at = (readyMs: number) =>
      availability(core(), ready({}, { leases: 1, readyMs }), target(), true, NOW);
    expect(at(NOW - 79_999)).toBe(NOW + 1);
    expect(at(NOW - 80_000)).toBe("busy");
  });

  test("after a second one, where somebody has waited for it longer than that head", () => {
    const victim = (orderMs: number): Residency =>
      waits(ready({}, { leases: 1, readyMs: NOW - 80_000 }), orderMs);
    const head = waits(residency("target"), NOW - 40_000);
    expect(availability(core(), victim(NOW - 40_001), head, true, NOW)).toBe(NOW + 80_000);
    expect(availability(core(), victim(NOW - 39_999), head, true, NOW)).toBe("busy");
    // At the same moment, the one that came first.
    expect(availability(core(), victim(NOW - 40_000), head, true, NOW)).toBe("busy");
    const earlier = victim(NOW - 40_000);
    expect(availability(core(), earlier, waits(residency("target"), NOW - 40_000), true, NOW)).toBe(
      NOW + 80_000,
    );
  });
});

describe("an idle model leaves", () => {
  test("at once where nothing says otherwise, and for an urgent head in any case", () => {
    expect(availability(core(), ready(), target(), false, NOW)).toBe("idle");
    const kept = ready({ minResidencyMs: 90_000 });
    expect(availability(core(), kept, target(), false, NOW)).toBe(NOW + 40_000);
    expect(availability(core(), kept, target(), true, NOW)).toBe("idle");
  });

  test("when those who wait for it to go have paid half of the swap, where it is expected back soon", () => {
    const regular = (more: Partial<Residency> = {}): Residency =>
      ready({}, { gapMs: 8_000, strayMs: 0, lastArrivalMs: NOW - 1_000, ...more });
    expect(availability(core(), regular(), target(NOW - 4_000), false, NOW)).toBe(NOW + 6_000);
    // Two of them pay together.
    expect(availability(core(), regular(), waits(target(NOW - 4_000), NOW - 4_000), false, NOW)).toBe(
      NOW + 1_000,
    );
    expect(availability(core(), regular(), target(NOW - 10_000), false, NOW)).toBe("idle");
    // It is expected within two gaps, or not at all.
    expect(availability(core(), regular({ gapMs: 2_500 }), target(), false, NOW)).toBe(NOW + 4_000);
    expect(
      availability(core(), regular({ gapMs: 500, lastArrivalMs: NOW - 1_000 }), target(), false, NOW),
    ).toBe("idle");
    // Expected later than half a swap, or at no known time.
    expect(availability(core(), regular({ gapMs: 12_000 }), target(), false, NOW)).toBe("idle");
    expect(
      availability(core(), regular({ gapMs: undefined, strayMs: undefined }), target(), false, NOW),
    ).toBe("idle");
    // Without a waiter it need not stay.
    expect(availability(core(), regular(), residency("target"), false, NOW)).toBe("idle");
  });

  test("when its head has proved that it stays, where clients tend to give up soon", () => {
    const after = (givingUp: number, arrivedMs: number) =>
      availability(core({ givingUp }), ready(), target(arrivedMs), false, NOW);
    // 0.6 x 0.25 x 20 s.
    expect(after(0.25, NOW - 1_000)).toBe(NOW + 2_000);
    expect(after(0.25, NOW - 3_000)).toBe("idle");
    // A quarter of half a minute at most.
    expect(after(1, NOW - 1_000)).toBe(NOW + 6_500);
    expect(after(0, NOW)).toBe("idle");
    expect(availability(core({ givingUp: 1 }), ready(), residency("target"), false, NOW)).toBe("idle");
  });
});
