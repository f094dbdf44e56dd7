/** The chat wires as one table: what differs between them when behaviours cut, delay and spoil answers. */
import type { Answer } from "./answer.ts";
import type { Ask, Wire } from "./ask.ts";
import type { Frame, UsageMode } from "./frame.ts";
import type { JsonObject } from "./json.ts";
import {
  anthropicAsked,
  anthropicError,
  anthropicFrames,
  anthropicWhole,
  contentDelta as messageDelta,
} from "./wire-anthropic.ts";
import { cohereFrames, cohereWhole, contentDelta } from "./wire-cohere.ts";
import { geminiAsked, geminiError, geminiFrames, geminiPiece, geminiWhole } from "./wire-gemini.ts";
import { ndjson, ollamaFrames, ollamaWhole } from "./wire-ollama.ts";
import { chunk, openAiFrames, openAiWhole, sse } from "./wire-openai.ts";

export interface WireFormat {
  /** The content type of a stream. */
  readonly streamType: string;
  /** The request's body in OpenAI's words, where the wire's own are others; the lab's model reads those. */
  asked?(body: JsonObject): JsonObject;
  frames(ask: Ask, answer: Answer, usage: UsageMode): Frame[];
  whole(ask: Ask, answer: Answer): JsonObject;
  /** A stream's event that says this and no more. */
  piece(ask: Ask, text: string): Buffer;
  /** The document of an error; a wire keeps of the fields and of the status what it has a place for. */
  error(ask: Ask, fields: JsonObject & { readonly message: string }, status?: number): JsonObject;
  /** A JSON document as a stream's event. */
  event(document: JsonObject): Buffer;
  /** Text that is no JSON where an event's should be. */
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
    piece: (ask, content) => sse(chunk(ask, { content })),
    error: (_, fields) => ({ error: fields }),
    event: sse,
    garbled: garbledSse,
    opening: 'data: {"choices":[{"delta":{"content":"',
  },
  "ollama-chat": {
    streamType: "application/x-ndjson",
    frames: ollamaFrames,
    whole: ollamaWhole,
    piece: (ask, content) =>
      ndjson({ model: ask.model, message: { role: "assistant", content }, done: false }),
    error: (_, { message }) => ({ error: message }),
    event: ndjson,
    garbled: (text) => `${text}\n`,
    opening: '{"message":{"content":"',
  },
  "cohere-chat": {
    streamType: "text/event-stream",
    frames: cohereFrames,
    whole: cohereWhole,
    piece: (_, text) => contentDelta(0, "text", text),
    error: (ask, { message }) => ({ id: `lab-${ask.seq}`, message }),
    event: sse,
    garbled: garbledSse,
    opening: 'data: {"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"',
  },
  "anthropic-messages": {
    streamType: "text/event-stream; charset=utf-8",
    asked: anthropicAsked,
    frames: anthropicFrames,
    whole: anthropicWhole,
    piece: (_, text) => messageDelta(0, { type: "text_delta", text }),
    error: (ask, { message }, status = 500) => anthropicError(ask, message, status),
    event: (document) =>
      Buffer.from(`event: ${String(document.type)}\ndata: ${JSON.stringify(document)}\n\n`),
    garbled: (text) => `event: content_block_delta\ndata: ${text}\n\n`,
    opening:
      'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"',
  },
  gemini: {
    streamType: "text/event-stream",
    asked: geminiAsked,
    frames: geminiFrames,
    whole: geminiWhole,
    piece: geminiPiece,
    error: (_, { message }, status = 500) => geminiError(message, status),
    event: sse,
    garbled: garbledSse,
    opening: 'data: {"candidates":[{"content":{"parts":[{"text":"',
  },
};

/** A listing errs in OpenAI's words. */
export const wireFormat = (wire: Wire): WireFormat => WIRES[wire === "listing" ? "openai-chat" : wire];
