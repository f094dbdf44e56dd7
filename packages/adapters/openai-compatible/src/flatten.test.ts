import { sampleTarget } from "@headgate/adapter-kit/contract-suite";
import type { JsonObject, JsonValue } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import openai from "./index.ts";

const target = sampleTarget("openai-compatible", { flattenContent: true });
const text = (words: string): JsonObject => ({ type: "text", text: words });
const sent = (messages: JsonValue, to = target) => {
  const json: JsonObject = { model: "sample-model", messages };
  const bytes = Buffer.from(JSON.stringify(json));
  const encoded = openai.chat.native.encode({ bytes, json }, to);
  return { ...encoded, messages: JSON.parse(encoded.body.toString("utf8")).messages };
};

describe("a provider that takes content as one text only", () => {
  it("gets lists of text joined, in every role", () => {
    const { messages, dropped } = sent([
      { role: "system", content: [text("Be brief.")] },
      { role: "user", content: [text("Grüße"), text("aus Köln")], name: "ada" },
      { role: "assistant", content: "Hallo" },
    ]);
    expect(messages).toEqual([
      { role: "system", content: "Be brief." },
      { role: "user", content: "Grüße\naus Köln", name: "ada" },
      { role: "assistant", content: "Hallo" },
    ]);
    expect(dropped).toEqual([]);
  });

  it("keeps its images where there are any, and everything that is no list", () => {
    const messages: JsonValue = [
      {
        role: "user",
        content: [text("look"), { type: "image_url", image_url: { url: "https://example.com/a" } }],
      },
      { role: "assistant", content: null, tool_calls: [] },
      { role: "user", content: [] },
    ];
    expect(sent(messages).messages).toEqual(messages);
  });

  it("gets seals removed as well", () => {
    const messages: JsonValue = [
      { role: "assistant", content: [text("a")], extra_content: { google: { thought_signature: "s" } } },
    ];
    const { messages: written, dropped } = sent(messages);
    expect(written).toEqual([{ role: "assistant", content: "a" }]);
    expect(dropped).toEqual(["messages[].extra_content"]);
  });

  it("is the exception: other providers get lists", () => {
    const messages: JsonValue = [{ role: "user", content: [text("x")] }];
    expect(sent(messages, sampleTarget("openai-compatible")).messages).toEqual(messages);
  });
});
