import {
  encoderOf,
  SAMPLE_REQUEST,
  sampleTarget,
  UNCARRIED_FIELDS,
} from "@headgate/adapter-kit/contract-suite";
import type { ChatMessage, ChatRequest, ContentPart, Dialect } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import gemini from "./index.ts";

const target = (upstream = "gemini-2.5-flash", dialect: Partial<Dialect> = {}) =>
  sampleTarget("gemini", dialect, { upstream });
const { encode, refused } = encoderOf(gemini.chat.encode, SAMPLE_REQUEST, target());
const user = (...content: ContentPart[]): ChatMessage => ({ role: "user", content });
const text = (words: string): ContentPart => ({ type: "text", text: words });
const call = (id: string, args = "{}") => ({ id, name: "f", arguments: args });
const calls = (...toolCalls: ReturnType<typeof call>[]): ChatMessage => ({
  role: "assistant",
  content: [],
  toolCalls,
});
const result = (toolCallId: string, ...content: ContentPart[]): ChatMessage => ({
  role: "tool",
  toolCallId,
  content,
});

describe("encoding for Gemini", () => {
  it("writes a request as Google documents it", () => {
    const { json, path, headers, dropped } = encode({});
    expect(path).toBe("/models/gemini-2.5-flash:streamGenerateContent?alt=sse");
    expect(headers).toEqual({ "content-type": "application/json", accept: "text/event-stream" });
    expect(json).toEqual({
      systemInstruction: { parts: [{ text: "Answer briefly." }] },
      contents: [
        { role: "user", parts: [{ text: "Grüße aus Köln 🦆" }] },
        {
          role: "model",
          parts: [{ functionCall: { id: "call_1", name: "weather", args: { city: "Köln" } } }],
        },
        {
          role: "user",
          parts: [{ functionResponse: { id: "call_1", name: "weather", response: { output: "rain" } } }],
        },
      ],
      tools: [
        {
          functionDeclarations: [
            {
              name: "weather",
              description: "The weather in a city.",
              parametersJsonSchema: SAMPLE_REQUEST.tools?.[0]?.parameters,
            },
          ],
        },
      ],
      generationConfig: { maxOutputTokens: 64, temperature: 0.5, stopSequences: ["END"], seed: 7 },
    });
    expect(dropped).toEqual([]);
  });

  it.each([
    ["models/gemini-2.5-flash", "/models/gemini-2.5-flash:generateContent"],
    ["a model?", "/models/a%20model%3F:generateContent"],
  ])("addresses the model %s as %s", (upstream, path) => {
    expect(encode({ stream: false }, target(upstream)).path).toBe(path);
  });

  it("writes every setting under its own name", () => {
    const { json } = encode({ topP: 0.9, topK: 4, frequencyPenalty: 1, presencePenalty: -1 });
    expect(json.generationConfig).toMatchObject({
      topP: 0.9,
      topK: 4,
      frequencyPenalty: 1,
      presencePenalty: -1,
    });
  });

  it("leaves out the single settings that a dialect names", () => {
    const dialect = { drop: ["generationConfig.seed", "generationConfig.topK"] };
    const { json, dropped } = encode({}, target(undefined, dialect));
    expect(json.generationConfig).toEqual({ maxOutputTokens: 64, temperature: 0.5, stopSequences: ["END"] });
    expect(dropped).toEqual(["generationConfig.seed"]);
  });

  it("puts system text into the user's first turn for Gemma, which has no system instruction", () => {
    const { json } = encode({}, target("gemma-3-27b-it"));
    expect(json).not.toHaveProperty("systemInstruction");
    expect(json.contents[0]).toEqual({
      role: "user",
      parts: [{ text: "Answer briefly." }, { text: "Grüße aus Köln 🦆" }],
    });
    const results = [calls(call("a")), result("a", text("x"))];
    const bare = encode(
      { messages: [{ role: "system", content: [text("s")] }, ...results] },
      target("gemma-3-27b-it"),
    );
    expect(bare.json.contents[0]).toEqual({ role: "user", parts: [{ text: "s" }] });
  });

  it("makes a turn of system text where there is no other", () => {
    const { json } = encode({ messages: [{ role: "system", content: [text("s")] }] });
    expect(json.contents).toEqual([{ role: "user", parts: [{ text: "s" }] }]);
    expect(json).not.toHaveProperty("systemInstruction");
  });

  it("puts the results of calls made at once into one turn, each with its function's name", () => {
    const { json } = encode({
      messages: [
        user(text("go")),
        calls(call("a"), call("b")),
        result("b", text('{"n":1}')),
        result("a", text("[1]")),
        user(text("on")),
      ],
    });
    expect(json.contents.slice(2)).toEqual([
      {
        role: "user",
        parts: [
          { functionResponse: { id: "b", name: "f", response: { n: 1 } } },
          { functionResponse: { id: "a", name: "f", response: { output: "[1]" } } },
        ],
      },
      { role: "user", parts: [{ text: "on" }] },
    ]);
  });

  it("names the message of a result without a call, and of arguments that are no object", () => {
    refused({ messages: [user(text("x")), result("gone", text("y"))] }, "messages[1].tool_call_id");
    refused({ messages: [calls(call("a", "[1"))] }, "messages[0].tool_calls[0].function.arguments");
  });

  it("skips empty turns, and reports the fields of messages that it leaves out", () => {
    const { json, dropped } = encode({
      messages: [
        { ...user(text("x")), name: "Ann" } as ChatMessage,
        { role: "assistant", content: [text("")], toolCalls: [], reasoning: "hm" },
      ],
    });
    expect(json.contents).toEqual([{ role: "user", parts: [{ text: "x" }] }]);
    expect(dropped).toEqual(["messages[].name", "messages[].reasoning"]);
  });
});

