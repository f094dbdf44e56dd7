import { present } from "@headgate/contract";
import { memoryStore } from "@headgate/state";
import { describe, expect, it } from "vitest";
import { itemId } from "./ids.ts";
import { LastingResponseStore } from "./lasting-store.ts";

const setup = () => {
  const clock = { nowMs: 1_000 };
  const { kept } = memoryStore();
  const open = (shared = false): LastingResponseStore =>
    new LastingResponseStore({ nowMs: () => clock.nowMs, ttlMs: 1_000, maxBytes: 100_000, kept, shared });
  return { clock, kept, open };
};
const stem = (digit: string): string => digit.repeat(32);
const stored = (id: string, before?: string) => ({
  response: { id, ...present({ previous_response_id: before }) },
  input: [{ type: "message" }],
});

describe("stored responses", () => {
  it("survive the process, with all that they build on", async () => {
    const { open } = setup();
    const first = open();
    first.put("resp_a", stored("resp_a"));
    first.put("resp_b", stored("resp_b", "resp_a"));
    const second = open();
    expect(second.get("resp_b")).toBeUndefined();
    const json = { previous_response_id: "resp_b" };
    expect(second.reads(json)).toBe(true);
    await second.fetch(json);
    expect(second.get("resp_b")?.response.previous_response_id).toBe("resp_a");
    expect(second.get("resp_a")?.response.id).toBe("resp_a");
  });

  it("are fetched for items that a request refers to, and for nothing else", async () => {
    const { open } = setup();
    const id = `resp_${stem("a")}`;
    open().put(id, stored(id));
    const second = open();
    const item = itemId("msg", stem("a"), "output", 0);
    expect(second.reads({ input: [{ type: "message", role: "user", content: "x" }] })).toBe(false);
    await second.fetch({ input: [{ type: "item_reference", id: item }] });
    expect(second.get(id)).toBeDefined();
  });

  it("are renewed in the store when they are read, and expire there otherwise", async () => {
    const { clock, open } = setup();
    const first = open();
    first.put("resp_a", stored("resp_a"));
    clock.nowMs += 900;
    expect(first.get("resp_a")).toBeDefined();
    clock.nowMs += 900;
    const second = open();
    await second.fetchChain("resp_a");
    expect(second.get("resp_a")).toBeDefined();
    clock.nowMs += 1_001;
    const third = open();
    await third.fetchChain("resp_a");
    expect(third.get("resp_a")).toBeUndefined();
  });

  it("that another process deleted are gone here too", async () => {
    const { open } = setup();
    const [one, two] = [open(true), open(true)];
    one.put("resp_a", stored("resp_a"));
    await two.fetchChain("resp_a");
    expect(await two.deleteAll("resp_a")).toBe(true);
    await one.fetchChain("resp_a");
    expect(one.get("resp_a")).toBeUndefined();
    expect(await one.deleteAll("resp_a")).toBe(false);
  });

  it("stay readable while the store is unreachable", async () => {
    const { clock } = setup();
    const kept = {
      get: () => Promise.reject(new Error("away")),
      put: () => {},
      delete: () => Promise.reject(new Error("away")),
      sweep: () => {},
    };
    const store = new LastingResponseStore({
      nowMs: () => clock.nowMs,
      ttlMs: 1_000,
      maxBytes: 10_000,
      kept,
      shared: true,
    });
    store.put("resp_a", stored("resp_a"));
    await store.fetchChain("resp_a");
    expect(store.get("resp_a")).toBeDefined();
    await store.fetchChain("resp_b");
    expect(await store.deleteAll("resp_a")).toBe(true);
  });
});
