/** The parts of a GenerateContentResponse that decoder, relay and inspection share. */
import {
  asArray,
  asCount,
  asObject,
  asText,
  isObject,
  type JsonEventWire,
  nonStreamError,
  parseJson,
  readErrorValue,
  upstreamError,
} from "@headgate/adapter-kit";
import type { FinishReason, JsonObject, JsonValue, UpstreamError, Usage } from "@headgate/contract";

/** https://ai.google.dev/api/generate-content#FinishReason. A reason that is not here counts as `stop`. */
const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  STOP: "stop",
  MAX_TOKENS: "length",
  SAFETY: "content_filter",
  RECITATION: "content_filter",
  BLOCKLIST: "content_filter",
  PROHIBITED_CONTENT: "content_filter",
  SPII: "content_filter",
  IMAGE_SAFETY: "content_filter",
  IMAGE_PROHIBITED_CONTENT: "content_filter",
  IMAGE_RECITATION: "content_filter",
};

/** The model broke off without an answer; another model may succeed. */
const FAILURES: ReadonlySet<string> = new Set([
  "LANGUAGE",
  "OTHER",
  "NO_IMAGE",
  "IMAGE_OTHER",
  "MALFORMED_FUNCTION_CALL",
  "MALFORMED_RESPONSE",
  "MISSING_THOUGHT_SIGNATURE",
  "TOO_MANY_TOOL_CALLS",
  "UNEXPECTED_TOOL_CALL",
]);

const UNSPECIFIED = "FINISH_REASON_UNSPECIFIED";

/** The first candidate, the only one in the canonical form. */
export function candidateOf(response: JsonObject): JsonObject | undefined {
  return (asArray(response.candidates) ?? [])
    .map((item) => asObject(item))
    .find((item) => item !== undefined && (item.index ?? 0) === 0);
}

/** The reason's name; `undefined` while the answer continues. */
export function finishName(candidate: JsonObject | undefined): string | undefined {
  const name = asText(candidate?.finishReason);
  return name === UNSPECIFIED ? undefined : name;
}

export const finishReason = (name: string): FinishReason =>
  (Object.hasOwn(FINISH_REASONS, name) ? FINISH_REASONS[name] : undefined) ?? "stop";

/** True for a candidate with a part other than an empty text. */
export function hasContent(candidate: JsonObject | undefined): boolean {
  const parts = asArray(asObject(candidate?.content)?.parts) ?? [];
  return parts.some((item) => {
    const part = asObject(item);
    return part !== undefined && (part.text !== "" || part.thoughtSignature !== undefined);
  });
}

/** The error in a 2xx answer: an envelope, a prompt that was blocked, or a candidate that failed. */
export function findError(response: JsonObject): UpstreamError | undefined {
  if (response.error !== undefined && response.error !== null) return envelope(response);
  const candidate = candidateOf(response);
  const blocked = asText(asObject(response.promptFeedback)?.blockReason);
  if (blocked !== undefined && candidate === undefined) {
    return { class: "content_filter", code: blocked, message: `Gemini blocked the prompt: ${blocked}` };
  }
  const name = finishName(candidate);
  if (name === undefined || !FAILURES.has(name)) return undefined;
  const why = asText(candidate?.finishMessage);
  const message = `the model broke off: ${name}${why === undefined ? "" : `: ${why}`}`;
  // The same prompt may fail again, and other prompts not.
  return { class: "malformed", scope: "request", code: name, message };
}

/** `{error: {code, message, status}}`, or a list of one, as Google's front ends send it. */
export function envelope(value: JsonValue | undefined): UpstreamError {
  const found = readErrorValue(value);
  return found === undefined ? { message: "an error without a message" } : upstreamError(found);
}

/** Errors are in the stream, in a document in its place, or in a list of one such document. */
export const EVENTS: JsonEventWire = {
  findError,
  nonStreamError(text) {
    const [listed] = asArray(parseJson(text)) ?? [];
    return isObject(listed) && listed.error !== undefined
      ? envelope(listed)
      : nonStreamError(text, findError);
  },
};

/** True for an object that is an answer or a piece of one, also without text. */
export const isResponse = (value: JsonObject): boolean =>
  value.candidates !== undefined || value.usageMetadata !== undefined || value.promptFeedback !== undefined;

/** `undefined` where the counts are missing. https://ai.google.dev/api/generate-content#UsageMetadata */
export function readUsage(value: JsonValue | undefined): Usage | undefined {
  const usage = asObject(value);
  const prompt = asCount(usage?.promptTokenCount);
  if (usage === undefined || prompt === undefined) return undefined;
  const thoughts = asCount(usage.thoughtsTokenCount);
  const cached = asCount(usage.cachedContentTokenCount);
  const heard = (asArray(usage.promptTokensDetails) ?? []).map(asObject);
  const audio = asCount(heard.find((part) => part?.modality === "AUDIO")?.tokenCount);
  return {
    inputTokens: prompt + (asCount(usage.toolUsePromptTokenCount) ?? 0),
    outputTokens: (asCount(usage.candidatesTokenCount) ?? 0) + (thoughts ?? 0),
    ...(cached === undefined ? {} : { cachedInputTokens: cached }),
    ...(thoughts === undefined ? {} : { reasoningTokens: thoughts }),
    ...(audio === undefined ? {} : { audioInputTokens: audio }),
  };
}
