import { describe, expect, it } from "vitest";
import { createGate } from "./gate.ts";

const never = new AbortController().signal;

describe("a gate", () => {
  it("holds each wait until it opens, and none after that", async () => {
    const gate = createGate();
    const first = gate.enter(never);
    expect(gate.waiting).toBe(1);
    gate.open();
    expect(await first).toBe(true);
    expect(await gate.enter(never)).toBe(true);
    expect(gate.waiting).toBe(0);
  });

  it("lets exactly the given number through, also before they arrive", async () => {
    const gate = createGate();
    gate.pass(2);
    expect(await gate.enter(never)).toBe(true);
    expect(await gate.enter(never)).toBe(true);
    const third = gate.enter(never);
    expect(gate.waiting).toBe(1);
    gate.pass();
    expect(await third).toBe(true);
  });

  it("resolves when it has been reached, for late listeners too", async () => {
    const gate = createGate();
    const twice = gate.reached(2);
    void gate.enter(never);
    await gate.reached();
    void gate.enter(never);
    await twice;
    expect(gate.waiting).toBe(2);
  });

  it("drops waits that were given up, and spends no pass on them", async () => {
    const gate = createGate();
    const leaving = new AbortController();
    const gaveUp = gate.enter(leaving.signal);
    const stays = gate.enter(never);
    leaving.abort();
    expect(await gaveUp).toBe(false);
    gate.pass();
    expect(await stays).toBe(true);
  });
});
