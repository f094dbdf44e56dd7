import type { Limit } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { shapeOf } from "./limits/meter.ts";
import { Memory } from "./memory.ts";
import { candidatesWith } from "./table.fixture.ts";

const TOKENS: Limit = { scope: "model", unit: "tokens", window: "minute", amount: 5 };
const AT_ONCE = {
  id: "p@/a|concurrency",
  unit: "concurrency",
  ...shapeOf({ unit: "concurrency" }),
  verified: false,
} as const;

describe("a candidate", () => {
  it("shares cooldowns, meters and stats with every other of the same identities", () => {
    const memory = new Memory();
    const [a, b] = candidatesWith([{ ...TOKENS, scope: "account" }], memory);
    const [again] = candidatesWith([{ ...TOKENS, scope: "account" }], memory);
    expect(again.cooldowns).toEqual([a.keyCooldown, a.modelCooldown, a.providerCooldown]);
    expect(again.modelCooldown).toBe(a.modelCooldown);
    expect(b.keyCooldown).toBe(a.keyCooldown);
    expect(b.providerCooldown).toBe(a.providerCooldown);
    expect(b.modelCooldown).not.toBe(a.modelCooldown);
    expect(again.stats).toBe(a.stats);
    expect(again.meters()[0]).toBe(b.meters()[0]);
    expect([a.id, a.statsId, a.keyCooldown.id, a.providerCooldown.id]).toEqual(["p@/a", "p/a", "p@", "p"]);
  });

  it("opens when the last of its three cooldowns ends", () => {
    const [a] = candidatesWith([]);
    expect(a.opensAtMs).toBe(0);
    for (const [at, cooldown] of a.cooldowns.entries()) {
      cooldown.untilMs = 10 + at;
      expect(a.opensAtMs).toBe(10 + at);
    }
    a.keyCooldown.untilMs = 99;
    expect(a.opensAtMs).toBe(99);
  });

  it("makes its meters when it is first asked for them", () => {
    const [a] = candidatesWith([TOKENS]);
    expect(a.metersInUse).toEqual([]);
    const meters = a.meters();
    expect(a.metersInUse).toBe(meters);
    expect(a.meters()).toBe(meters);
  });

  it("measures prompts only where a limit counts tokens or money", () => {
    const counts = (limits: readonly Limit[]): boolean => candidatesWith(limits)[0].countsPrompts;
    expect(counts([])).toBe(false);
    expect(counts([{ ...TOKENS, unit: "requests" }])).toBe(false);
    expect(counts([TOKENS])).toBe(true);
    expect(counts([{ ...TOKENS, unit: "usd" }])).toBe(true);
  });

  it("keeps a limit that is not stated beside the others, once, and over a swap of the table", () => {
    const memory = new Memory();
    const [a] = candidatesWith([], memory);
    const before = a.meters().length;
    const meter = a.addLearnedMeter(AT_ONCE);
    expect(a.addLearnedMeter({ ...AT_ONCE })).toBe(meter);
    expect(a.meters()).toHaveLength(before + 1);
    const [again, other] = candidatesWith([], memory);
    expect(again.meters()).toContain(meter);
    expect(again.meters()).toHaveLength(before + 1);
    expect(other.meters()).not.toContain(meter);
    const stated = a.meters()[0];
    if (stated === undefined) throw new Error("no meter");
    expect(a.addLearnedMeter(stated.spec)).toBe(stated);
  });

  it("that learned of a limit which a new table states has one meter for it", () => {
    const memory = new Memory();
    const [a] = candidatesWith([], memory);
    a.addLearnedMeter(AT_ONCE);
    const [stated] = candidatesWith([{ scope: "model", unit: "concurrency", amount: 4 }], memory);
    expect(
      stated
        .meters()
        .filter(({ unit }) => unit === "concurrency")
        .map(({ amount }) => amount),
    ).toEqual([4]);
  });

  it("counts a learned limit once where a new table states it", () => {
    const memory = new Memory();
    const [before] = candidatesWith([], memory);
    const spec = { unit: "tokens", window: "minute" } as const;
    const id = "p@/a|tokens/minute";
    before.addLearnedMeter({ id, ...spec, ...shapeOf(spec), verified: false }).take(2, 1_000);
    const [after] = candidatesWith([TOKENS], memory);
    const [meter, ...more] = after.meters().filter((one) => one.spec.id === id);
    expect(more).toEqual([]);
    expect([meter?.amount, meter?.used(1_000)]).toEqual([5, 2]);
    for (const one of after.meters()) one.take(1, 1_000);
    expect(meter?.used(1_000)).toBe(3);
  });
});
