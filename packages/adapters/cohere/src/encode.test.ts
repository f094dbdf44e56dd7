import { classify } from "@headgate/adapter-kit";
import {
  encoderOf,
  SAMPLE_REQUEST,
  sampleTarget,
  UNCARRIED_FIELDS,
} from "@headgate/adapter-kit/contract-suite";
import type { ChatMessage, ChatRequest, ContentPart, JsonValue, Tool } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import cohere from "./index.ts";

const target = sampleTarget("cohere");
const plain = sampleTarget("cohere", {}, { capabilities: ["tools"] });
const { encode, refused } = encoderOf(cohere.chat.encode, SAMPLE_REQUEST, target);
const user = (...content: ContentPart[]): Partial<ChatRequest> => ({ messages: [{ role: "user", content }] });
const call = { id: "c1", name: "weather", arguments: "{}" };
const assistant = (fields: Partial<Extract<ChatMessage, { role: "assistant" }>>): Partial<ChatRequest> => ({
  messages: [{ role: "assistant", content: [], toolCalls: [], ...fields }],
});

describe("encoding for Cohere", () => {
  it("writes a request as Cohere documents it", () => {
    const { json, path, dropped } = encode({});
    expect(path).toBe("/chat");
    expect(json).toEqual({
      model: "vendor/model-1",
      messages: [
        { role: "system", content: "Answer briefly." },
        { role: "user", content: "Grüße aus Köln 🦆" },
        {
          role: "assistant",
          tool_calls: [
            { id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Köln"}' } },
          ],
        },
        { role: "tool", tool_call_id: "call_1", content: "rain" },
      ],
      stream: true,
      tools: [{ type: "function", function: SAMPLE_REQUEST.tools?.[0] }],
      max_tokens: 64,
      temperature: 0.5,
      seed: 7,
      stop_sequences: ["END"],
    });
    expect(dropped).toEqual([]);
  });

  it("writes the rest of the fields under Cohere's names, beside the client's own", () => {
    const { json } = encode({
      topP: 0.9,
      topK: 4,
      frequencyPenalty: 0.5,
      presencePenalty: 0.25,
      extra: { safety_mode: "STRICT", documents: ["d"] },
    });
    expect(json).toMatchObject({
      p: 0.9,
      k: 4,
      frequency_penalty: 0.5,
      presence_penalty: 0.25,
      safety_mode: "STRICT",
      documents: ["d"],
    });
  });

  it.each([
    [1, 0.99],
    [0, 0.01],
    [0.5, 0.5],
  ])("keeps top_p %d within Cohere's range: %d", (topP, p) => {
    expect(encode({ topP }).json.p).toBe(p);
  });

  it("sends images by URL and as data, with the type of their signature", () => {
    const { json } = encode(
      user(
        { type: "text", text: "look" },
        { type: "image", url: "https://example.com/a.png", detail: "low" },
        { type: "image", data: "iVBORw0KGgo=" },
      ),
    );
    expect(json.messages).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "look" },
          { type: "image_url", image_url: { url: "https://example.com/a.png", detail: "low" } },
          { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } },
        ],
      },
    ]);
  });

  it("refuses parts that Cohere lacks, by their path", () => {
    refused(user({ type: "audio", data: "AA", format: "wav" }), "messages[0].content[0]");
    refused(user({ type: "file", data: "AA", mediaType: "application/pdf" }), "messages[0].content[0]");
    refused(user({ type: "image", data: "AAAA" }), "messages[0].content[0]");
    const image: ContentPart = { type: "image", url: "https://example.com/a.png" };
    refused(
      { messages: [{ role: "tool", toolCallId: "c1", content: [{ type: "text", text: "x" }, image] }] },
      "messages[0].content[1]",
    );
  });

  it("writes text before tool calls as their plan", () => {
    const answer = { content: [{ type: "text", text: "Let me see." }], toolCalls: [call] } as const;
    expect(encode(assistant(answer), plain).json.messages[0]).toEqual({
      role: "assistant",
      tool_plan: "Let me see.",
      tool_calls: [{ id: "c1", type: "function", function: { name: "weather", arguments: "{}" } }],
    });
    expect(encode(assistant({ ...answer, reasoning: "Hm." }), plain).json.messages[0]).toMatchObject({
      tool_plan: "Hm.\nLet me see.",
    });
  });

  it("sends thinking back to a model with reasoning, and reports it as dropped for others", () => {
    const thought = assistant({ content: [{ type: "text", text: "Yes." }], reasoning: "Hm." });
    expect(encode(thought).json.messages[0]).toEqual({
      role: "assistant",
      content: [
        { type: "thinking", thinking: "Hm." },
        { type: "text", text: "Yes." },
      ],
    });
    const lost = encode(thought, plain);
    expect(lost.json.messages[0]).toEqual({ role: "assistant", content: "Yes." });
    expect(lost.dropped).toEqual(["messages[].reasoning"]);
    expect(encode(assistant({ toolCalls: [call], reasoning: "Hm." })).json.messages[0]).toMatchObject({
      content: [{ type: "thinking", thinking: "Hm." }],
      tool_calls: [{ id: "c1" }],
    });
  });

  it.each<[string, JsonValue]>([
    ["none", { type: "disabled" }],
    ["low", { type: "enabled" }],
    ["max", { type: "enabled" }],
  ])("turns reasoning effort %s into thinking %j", (reasoningEffort, thinking) => {
    expect(encode({ reasoningEffort }).json.thinking).toEqual(thinking);
  });

  it("sends no thinking to a model without reasoning, and reports it", () => {
    const { json, dropped } = encode({ reasoningEffort: "high" }, plain);
    expect(json).not.toHaveProperty("thinking");
    expect(dropped).toEqual(["reasoning_effort"]);
    expect(encode({ reasoningEffort: "none" }, plain).dropped).toEqual([]);
    refused({ reasoningEffort: "lots" }, "reasoning_effort");
  });

  it("writes formats: plain JSON, or with a schema", () => {
    expect(encode({ responseFormat: { type: "json" } }).json.response_format).toEqual({
      type: "json_object",
    });
    const schema = { type: "object" };
    expect(
      encode({ responseFormat: { type: "json-schema", name: "n", schema } }).json.response_format,
    ).toEqual({
      type: "json_object",
      json_schema: schema,
    });
    expect(encode({ responseFormat: { type: "text" } }).json).not.toHaveProperty("response_format");
  });

  it("forces a call, forbids it, and makes one tool the only one", () => {
    const tools: Tool[] = [{ name: "a" }, { name: "b" }];
    expect(encode({ tools, toolChoice: "required" }).json.tool_choice).toBe("REQUIRED");
    expect(encode({ tools, toolChoice: "none" }).json.tool_choice).toBe("NONE");
    expect(encode({ tools, toolChoice: "auto" }).json).not.toHaveProperty("tool_choice");
    const named = encode({ tools, toolChoice: { name: "b" } }).json;
    expect(named.tool_choice).toBe("REQUIRED");
    expect(named.tools).toEqual([
      { type: "function", function: { name: "b", parameters: { type: "object", properties: {} } } },
    ]);
    refused({ tools, toolChoice: { name: "c" } }, "tool_choice");
    expect(encode({ tools: [], toolChoice: "none" }).json).not.toHaveProperty("tool_choice");
  });

  it("makes tool schemas strict where all tools request it and Cohere can", () => {
    const parameters = { type: "object", properties: { q: { type: "string" } }, required: ["q"] };
    const strict: Tool = { name: "a", strict: true, parameters };
    expect(encode({ tools: [strict] }).json.strict_tools).toBe(true);
    for (const other of [
      { name: "b", parameters },
      { name: "b", strict: true },
    ]) {
      const { json, dropped } = encode({ tools: [strict, other] });
      expect(json).not.toHaveProperty("strict_tools");
      expect(dropped).toEqual(["tools[].function.strict"]);
    }
  });

  it("strips the schema keywords that the fragment names", () => {
    const parameters = { $schema: "s", type: "object", additionalProperties: false };
    const to = sampleTarget("cohere", { stripToolSchema: ["additionalProperties", "$schema"] });
    const { json, dropped } = encode({ tools: [{ name: "a", parameters }] }, to);
    expect(json.tools[0].function.parameters).toEqual({ type: "object" });
    expect(dropped).toEqual([
      "tools[].function.parameters.$schema",
      "tools[].function.parameters.additionalProperties",
    ]);
  });

  it.each(UNCARRIED_FIELDS)("refuses %s by name, unless the fragment drops it", (name, value) => {
    refused({ extra: { [name]: value } }, name);
    const { json, dropped } = encode({ extra: { [name]: value } }, sampleTarget("cohere", { drop: [name] }));
    expect(json).not.toHaveProperty(name);
    expect(dropped).toEqual([name]);
  });

  it("takes one call at a time for a hint, which is left out by name", () => {
    expect(encode({ parallelToolCalls: false }).dropped).toEqual(["parallel_tool_calls"]);
    expect(encode({ parallelToolCalls: true }).dropped).toEqual([]);
  });

  it("leaves out harmless fields: silently where they are Cohere's default, else reported", () => {
    const { dropped } = encode({
      user: "u",
      messages: [{ role: "user", content: [{ type: "text", text: "x" }], name: "Ada" }],
      extra: { n: 1, logprobs: false, logit_bias: {}, modalities: ["text"], stop: null, store: true },
    });
    expect(dropped).toEqual(["user", "store", "messages[].name"]);
  });
});

it.each([
  [400, "invalid request: message must be at least 1 token long", "bad_request"],
  [400, "too many tokens: size limit exceeded by 812 tokens", "context_window"],
  [401, "invalid api token", "dead_key"],
  [404, "model 'command-x' not found, make sure the correct model ID was used", "model_gone"],
  [429, "You are using a Trial key, which is limited to 20 API calls / minute.", "rate_limit"],
  [500, "internal server error, this has been reported to our developers", "server_error"],
  [503, "service unavailable", "overloaded"],
  [504, "gateway timeout", "timeout"],
])("reads Cohere's %d (%s) as %s", (status, message, expected) => {
  const body = JSON.stringify({ id: "29f14a5a", message });
  expect(classify({ status, headers: {}, body }, [], 0)).toMatchObject({ class: expected, message });
});
