import { encoderOf, SAMPLE_REQUEST, sampleTarget } from "@headgate/adapter-kit/contract-suite";
import type { ChatRequest, Deployment, JsonValue } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import anthropic from "./index.ts";

const { seed: _, ...SAMPLE } = SAMPLE_REQUEST;
const BARE: ChatRequest = {
  messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
  stream: false,
  includeUsage: false,
  extra: {},
};
const model = (upstream: string, more: Partial<Deployment> = {}) =>
  sampleTarget("anthropic", {}, { upstream, ...more });
const { encode, refused } = encoderOf(anthropic.chat.encode, BARE, sampleTarget("anthropic"));

describe("encoding for Anthropic", () => {
  it("writes a request as Anthropic documents it", () => {
    const { json, path, headers, dropped } = encode(SAMPLE);
    expect(path).toBe("/messages");
    expect(headers).toEqual({
      "content-type": "application/json",
      accept: "text/event-stream",
      "anthropic-version": "2023-06-01",
    });
    expect(json).toEqual({
      model: "vendor/model-1",
      max_tokens: 64,
      system: [{ type: "text", text: "Answer briefly." }],
      messages: [
        { role: "user", content: "Grüße aus Köln 🦆" },
        {
          role: "assistant",
          content: [{ type: "tool_use", id: "call_1", name: "weather", input: { city: "Köln" } }],
        },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "call_1", content: "rain" }] },
      ],
      stream: true,
      tools: [
        {
          name: "weather",
          description: "The weather in a city.",
          input_schema: SAMPLE.tools?.[0]?.parameters,
        },
      ],
      temperature: 0.5,
      stop_sequences: ["END"],
    });
    expect(dropped).toEqual([]);
  });

  it("finds its route under a bare host, under /v1 and at the dialect's path", () => {
    const at = (baseUrl: string, chatPath?: string) => {
      const target = sampleTarget("anthropic", chatPath === undefined ? {} : { chatPath });
      return encode({}, { ...target, provider: { ...target.provider, baseUrl } }).path;
    };
    expect(at("https://api.example.com")).toBe("/v1/messages");
    expect(at("https://api.example.com/v1")).toBe("/messages");
    expect(at("https://api.example.com/anthropic")).toBe("/v1/messages");
    expect(at("https://api.example.com/v1", "/their/messages")).toBe("/their/messages");
  });

  it("leaves the version to a provider that fixes it", () => {
    const target = sampleTarget("anthropic");
    const provider = { ...target.provider, headers: { "Anthropic-Version": "2026-01-01" } };
    expect(encode({}, { ...target, provider }).headers).not.toHaveProperty("anthropic-version");
  });

  it("always sends max_tokens: the client's, else the model's own, else the documented default", () => {
    expect(encode({ maxOutputTokens: 5 }, model("m", { maxOutputTokens: 900 })).json.max_tokens).toBe(5);
    expect(encode({}, model("m", { maxOutputTokens: 900 })).json.max_tokens).toBe(900);
    expect(encode({}).json.max_tokens).toBe(32_000);
  });

  it("sends the user's id", () => {
    expect(encode({ user: "u-1" }).json.metadata).toEqual({ user_id: "u-1" });
  });
});

describe("tools", () => {
  const tools = [
    { name: "f", strict: true },
    { name: "g", strict: false },
  ];
  const chosen = (changes: Partial<ChatRequest>): JsonValue => encode({ tools, ...changes }).json.tool_choice;

  it("always sends a schema, and strictness where it is requested", () => {
    expect(encode({ tools }).json.tools).toEqual([
      { name: "f", input_schema: { type: "object" }, strict: true },
      { name: "g", input_schema: { type: "object" } },
    ]);
  });

  it("encodes every tool choice", () => {
    expect(chosen({})).toBeUndefined();
    expect(chosen({ toolChoice: "auto" })).toEqual({ type: "auto" });
    expect(chosen({ toolChoice: "none", parallelToolCalls: false })).toEqual({ type: "none" });
    expect(chosen({ toolChoice: "required", parallelToolCalls: true })).toEqual({ type: "any" });
    expect(chosen({ toolChoice: { name: "f" } })).toEqual({ type: "tool", name: "f" });
    expect(chosen({ parallelToolCalls: false })).toEqual({ type: "auto", disable_parallel_tool_use: true });
    expect(chosen({ toolChoice: { name: "f" }, parallelToolCalls: false })).toEqual({
      type: "tool",
      name: "f",
      disable_parallel_tool_use: true,
    });
    expect(encode({ tools: [], toolChoice: "auto" }).json).not.toHaveProperty("tool_choice");
  });
});

