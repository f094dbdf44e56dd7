/**
 * `reasoning_details` of a conversation as OpenRouter's model takes them: without what another maker's model sealed, and
 * with a stand-in where Gemini 3 requires a seal beside calls.
 * https://openrouter.ai/docs/use-cases/reasoning-tokens#preserving-reasoning-blocks
 */
import { asArray, isObject } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue } from "@headgate/contract";

const FIELD = "reasoning_details";

/** `format` of the details that each maker's models seal; makers that are not here verify nothing. */
const FORMATS: Readonly<Record<string, string>> = {
  anthropic: "anthropic-claude-v1",
  google: "google-gemini-v1",
  openai: "openai-responses-v1",
  "x-ai": "xai-responses-v1",
};

/** Means "no signature": https://ai.google.dev/gemini-api/docs/thought-signatures */
const SKIP = "skip_thought_signature_validator";

/** The same list where nothing changes. */
export function withOwnDetails(messages: readonly JsonValue[], upstream: string): readonly JsonValue[] {
  const format = FORMATS[upstream.split("/", 1)[0] ?? ""];
  if (format === undefined) return messages;
  const signs = /gemini/.test(upstream) && !/gemini-[12]/.test(upstream);
  const fitted = messages.map((message) => fit(message, format, signs));
  return fitted.every((message, at) => message === messages[at]) ? messages : fitted;
}

/** Whether a message has fewer details than before. */
export const lostDetails = (before: readonly JsonValue[], after: readonly JsonValue[]): boolean =>
  before.some((message, at) =>
    detailsIn(message).some((detail) => !detailsIn(after[at] ?? null).includes(detail)),
  );

const detailsIn = (message: JsonValue): readonly JsonValue[] =>
  isObject(message) ? (asArray(message[FIELD]) ?? []) : [];

const isEncrypted = (detail: JsonValue): detail is JsonObject =>
  isObject(detail) && detail.type === "reasoning.encrypted";

/** Plain text is of any maker. */
const isOwn = (detail: JsonValue, format: string): boolean =>
  !isObject(detail) ||
  (detail.type !== "reasoning.encrypted" && (detail.signature ?? null) === null) ||
  detail.format === undefined ||
  detail.format === format;

function fit(message: JsonValue, format: string, signs: boolean): JsonValue {
  if (!isObject(message) || message.role !== "assistant") return message;
  const details = detailsIn(message);
  const own = details.filter((detail) => isOwn(detail, format));
  const [call] = asArray(message.tool_calls) ?? [];
  const unsigned = signs && isObject(call) && !own.some(isEncrypted);
  if (own.length === details.length && !unsigned) return message;
  const { [FIELD]: _, ...bare } = message;
  const stand = unsigned && isObject(call) ? [standIn(call, format)] : [];
  const all = [...own, ...stand];
  return all.length === 0 ? bare : { ...bare, [FIELD]: all };
}

/** One for the first call of a turn, as clients of OpenRouter send it: https://github.com/RooCodeInc/Roo-Code/pull/10759 */
const standIn = ({ id = "" }: JsonObject, format: string): JsonObject => ({
  type: "reasoning.encrypted",
  data: SKIP,
  id,
  format,
  index: 0,
});
