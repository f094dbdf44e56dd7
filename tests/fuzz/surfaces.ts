/** The surfaces under test: sound requests, and what each answers in its own form. */
import type { Json } from "./random.ts";

type Envelope = "openai" | "anthropic" | "gemini" | "ollama";

export interface SoundRequest {
  readonly path: string;
  readonly envelope: Envelope;
  readonly body: Json;
}

const tool = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const picture = "data:image/png;base64,iVBORw0KGgo=";

/** @param model the alias, of a chat model and with a suffix of the other operations */
export const soundRequests = (model: string): readonly SoundRequest[] => [
  {
    path: "/v1/chat/completions",
    envelope: "openai",
    body: {
      model,
      messages: [
        { role: "system", content: "Be brief." },
        {
          role: "user",
          content: [
            { type: "text", text: "Hello" },
            { type: "image_url", image_url: { url: picture } },
          ],
        },
        {
          role: "assistant",
          content: null,
          tool_calls: [
            { id: "c1", type: "function", function: { name: "weather", arguments: '{"city":"Bonn"}' } },
          ],
        },
        { role: "tool", tool_call_id: "c1", content: "sun" },
      ],
      tools: [{ type: "function", function: { name: "weather", description: "d", parameters: tool } }],
      tool_choice: "auto",
      max_tokens: 20,
      temperature: 0.5,
      stop: ["END"],
      response_format: { type: "json_schema", json_schema: { name: "n", schema: tool } },
      reasoning_effort: "low",
      stream: false,
    },
  },
  {
    path: "/v1/messages",
    envelope: "anthropic",
    body: {
      model,
      max_tokens: 20,
      system: [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral" } }],
      messages: [
        { role: "user", content: "Hello" },
        {
          role: "assistant",
          content: [{ type: "tool_use", id: "t1", name: "weather", input: { city: "Bonn" } }],
        },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: "sun" }] },
      ],
      tools: [{ name: "weather", input_schema: tool }],
      tool_choice: { type: "auto" },
      thinking: { type: "enabled", budget_tokens: 1024 },
      stop_sequences: ["END"],
      stream: false,
    },
  },
  {
    path: "/v1/responses",
    envelope: "openai",
    body: {
      model,
      instructions: "Be brief.",
      input: [
        { role: "user", content: [{ type: "input_text", text: "Hello" }] },
        { type: "function_call", call_id: "c1", name: "weather", arguments: "{}" },
        { type: "function_call_output", call_id: "c1", output: "sun" },
      ],
      tools: [{ type: "function", name: "weather", parameters: tool }],
      reasoning: { effort: "low" },
      text: { format: { type: "text" } },
      max_output_tokens: 20,
      store: false,
      stream: false,
    },
  },
  {
    path: "/v1/completions",
    envelope: "openai",
    body: { model, prompt: "Hello", max_tokens: 5, stream: false },
  },
  {
    path: `/v1beta/models/${model}:generateContent`,
    envelope: "gemini",
    body: {
      systemInstruction: { parts: [{ text: "Be brief." }] },
      contents: [
        {
          role: "user",
          parts: [{ text: "Hello" }, { inlineData: { mimeType: "image/png", data: "iVBORw0KGgo=" } }],
        },
        { role: "model", parts: [{ functionCall: { name: "weather", args: { city: "Bonn" } } }] },
        { role: "user", parts: [{ functionResponse: { name: "weather", response: { sky: "sun" } } }] },
      ],
      tools: [{ functionDeclarations: [{ name: "weather", parameters: tool }] }],
      generationConfig: { maxOutputTokens: 20, temperature: 0.5, stopSequences: ["END"] },
    },
  },
  {
    path: "/api/chat",
    envelope: "ollama",
    body: {
      model,
      messages: [{ role: "user", content: "Hello", images: ["iVBORw0KGgo="] }],
      tools: [{ type: "function", function: { name: "weather", parameters: tool } }],
      options: { num_predict: 20, temperature: 0.5 },
      format: "json",
      stream: false,
    },
  },
  {
    path: "/v1/embeddings",
    envelope: "openai",
    body: { model: `${model}-vectors`, input: ["a", "b"], dimensions: 8 },
  },
  {
    path: "/v1/rerank",
    envelope: "openai",
    body: { model: `${model}-rank`, query: "q", documents: ["a", { text: "b" }], top_n: 2 },
  },
  {
    path: "/v1/images/generations",
    envelope: "openai",
    body: { model: `${model}-pictures`, prompt: "a cat", n: 1 },
  },
  {
    path: "/v1/audio/speech",
    envelope: "openai",
    body: { model: `${model}-voice`, input: "Hello", voice: "alloy" },
  },
  { path: "/v1/moderations", envelope: "openai", body: { model: `${model}-judge`, input: "Hello" } },
];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What is wrong with an error's body in this envelope; undefined: nothing. */
export function wrongEnvelope(envelope: Envelope, status: number, text: string): string | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return "it is no JSON";
  }
  if (!isObject(body)) return "it is no object";
  const { error } = body;
  if (envelope === "ollama") return typeof error === "string" ? undefined : "`error` is no text";
  if (!isObject(error) || typeof error.message !== "string") return "`error.message` is no text";
  if (envelope === "gemini") return error.code === status ? undefined : "`error.code` is not the status";
  if (typeof error.type !== "string") return "`error.type` is no text";
  if (envelope === "anthropic")
    return body.type === "error" && typeof body.request_id === "string"
      ? undefined
      : "no `type` or `request_id`";
  return "param" in error && "code" in error ? undefined : "no `param` or `code`";
}
