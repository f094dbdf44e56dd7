/** Cohere's chat wire, version 2: named events and whole answers. https://docs.cohere.com/docs/streaming */
import type { Answer } from "./answer.ts";
import type { Frame } from "./frame.ts";
import type { JsonObject } from "./json.ts";
import type { LabRequest } from "./lab-request.ts";

const FINISH: Readonly<Record<string, string>> = {
  stop: "COMPLETE",
  length: "MAX_TOKENS",
  tool_calls: "TOOL_CALL",
  content_filter: "ERROR_TOXIC",
};

const answerId = (request: LabRequest): string =>
  `00000000-0000-4000-8000-${String(request.seq).padStart(12, "0")}`;
const callId = (request: LabRequest, name: string, index: number): string =>
  `${name}_lab_${request.seq}_${index}`;

/** An event's name is in its line and in its data. */
export function cohereEvent(type: string, fields: JsonObject): Buffer {
  return Buffer.from(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`);
}

/** A piece of a content part; `kind` is `text` or `thinking`. */
export const contentDelta = (index: number, kind: string, piece: string): Buffer =>
  cohereEvent("content-delta", { index, delta: { message: { content: { [kind]: piece } } } });

/** Billed tokens do not include Cohere's own prompt. */
function ending(answer: Answer): JsonObject {
  const { inputTokens, outputTokens, cachedInputTokens } = answer.usage;
  return {
    finish_reason: FINISH[answer.finish] ?? "ERROR",
    usage: {
      billed_units: { input_tokens: Math.ceil(inputTokens / 2), output_tokens: outputTokens },
      tokens: { input_tokens: inputTokens, output_tokens: outputTokens },
      ...(cachedInputTokens === undefined ? {} : { cached_tokens: cachedInputTokens }),
    },
  };
}

function citationsOf({ citations, text }: Answer): JsonObject[] {
  const words = [...text.join("")];
  return citations.map(({ start, end, url, title }, at) => ({
    start,
    end,
    text: words.slice(start, end).join(""),
    sources: [{ type: "document", id: `doc:${at}`, document: { id: `doc:${at}`, title, url } }],
    type: "TEXT_CONTENT",
  }));
}

/** Before tool calls a model plans, else it thinks. */
export function cohereFrames(request: LabRequest, answer: Answer): Frame[] {
  const frames: Frame[] = [];
  const add = (kind: Frame["kind"], bytes: Buffer): void => void frames.push({ kind, bytes });
  const part = (index: number, kind: string, pieces: readonly string[]): void => {
    if (pieces.length === 0) return;
    const content = { type: kind, [kind]: "" };
    add("role", cohereEvent("content-start", { index, delta: { message: { content } } }));
    for (const piece of pieces) add("content", contentDelta(index, kind, piece));
    add("role", cohereEvent("content-end", { index }));
  };
  const message = { role: "assistant", content: [], tool_plan: "", tool_calls: [], citations: [] };
  add("role", cohereEvent("message-start", { id: answerId(request), delta: { message } }));
  const plans = answer.toolCalls.length > 0;
  if (plans) {
    for (const tool_plan of answer.reasoning)
      add("content", cohereEvent("tool-plan-delta", { delta: { message: { tool_plan } } }));
  } else part(0, "thinking", answer.reasoning);
  part(plans || answer.reasoning.length === 0 ? 0 : 1, "text", answer.text);
  citationsOf(answer).forEach((citations, index) => {
    add("role", cohereEvent("citation-start", { index, delta: { message: { citations } } }));
    add("role", cohereEvent("citation-end", { index }));
  });
  answer.toolCalls.forEach(({ name, arguments: pieces }, index) => {
    const opening = {
      id: answer.marks?.callId(index, name) ?? callId(request, name, index),
      type: "function",
      function: { name, arguments: "" },
    };
    add("content", cohereEvent("tool-call-start", { index, delta: { message: { tool_calls: opening } } }));
    for (const text of pieces) {
      const tool_calls = { function: { arguments: text } };
      add("content", cohereEvent("tool-call-delta", { index, delta: { message: { tool_calls } } }));
    }
    add("role", cohereEvent("tool-call-end", { index }));
  });
  add("done", cohereEvent("message-end", { delta: ending(answer) }));
  return frames;
}

export function cohereWhole(request: LabRequest, answer: Answer): JsonObject {
  const reasoning = answer.reasoning.join("");
  const text = answer.text.join("");
  const calls = answer.toolCalls.map(({ name, arguments: pieces }, index) => ({
    id: answer.marks?.callId(index, name) ?? callId(request, name, index),
    type: "function",
    function: { name, arguments: pieces.join("") },
  }));
  const planned = calls.length > 0;
  const content = [
    ...(reasoning === "" || planned ? [] : [{ type: "thinking", thinking: reasoning }]),
    ...(text === "" ? [] : [{ type: "text", text }]),
  ];
  return {
    id: answerId(request),
    message: {
      role: "assistant",
      ...(content.length === 0 ? {} : { content }),
      ...(answer.citations.length === 0 ? {} : { citations: citationsOf(answer) }),
      ...(planned ? { tool_plan: reasoning, tool_calls: calls } : {}),
    },
    ...ending(answer),
  };
}
