/** OpenAI's chat wire: chunks and whole completions. https://platform.openai.com/docs/api-reference/chat */
import type { Answer, AnswerCitation, AnswerUsage } from "./answer.ts";
import type { Frame, UsageMode } from "./frame.ts";
import type { JsonObject } from "./json.ts";
import type { LabRequest } from "./lab-request.ts";

/** Fixed, so that recorded output never changes. */
const CREATED_S = 1_700_000_000;

export const DONE = "data: [DONE]\n\n";

export const sse = (data: JsonObject): Buffer => Buffer.from(`data: ${JSON.stringify(data)}\n\n`);

const identity = (request: LabRequest, object: string): JsonObject => ({
  id: `chatcmpl-lab-${request.seq}`,
  object,
  created: CREATED_S,
  model: request.model,
  system_fingerprint: "fp_lab",
});

export function usageOf(usage: AnswerUsage): JsonObject {
  const { inputTokens, outputTokens, cachedInputTokens, reasoningTokens } = usage;
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    ...(cachedInputTokens === undefined
      ? {}
      : { prompt_tokens_details: { cached_tokens: cachedInputTokens } }),
    ...(reasoningTokens === undefined
      ? {}
      : { completion_tokens_details: { reasoning_tokens: reasoningTokens } }),
  };
}

const callId = (request: LabRequest, index: number): string => `call_lab_${request.seq}_${index}`;

/** The member of a message or a delta. */
function annotated(citations: readonly AnswerCitation[]): JsonObject {
  if (citations.length === 0) return {};
  const annotations = citations.map(({ start, end, url, title }) => ({
    type: "url_citation",
    url_citation: { start_index: start, end_index: end, url, title },
  }));
  return { annotations };
}

/** One chunk; `extra` is added at its top level. */
export function chunk(
  request: LabRequest,
  delta: JsonObject,
  finish: string | null = null,
  extra: JsonObject = {},
): JsonObject {
  const choice = { index: 0, delta, logprobs: null, finish_reason: finish };
  return { ...identity(request, "chat.completion.chunk"), choices: [choice], ...extra };
}

export function openAiFrames(request: LabRequest, answer: Answer, mode: UsageMode): Frame[] {
  const usage = usageOf(answer.usage);
  const inChunk = mode === "always" || (mode === "asked" && request.includeUsage);
  const everywhere: JsonObject = mode === "every-chunk" ? { usage } : inChunk ? { usage: null } : {};
  const frames: Frame[] = [];
  const add = (kind: Frame["kind"], delta: JsonObject): void => {
    frames.push({ kind, bytes: sse(chunk(request, delta, null, everywhere)) });
  };
  add("role", { role: "assistant", content: answer.toolCalls.length > 0 ? null : "" });
  for (const text of answer.reasoning) add("content", { reasoning_content: text });
  for (const text of answer.text) add("content", { content: text });
  if (answer.citations.length > 0) add("role", annotated(answer.citations));
  answer.toolCalls.forEach((call, index) => {
    const opening = {
      index,
      id: callId(request, index),
      type: "function",
      function: { name: call.name, arguments: "" },
    };
    add("content", { tool_calls: [opening] });
    for (const text of call.arguments) {
      add("content", { tool_calls: [{ index, function: { arguments: text } }] });
    }
  });
  const onFinish: JsonObject =
    mode === "on-finish"
      ? { usage }
      : mode === "x-groq"
        ? { x_groq: { id: `req_lab_${request.seq}`, usage } }
        : everywhere;
  frames.push({ kind: "finish", bytes: sse(chunk(request, {}, answer.finish, onFinish)) });
  if (inChunk) {
    const last = { ...identity(request, "chat.completion.chunk"), choices: [], usage };
    frames.push({ kind: "usage", bytes: sse(last) });
  }
  frames.push({ kind: "done", bytes: Buffer.from(DONE) });
  return frames;
}

export function openAiWhole(request: LabRequest, answer: Answer): JsonObject {
  const toolCalls = answer.toolCalls.map((call, index) => ({
    id: callId(request, index),
    type: "function",
    function: { name: call.name, arguments: call.arguments.join("") },
  }));
  const message: JsonObject = {
    role: "assistant",
    content: answer.text.length === 0 ? null : answer.text.join(""),
    refusal: null,
    ...annotated(answer.citations),
    ...(answer.reasoning.length === 0 ? {} : { reasoning_content: answer.reasoning.join("") }),
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
  };
  return {
    ...identity(request, "chat.completion"),
    choices: [{ index: 0, message, logprobs: null, finish_reason: answer.finish }],
    usage: usageOf(answer.usage),
  };
}