describe("signatures", () => {
  const sealed = (wire: string) => ({ ...call("a"), sealed: { wire, data: "sig" } });
  const signatures = (message: ChatMessage, upstream: string): unknown[] =>
    encode({ messages: [user(text("x")), message] }, target(upstream)).json.contents[1].parts.map(
      (part: { thoughtSignature?: string }) => part.thoughtSignature,
    );

  it("are sent back with their call and their text", () => {
    const sealedText = { type: "text", text: "so", sealed: { wire: "gemini", data: "text-sig" } } as const;
    const message: ChatMessage = {
      role: "assistant",
      content: [sealedText],
      toolCalls: [sealed("gemini"), call("b")],
    };
    expect(signatures(message, "gemini-3-pro-preview")).toEqual(["text-sig", "sig", undefined]);
  });

  it.each(["gemini-3-flash-preview", "gemini-flash-latest"])(
    "of another wire are no use: for %s the first call of a step gets the documented stand-in",
    (upstream) => {
      expect(signatures(calls(sealed("anthropic-messages"), call("b")), upstream)).toEqual([
        "skip_thought_signature_validator",
        undefined,
      ]);
    },
  );

  it("are not needed before Gemini 3", () => {
    expect(signatures(calls(call("a")), "gemini-2.5-pro")).toEqual([undefined]);
    expect(signatures(calls(call("a")), "gemma-4-31b-it")).toEqual([undefined]);
  });
});

