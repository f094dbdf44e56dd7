/**
 * Chat completions against the shapes that OpenAI publishes (its OpenAPI document: CreateChatCompletionResponse and
 * CreateChatCompletionStreamResponse), strict: an unpublished field fails, except reasoning_content and
 * extra_content, which every reasoning provider of this wire sends.
 */
import { present } from "@headgate/contract";
import { healthy, type Lab, startLab } from "@headgate/upstream-lab";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ProviderSketch, readStream, startGateway, type TestGateway } from "./support/gateway.ts";

const closed = (required: readonly string[], properties: Record<string, unknown>) => ({
  type: "object",
  additionalProperties: false,
  required,
  properties,
});
const text = { type: "string" };
const count = { type: "integer", minimum: 0 };
const orNull = (schema: Record<string, unknown>) => ({ anyOf: [schema, { type: "null" }] });
const finish = { enum: ["stop", "length", "tool_calls", "content_filter", "function_call"] };
const counts = (names: readonly string[]) =>
  closed([], Object.fromEntries(names.map((name) => [name, count])));
const usage = closed(["prompt_tokens", "completion_tokens", "total_tokens"], {
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: count,
  prompt_tokens_details: counts(["audio_tokens", "cached_tokens"]),
  completion_tokens_details: counts([
    "accepted_prediction_tokens",
    "audio_tokens",
    "reasoning_tokens",
    "rejected_prediction_tokens",
  ]),
});
const logprobs = orNull({ type: "object" });
const beyond = { reasoning_content: text, extra_content: { type: "object" } };
const call = closed(["id", "type", "function"], {
  id: { type: "string", minLength: 1 },
  type: { const: "function" },
  function: closed(["name", "arguments"], { name: text, arguments: text }),
  extra_content: { type: "object" },
});
/** `content`, the source's text, is OpenRouter's. */
const annotations = {
  type: "array",
  minItems: 1,
  items: closed(["type", "url_citation"], {
    type: { const: "url_citation" },
    url_citation: closed(["url", "title", "start_index", "end_index"], {
      url: text,
      title: text,
      start_index: count,
      end_index: count,
      content: text,
    }),
  }),
};
const head = (object: string) => ({
  id: { type: "string", minLength: 1 },
  object: { const: object },
  created: count,
  model: text,
  service_tier: orNull(text),
  system_fingerprint: orNull(text),
});
const COMPLETION = closed(["id", "object", "created", "model", "choices"], {
  ...head("chat.completion"),
  usage,
  choices: {
    type: "array",
    minItems: 1,
    items: closed(["index", "message", "finish_reason", "logprobs"], {
      index: count,
      finish_reason: finish,
      logprobs,
      message: closed(["role", "content", "refusal"], {
        role: { const: "assistant" },
        content: orNull(text),
        refusal: orNull(text),
        tool_calls: { type: "array", minItems: 1, items: call },
        annotations,
        ...beyond,
      }),
    }),
  },
});
const CHUNK = closed(["id", "object", "created", "model", "choices"], {
  ...head("chat.completion.chunk"),
  usage: orNull(usage),
  choices: {
    type: "array",
    items: closed(["index", "delta", "finish_reason"], {
      index: count,
      finish_reason: orNull(finish),
      logprobs,
      delta: closed([], {
        role: { enum: ["assistant"] },
        content: orNull(text),
        refusal: orNull(text),
        tool_calls: {
          type: "array",
          items: closed(["index"], {
            index: count,
            id: text,
            type: { const: "function" },
            function: closed([], { name: text, arguments: text }),
            extra_content: { type: "object" },
          }),
        },
        annotations,
        ...beyond,
      }),
    }),
  },
});

const ajv = new Ajv2020({ allErrors: true, strict: false });
const completion = ajv.compile(COMPLETION);
const chunk = ajv.compile(CHUNK);

let lab: Lab;
let gateway: TestGateway;
const adapters = ["anthropic", "gemini", "cohere", "ollama", "openai-compatible"] as const;

beforeAll(async () => {
  lab = await startLab();
  const baseUrls = {
    anthropic: lab.url,
    gemini: `${lab.url}/v1beta`,
    cohere: `${lab.url}/v2`,
    ollama: lab.url,
    "openai-compatible": lab.baseUrl,
  };
  const headers = { anthropic: "x-api-key", gemini: "x-goog-api-key" } as const;
  gateway = await startGateway([
    ...adapters.map((adapter): ProviderSketch => {
      const header = adapter in headers ? headers[adapter as keyof typeof headers] : undefined;
      return {
        id: adapter,
        adapter,
        baseUrl: baseUrls[adapter],
        ...present({ auth: header === undefined ? undefined : { scheme: "header" as const, header } }),
        models: [{ alias: `via-${adapter}`, upstream: "shaped" }],
      };
    }),
    { id: "demo", adapter: "demo", keys: [], models: [{ alias: "via-demo", upstream: "canned" }] },
  ]);
});
afterAll(async () => {
  await gateway.close();
  await lab.close();
});

const answers = {
  text: healthy({ text: ["The gate ", "is open."] }),
  tools: healthy({
    toolCalls: [
      { name: "f", arguments: ['{"a"', ":1}"] },
      { name: "g", arguments: ["{}"] },
    ],
  }),
  reasoning: healthy({ reasoning: ["Let me ", "see."], text: ["Yes."] }),
  sources: healthy({
    text: ["The gate ", "is open."],
    citations: [{ start: 4, end: 8, url: "https://gates.example/", title: "Gates" }],
  }),
  "a short answer": healthy({ text: ["cut"], finish: "length" }),
};
const tools = ["f", "g"].map((name) => ({
  type: "function",
  function: { name, parameters: { type: "object", properties: {} } },
}));

describe.each([...adapters, "demo"])("in front of %s", (adapter) => {
  it.each(Object.entries(answers))(
    "%s has the published shape, whole and streamed",
    async (name, behaviour) => {
      lab.behave("shaped", behaviour);
      const request = { model: `via-${adapter}`, ...(name === "tools" ? { tools } : {}) };
      const whole: unknown = await (await gateway.chat(request)).json();
      expect({ valid: completion(whole), errors: completion.errors }).toEqual({ valid: true, errors: null });
      const { frames, done } = await readStream(
        await gateway.chat({ ...request, stream: true, stream_options: { include_usage: true } }),
      );
      expect(done).toBe(true);
      expect(frames.length).toBeGreaterThan(1);
      for (const frame of frames)
        expect({ valid: chunk(frame), errors: chunk.errors, frame }).toEqual({
          valid: true,
          errors: null,
          frame,
        });
      expect(new Set(frames.map((frame) => (frame as { id: string }).id)).size).toBe(1);
      expect(frames.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: expect.any(Number) } });
    },
  );
});
