import { sampleTarget } from "@headgate/adapter-kit/contract-suite";
import { expect, it } from "vitest";
import { addressRequest } from "./request.ts";

const seal = { extra_content: { google: { thought_signature: "sig" } } };
const call = { id: "c", type: "function", function: { name: "f", arguments: "{}" } };
const conversation = (sealed: object) => ({
  model: "m",
  messages: [
    { role: "user", content: 'say "extra_content"' },
    { role: "assistant", content: "Hi", ...sealed, tool_calls: [{ ...call, ...sealed }, call] },
    { role: "tool", tool_call_id: "c", content: "1" },
  ],
  custom: { kept: 1 },
});
const sent = (json: ReturnType<typeof conversation>, upstream: string) => {
  const target = sampleTarget("openai-compatible", {}, { upstream });
  const { body, dropped } = addressRequest({ bytes: Buffer.from(JSON.stringify(json)), json }, target);
  return { json: JSON.parse(body.toString("utf8")), dropped };
};

it("removes a Gemini model's seals from requests to other models, and reports it", () => {
  const { json, dropped } = sent(conversation(seal), "llama");
  expect(json).toEqual({ ...conversation({}), model: "llama" });
  expect(dropped).toEqual(["messages[].extra_content"]);
});

it("keeps them for a Gemini model at any provider", () => {
  const { json, dropped } = sent(conversation(seal), "google/gemini-3-pro");
  expect(json).toEqual({ ...conversation(seal), model: "google/gemini-3-pro" });
  expect(dropped).toEqual([]);
});

it("keeps messages that only mention them", () => {
  expect(sent(conversation({}), "llama")).toEqual({
    json: { ...conversation({}), model: "llama" },
    dropped: [],
  });
});
