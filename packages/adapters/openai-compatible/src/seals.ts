/**
 * `extra_content`, in which Google's OpenAI route and this gateway's clients carry the seals of a Gemini model. No other
 * model uses them, and most providers refuse unknown fields.
 */
import { asArray, isObject } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue } from "@headgate/contract";

const FIELD = "extra_content";

/** True where the messages have seals that this model does not use. */
export const hasForeignSeals = (messages: readonly JsonValue[], model: string): boolean =>
  messages.some(isSealed) && !/gemini/i.test(model);

export const withoutSeals = (messages: readonly JsonValue[]): readonly JsonValue[] =>
  messages.map((message) => {
    if (!isObject(message) || !isSealed(message)) return message;
    const bare = without(message);
    const calls = asArray(bare.tool_calls);
    return calls === undefined
      ? bare
      : { ...bare, tool_calls: calls.map((call) => (isObject(call) ? without(call) : call)) };
  });

const holds = (value: JsonValue): boolean => isObject(value) && value[FIELD] !== undefined;

/** Itself or one of its calls. */
const isSealed = (message: JsonValue): boolean =>
  holds(message) || (isObject(message) && asArray(message.tool_calls)?.some(holds) === true);

function without(value: JsonObject): JsonObject {
  const { [FIELD]: _, ...rest } = value;
  return rest;
}