describe("media", () => {
  const png = "iVBORw0KGgo=";
  const parts = (part: ContentPart, upstream?: string) =>
    encode({ messages: [user(text("look"), part)] }, target(upstream)).json.contents[0].parts[1];

  it("is sent inline, with its type or that of its signature", () => {
    expect(parts({ type: "image", data: png, mediaType: "image/heic" })).toEqual({
      inlineData: { mimeType: "image/heic", data: png },
    });
    expect(parts({ type: "image", data: png })).toEqual({ inlineData: { mimeType: "image/png", data: png } });
    expect(parts({ type: "audio", data: "AAAA", format: "wav" })).toEqual({
      inlineData: { mimeType: "audio/wav", data: "AAAA" },
    });
    expect(parts({ type: "file", data: "JVBERi0=", mediaType: "application/pdf" })).toEqual({
      inlineData: { mimeType: "application/pdf", data: "JVBERi0=" },
    });
    refused({ messages: [user({ type: "image", data: "AAAA" })] }, "messages[0].content[0]");
  });

  it("has no detail, which is reported unless it is the default", () => {
    const image = (detail: string) => ({ messages: [user({ type: "image", data: png, detail } as const)] });
    expect(encode(image("high")).dropped).toEqual(["messages[].content[].image_url.detail"]);
    expect(encode(image("auto")).dropped).toEqual([]);
  });

  it("is sent by its https URL where Google fetches it, and only there", () => {
    expect(parts({ type: "image", url: "https://example.com/a.JPG?x=1" })).toEqual({
      fileData: { mimeType: "image/jpeg", fileUri: "https://example.com/a.JPG?x=1" },
    });
    expect(parts({ type: "image", url: "https://example.com/a" })).toEqual({
      fileData: { fileUri: "https://example.com/a" },
    });
    const image = (url: string) => ({ messages: [user({ type: "image", url } as const)] });
    refused(image("http://example.com/a.png"), "messages[0].content[0]");
    refused(image("https://example.com/a.png"), "messages[0].content[0]", target("gemini-2.0-flash"));
    refused(image("https://example.com/a.png"), "messages[0].content[0]", target("gemma-3-27b-it"));
  });

  it("may be a document, except for Gemma", () => {
    const file = { type: "file", mediaType: "application/pdf" } as const;
    expect(parts({ ...file, data: "AAAA", name: "a.pdf" })).toEqual({
      inlineData: { mimeType: "application/pdf", data: "AAAA" },
    });
    expect(parts({ ...file, url: "https://example.com/a" })).toEqual({
      fileData: { mimeType: "application/pdf", fileUri: "https://example.com/a" },
    });
    const gemma = target("gemma-3-27b-it");
    refused({ messages: [user({ ...file, data: "AAAA" })] }, "messages[0].content[0]", gemma);
  });

  it("is part of a tool's result from Gemini 3 on", () => {
    const messages = [calls(call("a")), result("a", text("seen"), { type: "image", data: png })];
    expect(encode({ messages }, target("gemini-3-pro-preview")).json.contents[1].parts).toEqual([
      {
        functionResponse: {
          id: "a",
          name: "f",
          response: { output: "seen" },
          parts: [{ inlineData: { mimeType: "image/png", data: png } }],
        },
      },
    ]);
    refused({ messages }, "messages[1].content[1]");
  });
});

describe("thinking", () => {
  const thinking = (reasoningEffort: string, upstream: string) =>
    encode({ reasoningEffort }, target(upstream)).json.generationConfig.thinkingConfig;

  it.each<[string, string, object]>([
    ["none", "gemini-2.5-flash", { thinkingBudget: 0 }],
    ["none", "gemini-2.5-pro", { thinkingBudget: 128 }],
    ["low", "gemini-2.5-flash", { thinkingBudget: 1024, includeThoughts: true }],
    ["max", "gemini-2.5-pro", { thinkingBudget: 24_576, includeThoughts: true }],
    ["none", "gemini-3-flash-preview", { thinkingLevel: "MINIMAL" }],
    ["minimal", "gemini-3.1-pro-preview", { thinkingLevel: "LOW", includeThoughts: true }],
    ["medium", "gemini-3.5-flash", { thinkingLevel: "MEDIUM", includeThoughts: true }],
    ["high", "gemini-flash-latest", { thinkingLevel: "HIGH", includeThoughts: true }],
  ])("of effort %s is for %s %j", (effort, upstream, config) => {
    expect(thinking(effort, upstream)).toEqual(config);
  });

  it("is left out and reported for a model without reasoning; an unknown effort is refused", () => {
    const plain = sampleTarget("gemini", {}, { upstream: "gemini-2.0-flash", capabilities: [] });
    const { json, dropped } = encode({ reasoningEffort: "high" }, plain);
    expect(json.generationConfig).not.toHaveProperty("thinkingConfig");
    expect(dropped).toEqual(["reasoning_effort"]);
    expect(encode({ reasoningEffort: "none" }, plain).dropped).toEqual([]);
    refused({ reasoningEffort: "lots" }, "reasoning_effort");
  });

  it("is sent as the client has it in extra_body, as on Google's own OpenAI route", () => {
    const google = {
      thinking_config: { thinking_budget: 7 },
      cached_content: "cachedContents/1",
      safety_settings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
    };
    const { json } = encode({ reasoningEffort: "high", extra: { extra_body: { google } } });
    expect(json.generationConfig.thinkingConfig).toEqual({ thinking_budget: 7 });
    expect(json).toMatchObject({ cachedContent: "cachedContents/1", safetySettings: google.safety_settings });
    refused({ extra: { extra_body: { google: { other: 1 } } } }, "extra_body.google.other");
  });
});

