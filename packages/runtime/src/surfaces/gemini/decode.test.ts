import { EncodeError } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue } from "@headgate/contract";
import { NEED } from "@headgate/router";
import { describe, expect, it } from "vitest";
import { decodeGenerate, fieldName } from "./decode.ts";
import { jsonSchema } from "./schema.ts";

const hi: JsonObject = { role: "user", parts: [{ text: "Hi" }] };
const decode = (body: JsonObject) => decodeGenerate({ contents: [hi], ...body }, false);
const contentOf = (...parts: readonly JsonObject[]) =>
  decode({ contents: [{ parts }] }).request.messages[0]?.content;
const declare = (name: string, more: JsonObject = {}): JsonObject => ({ name, ...more });

describe("a body of Gemini's", () => {
  it("is read in both spellings of proto JSON", () => {
    const camel = decode({
      systemInstruction: { parts: [{ text: "Be brief." }] },
      generationConfig: { maxOutputTokens: 9, stopSequences: ["END"], responseMimeType: "application/json" },
      tools: [{ functionDeclarations: [declare("f", { parameters: { type: "OBJECT" } })] }],
      toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["f"] } },
    });
    const snake = decode({
      system_instruction: { parts: { text: "Be brief." } },
      generation_config: {
        max_output_tokens: 9,
        stop_sequences: "END",
        response_mime_type: "application/json",
      },
      tools: { function_declarations: declare("f", { parameters: { type: "OBJECT" } }) },
      tool_config: { function_calling_config: { mode: "ANY", allowed_function_names: ["f"] } },
    });
    expect(snake).toEqual(camel);
    expect(camel.request).toEqual({
      messages: [
        { role: "system", content: [{ type: "text", text: "Be brief." }] },
        { role: "user", content: [{ type: "text", text: "Hi" }] },
      ],
      stream: false,
      includeUsage: true,
      extra: {},
      tools: [{ name: "f", parameters: { type: "object" } }],
      toolChoice: { name: "f" },
      maxOutputTokens: 9,
      stop: ["END"],
      responseFormat: { type: "json" },
    });
    expect(camel.needs).toBe(NEED.tools);
  });

  it.each<[JsonObject, JsonObject]>([
    [{ mode: "AUTO" }, { toolChoice: "auto" }],
    [{ mode: "VALIDATED" }, { toolChoice: "auto" }],
    [{ mode: "NONE" }, { toolChoice: "none" }],
    [{ mode: "ANY" }, { toolChoice: "required" }],
    [{ mode: "ANY", allowedFunctionNames: ["g"] }, { toolChoice: { name: "g" } }],
    [
      { mode: "ANY", allowedFunctionNames: ["f", "h"] },
      { toolChoice: "required", tools: [{ name: "f" }, { name: "h" }] },
    ],
    [{}, {}],
  ])("with the choice %j gives %j", (functionCallingConfig, expected) => {
    const tools = ["f", "g", "h"].map((name) => ({ name }));
    const { request } = decode({
      tools: [{ functionDeclarations: tools }],
      toolConfig: { functionCallingConfig },
    });
    expect({ tools: request.tools, toolChoice: request.toolChoice }).toEqual({
      tools,
      toolChoice: undefined,
      ...expected,
    });
  });

  it.each<[JsonObject, string | undefined]>([
    [{ thinkingBudget: 0 }, "none"],
    [{ thinkingBudget: -1 }, undefined],
    [{ thinkingBudget: 1024 }, "low"],
    [{ thinkingBudget: 8192 }, "medium"],
    [{ thinkingBudget: 24_576 }, "high"],
    [{ thinkingLevel: "MINIMAL" }, "minimal"],
    [{ thinkingLevel: "high" }, "high"],
    [{ includeThoughts: true }, undefined],
  ])("with %j thinks with the effort %s", (thinkingConfig, effort) => {
    const { request, showThoughts } = decode({ generationConfig: { thinkingConfig } });
    expect(request.reasoningEffort).toBe(effort);
    expect(showThoughts).toBe(thinkingConfig.includeThoughts === true);
  });

  it("needs what its parts and settings need", () => {
    const blob = (mimeType: string): JsonObject => ({ inlineData: { mimeType, data: "AAAA" } });
    const schema = { responseMimeType: "application/json", responseSchema: { type: "STRING" } };
    expect(decode({ contents: [{ parts: [blob("image/png")] }] }).needs).toBe(NEED.vision);
    expect(decode({ contents: [{ parts: [blob("audio/wav")] }] }).needs).toBe(NEED["audio-input"]);
    expect(decode({ generationConfig: schema }).needs).toBe(NEED.json);
  });

  it("holds media by their types", () => {
    const blob = (mimeType: string, data = "a-_b") => contentOf({ inlineData: { mimeType, data } })?.[0];
    expect(blob("IMAGE/PNG")).toEqual({ type: "image", data: "a+/b", mediaType: "image/png" });
    expect(blob("audio/mpeg")).toEqual({ type: "audio", data: "a+/b", format: "mp3" });
    expect(blob("audio/wav; rate=16000")).toMatchObject({ type: "audio", format: "wav" });
    expect(blob("application/pdf")).toEqual({ type: "file", data: "a+/b", mediaType: "application/pdf" });
    expect(blob("text/csv", "YSxi")).toEqual({ type: "text", text: "a,b" });
    expect(contentOf({ fileData: { mimeType: "image/png", fileUri: "https://example.com/a.png" } })).toEqual([
      { type: "image", url: "https://example.com/a.png", mediaType: "image/png" },
    ]);
  });

  it("answers each call once: by its id, else the oldest of its name", () => {
    const call = (id?: string): JsonObject => ({ functionCall: { name: "f", ...(id && { id }) } });
    const result = (output: JsonValue, id?: string): JsonObject => ({
      functionResponse: { name: "f", response: { output }, ...(id && { id }) },
    });
    const { messages } = decode({
      contents: [
        hi,
        { role: "model", parts: [call(), call("x"), call()] },
        {
          role: "user",
          parts: [result("second", "x"), result("first"), result({ n: 3 }), { text: "And now?" }],
        },
      ],
    }).request;
    expect(messages.slice(2)).toEqual([
      { role: "tool", toolCallId: "x", content: [{ type: "text", text: "second" }] },
      { role: "tool", toolCallId: "call_part_0", content: [{ type: "text", text: "first" }] },
      { role: "tool", toolCallId: "call_part_2", content: [{ type: "text", text: '{"output":{"n":3}}' }] },
      { role: "user", content: [{ type: "text", text: "And now?" }] },
    ]);
  });
});

