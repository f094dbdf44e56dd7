import type { JsonObject } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { completeFacts, readControls } from "./controls.ts";

const facts = (json: JsonObject, headers: Record<string, string> = {}) =>
  completeFacts({ model: "a", operation: "chat", needs: 0 }, headers, json);
const user = (content: string) => ({ role: "user", content });

describe("a conversation", () => {
  it("is identified by its beginning: later turns change nothing, another beginning does", () => {
    const first = facts({ messages: [{ role: "system", content: "Be brief." }, user("Hello")] });
    const later = facts({
      messages: [
        { role: "system", content: "Be brief." },
        user("Hello"),
        { role: "assistant", content: "Hi" },
        user("And?"),
      ],
    });
    const other = facts({ messages: [{ role: "system", content: "Be long." }, user("Hello")] });
    expect(first.conversation?.()).toMatch(/^[\w-]{16}$/);
    expect(later.conversation?.()).toBe(first.conversation?.());
    expect(other.conversation?.()).not.toBe(first.conversation?.());
  });

  it("has one beginning in every wire", () => {
    for (const json of [
      { system: "s", messages: [user("x")] },
      { contents: [{ role: "user", parts: [{ text: "x" }] }] },
      { instructions: "s", input: [user("x")] },
    ])
      expect(facts(json).conversation?.()).toBeDefined();
    expect(facts({ input: "x" }).conversation?.()).toBeUndefined();
  });

  it("is named by the clients' own headers, then by prompt_cache_key", () => {
    const json = { messages: [user("x")], prompt_cache_key: "k" };
    expect(facts(json).session).toBe("k");
    expect(facts(json, { "x-claude-code-session-id": "c" }).session).toBe("c");
    expect(facts(json, { "x-session-id": "s", "x-claude-code-session-id": "c" }).session).toBe("s");
    expect(facts({}).session).toBeUndefined();
  });
});

describe("what a request takes", () => {
  it("is read from the body", () => {
    expect(facts({ messages: [user("x".repeat(100))], max_tokens: 7 })).toMatchObject({ maxOutputTokens: 7 });
    expect(facts({ messages: [user("x".repeat(100))] }).promptChars).toBe(104);
    const embedding = completeFacts(
      { model: "a", operation: "embedding", needs: 0 },
      {},
      { input: ["a", "b"] },
    );
    expect(embedding.inputs).toBe(2);
    const image = completeFacts(
      { model: "a", operation: "image", needs: 0, units: { images: 3, quality: "hd" } },
      {},
      { n: 3 },
    );
    expect(image.units).toEqual({ images: 3, quality: "hd" });
    expect(image.images).toBe(3);
  });
});

describe("controls", () => {
  it("in the body override headers", () => {
    expect(readControls({ "x-headgate-fallbacks": "x" }, { fallbacks: ["b", "c"] }).fallbacks).toEqual([
      "b",
      "c",
    ]);
    expect(readControls({ "x-headgate-fallbacks": "x, y" }, {}).fallbacks).toEqual(["x", "y"]);
    expect(readControls({ "x-headgate-timeout-ms": "50" }, undefined).timeoutMs).toBe(50);
    expect(readControls({}, {})).toEqual({ noFallbacks: false });
  });
});
