import { EncodeError } from "@headgate/adapter-kit";
import { encoderOf, SAMPLE_REQUEST, sampleTarget } from "@headgate/adapter-kit/contract-suite";
import type { ChatRequest, ContentPart } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import openai from "./index.ts";

const { chat } = openai;
const target = sampleTarget("openai-compatible");
const { encode } = encoderOf(chat.encode, SAMPLE_REQUEST, target);
const user = (...content: ContentPart[]): Partial<ChatRequest> => ({ messages: [{ role: "user", content }] });

describe("encoding for OpenAI's wire", () => {
  it("writes a request as OpenAI documents it", () => {
    const { json, path } = encode({});
    expect(path).toBe("/chat/completions");
    expect(json).toEqual({
      model: "vendor/model-1",
      messages: [
        { role: "system", content: "Answer briefly." },
        { role: "user", content: "Grüße aus Köln 🦆" },
        {
          role: "assistant",
          content: null,
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
      stop: ["END"],
    });
  });

  it("writes the rest of the fields, and carries unknown ones unchanged", () => {
    const { json } = encode({
      includeUsage: true,
      toolChoice: { name: "weather" },
      parallelToolCalls: false,
      topP: 0.9,
      topK: 4,
      frequencyPenalty: 1,
      presencePenalty: -1,
      reasoningEffort: "low",
      user: "u",
      responseFormat: { type: "json-schema", name: "n", schema: { type: "object" }, strict: true },
      extra: { logit_bias: { "1": 2 }, temperature: 9 },
    });
    expect(json).toMatchObject({
      stream_options: { include_usage: true },
      tool_choice: { type: "function", function: { name: "weather" } },
      parallel_tool_calls: false,
      top_p: 0.9,
      top_k: 4,
      frequency_penalty: 1,
      presence_penalty: -1,
      reasoning_effort: "low",
      user: "u",
      response_format: {
        type: "json_schema",
        json_schema: { name: "n", schema: { type: "object" }, strict: true },
      },
      logit_bias: { "1": 2 },
      temperature: 0.5,
    });
    expect(encode({ responseFormat: { type: "json" } }).json.response_format).toEqual({
      type: "json_object",
    });
  });

  it("writes images, audio and files as parts", () => {
    const { json } = encode(
      user(
        { type: "text", text: "look" },
        { type: "image", url: "https://example.com/a.png", detail: "low" },
        { type: "image", data: "iVBORw0KGgo=" },
        { type: "image", data: "AAAA", mediaType: "image/avif" },
        { type: "audio", data: "BBBB", format: "wav" },
        { type: "file", data: "JVBERi0=", mediaType: "application/pdf", name: "a.pdf" },
      ),
    );
    expect(json.messages[0].content).toEqual([
      { type: "text", text: "look" },
      { type: "image_url", image_url: { url: "https://example.com/a.png", detail: "low" } },
      { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } },
      { type: "image_url", image_url: { url: "data:image/avif;base64,AAAA" } },
      { type: "input_audio", input_audio: { data: "BBBB", format: "wav" } },
      { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0=" } },
    ]);
  });

  it("refuses unsupported parts by their path", () => {
    const unknownImage = () => encode(user({ type: "text", text: "a" }, { type: "image", data: "AAAA" }));
    const url = "https://example.com/a.pdf";
    expect(() => encode(user({ type: "file", url, mediaType: "application/pdf" }))).toThrow(
      expect.objectContaining({ param: "messages[0].content[0]" }),
    );
    expect(unknownImage).toThrow(expect.objectContaining({ param: "messages[0].content[1]" }));
    expect(() => encode({ messages: [{ role: "system", content: [{ type: "image", url: "x" }] }] })).toThrow(
      EncodeError,
    );
  });

  it("leaves an effort out for a model without reasoning, and reports it", () => {
    const plain = sampleTarget("openai-compatible", {}, { capabilities: ["tools"] });
    const { body, dropped } = chat.encode({ ...SAMPLE_REQUEST, reasoningEffort: "low" }, plain);
    expect(JSON.parse(body.toString("utf8"))).not.toHaveProperty("reasoning_effort");
    expect(dropped).toEqual(["reasoning_effort"]);
  });

  it("leaves thinking of earlier turns out, and reports it", () => {
    const message = {
      role: "assistant",
      content: [{ type: "text", text: "a" }],
      toolCalls: [],
      reasoning: "hm",
    } as const;
    const { json, dropped } = encode({ messages: [message] });
    expect(json.messages).toEqual([{ role: "assistant", content: "a" }]);
    expect(dropped).toEqual(["messages[].reasoning"]);
  });
});

describe("encoding a native request", () => {
  const native = (text: string, dialect = {}) => {
    const bytes = Buffer.from(text);
    return chat.native.encode({ bytes, json: JSON.parse(text) }, sampleTarget("openai-compatible", dialect));
  };

  it("changes the model and nothing else, byte for byte", () => {
    const text =
      '{ "stream":true,\n"model" : "alias","seed":12345678901234567890,"messages":[{"content":"\\u00e9"}]}';
    const { body, dropped, headers } = native(text);
    expect(body.toString()).toBe(text.replace('"alias"', '"vendor/model-1"'));
    expect(dropped).toEqual([]);
    expect(headers.accept).toBe("text/event-stream");
  });

  it("leaves out the gateway's own fields, without reporting them as dropped", () => {
    const { body, dropped } = native('{"model":"a","mock_testing_fallbacks":true,"logprobs":true,"n":1}', {
      drop: ["logprobs"],
    });
    expect(body.toString()).toBe('{"model":"vendor/model-1","n":1}');
    expect(dropped).toEqual(["logprobs"]);
  });

  it("requests no usage unless the client does", () => {
    expect(native('{"model":"a","stream":true}').body.toString()).toBe(
      '{"model":"vendor/model-1","stream":true}',
    );
  });
});

describe("decoding for other wires", () => {
  it("distinguishes calls that a provider numbers alike, and reads the end of a call as tool_calls", () => {
    const call = (id: string) => ({ index: 0, id, function: { name: "f", arguments: "{}" } });
    const body = { choices: [{ message: { tool_calls: [call("a"), call("b")] }, finish_reason: "stop" }] };
    expect(chat.decodeBody(Buffer.from(JSON.stringify(body)))).toEqual([
      { type: "start" },
      { type: "tool-call", index: 0, id: "a", name: "f", arguments: "{}" },
      { type: "tool-call", index: 1, id: "b", name: "f", arguments: "{}" },
      { type: "finish", reason: "tool_calls" },
      { type: "end" },
    ]);
  });

  it("reads Mistral's list of thinking and text", () => {
    const content = [
      { type: "thinking", thinking: [{ type: "text", text: "hm" }] },
      { type: "text", text: "yes" },
    ];
    const body = { choices: [{ message: { content }, finish_reason: "model_length" }] };
    expect(chat.decodeBody(Buffer.from(JSON.stringify(body))).slice(1)).toEqual([
      { type: "reasoning", text: "hm" },
      { type: "text", text: "yes" },
      { type: "finish", reason: "length" },
      { type: "end" },
    ]);
  });
});