describe("what only Gemini's wire can express", () => {
  it.each<[JsonObject, string]>([
    [{ cachedContent: "cachedContents/x" }, "cachedContent"],
    [{ tools: [{ codeExecution: {} }] }, "tools[0].codeExecution"],
    [{ toolConfig: { retrievalConfig: {} } }, "toolConfig.retrievalConfig"],
    [{ generationConfig: { responseModalities: ["AUDIO"] } }, "generationConfig.responseModalities"],
    [{ generationConfig: { responseLogprobs: true } }, "generationConfig.responseLogprobs"],
    [{ generationConfig: { responseMimeType: "text/x.enum" } }, "generationConfig.responseMimeType"],
    [
      { contents: [{ role: "model", parts: [{ executableCode: {} }] }] },
      "contents[0].parts[0].executableCode",
    ],
    [
      { contents: [{ parts: [{ fileData: { fileUri: "gs://bucket/a.png", mimeType: "image/png" } }] }] },
      "contents[0].parts[0].fileData",
    ],
    [
      { contents: [{ parts: [{ inlineData: { mimeType: "video/mp4", data: "AAAA" } }] }] },
      "contents[0].parts[0].inlineData",
    ],
  ])("%j is refused elsewhere at %s", (body, path) => {
    const { notes } = decode(body);
    const refused = (): unknown => {
      try {
        notes.check();
      } catch (error) {
        return error;
      }
      return undefined;
    };
    expect(refused()).toBeInstanceOf(EncodeError);
    expect(refused()).toMatchObject({ param: path });
  });

  it("is left out by name where it is a hint, and passes where it is neutral", () => {
    const { notes } = decode({
      safetySettings: [],
      labels: {},
      generationConfig: {
        candidateCount: 1,
        responseModalities: ["TEXT"],
        responseLogprobs: false,
        mediaResolution: "MEDIA_RESOLUTION_LOW",
      },
    });
    notes.check();
    expect([...notes.leftOut]).toEqual(["safetySettings", "labels", "generationConfig.mediaResolution"]);
  });
});

it("puts Google's Schema into JSON Schema, whatever the names of properties", () => {
  expect(
    jsonSchema(
      {
        type: "OBJECT",
        propertyOrdering: ["type"],
        required: ["type"],
        properties: {
          type: { type: "STRING", nullable: true, enum: ["a", "b"], example: "a" },
          list_of: {
            type: "ARRAY",
            min_items: "1",
            items: { anyOf: [{ type: "INTEGER" }, { type: "NUMBER" }] },
          },
        },
      },
      "schema",
    ),
  ).toEqual({
    type: "object",
    required: ["type"],
    properties: {
      type: { type: ["string", "null"], enum: ["a", "b", null] },
      list_of: { type: "array", minItems: 1, items: { anyOf: [{ type: "integer" }, { type: "number" }] } },
    },
  });
});

it("names fields and messages as the client does", () => {
  const paths = decode({ systemInstruction: "Be brief." }).paths;
  expect(paths).toEqual(["systemInstruction", "contents[0]"]);
  expect(fieldName("messages[1].content[0]", paths)).toBe("contents[0]");
  expect(fieldName("reasoning_effort", paths)).toBe("generationConfig.thinkingConfig");
  expect(fieldName("tools", paths)).toBe("tools");
});