describe("answers to a schema", () => {
  it("sends the schema, its objects closed", () => {
    const schema = {
      type: "object",
      properties: {
        additionalProperties: { type: "object", properties: {} },
        list: { type: "array", items: { anyOf: [{ type: "object" }, { type: "null" }] } },
        open: { type: "object", properties: { a: {} }, additionalProperties: true },
      },
      enum: [{ type: "object" }],
    };
    const { json } = encode({ responseFormat: { type: "json-schema", name: "x", schema } });
    expect(json.output_config).toEqual({
      format: {
        type: "json_schema",
        schema: {
          ...schema,
          properties: {
            additionalProperties: { type: "object", properties: {}, additionalProperties: false },
            list: {
              type: "array",
              items: { anyOf: [{ type: "object", additionalProperties: false }, { type: "null" }] },
            },
            open: { type: "object", properties: { a: {} }, additionalProperties: false },
          },
          additionalProperties: false,
        },
      },
    });
  });

  it("writes the bounds that the API refuses into the description, and names them", () => {
    const schema = {
      type: "object",
      properties: {
        score: { type: "integer", description: "How good.", minimum: 1, maximum: 10 },
        at: { type: "string", format: "iri", minLength: 1 },
        day: { type: "string", format: "date" },
        list: { type: "array", items: { type: "number", multipleOf: 2 }, minItems: 1 },
        many: { type: "array", minItems: 3 },
        minimum: { oneOf: [{ const: 1 }, { type: "null" }] },
      },
    };
    const { json, dropped } = encode({ responseFormat: { type: "json-schema", name: "x", schema } });
    expect(json.output_config.format.schema.properties).toEqual({
      score: { type: "integer", description: "How good.\n\n{minimum: 1, maximum: 10}" },
      at: { type: "string", description: '{format: "iri", minLength: 1}' },
      day: { type: "string", format: "date" },
      list: { type: "array", items: { type: "number", description: "{multipleOf: 2}" }, minItems: 1 },
      many: { type: "array", description: "{minItems: 3}" },
      minimum: { anyOf: [{ const: 1 }, { type: "null" }] },
    });
    expect(dropped).toContain("response_format.json_schema.schema.minimum");
  });

  it("asks for an object of unnamed keys in words, since a closed one would be empty", () => {
    const schema = {
      type: "object",
      properties: { by: { type: "object", additionalProperties: { type: "string" } } },
    };
    const { json } = encode({ responseFormat: { type: "json-schema", name: "x", schema } });
    expect(json).not.toHaveProperty("output_config");
    expect(json.system.at(-1).text).toContain(JSON.stringify(schema));
  });

  it("asks for JSON without a schema in words, and sends no format for text", () => {
    const { json } = encode({ responseFormat: { type: "json" } });
    expect(json).not.toHaveProperty("output_config");
    expect(json.system.at(-1).text).toMatch(/one valid JSON object/);
    expect(encode({ responseFormat: { type: "text" } }).json).not.toHaveProperty("output_config");
  });
});

describe("fields that Anthropic lacks", () => {
  it.each([
    ["seed", { seed: 1 }],
    ["frequency_penalty", { frequencyPenalty: 0.5 }],
    ["presence_penalty", { presencePenalty: -1 }],
    ["n", { extra: { n: 2 } }],
    ["logprobs", { extra: { logprobs: true } }],
    ["logit_bias", { extra: { logit_bias: { "1": 2 } } }],
    ["modalities", { extra: { modalities: ["text", "audio"] } }],
    ["web_search_options", { extra: { web_search_options: {} } }],
  ] as const)("refuses %s by name, unless the fragment drops it", (name, changes) => {
    refused(changes, name);
    const { json, dropped } = encode(changes, sampleTarget("anthropic", { drop: [name] }));
    expect(dropped).toEqual([name]);
    expect(json).not.toHaveProperty(name);
  });

  it("accepts neutral values, and reports the hints that it leaves out", () => {
    const neutral = { n: 1, logprobs: false, top_logprobs: 0, logit_bias: {}, modalities: ["text"], x: null };
    expect(encode({ frequencyPenalty: 0, presencePenalty: 0, extra: neutral }).dropped).toEqual([]);
    const hints = { store: true, metadata: { a: "b" }, service_tier: "flex", prompt_cache_key: "k" };
    const { json, dropped } = encode({ extra: hints });
    expect(dropped).toEqual(Object.keys(hints));
    expect(Object.keys(json)).toEqual(["model", "max_tokens", "messages", "stream"]);
  });

  it("carries Anthropic's own fields", () => {
    const extra = { cache_control: { type: "ephemeral" }, service_tier: "standard_only" };
    expect(encode({ extra }).json).toMatchObject(extra);
  });
});
