import { describe, expect, it } from "vitest";
import { MemoryResponseStore } from "./store.ts";

const setup = (maxBytes = 1_000) => {
  const clock = { nowMs: 0 };
  const store = new MemoryResponseStore({ nowMs: () => clock.nowMs, ttlMs: 100, maxBytes });
  const put = (id: string, text = "") => store.put(id, { response: { id, text }, input: [] });
  return { clock, store, put };
};

describe("the store of responses", () => {
  it("gives back what was put, and nothing that changed since", () => {
    const { store } = setup();
    const response: Record<string, string> = { id: "a" };
    store.put("a", { response, input: [{ type: "message" }] });
    response.id = "changed";
    expect(store.get("a")).toEqual({ response: { id: "a" }, input: [{ type: "message" }] });
    expect(store.get("b")).toBeUndefined();
  });

  it("drops what was not read for its time; reading renews it", () => {
    const { clock, store, put } = setup();
    put("read");
    put("unread");
    clock.nowMs = 60;
    expect(store.get("read")).toBeDefined();
    clock.nowMs = 100;
    expect(store.get("unread")).toBeUndefined();
    clock.nowMs = 159;
    expect(store.get("read")).toBeDefined();
    clock.nowMs = 259;
    expect(store.get("read")).toBeUndefined();
  });

  it("reports whether there was something to delete; an expired response is none", () => {
    const { clock, store, put } = setup();
    put("a");
    put("b");
    expect(store.delete("a")).toBe(true);
    expect(store.delete("a")).toBe(false);
    clock.nowMs = 100;
    expect(store.delete("b")).toBe(false);
  });

  it("drops the longest unread first when it is full", () => {
    const { store, put } = setup();
    const text = "x".repeat(250);
    for (const id of ["a", "b", "c"]) put(id, text);
    expect(store.get("a")).toBeDefined();
    put("d", text);
    expect(["a", "b", "c", "d"].filter((id) => store.get(id) !== undefined)).toEqual(["a", "c", "d"]);
  });

  it("counts bytes, not characters, and counts them down again", () => {
    const { store, put } = setup();
    for (let round = 0; round < 20; round += 1) {
      put("a", "é".repeat(200));
      put("a", "é".repeat(200));
      store.delete("a");
    }
    put("a", "é".repeat(200));
    put("b", "é".repeat(200));
    expect([store.get("a"), store.get("b")].every((found) => found !== undefined)).toBe(true);
    put("c", "é".repeat(200));
    expect(store.get("a")).toBeUndefined();
  });

  it("keeps the others when one could never fit", () => {
    const { store, put } = setup();
    put("small");
    put("huge", "x".repeat(2_000));
    expect(store.get("small")).toBeDefined();
    expect(store.get("huge")).toBeUndefined();
  });
});