describe("formats and tools", () => {
  const { tools: _, ...untooled } = SAMPLE_REQUEST;
  const format = (responseFormat: ChatRequest["responseFormat"]) =>
    JSON.parse(
      gemini.chat
        .encode({ ...untooled, ...(responseFormat && { responseFormat }) }, target())
        .body.toString("utf8"),
    ).generationConfig;

  it("writes JSON mode and schemas", () => {
    expect(format({ type: "json" })).toMatchObject({ responseMimeType: "application/json" });
    const schema = { $schema: "https://json-schema.org/draft/2020-12/schema", type: "object" };
    expect(format({ type: "json-schema", name: "n", schema })).toMatchObject({
      responseMimeType: "application/json",
      responseJsonSchema: { type: "object" },
    });
    expect(format({ type: "text" })).not.toHaveProperty("responseMimeType");
  });

  it("refuses JSON mode together with tools before Gemini 3", () => {
    refused({ responseFormat: { type: "json" } }, "response_format");
    expect(encode({ responseFormat: { type: "json" } }, target("gemini-3-pro-preview")).json).toMatchObject({
      tools: expect.anything(),
      generationConfig: { responseMimeType: "application/json" },
    });
    expect(encode({ responseFormat: { type: "text" } }).json).toHaveProperty("tools");
  });

  it.each<[ChatRequest["toolChoice"], object | undefined]>([
    ["auto", undefined],
    ["none", { mode: "NONE" }],
    ["required", { mode: "ANY" }],
    [{ name: "weather" }, { mode: "ANY", allowedFunctionNames: ["weather"] }],
  ])("writes the tool choice %j", (toolChoice, functionCallingConfig) => {
    const { toolConfig } = encode(toolChoice === undefined ? {} : { toolChoice }).json;
    expect(toolConfig?.functionCallingConfig).toEqual(functionCallingConfig);
  });

  it("leaves `$schema` out of tool schemas", () => {
    const parameters = { $schema: "x", type: "object", properties: { $schema: { type: "string" } } };
    expect(encode({ tools: [{ name: "f", parameters }] }).json.tools[0].functionDeclarations[0]).toEqual({
      name: "f",
      parametersJsonSchema: { type: "object", properties: { $schema: { type: "string" } } },
    });
  });

  it.each([true, false])("leaves parallel calls out by name, as a hint: %s", (parallelToolCalls) => {
    const { json, dropped } = encode({ parallelToolCalls, tools: [{ name: "f" }] });
    expect(dropped).toEqual(["parallel_tool_calls"]);
    expect(json.tools).toEqual([{ functionDeclarations: [{ name: "f" }] }]);
  });
});

describe("other fields", () => {
  it.each(UNCARRIED_FIELDS)("refuses %s by name", (name, value) => {
    refused({ extra: { [name]: value } }, name);
  });

  it("leaves out harmless fields: silently where they are Gemini's default, else reported", () => {
    const extra = { n: 1, logprobs: false, logit_bias: {}, modalities: ["text"], stop: null, store: true };
    expect(encode({ user: "u", extra }).dropped).toEqual(["store", "user"]);
  });
});

describe("a body of Gemini's own", () => {
  const { native } = gemini.chat;
  const json = {
    contents: [{ parts: [{ text: "ü" }] }],
    generation_config: { seed: 1, top_k: 2 },
    tools: [
      { function_declarations: [{ name: "f", parameters: { type: "OBJECT", minItems: 1 } }] },
      { googleSearch: {} },
    ],
    unknown: { kept: true },
  };
  const bytes = Buffer.from(JSON.stringify(json, null, 1));

  it("passes byte for byte, to the requested model and method", () => {
    const whole = native.encode({ bytes, json }, target());
    expect(whole.body).toBe(bytes);
    expect(whole.path).toBe("/models/gemini-2.5-flash:generateContent");
    expect(native.encode({ bytes, json, stream: true }, target()).path).toContain(
      ":streamGenerateContent?alt=sse",
    );
  });

  it("changes only the fields that the dialect names, in either spelling", () => {
    const dialect = { drop: ["generationConfig.seed"], stripToolSchema: ["minItems"] };
    const changed = native.encode({ bytes, json }, target(undefined, dialect));
    expect(JSON.parse(changed.body.toString("utf8"))).toEqual({
      ...json,
      generation_config: { top_k: 2 },
      tools: [
        { function_declarations: [{ name: "f", parameters: { type: "OBJECT" } }] },
        { googleSearch: {} },
      ],
    });
    expect(changed.dropped).toEqual(["generationConfig.seed", "tools[].function.parameters.minItems"]);
  });
});
