/** The chat wires as one table: their differences for behaviours that cut, delay and corrupt answers. */
import type { Answer } from "./answer.ts";
import type { Frame, UsageMode } from "./frame.ts";
import type { JsonObject } from "./json.ts";
import type { LabRequest, Wire } from "./lab-request.ts";
import {
  anthropicError,
  anthropicFrames,
  anthropicToOpenAi,
  anthropicWhole,
  contentDelta as messageDelta,
} from "./wire-anthropic.ts";
import { cohereFrames, cohereWhole, contentDelta } from "./wire-cohere.ts";
import { geminiError, geminiFrames, geminiPiece, geminiToOpenAi, geminiWhole } from "./wire-gemini.ts";
import { generated, generateFrames, ndjson, ollamaFrames, ollamaWhole } from "./wire-ollama.ts";
import { chunk, openAiFrames, openAiWhole, sse } from "./wire-openai.ts";
import { responsesEvent, responsesFrames, responsesToOpenAi, responsesWhole } from "./wire-responses.ts";

export interface WireFormat {
  /** The content type of a stream. */
  readonly streamType: string;
  /** Converts a request's body to OpenAI's form, which the lab's model reads. Absent: the wire has that form. */
  toOpenAi?(body: JsonObject): JsonObject;
  frames(request: LabRequest, answer: Answer, usage: UsageMode): Frame[];
  whole(request: LabRequest, answer: Answer): JsonObject;
  /** A stream's event with this text alone. */
  piece(request: LabRequest, text: string): Buffer;
  /** The document of an error; each wire uses the fields that it has. */
  error(request: LabRequest, fields: JsonObject & { readonly message: string }, status?: number): JsonObject;
  /** A JSON document as a stream's event. */
  event(document: JsonObject): Buffer;
  /** Broken JSON in place of an event's data. */
  garbled(text: string): string;
  /** The beginning of an event, up to where its text begins. */
  readonly opening: string;
}

const garbledSse = (text: string): string => `data: ${text}\n\n`;

export const WIRES: Readonly<Record<Exclude<Wire, "listing">, WireFormat>> = {
  "openai-chat": {
    streamType: "text/event-stream; charset=utf-8",
    frames: openAiFrames,
    whole: openAiWhole,
    piece: (request, content) => sse(chunk(request, { content })),
    error: (_, fields) => ({ error: fields }),
    event: sse,
    garbled: garbledSse,
    opening: 'data: {"choices":[{"delta":{"content":"',
  },
  "openai-responses": {
    streamType: "text/event-stream; charset=utf-8",
    toOpenAi: responsesToOpenAi,
    frames: (request, answer) => responsesFrames(request, answer),
    whole: (request, answer) => responsesWhole(request, answer),
    piece: (_, delta) =>
      responsesEvent({ type: "response.output_text.delta", output_index: 0, content_index: 0, delta }),
    error: (_, fields) => ({ error: fields }),
    event: responsesEvent,
    garbled: (text) => `event: response.output_text.delta\ndata: ${text}\n\n`,
    opening: 'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"',
  },
  "ollama-chat": {
    streamType: "application/x-ndjson",
    frames: ollamaFrames,
    whole: ollamaWhole,
    piece: (request, content) =>
      ndjson({ model: request.model, message: { role: "assistant", content }, done: false }),
    error: (_, { message }) => ({ error: message }),
    event: ndjson,
    garbled: (text) => `${text}\n`,
    opening: '{"message":{"content":"',
  },
  "ollama-generate": {
    streamType: "application/x-ndjson",
    toOpenAi: (body) => ({ ...body, messages: [{ role: "user", content: body.prompt ?? "" }] }),
    frames: generateFrames,
    whole: (request, answer) => generated(ollamaWhole(request, answer)),
    piece: (request, response) => ndjson({ model: request.model, response, done: false }),
    error: (_, { message }) => ({ error: message }),
    event: ndjson,
    garbled: (text) => `${text}\n`,
    opening: '{"response":"',
  },
  "cohere-chat": {
    streamType: "text/event-stream",
    frames: cohereFrames,
    whole: cohereWhole,
    piece: (_, text) => contentDelta(0, "text", text),
    error: (request, { message }) => ({ id: `lab-${request.seq}`, message }),
    event: sse,
    garbled: garbledSse,
    opening: 'data: {"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"',
  },
  "anthropic-messages": {
    streamType: "text/event-stream; charset=utf-8",
    toOpenAi: anthropicToOpenAi,
    frames: anthropicFrames,
    whole: anthropicWhole,
    piece: (_, text) => messageDelta(0, { type: "text_delta", text }),
    error: (request, { message }, status = 500) => anthropicError(request, message, status),
    event: (document) =>
      Buffer.from(`event: ${String(document.type)}\ndata: ${JSON.stringify(document)}\n\n`),
    garbled: (text) => `event: content_block_delta\ndata: ${text}\n\n`,
    opening:
      'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"',
  },
  gemini: {
    streamType: "text/event-stream",
    toOpenAi: geminiToOpenAi,
    frames: geminiFrames,
    whole: geminiWhole,
    piece: geminiPiece,
    error: (_, { message }, status = 500) => geminiError(message, status),
    event: sse,
    garbled: garbledSse,
    opening: 'data: {"candidates":[{"content":{"parts":[{"text":"',
  },
};

/** A listing's errors have OpenAI's form. */
export const wireFormat = (wire: Wire): WireFormat => WIRES[wire === "listing" ? "openai-chat" : wire];
