import type { CooldownRecord, Failure, MeterRecord } from "@headgate/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_COOLDOWN_MS } from "./cooldown.ts";
import { type MeterSpec, shapeOf } from "./limits/meter.ts";
import { Memory } from "./memory.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const failure = (message: string): Failure => ({ class: "rate_limit", scope: "model", message });
const record = (untilMs: number, streak = 1, why?: Failure): CooldownRecord => ({
  id: "p@/m",
  untilMs,
  streak,
  ...(why === undefined ? {} : { failure: why }),
});
const spec = (more: Partial<MeterSpec> = {}): MeterSpec => ({
  id: "p@/m|requests/minute",
  unit: "requests",
  window: "minute",
  ...shapeOf({ unit: "requests", window: "minute" }),
  declared: 10,
  verified: true,
  ...more,
});
/** What a store hands over to the next process. */
const restarted = (memory: Memory, nowMs: number): Memory => {
  const next = new Memory();
  next.restore({ cooldowns: memory.changedCooldowns(), meters: memory.changedMeters(nowMs) }, nowMs);
  return next;
};

describe("a cooldown that another process saw begin", () => {
  it("holds here, with its reason and its streak", () => {
    const memory = new Memory();
    memory.applyCooldown(record(NOW + 5_000, 3, failure("elsewhere")), NOW);
    expect(memory.cooldown("p@/m")).toEqual({
      id: "p@/m",
      untilMs: NOW + 5_000,
      streak: 3,
      probeAtMs: 0,
      failure: failure("elsewhere"),
    });
  });

  it("never shortens one that ends later here, nor replaces its reason", () => {
    const memory = new Memory();
    memory.applyCooldown(record(NOW + 60_000, 2, failure("first")), NOW);
    const before = { ...memory.cooldown("p@/m") };
    memory.applyCooldown(record(NOW + 5_000, 9, failure("second")), NOW + 1);
    memory.applyCooldown(record(NOW + 60_000, 9, failure("third")), NOW + 2);
    memory.applyCooldown(record(0), NOW + 3);
    expect(memory.cooldown("p@/m")).toEqual(before);
  });

  it("lengthens one that ends earlier here, and keeps the longer streak and a known reason", () => {
    const memory = new Memory();
    memory.applyCooldown(record(NOW + 5_000, 4, failure("first")), NOW);
    memory.applyCooldown(record(NOW + 9_000, 2), NOW);
    expect(memory.cooldown("p@/m")).toMatchObject({
      untilMs: NOW + 9_000,
      streak: 4,
      failure: failure("first"),
    });
  });

  it("is cut to the longest cooldown there is: a clock that was wrong closes nothing for good", () => {
    const memory = new Memory();
    memory.applyCooldown(record(NOW + 10 * MAX_COOLDOWN_MS), NOW);
    expect(memory.cooldown("p@/m").untilMs).toBe(NOW + MAX_COOLDOWN_MS);
  });

  it("leaves the latest end, whatever the order in which records arrive", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 10 ** 6 }), { minLength: 1, maxLength: 8 }), (waits) => {
        const memory = new Memory();
        for (const wait of waits) memory.applyCooldown(record(NOW + wait), NOW);
        expect(memory.cooldown("p@/m").untilMs).toBe(NOW + Math.max(...waits));
      }),
    );
  });
});

describe("what is written to a store", () => {
  it("is each cooldown that changed, once, as it is when it is written", () => {
    const memory = new Memory();
    const cooldown = memory.cooldown("p");
    expect(memory.hasChangedCooldowns).toBe(false);
    cooldown.untilMs = NOW + 1;
    memory.cooldownChanged(cooldown);
    cooldown.untilMs = NOW + 2;
    cooldown.streak = 2;
    memory.cooldownChanged(cooldown);
    memory.cooldown("q");
    expect(memory.hasChangedCooldowns).toBe(true);
    expect(memory.changedCooldowns()).toStrictEqual([{ id: "p", untilMs: NOW + 2, streak: 2 }]);
    expect(memory.hasChangedCooldowns).toBe(false);
    expect(memory.changedCooldowns()).toEqual([]);
    cooldown.failure = failure("why");
    memory.cooldownChanged(cooldown);
    expect(memory.changedCooldowns()).toMatchObject([{ failure: failure("why") }]);
  });

  it("is each meter that changed, once, and again when it changes again", () => {
    const memory = new Memory();
    const meter = memory.meter(spec());
    expect(memory.changedMeters(NOW)).toEqual([]);
    meter.take(1, NOW);
    meter.take(1, NOW);
    expect(memory.changedMeters(NOW).map(({ id }) => id)).toEqual([spec().id]);
    expect(memory.changedMeters(NOW)).toEqual([]);
    meter.take(1, NOW);
    expect(memory.changedMeters(NOW)).toHaveLength(1);
  });

  it("is the stats of each model that changed, and they are read back", () => {
    const memory = new Memory();
    memory.stats("p/m").outputTokens = 77;
    memory.stats("p/other").outputTokens = 5;
    memory.statsChanged("p/m");
    const meters = memory.changedMeters(NOW);
    expect(meters).toHaveLength(1);
    expect(memory.changedMeters(NOW)).toEqual([]);
    const next = new Memory();
    next.restore({ cooldowns: [], meters }, NOW);
    expect(next.stats("p/m").outputTokens).toBe(77);
    expect(next.stats("p/other").outputTokens).toBe(0);
  });
});

