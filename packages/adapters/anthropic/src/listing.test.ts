import { expect, it } from "vitest";
import { LISTING } from "./listing.ts";

const read = (document: unknown) => LISTING.read(Buffer.from(JSON.stringify(document)));

it("reads models, all with chat, and continues after the last id while there are more", () => {
  const data = [
    { type: "model", id: "claude-x", display_name: "X", max_input_tokens: 9, max_tokens: 8 },
    { id: "claude-y", max_input_tokens: null },
    { type: "model" },
  ];
  const models = [
    { id: "claude-x", operations: ["chat"], contextTokens: 9, maxOutputTokens: 8 },
    { id: "claude-y", operations: ["chat"] },
  ];
  expect(read({ data, has_more: true, last_id: "claude-y" })).toEqual({
    models,
    unreadable: 1,
    next: "claude-y",
  });
  expect(read({ data, has_more: false, last_id: "claude-y" })).toEqual({ models, unreadable: 1 });
  expect(read({ type: "error" })).toBeUndefined();
});

it("finds the list below both forms of base URL", () => {
  expect(LISTING.page("https://a.example", "x/y")).toBe("v1/models?limit=1000&after_id=x%2Fy");
  expect(LISTING.page("https://a.example/v1")).toBe("models?limit=1000");
});
