/** Each surface of the matrix: a client's request, and how it reads the answer. Raw HTTP, no SDK. */
import { CITED, type Feature, PIXEL, RESULT } from "./matrix-samples.ts";

/** A client's reading of an answer. */
export interface Seen {
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly { readonly name: string; readonly arguments: unknown }[];
  readonly citations: readonly SeenCitation[];
  /** True when the answer ended correctly for the surface. */
  readonly whole: boolean;
}

export interface SeenCitation {
  readonly url: string;
  readonly title: string;
  /** The text of the answer that the source belongs to. */
  readonly words: string;
}

type Json = Record<string, unknown>;
interface Asked {
  readonly path: string;
  readonly body: Json;
}

interface MatrixSurface {
  readonly title: string;
  /** Undefined where the surface has no place for the feature. */
  request(model: string, feature: Feature, stream: boolean): Asked | undefined;
  whole(body: Json): Seen;
  streamed(events: readonly Json[], raw: string): Seen;
}

const QUESTION = "What is the weather in Graz?";
const SCHEMA = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const TOWN = {
  type: "object",
  properties: { town: { type: "string" } },
  required: ["town"],
  additionalProperties: false,
};
const CALL_ID = "call_matrix_1";
const ARGUMENTS = '{"city":"Graz"}';

const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);
const object = (value: unknown): Json => (typeof value === "object" && value !== null ? (value as Json) : {});
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const joined = (pieces: readonly unknown[]): string => pieces.map(text).join("");
const parsed = (value: unknown): unknown => (typeof value === "string" ? JSON.parse(value) : value);

/** OpenAI counts in characters. */
const annotated = (answer: string, annotations: readonly Json[]): SeenCitation[] =>
  annotations
    .filter(({ type }) => type === "url_citation")
    .map((annotation) => ({ ...annotation, ...object(annotation.url_citation) }) as Json)
    .map(({ url, title, start_index, end_index }) => ({
      url: text(url),
      title: text(title),
      words: [...answer].slice(Number(start_index), Number(end_index)).join(""),
    }));

const located = (words: string, citation: Json): SeenCitation => ({
  url: text(citation.url),
  title: text(citation.title),
  words,
});

/** The text that a source of a streamed block belongs to: its own block, or one sent before the source was known. */
function citedIn(events: readonly Json[], index: unknown): string {
  const block = joined(
    events.filter((event) => event.index === index).map((event) => object(event.delta).text),
  );
  return block.includes(CITED.words) ? CITED.words : block;
}

const openAiChat: MatrixSurface = {
  title: "OpenAI chat completions (`/v1/chat/completions`)",
  request(model, feature, stream) {
    const tool = { type: "function", function: { name: "get_weather", parameters: SCHEMA } };
    const user = { role: "user", content: QUESTION };
    const body: Json = { model, stream, messages: [user] };
    if (feature === "tools") body.tools = [tool];
    if (feature === "reasoning") body.reasoning_effort = "low";
    if (feature === "json schema")
      body.response_format = {
        type: "json_schema",
        json_schema: { name: "town", strict: true, schema: TOWN },
      };
    if (feature === "images") {
      body.messages = [
        {
          role: "user",
          content: [
            { type: "text", text: QUESTION },
            { type: "image_url", image_url: { url: `data:image/png;base64,${PIXEL}` } },
          ],
        },
      ];
    }
    if (feature === "tool results") {
      body.tools = [tool];
      const call = { id: CALL_ID, type: "function", function: { name: "get_weather", arguments: ARGUMENTS } };
      body.messages = [
        user,
        { role: "assistant", content: null, tool_calls: [call] },
        { role: "tool", tool_call_id: CALL_ID, content: RESULT },
      ];
    }
    return { path: "/v1/chat/completions", body };
  },
  whole(body) {
    const choice = object(list(body.choices)[0]);
    const message = object(choice.message);
    const calls = list(message.tool_calls).map((call) => object(call.function));
    return {
      text: text(message.content),
      reasoning: text(message.reasoning_content),
      calls: calls.map((call) => ({ name: text(call.name), arguments: parsed(call.arguments) })),
      citations: annotated(text(message.content), list(message.annotations)),
      whole: choice.finish_reason === (calls.length > 0 ? "tool_calls" : "stop"),
    };
  },
  streamed(events, raw) {
    const deltas = events.flatMap((event) => list(event.choices).map((choice) => object(choice.delta)));
    const pieces = deltas.flatMap((delta) => list(delta.tool_calls));
    const name = joined(pieces.map((piece) => object(piece.function).name));
    return {
      text: joined(deltas.map((delta) => delta.content)),
      reasoning: joined(deltas.map((delta) => delta.reasoning_content)),
      calls:
        pieces.length === 0
          ? []
          : [{ name, arguments: parsed(joined(pieces.map((piece) => object(piece.function).arguments))) }],
      citations: annotated(
        joined(deltas.map((delta) => delta.content)),
        deltas.flatMap((delta) => list(delta.annotations)),
      ),
      whole: /data: \[DONE\]\n\n(?:: .*\n)*\n?$/.test(raw),
    };
  },
};

