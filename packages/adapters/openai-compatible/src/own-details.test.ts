import type { JsonObject } from "@headgate/contract";
import { expect, it } from "vitest";
import { lostDetails, withOwnDetails } from "./own-details.ts";

const GEMINI = "google/gemini-3-flash-preview";
const TOOL_CALLS = [{ id: "call_1", type: "function", function: { name: "f", arguments: "{}" } }];
const sealed = (format: string) => ({ type: "reasoning.encrypted", data: "x", format });
const answer = (details: readonly JsonObject[], calls: readonly JsonObject[] = []): JsonObject => ({
  role: "assistant",
  content: "",
  ...(calls.length === 0 ? {} : { tool_calls: calls }),
  ...(details.length === 0 ? {} : { reasoning_details: details }),
});

it("keeps what the maker of the model sealed, and text of any maker", () => {
  const text = { type: "reasoning.text", text: "Hm.", format: "unknown" };
  const messages = [{ role: "user", content: "Hi" }, answer([text, sealed("google-gemini-v1")], TOOL_CALLS)];
  expect(withOwnDetails(messages, GEMINI)).toBe(messages);
  expect(withOwnDetails(messages, "qwen/qwen3-coder:free")).toBe(messages);
});

it("leaves out what another maker sealed or signed", () => {
  const signed = { type: "reasoning.text", text: "Hm.", signature: "s", format: "anthropic-claude-v1" };
  const before = [answer([signed, sealed("google-gemini-v1")])];
  const after = withOwnDetails(before, "openai/gpt-5");
  expect(after).toEqual([answer([])]);
  expect(lostDetails(before, after)).toBe(true);
});

it("has a stand-in beside calls where Gemini 3 requires a seal", () => {
  const before = [answer([], TOOL_CALLS)];
  const after = withOwnDetails(before, GEMINI);
  const standIn = {
    type: "reasoning.encrypted",
    data: "skip_thought_signature_validator",
    id: "call_1",
    format: "google-gemini-v1",
    index: 0,
  };
  expect(after).toEqual([answer([standIn], TOOL_CALLS)]);
  expect(lostDetails(before, after)).toBe(false);
  expect(withOwnDetails(before, "google/gemini-2.5-flash")).toBe(before);
});
