/** Plans that end before they are carried out: what was chosen to go stays, and what was reserved is given back. */
import { describe, expect, test } from "vitest";
import { fakeNeed, GIB } from "../testing/fakes.ts";
import { lab } from "../testing/lab.ts";

const need = (name: string, gib: number, more = {}) =>
  fakeNeed(name, gib, { concurrency: 1, loadCostMs: 1_000, ...more });

/** `hot` works and is fenced for `late`, which has waited for long. */
function fenced(gpuGib = 12) {
  const rig = lab([gpuGib]);
  rig.ask(need("hot", 8));
  rig.loaded("fake/hot");
  const late = rig.ask(need("late", 8));
  rig.pass(60_000);
  expect(rig.state("fake/hot")).toBe("draining");
  return { ...rig, late };
}

describe("a model that was to make room", () => {
  test("stays where the one that wanted the room is given up", () => {
    const { send, late, state } = fenced();
    send({ type: "abort", waiter: late });
    expect([state("fake/hot"), state("fake/late")]).toEqual(["ready", "cold"]);
  });

  test("goes all the same where others took its room meanwhile", () => {
    const { send, late, state, others, clock } = fenced();
    others.bytes = 6 * GIB;
    clock.ms += 1_000;
    send({ type: "tick" });
    send({ type: "abort", waiter: late });
    expect(state("fake/hot")).toBe("draining");
  });

  test("serves again those who wait for it", () => {
    const { send, late, ask, release, log } = fenced();
    ask(need("hot", 8));
    send({ type: "abort", waiter: late });
    release(1);
    expect(log.filter((line) => line === "grant hot")).toHaveLength(2);
    expect(log).not.toContain("unload hot");
  });
});

describe("a reservation", () => {
  test("is given back where its backend goes down", () => {
    const { send, state } = fenced();
    expect(state("fake/late")).toBe("reserved");
    send({ type: "backend-down", backend: "fake", why: "connection refused" });
    expect(state("fake/late")).toBe("cold");
  });

  test("is given back by the youngest head first where there is less room than was thought", () => {
    const { ask, loaded, clock, pass, state, others, send } = lab([16]);
    for (const name of ["a", "b"]) {
      ask(need(name, 8));
      loaded(`fake/${name}`);
    }
    ask(need("old", 8));
    clock.ms += 1_000;
    ask(need("young", 8));
    pass(60_000);
    const both = () => [state("fake/old"), state("fake/young")];
    expect(both()).toEqual(["reserved", "reserved"]);
    others.bytes = 6 * GIB;
    clock.ms += 40_000;
    send({ type: "tick" });
    expect(both()).toEqual(["reserved", "cold"]);
  });
});

describe("a warm model", () => {
  const warm = (name: string, gib: number, more = {}) => need(name, gib, { warm: true, ...more });

  test("is loaded where there is room, and not where there is none", () => {
    const { send, log } = lab([10]);
    send({ type: "know", need: warm("a", 8) });
    send({ type: "know", need: warm("b", 8) });
    expect(log).toEqual(["load a"]);
  });

  test("of a backend with so many slots takes no more of them", () => {
    const { send, log } = lab([40], { backends: [{ id: "fake", slots: 1 }] });
    send({ type: "know", need: warm("a", 8) });
    send({ type: "know", need: warm("b", 8) });
    expect(log).toEqual(["load a"]);
  });

  test("makes room for a request, and is loaded again when that model is gone", () => {
    const { send, ask, loaded, unloaded, release, log, pass } = lab([10]);
    send({ type: "know", need: warm("a", 8) });
    loaded("fake/a");
    ask(need("b", 8, { idleUnloadMs: 5_000 }));
    pass(1_000);
    unloaded("fake/a");
    pass(1_000);
    loaded("fake/b");
    release(1);
    pass(10_000);
    unloaded("fake/b");
    pass(1_000);
    expect(log).toEqual(["load a", "unload a", "load b", "grant b", "unload b", "load a"]);
  });
});