const responses: MatrixSurface = {
  title: "OpenAI responses (`/v1/responses`)",
  request(model, feature, stream) {
    const tool = { type: "function", name: "get_weather", parameters: SCHEMA, strict: false };
    const body: Json = { model, stream, input: QUESTION };
    if (feature === "tools") body.tools = [tool];
    if (feature === "reasoning") body.reasoning = { effort: "low" };
    if (feature === "json schema")
      body.text = { format: { type: "json_schema", name: "town", strict: true, schema: TOWN } };
    if (feature === "images") {
      body.input = [
        {
          role: "user",
          content: [
            { type: "input_text", text: QUESTION },
            { type: "input_image", image_url: `data:image/png;base64,${PIXEL}` },
          ],
        },
      ];
    }
    if (feature === "tool results") {
      body.tools = [tool];
      body.input = [
        { role: "user", content: QUESTION },
        { type: "function_call", call_id: CALL_ID, name: "get_weather", arguments: ARGUMENTS },
        { type: "function_call_output", call_id: CALL_ID, output: RESULT },
      ];
    }
    return { path: "/v1/responses", body };
  },
  whole(body) {
    const items = list(body.output);
    const ofType = (type: string): Json[] => items.filter((item) => item.type === type);
    const thoughts = ofType("reasoning").flatMap((item) => [...list(item.content), ...list(item.summary)]);
    return {
      text: joined(ofType("message").flatMap((item) => list(item.content).map((part) => part.text))),
      reasoning: joined(thoughts.map((part) => part.text)),
      calls: ofType("function_call").map((call) => ({
        name: text(call.name),
        arguments: parsed(call.arguments),
      })),
      citations: ofType("message")
        .flatMap((item) => list(item.content))
        .flatMap((part) => annotated(text(part.text), list(part.annotations))),
      whole: body.status === "completed",
    };
  },
  streamed(events) {
    const last = object(events.at(-1)?.response);
    const streamedText = joined(
      events.filter((event) => event.type === "response.output_text.delta").map((event) => event.delta),
    );
    const seen = responses.whole(last);
    const added = events.filter((event) => event.type === "response.output_text.annotation.added");
    const growing = events.every((event, at) => event.sequence_number === at);
    return {
      ...seen,
      text: streamedText,
      citations: annotated(
        streamedText,
        added.map((event) => object(event.annotation)),
      ),
      whole: seen.whole && growing && events.at(-1)?.type === "response.completed",
    };
  },
};

const messages: MatrixSurface = {
  title: "Anthropic messages (`/v1/messages`)",
  request(model, feature, stream) {
    const tool = { name: "get_weather", input_schema: SCHEMA };
    const user = { role: "user", content: QUESTION };
    const body: Json = { model, stream, max_tokens: 2048, messages: [user] };
    if (feature === "tools") body.tools = [tool];
    if (feature === "json schema") body.output_config = { format: { type: "json_schema", schema: TOWN } };
    if (feature === "reasoning") body.thinking = { type: "enabled", budget_tokens: 1024 };
    if (feature === "images") {
      const source = { type: "base64", media_type: "image/png", data: PIXEL };
      body.messages = [
        {
          role: "user",
          content: [
            { type: "text", text: QUESTION },
            { type: "image", source },
          ],
        },
      ];
    }
    if (feature === "tool results") {
      body.tools = [tool];
      body.messages = [
        user,
        {
          role: "assistant",
          content: [{ type: "tool_use", id: CALL_ID, name: "get_weather", input: { city: "Graz" } }],
        },
        { role: "user", content: [{ type: "tool_result", tool_use_id: CALL_ID, content: RESULT }] },
      ];
    }
    return { path: "/v1/messages", body };
  },
  whole(body) {
    const blocks = list(body.content);
    const ofType = (type: string): Json[] => blocks.filter((block) => block.type === type);
    const calls = ofType("tool_use").map((block) => ({ name: text(block.name), arguments: block.input }));
    return {
      text: joined(ofType("text").map((block) => block.text)),
      reasoning: joined(ofType("thinking").map((block) => block.thinking)),
      calls,
      citations: ofType("text").flatMap((block) =>
        list(block.citations).map((citation) => located(text(block.text), citation)),
      ),
      whole: body.stop_reason === (calls.length > 0 ? "tool_use" : "end_turn"),
    };
  },
  streamed(events) {
    const deltas = events
      .filter((event) => event.type === "content_block_delta")
      .map((event) => object(event.delta));
    const starts = events
      .filter((event) => event.type === "content_block_start")
      .map((event) => object(event.content_block));
    const called = starts.filter((block) => block.type === "tool_use");
    const input = joined(deltas.map((delta) => delta.partial_json));
    return {
      text: joined(deltas.map((delta) => delta.text)),
      reasoning: joined(deltas.map((delta) => delta.thinking)),
      calls: called.map((block) => ({ name: text(block.name), arguments: parsed(input) })),
      citations: events
        .filter((event) => object(event.delta).type === "citations_delta")
        .map((event) => located(citedIn(events, event.index), object(object(event.delta).citation))),
      whole: events.at(-1)?.type === "message_stop",
    };
  },
};

