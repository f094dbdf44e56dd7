/** Cohere's answers as events: one JSON object, or server-sent events of which `message-end` is the last. */
import {
  asArray,
  asCount,
  asObject,
  asText,
  isObject,
  jsonEventDecoder,
  parseExact,
  readErrorValue,
  type StreamDecoder,
  upstreamError,
} from "@headgate/adapter-kit";
import type { ChatEvent, JsonObject, UpstreamError } from "@headgate/contract";
import { answerError } from "./answer-error.ts";
import { readCitations } from "./citations.ts";
import { AnswerReader } from "./reader.ts";

const UNTYPED: UpstreamError = { class: "malformed", message: "an event of the stream has no type" };

export function decodeBody(bytes: Buffer): readonly ChatEvent[] {
  const text = bytes.toString("utf8");
  const body = parseExact(text);
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

export function decodeStream(): StreamDecoder {
  const reader = new AnswerReader();
  return jsonEventDecoder(
    { nonStreamError: (text) => answerError(text, "an event stream") },
    // Cohere sends no `[DONE]`; gateways in between add one, which is ignored.
    { read: (event) => readEvent(reader, event), done: () => [] },
  );
}

/** https://docs.cohere.com/docs/streaming */
function readEvent(reader: AnswerReader, event: JsonObject): ChatEvent[] {
  const delta = asObject(event.delta);
  const message = asObject(delta?.message);
  switch (event.type) {
    case "message-start":
      return reader.start(event.id);
    case "content-start":
    case "content-delta":
      return reader.content(message?.content);
    case "tool-plan-delta":
      return reader.plan(message?.tool_plan);
    case "tool-call-start":
    case "tool-call-delta":
      return reader.call(message?.tool_calls, asCount(event.index) ?? 0);
    case "citation-start":
      return readCitations(message?.citations);
    case "message-end":
      return reader.finish(delta ?? {});
    default:
      // Ends of parts and unknown types carry nothing, unless they are errors.
      return readUnknown(event);
  }
}

const failure = (error: UpstreamError): ChatEvent => ({ type: "error", error });

function readUnknown(event: JsonObject): ChatEvent[] {
  const found = readErrorValue(event);
  if (found !== undefined) return [failure(upstreamError(found))];
  return asText(event.type) === undefined ? [failure(UNTYPED)] : [];
}
