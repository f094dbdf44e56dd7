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
    memory.applyCooldowns([record(NOW + 5_000, 3, failure("elsewhere"))], NOW);
    expect(memory.cooldown("p@/m")).toEqual({
      id: "p@/m",
      untilMs: NOW + 5_000,
      streak: 3,
      sinceMs: 0,
      hits: 3,
      probeAtMs: 0,
      failure: failure("elsewhere"),
    });
  });

  it("never shortens one that ends later here, nor replaces its reason", () => {
    const memory = new Memory();
    memory.applyCooldowns([record(NOW + 60_000, 2, failure("first"))], NOW);
    const before = { ...memory.cooldown("p@/m") };
    memory.applyCooldowns([record(NOW + 5_000, 9, failure("second"))], NOW + 1);
    memory.applyCooldowns([record(NOW + 60_000, 9, failure("third"))], NOW + 2);
    memory.applyCooldowns([record(0)], NOW + 3);
    expect(memory.cooldown("p@/m")).toEqual(before);
  });

  it("lengthens one that ends earlier here, and keeps the longer streak and a known reason", () => {
    const memory = new Memory();
    memory.applyCooldowns([record(NOW + 5_000, 4, failure("first"))], NOW);
    memory.applyCooldowns([record(NOW + 9_000, 2)], NOW);
    expect(memory.cooldown("p@/m")).toMatchObject({
      untilMs: NOW + 9_000,
      streak: 4,
      failure: failure("first"),
    });
  });

  it("is cut to the longest cooldown there is: a clock that was wrong closes nothing for good", () => {
    const memory = new Memory();
    memory.applyCooldowns([record(NOW + 10 * MAX_COOLDOWN_MS)], NOW);
    expect(memory.cooldown("p@/m").untilMs).toBe(NOW + MAX_COOLDOWN_MS);
  });

  it("leaves the latest end, whatever the order in which records arrive", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 10 ** 6 }), { minLength: 1, maxLength: 8 }), (waits) => {
        const memory = new Memory();
        for (const wait of waits) memory.applyCooldowns([record(NOW + wait)], NOW);
        expect(memory.cooldown("p@/m").untilMs).toBe(NOW + Math.max(...waits));
      }),
    );
  });
});

describe("since when, and how often", () => {
  it("is the earliest and the most that any process knows", () => {
    const memory = new Memory();
    memory.applyCooldowns([{ ...record(NOW + 5_000), sinceMs: NOW - 7, hits: 4 }], NOW);
    memory.applyCooldowns([{ ...record(NOW + 6_000), sinceMs: NOW - 9, hits: 2 }], NOW);
    memory.applyCooldowns([record(NOW + 7_000)], NOW);
    expect(memory.cooldown("p@/m")).toMatchObject({ untilMs: NOW + 7_000, sinceMs: NOW - 9, hits: 4 });
  });

  it("is unknown in a record of an earlier version, and survives a restart where it is known", () => {
    const memory = new Memory();
    memory.applyCooldowns([record(NOW + 5_000, 3)], NOW);
    expect(memory.cooldown("p@/m")).toMatchObject({ sinceMs: 0, hits: 3 });
    Object.assign(memory.cooldown("p@/m"), { sinceMs: NOW - 3, hits: 8 });
    memory.cooldownChanged(memory.cooldown("p@/m"));
    expect(restarted(memory, NOW).cooldown("p@/m")).toMatchObject({ sinceMs: NOW - 3, hits: 8 });
  });

  it("moves with a clock that is set", () => {
    const memory = new Memory();
    memory.cooldown("a").sinceMs = NOW;
    memory.shift(5_000);
    expect(memory.cooldown("a").sinceMs).toBe(NOW + 5_000);
    expect(memory.cooldown("b").sinceMs).toBe(0);
  });
});