const ollama: MatrixSurface = {
  title: "Ollama chat (`/api/chat`)",
  request(model, feature, stream) {
    const tool = { type: "function", function: { name: "get_weather", parameters: SCHEMA } };
    const user: Json = { role: "user", content: QUESTION };
    const body: Json = { model, stream, messages: [user] };
    if (feature === "tools") body.tools = [tool];
    if (feature === "reasoning") body.think = "low";
    if (feature === "json schema") body.format = TOWN;
    if (feature === "images") body.messages = [{ ...user, images: [PIXEL] }];
    if (feature === "tool results") {
      body.tools = [tool];
      const call = { function: { name: "get_weather", arguments: { city: "Graz" } } };
      body.messages = [
        user,
        { role: "assistant", content: "", tool_calls: [call] },
        { role: "tool", tool_name: "get_weather", content: RESULT },
      ];
    }
    return { path: "/api/chat", body };
  },
  whole: (body) => ollama.streamed([body], ""),
  streamed(events) {
    const messages = events.map((event) => object(event.message));
    return {
      text: joined(messages.map((message) => message.content)),
      reasoning: joined(messages.map((message) => message.thinking)),
      calls: messages
        .flatMap((message) => list(message.tool_calls).map((call) => object(call.function)))
        .map((call) => ({ name: text(call.name), arguments: call.arguments })),
      citations: [],
      whole: events.at(-1)?.done === true,
    };
  },
};

const grounded = (metadata: Json): SeenCitation[] => {
  const sources = list(metadata.groundingChunks).map((chunk) => object(chunk.web));
  return list(metadata.groundingSupports).flatMap((support) =>
    (support.groundingChunkIndices as number[]).map((at) => ({
      url: text(sources[at]?.uri),
      title: text(sources[at]?.title),
      words: text(object(support.segment).text),
    })),
  );
};

const gemini: MatrixSurface = {
  title: "Gemini (`/v1beta/models/…:generateContent`)",
  request(model, feature, stream) {
    const user: Json = { role: "user", parts: [{ text: QUESTION }] };
    const body: Json = { contents: [user] };
    const tools = [
      { functionDeclarations: [{ name: "get_weather", description: "The weather", parameters: SCHEMA }] },
    ];
    if (feature === "tools") body.tools = tools;
    if (feature === "json schema")
      body.generationConfig = { responseMimeType: "application/json", responseJsonSchema: TOWN };
    if (feature === "reasoning")
      body.generationConfig = { thinkingConfig: { includeThoughts: true, thinkingLevel: "low" } };
    if (feature === "images")
      body.contents = [
        { role: "user", parts: [{ text: QUESTION }, { inlineData: { mimeType: "image/png", data: PIXEL } }] },
      ];
    if (feature === "tool results") {
      body.tools = tools;
      body.contents = [
        user,
        { role: "model", parts: [{ functionCall: { name: "get_weather", args: { city: "Graz" } } }] },
        {
          role: "user",
          parts: [{ functionResponse: { name: "get_weather", response: { result: RESULT } } }],
        },
      ];
    }
    return {
      path: `/v1beta/models/${model}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
      body,
    };
  },
  whole: (body) => gemini.streamed([body], ""),
  streamed(events) {
    const candidates = events.map((event) => object(list(event.candidates)[0]));
    const parts = candidates.flatMap((candidate) => list(object(candidate.content).parts));
    return {
      text: joined(parts.filter((part) => part.thought !== true).map((part) => part.text)),
      reasoning: joined(parts.filter((part) => part.thought === true).map((part) => part.text)),
      calls: parts
        .filter((part) => part.functionCall !== undefined)
        .map((part) => object(part.functionCall))
        .map((call) => ({ name: text(call.name), arguments: call.args })),
      citations: candidates.flatMap((candidate) => grounded(object(candidate.groundingMetadata))),
      whole: candidates.some((candidate) => candidate.finishReason === "STOP"),
    };
  },
};

export const SURFACES = { openAiChat, responses, messages, ollama, gemini } as const satisfies Record<
  string,
  MatrixSurface
>;
export type SurfaceId = keyof typeof SURFACES;

export function readAnswer(surface: SurfaceId, raw: string, stream: boolean): Seen {
  const reader: MatrixSurface = SURFACES[surface];
  if (!stream) return reader.whole(JSON.parse(raw) as Json);
  return reader.streamed(eventsIn(raw), raw);
}

/** The JSON of each SSE event, or of each line. */
const eventsIn = (raw: string): Json[] =>
  raw
    .split("\n")
    .map((line) => (line.startsWith("data:") ? line.slice(5).trim() : line))
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Json);