describe("what a store remembers", () => {
  it("is counted by the meter that asks for it, however late", () => {
    const memory = new Memory();
    memory.meter(spec()).take(7, NOW);
    const next = restarted(memory, NOW + 1_000);
    const meter = next.meter(spec());
    expect(meter.used(NOW + 1_000)).toBe(7);
    expect(meter.used(NOW + 61_000)).toBe(0);
    expect(next.meter(spec())).toBe(meter);
  });

  it("is left out where it is damaged", () => {
    const memory = new Memory();
    const damaged: MeterRecord[] = ["", "null", "{}", '{"spec":{"id":"x"},"counter":[1]}'].map((data) => ({
      id: spec().id,
      data,
    }));
    memory.restore({ cooldowns: [], meters: [...damaged, { id: "stats|p/m", data: "{" }] }, NOW);
    expect(memory.meter(spec()).used(NOW)).toBe(0);
  });

  it("of a limit that no fragment states is found by the candidate that it was learned for, and by no other", () => {
    const { declared: _, ...unstated } = spec({ id: "p@/m|concurrency" });
    const memory = new Memory();
    for (const id of ["p@/m|concurrency", "p@/m2|concurrency"])
      memory.meter({ ...unstated, id }).take(1, NOW);
    memory.meter(spec()).take(1, NOW);
    const next = restarted(memory, NOW);
    expect(next.learnedMeters("p@/m").map(({ spec: { id } }) => id)).toEqual(["p@/m|concurrency"]);
    expect(next.learnedMeters("p@/m")).toBe(next.learnedMeters("p@/m"));
    expect(next.learnedMeters("p@/none")).toEqual([]);
  });
});

describe("a meter whose limit a new table states otherwise", () => {
  // Not so yet: the counter is read back as of the last restart, so all that was counted since is lost.
  it.fails("goes on counting what was used", () => {
    const memory = new Memory();
    const before = memory.meter(spec());
    before.take(6, NOW);
    const after = memory.meter(spec({ declared: 20 }));
    expect(after).not.toBe(before);
    expect(after.amount).toBe(20);
    expect(after.used(NOW)).toBe(6);
  });

  it.each<[string, Partial<MeterSpec>]>([
    ["amount", { declared: 20 }],
    ["shape", { shape: { kind: "bucket", windowMs: 60_000 } }],
    ["zone", { zone: "Europe/Berlin" }],
    ["certainty", { verified: false }],
  ])("is another meter where its %s changes, and the same where nothing does", (_, change) => {
    const memory = new Memory();
    const before = memory.meter(spec());
    expect(memory.meter(spec())).toBe(before);
    expect(memory.meter(spec(change))).not.toBe(before);
  });
});

describe("when the wall clock is set", () => {
  it.each([3_600_000, -3_600_000])("by %d ms, what was to last a minute still lasts a minute", (deltaMs) => {
    const memory = new Memory();
    const [cooling, open, probed] = [memory.cooldown("a"), memory.cooldown("b"), memory.cooldown("c")];
    cooling.untilMs = NOW + 60_000;
    probed.probeAtMs = NOW;
    const meter = memory.meter(spec());
    meter.take(3, NOW);
    memory.shift(deltaMs);
    expect(cooling.untilMs).toBe(NOW + 60_000 + deltaMs);
    expect(open).toMatchObject({ untilMs: 0, probeAtMs: 0 });
    expect(probed).toMatchObject({ untilMs: 0, probeAtMs: NOW + deltaMs });
    expect(meter.used(NOW + 59_000 + deltaMs)).toBe(3);
    expect(meter.used(NOW + 61_000 + deltaMs)).toBe(0);
  });

  it("back beyond 1970, what is cooling down does not look open for ever", () => {
    const memory = new Memory();
    const cooldown = memory.cooldown("a");
    cooldown.untilMs = 500;
    cooldown.probeAtMs = 400;
    memory.shift(-1_000);
    expect(cooldown).toMatchObject({ untilMs: 1, probeAtMs: 1 });
  });
});

it("forgets the cooldowns of what no table names any more, and says which", () => {
  const memory = new Memory();
  for (const id of ["p", "q", "r"]) memory.cooldown(id).untilMs = NOW;
  expect(memory.keepOnly(new Set(["q", "unheard-of"]))).toEqual(["p", "r"]);
  expect(memory.cooldown("q").untilMs).toBe(NOW);
  expect(memory.cooldown("p").untilMs).toBe(0);
  expect(memory.keepOnly(new Set(["p", "q"]))).toEqual([]);
});
