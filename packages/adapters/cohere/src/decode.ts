/** Cohere's answers as events: one JSON object, or server-sent events of which `message-end` is the last. */
import {
  asArray,
  asCount,
  asObject,
  asText,
  eventError,
  type FrameReader,
  isObject,
  parseJson,
  payloadText,
  readErrorValue,
  SseDecoder,
  type SseFrame,
  upstreamError,
} from "@headgate/adapter-kit";
import type { ChatEvent, JsonObject, UpstreamError } from "@headgate/contract";
import { answerError, CUT } from "./answer-error.ts";
import { readCitations } from "./citations.ts";
import { AnswerReader } from "./reader.ts";

const MALFORMED: UpstreamError = {
  class: "malformed",
  message: "an event of the stream is not one of Cohere's",
};
const TOO_LARGE: UpstreamError = { class: "malformed", message: "an event of the stream is too large" };

export function decodeBody(bytes: Buffer): readonly ChatEvent[] {
  const text = bytes.toString("utf8");
  const body = parseJson(text);
  const message = isObject(body) ? asObject(body.message) : undefined;
  if (!isObject(body) || message === undefined || asText(body.finish_reason) === undefined) {
    return [failure(answerError(text, "a Cohere answer"))];
  }
  const reader = new AnswerReader();
  const parts = typeof message.content === "string" ? [message.content] : (asArray(message.content) ?? []);
  return [
    ...reader.start(body.id),
    ...reader.plan(message.tool_plan),
    ...parts.flatMap((part) => reader.content(part)),
    ...readCitations(message.citations),
    ...(asArray(message.tool_calls) ?? []).flatMap((call, index) => reader.call(call, index)),
    ...reader.finish(body),
  ];
}

export class ChatStreamDecoder extends SseDecoder {
  constructor() {
    super(new EventFrameReader());
  }
}

class EventFrameReader implements FrameReader {
  readonly #reader = new AnswerReader();

  read(frame: SseFrame): readonly ChatEvent[] {
    if (frame.kind === "comment") return [];
    const text = payloadText(frame).trim();
    if (frame.kind === "unknown") return [failure(answerError(text, "an event stream"))];
    if (frame.event === "error") return [failure(eventError(text))];
    if (text === "" || text === "[DONE]") return [];
    const event = parseJson(text);
    return isObject(event) ? this.#readEvent(event) : [failure(frame.partial ? CUT : MALFORMED)];
  }

  close(): readonly ChatEvent[] {
    return [failure(CUT)];
  }

  tooLarge(): readonly ChatEvent[] {
    return [failure(TOO_LARGE)];
  }

  /** https://docs.cohere.com/docs/streaming */
  #readEvent(event: JsonObject): ChatEvent[] {
    const delta = asObject(event.delta);
    const message = asObject(delta?.message);
    switch (event.type) {
      case "message-start":
        return this.#reader.start(event.id);
      case "content-start":
      case "content-delta":
        return this.#reader.content(message?.content);
      case "tool-plan-delta":
        return this.#reader.plan(message?.tool_plan);
      case "tool-call-start":
      case "tool-call-delta":
        return this.#reader.call(message?.tool_calls, asCount(event.index) ?? 0);
      case "citation-start":
        return readCitations(message?.citations);
      case "message-end":
        return this.#reader.finish(delta ?? {});
      default:
        // Ends of parts, and whatever is added later say nothing here, unless they are errors.
        return readStranger(event);
    }
  }
}

const failure = (error: UpstreamError): ChatEvent => ({ type: "error", error });

function readStranger(event: JsonObject): ChatEvent[] {
  const found = readErrorValue(event);
  if (found !== undefined) return [failure(upstreamError(found))];
  return asText(event.type) === undefined ? [failure(MALFORMED)] : [];
}
