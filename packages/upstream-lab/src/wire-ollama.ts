/** Ollama's native chat wire: NDJSON lines and whole answers. https://docs.ollama.com/api/chat */
import type { Answer } from "./answer.ts";
import { argumentsOf } from "./exact-json.ts";
import type { Frame } from "./frame.ts";
import { asObject, type JsonObject, type JsonValue } from "./json.ts";
import type { LabRequest } from "./lab-request.ts";

const CREATED_AT = "2026-01-01T00:00:00Z";

export const ndjson = (line: JsonObject): Buffer => Buffer.from(`${JSON.stringify(line)}\n`);

/** Ollama's own names: the reason is `stop` even after a tool call. */
const doneReason = (finish: string): string => (finish === "length" ? "length" : "stop");

const head = (request: LabRequest): JsonObject => ({ model: request.model, created_at: CREATED_AT });

/** Durations are in nanoseconds and fixed. */
function totals(answer: Answer): JsonObject {
  return {
    done: true,
    done_reason: doneReason(answer.finish),
    total_duration: 5_000_000,
    load_duration: 1_000_000,
    prompt_eval_count: answer.usage.inputTokens,
    prompt_eval_duration: 1_000_000,
    eval_count: answer.usage.outputTokens,
    eval_duration: 3_000_000,
  };
}

function callsOf(answer: Answer): JsonValue[] {
  return answer.toolCalls.map(({ name, arguments: pieces }) => ({
    function: { name, arguments: argumentsOf(pieces) },
  }));
}

export function ollamaFrames(request: LabRequest, answer: Answer): Frame[] {
  const line = (message: JsonObject): Frame => ({
    kind: "content",
    bytes: ndjson({ ...head(request), message: { role: "assistant", ...message }, done: false }),
  });
  const frames: Frame[] = answer.reasoning.map((thinking) => line({ content: "", thinking }));
  for (const content of answer.text) frames.push(line({ content }));
  for (const call of callsOf(answer)) frames.push(line({ content: "", tool_calls: [call] }));
  const last = { ...head(request), message: { role: "assistant", content: "" }, ...totals(answer) };
  frames.push({ kind: "done", bytes: ndjson(last) });
  return frames;
}

/** The same of `/api/generate`: the message's fields at the top. https://docs.ollama.com/api/generate */
export const generated = (line: JsonObject): JsonObject => {
  const { message, ...others } = line;
  const { content, thinking } = asObject(message);
  return { ...others, response: content ?? "", ...(thinking === undefined ? {} : { thinking }) };
};

export const generateFrames = (request: LabRequest, answer: Answer): Frame[] =>
  ollamaFrames(request, answer).map((frame) => ({
    ...frame,
    bytes: ndjson(generated(asObject(JSON.parse(frame.bytes.toString()) as unknown))),
  }));

export function ollamaWhole(request: LabRequest, answer: Answer): JsonObject {
  const calls = callsOf(answer);
  const message: JsonObject = {
    role: "assistant",
    content: answer.text.join(""),
    ...(answer.reasoning.length === 0 ? {} : { thinking: answer.reasoning.join("") }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  return { ...head(request), message, ...totals(answer) };
}
