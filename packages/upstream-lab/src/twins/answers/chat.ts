/** Answers on OpenAI's chat wire in a provider's own form: where reasoning stands, how calls are cut, ids, usage. */
import type { Answer, AnswerToolCall } from "../../answer.ts";
import type { Frame, UsageMode } from "../../frame.ts";
import type { JsonObject } from "../../json.ts";
import type { LabRequest } from "../../lab-request.ts";
import { chunk, DONE, openAiWhole, sse, usageOf } from "../../wire-openai.ts";

export interface ChatStyle {
  /**
   * `details`: OpenRouter's `reasoning` and sealed `reasoning_details`. `parts`: Mistral's list content. `none`: the
   * provider thinks and shows nothing.
   */
  readonly reasoning: "reasoning_content" | "reasoning" | "details" | "parts" | "none";
  /** `pieces`: an opening and its arguments bit by bit. `whole`: one delta per call. */
  readonly calls: "pieces" | "whole";
  /** False: streamed calls have no index, and no call has a type. */
  readonly typed?: boolean;
  /** What stands for no arguments; default `{}`. */
  readonly noArguments?: string;
  callId(seq: number, index: number, name: string): string;
  readonly usage: UsageMode;
}

/** Letters and digits that follow from the request's number; `length` of them. */
export function token(seq: number, index: number, length: number): string {
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  let state = (seq * 2_654_435_761 + index * 40_503 + 97) >>> 0;
  let text = "";
  while (text.length < length) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += letters[state % letters.length] ?? "a";
  }
  return text;
}

const argumentsText = (call: AnswerToolCall, style: ChatStyle): string => {
  const text = call.arguments.join("");
  return text === "" || text === "{}" ? (style.noArguments ?? "{}") : text;
};

/** Names who can read a detail. https://openrouter.ai/docs/use-cases/reasoning-tokens */
const FORMATS: readonly (readonly [RegExp, string])[] = [
  [/^google\//, "google-gemini-v1"],
  [/^anthropic\//, "anthropic-claude-v1"],
  [/^openai\//, "openai-responses-v1"],
  [/^x-ai\//, "xai-responses-v1"],
];
const formatOf = ({ model }: LabRequest): string =>
  FORMATS.find(([makers]) => makers.test(model ?? ""))?.[1] ?? "unknown";

const details = (request: LabRequest, answer: Answer): JsonObject[] => [
  { type: "reasoning.text", text: answer.reasoning.join(""), format: formatOf(request), index: 0 },
  ...sealed(request, answer),
];

const sealed = (request: LabRequest, { marks }: Answer): JsonObject[] =>
  marks === undefined
    ? []
    : [
        {
          type: "reasoning.encrypted",
          data: marks.seal("reasoning"),
          id: "rs_0",
          format: formatOf(request),
          index: 1,
        },
      ];

/** Thinking and calls are sealed. */
const seals = ({ reasoning, hidden, toolCalls }: Answer, style: ChatStyle): boolean =>
  style.reasoning === "details" && (hidden || reasoning.length > 0 || toolCalls.length > 0);

const thinkingPart = (text: string): JsonObject => ({ type: "thinking", thinking: [{ type: "text", text }] });

function reasoned(request: LabRequest, answer: Answer, style: ChatStyle): JsonObject {
  const text = answer.reasoning.join("");
  if (text === "") {
    return seals(answer, style) ? { reasoning_details: sealed(request, answer) } : {};
  }
  switch (style.reasoning) {
    case "none":
      return {};
    case "details":
      return { reasoning: text, reasoning_details: details(request, answer) };
    case "parts": {
      const said = answer.text.join("");
      return { content: [thinkingPart(text), ...(said === "" ? [] : [{ type: "text", text: said }])] };
    }
    default:
      return { [style.reasoning]: text };
  }
}

function callsOf(request: LabRequest, answer: Answer, style: ChatStyle): JsonObject[] {
  return answer.toolCalls.map((call, index) => ({
    id: style.callId(request.seq, index, call.name),
    ...(style.typed === false ? {} : { type: "function" }),
    function: { name: call.name, arguments: argumentsText(call, style) },
  }));
}

export function chatWhole(request: LabRequest, answer: Answer, style: ChatStyle): JsonObject {
  const plain = openAiWhole(request, { ...answer, reasoning: [], toolCalls: [] });
  const tool_calls = callsOf(request, answer, style);
  const message = {
    role: "assistant",
    content: answer.text.length === 0 ? (style.reasoning === "parts" ? "" : null) : answer.text.join(""),
    ...reasoned(request, answer, style),
    ...(tool_calls.length === 0 ? {} : { tool_calls }),
  };
  return { ...plain, choices: [{ index: 0, message, logprobs: null, finish_reason: answer.finish }] };
}

export function chatFrames(request: LabRequest, answer: Answer, style: ChatStyle): Frame[] {
  const frames: Frame[] = [];
  const add = (kind: Frame["kind"], delta: JsonObject): void =>
    void frames.push({ kind, bytes: sse(chunk(request, delta)) });
  add("role", { role: "assistant", content: "" });
  for (const text of answer.reasoning) {
    if (style.reasoning === "details") {
      add("content", {
        content: "",
        reasoning: text,
        reasoning_details: [{ type: "reasoning.text", text, format: formatOf(request), index: 0 }],
      });
    } else if (style.reasoning === "parts") add("content", { content: [thinkingPart(text)] });
    else if (style.reasoning !== "none") add("content", { [style.reasoning]: text });
  }
  if (seals(answer, style)) {
    for (const detail of sealed(request, answer))
      add("content", { content: "", reasoning_details: [detail] });
  }
  const inParts = style.reasoning === "parts" && answer.reasoning.length > 0;
  for (const text of answer.text) add("content", { content: inParts ? [{ type: "text", text }] : text });
  callsOf(request, answer, style).forEach((call, index) => {
    const numbered = style.typed === false ? call : { index, ...call };
    const pieces = answer.toolCalls[index]?.arguments ?? [];
    if (style.calls === "whole" || pieces.length < 2) {
      add("content", { tool_calls: [numbered] });
      return;
    }
    const { name } = call.function as JsonObject;
    add("content", { tool_calls: [{ ...numbered, function: { name, arguments: "" } }] });
    for (const text of pieces) add("content", { tool_calls: [{ index, function: { arguments: text } }] });
  });
  const usage = usageOf(answer.usage);
  const onFinish =
    style.usage === "on-finish"
      ? { usage }
      : style.usage === "x-groq"
        ? { x_groq: { id: `req_lab_${request.seq}`, usage } }
        : {};
  frames.push({ kind: "finish", bytes: sse(chunk(request, {}, answer.finish, onFinish)) });
  if (style.usage === "always" || (request.includeUsage && style.usage !== "on-finish")) {
    frames.push({ kind: "usage", bytes: sse({ ...chunk(request, {}), choices: [], usage }) });
  }
  frames.push({ kind: "done", bytes: Buffer.from(DONE) });
  return frames;
}
