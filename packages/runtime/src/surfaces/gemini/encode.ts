/** Canonical events as GenerateContentResponses. https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse */
import { foldEvents, isObject, parseExact } from "@headgate/adapter-kit";
import {
  type ChatEvent,
  type FinishReason,
  type JsonObject,
  present,
  type ReasoningPart,
  type Sealed,
  type ToolCall,
  type Usage,
} from "@headgate/contract";
import { grounding } from "./grounding.ts";
import { callSeal, sealText } from "./seals.ts";

export interface Identity {
  readonly id: string;
  readonly model: string;
  readonly showThoughts: boolean;
}

const FINISH: Readonly<Record<FinishReason, string>> = {
  stop: "STOP",
  length: "MAX_TOKENS",
  tool_calls: "STOP",
  content_filter: "SAFETY",
};

/** One response, or one piece of a stream. */
export function response(
  { id, model }: Identity,
  parts: readonly JsonObject[],
  finish?: FinishReason,
  usage?: Usage,
  /** Further fields, such as the grounding. */
  more: JsonObject = {},
): JsonObject {
  const finishReason = finish === undefined ? undefined : FINISH[finish];
  return present({
    candidates: [present({ content: { parts, role: "model" }, finishReason, index: 0, ...more })],
    usageMetadata: usage === undefined ? undefined : usageMetadata(usage),
    modelVersion: model,
    responseId: id,
  });
}

/** Thoughts are counted separately from the answer. */
function usageMetadata(usage: Usage): JsonObject {
  const { inputTokens, outputTokens, cachedInputTokens, reasoningTokens } = usage;
  return present({
    promptTokenCount: inputTokens,
    candidatesTokenCount: Math.max(0, outputTokens - (reasoningTokens ?? 0)),
    totalTokenCount: inputTokens + outputTokens,
    cachedContentTokenCount: cachedInputTokens,
    thoughtsTokenCount: reasoningTokens,
  });
}

export const textPart = (text: string, sealed?: Sealed): JsonObject =>
  present({ text, thoughtSignature: sealed === undefined ? undefined : sealText(sealed) });

export const thoughtPart = ({ text, sealed, redacted }: ReasoningPart): JsonObject =>
  present({
    text,
    thought: true,
    thoughtSignature: sealed === undefined ? undefined : sealText(sealed, redacted),
  });

/** Of parallel calls only the first carries a seal, or the mark that there is none. */
export const callParts = (calls: readonly ToolCall[]): JsonObject[] =>
  calls.map(({ id, name, arguments: text, sealed }, at) =>
    present({
      functionCall: { id, name, args: argsOf(text) },
      thoughtSignature: at === 0 || sealed !== undefined ? callSeal(sealed) : undefined,
    }),
  );

/** This wire's arguments are objects. Arguments that are no object are kept as text under one key. */
function argsOf(text: string): JsonObject {
  if (text.trim() === "") return {};
  const value = parseExact(text);
  return isObject(value) ? value : { arguments: text };
}

export function encodeResponse(events: readonly ChatEvent[], identity: Identity): Buffer {
  const answer = foldEvents(events);
  const thoughts = answer.reasoningParts ?? (answer.reasoning === "" ? [] : [{ text: answer.reasoning }]);
  const words = answer.text + answer.refusal;
  const parts = [
    ...(identity.showThoughts ? thoughts.map(thoughtPart) : []),
    ...(words === "" && answer.sealed === undefined ? [] : [textPart(words, answer.sealed)]),
    ...callParts(answer.toolCalls),
  ];
  const known = { ...identity, id: answer.id ?? identity.id, model: answer.model ?? identity.model };
  const sources = grounding(answer.citations ?? [], words);
  return Buffer.from(JSON.stringify(response(known, parts, answer.finish ?? "stop", answer.usage, sources)));
}
