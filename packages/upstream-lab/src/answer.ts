/** The answer of a healthy model: a pure function of the request, so that tests can predict it. */

import { asList, asObject, asText, type JsonObject, type JsonValue } from "./json.ts";
import type { LabRequest } from "./lab-request.ts";

export interface AnswerToolCall {
  readonly name: string;
  /** JSON text, in the pieces of a stream. */
  readonly arguments: readonly string[];
}

export interface AnswerUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens?: number | undefined;
  readonly reasoningTokens?: number | undefined;
}

/** A source on the web, and the part of the text it supports, in characters. */
export interface AnswerCitation {
  readonly start: number;
  readonly end: number;
  readonly url: string;
  readonly title: string;
}

/** What a strict twin adds to an answer in its own form; without it the lab's plain ids and signatures stand. */
export interface AnswerMarks {
  callId(index: number, name: string): string;
  /** The signature of what the provider wants back unchanged. */
  seal(content: string): string;
}

/** `text` and `reasoning` are the pieces as streamed; a whole answer joins them. */
export interface Answer {
  readonly text: readonly string[];
  readonly reasoning: readonly string[];
  readonly toolCalls: readonly AnswerToolCall[];
  readonly citations: readonly AnswerCitation[];
  /** OpenAI's name: stop, length, tool_calls, content_filter. */
  readonly finish: string;
  readonly usage: AnswerUsage;
  readonly marks?: AnswerMarks;
  /** The model thinks, and the provider gives its thinking sealed alone (`redacted_thinking`). */
  readonly hidden: boolean;
}

/** Parts of an answer that a test sets; the rest follows from the request. */
export interface AnswerOptions {
  readonly text?: readonly string[] | undefined;
  readonly reasoning?: readonly string[] | undefined;
  readonly toolCalls?: readonly AnswerToolCall[] | undefined;
  readonly citations?: readonly AnswerCitation[] | undefined;
  readonly finish?: string | undefined;
  readonly tokens?: AnswerUsage | undefined;
  readonly hidden?: boolean | undefined;
}

/** Words with the space before them, as models stream them. */
export function pieces(text: string): string[] {
  return text.match(/\s*\S+\s*$|\s*\S+/g) ?? [];
}

export function answerTo(request: LabRequest, options: AnswerOptions = {}): Answer {
  const dictated = options.text !== undefined || options.toolCalls !== undefined;
  const toolCalls = options.toolCalls ?? (dictated ? [] : wantedCalls(request));
  const text = options.text ?? (toolCalls.length > 0 ? [] : pieces(reply(request)));
  const reasoning = options.reasoning ?? [];
  const written = [...text, ...reasoning, ...toolCalls.flatMap((call) => call.arguments)].length;
  return {
    text,
    reasoning,
    toolCalls,
    citations: options.citations ?? [],
    hidden: options.hidden === true,
    finish: options.finish ?? (toolCalls.length > 0 ? "tool_calls" : "stop"),
    usage: options.tokens ?? {
      inputTokens: Math.ceil(JSON.stringify(request.body.messages ?? "").length / 4),
      outputTokens: written,
    },
  };
}

function reply(request: LabRequest): string {
  const format = request.body.format;
  const response = asObject(request.body.response_format);
  const schema = asObject(response.json_schema);
  if (response.type === "json_schema") return JSON.stringify(sampleOf(asObject(schema.schema)));
  // Cohere has the schema at this level.
  if (response.type === "json_object" && response.json_schema !== undefined) {
    return JSON.stringify(sampleOf(schema));
  }
  if (typeof format === "object" && format !== null) return JSON.stringify(sampleOf(asObject(format)));
  const { text, images } = lastTurn(request);
  if (format === "json" || response.type === "json_object") {
    return JSON.stringify({ model: request.model, said: text });
  }
  const sawImages = images.length === 0 ? "" : ` I see ${images.length} image(s): ${images.join(", ")}.`;
  return `Hello from ${request.model}. You said: ${text}${sawImages}`;
}

function lastTurn(request: LabRequest): { text: string; images: string[] } {
  const message = asObject(asList(request.body.messages).at(-1));
  const { content } = message;
  const images = asList(message.images).map((data) => describeImage(`data:;base64,${asText(data)}`));
  if (typeof content === "string") return { text: content, images };
  const texts: string[] = [];
  for (const part of asList(content).map(asObject)) {
    if (part.type === "text") texts.push(asText(part.text));
    if (part.type === "image_url") images.push(describeImage(asText(asObject(part.image_url).url)));
  }
  return { text: texts.join(" "), images };
}

function describeImage(url: string): string {
  const data = /^data:([^;,]*);base64,(.*)$/s.exec(url);
  if (data === null) return url;
  const [, mediaType, base64] = data;
  return `${mediaType === "" ? "image" : mediaType} of ${Buffer.from(base64 ?? "", "base64").length} bytes`;
}

/** A model calls a tool when it has tools, may use them, and the last message is no tool's result. */
function wantedCalls(request: LabRequest): AnswerToolCall[] {
  const tools = asList(request.body.tools).map((tool) => asObject(asObject(tool).function));
  const choice = request.body.tool_choice;
  // Cohere's names are in upper case.
  const word = asText(choice).toLowerCase();
  const last = asObject(asList(request.body.messages).at(-1));
  if (tools.length === 0 || word === "none" || (last.role === "tool" && word !== "required")) return [];
  const named = asText(asObject(asObject(choice).function).name);
  const chosen = tools.find((tool) => tool.name === named) ?? tools[0] ?? {};
  const text = JSON.stringify(sampleOf(asObject(chosen.parameters)));
  const half = Math.ceil(text.length / 2);
  return [{ name: asText(chosen.name), arguments: [text.slice(0, half), text.slice(half)] }];
}

/** A value that fits a JSON Schema: the plain cases that tool parameters use. */
export function sampleOf(schema: JsonObject): JsonValue {
  const options = asList(schema.enum);
  const [first] = options;
  if (first !== undefined) return first;
  if (schema.const !== undefined) return schema.const;
  const { type } = schema;
  switch (Array.isArray(type) ? type[0] : type) {
    case "string":
      return "lab";
    case "integer":
    case "number":
      return typeof schema.minimum === "number" ? schema.minimum : 1;
    case "boolean":
      return true;
    case "null":
      return null;
    case "array":
      return [sampleOf(asObject(schema.items))];
    default: {
      const sample: Record<string, JsonValue> = {};
      for (const [name, property] of Object.entries(asObject(schema.properties))) {
        sample[name] = sampleOf(asObject(property));
      }
      return sample;
    }
  }
}