describe("what an operator clears", () => {
  const cooling = (memory: Memory, id: string, sinceMs = NOW): void => {
    Object.assign(memory.cooldown(id), { untilMs: NOW + 60_000, streak: 2, sinceMs, hits: 2 });
  };
  const learn = (memory: Memory, id: string, amount = 3) => {
    const meter = memory.meter(spec({ id }));
    meter.take(2, NOW);
    meter.learn(amount, "refusals", NOW);
    meter.limitProbe = { atMs: NOW, gapMs: 1 };
    return meter;
  };

  it("is open at once, and its learned limits are forgotten, with what is used still counted", () => {
    const memory = new Memory();
    for (const id of ["p", "p@/m", "p@/m2"]) cooling(memory, id);
    const own = learn(memory, "p@/m|requests/minute");
    const part = learn(memory, "p@/m~image*#speech|requests/day", 5);
    const other = learn(memory, "p@/m2|requests/minute");
    const forgotten = memory.clear(["p", "p@/m"], NOW);
    expect(["p", "p@/m", "p@/m2"].map((id) => memory.cooldown(id).untilMs)).toEqual([0, 0, NOW + 60_000]);
    expect(memory.cooldown("p")).toMatchObject({ streak: 0, hits: 0, sinceMs: 0 });
    expect(forgotten.map(({ spec: { id }, learned: { amount } }) => [id, amount])).toEqual([
      ["p@/m|requests/minute", 3],
      ["p@/m~image*#speech|requests/day", 5],
    ]);
    for (const meter of [own, part])
      expect([meter.amount, meter.learned, meter.limitProbe, meter.used(NOW)]).toEqual([
        10,
        undefined,
        undefined,
        2,
      ]);
    expect(other.amount).toBe(3);
    expect(memory.clear(["p"], NOW)).toEqual([]);
  });

  it("voids what refusals have shown so far, of these limits alone, and a test of one that holds", () => {
    const memory = new Memory();
    const evidence = { top: 5, low: 5, windows: 2, latest: 7, firm: 0 };
    const meters = ["p@/m", "p@/m2"].map((id) => memory.meter(spec({ id: `${id}|requests/minute` })));
    for (const meter of meters) meter.evidence.sliding = evidence;
    const probed = memory.meter(spec({ id: "p@/m|requests/day" }));
    probed.limitProbe = { atMs: NOW, gapMs: 1 };
    expect(memory.clear(["p@/m"], NOW)).toEqual([]);
    expect(meters.map(({ evidence: { sliding } }) => sliding)).toEqual([undefined, evidence]);
    expect(probed.limitProbe).toBeUndefined();
  });

  it("is forgotten over a restart too, also where no request has needed the limit since the last one", () => {
    const first = new Memory();
    learn(first, "p@/m|requests/minute");
    const second = restarted(first, NOW);
    expect(second.clear(["p@/m"], NOW)).toMatchObject([{ learned: { amount: 3 } }]);
    expect(restarted(second, NOW).meter(spec()).amount).toBe(10);
  });

  it("is cleared in every other process, once per clear", () => {
    const [here, there] = [new Memory(), new Memory()];
    for (const memory of [here, there]) cooling(memory, "p@/m");
    const meter = learn(there, "p@/m|requests/minute");
    here.clear(["p@/m"], NOW + 10);
    const told = here.changedCooldowns();
    expect(told).toStrictEqual([{ id: "p@/m", untilMs: 0, streak: 0, clearedAtMs: NOW + 10 }]);
    there.applyCooldowns(told, NOW + 11);
    expect(there.cooldown("p@/m").untilMs).toBe(0);
    expect(meter.learned).toBeUndefined();
    cooling(there, "p@/m", NOW + 12);
    meter.learn(4, "refusals", NOW + 12);
    there.applyCooldowns(told, NOW + 13);
    expect(there.cooldown("p@/m").untilMs).toBe(NOW + 60_000);
    expect(meter.amount).toBe(4);
    here.clear(["p@/m"], NOW + 10);
    there.cooldown("p@/m").sinceMs = NOW;
    there.applyCooldowns(here.changedCooldowns(), NOW + 14);
    expect(there.cooldown("p@/m").untilMs).toBe(0);
  });

  it("does not end a cooldown that began after the clear", () => {
    const memory = new Memory();
    cooling(memory, "p@/m", NOW + 5);
    memory.applyCooldowns([{ ...record(0, 0), clearedAtMs: NOW }], NOW + 6);
    expect(memory.cooldown("p@/m").untilMs).toBe(NOW + 60_000);
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
  it("goes on counting what was used", () => {
    const memory = new Memory();
    const before = memory.meter(spec());
    before.take(6, NOW);
    const after = memory.meter(spec({ declared: 20 }));
    expect(after).not.toBe(before);
    expect(after.amount).toBe(20);
    expect(after.used(NOW)).toBe(6);
  });

  it("counts what attempts of the earlier table settle, and no attempt stays in flight", () => {
    const memory = new Memory();
    const before = memory.meter(spec());
    before.take(1, NOW);
    before.take(1, NOW);
    const after = memory.meter(spec({ declared: 20 }));
    expect(after.pending).toBe(2);
    before.settle(1, 0, NOW, NOW + 5);
    before.settle(1, 1, NOW, NOW + 5);
    expect([after.pending, after.used(NOW + 5)]).toEqual([0, 1]);
  });

  it("keeps what is used where units come back otherwise", () => {
    const memory = new Memory();
    memory.meter(spec()).take(6, NOW);
    const after = memory.meter(spec({ shape: { kind: "bucket", windowMs: 60_000 } }));
    expect(after.used(NOW)).toBe(6);
    expect(after.used(NOW + 6_000)).toBe(5);
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
