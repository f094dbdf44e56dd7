/** JSON whose integers keep their digits beyond 2^53, for what a provider writes as a JSON value. */
import { isObject, type JsonObject, type JsonValue } from "./json.ts";

/** `JSON.rawJSON` and a reviver's third parameter, which the type library does not know yet. */
const json = JSON as unknown as {
  rawJSON(text: string): JsonObject;
  parse(text: string, revive: (key: string, value: unknown, at: { source?: string }) => unknown): unknown;
};

/** @returns the value, with integers that a double cannot hold as raw JSON, which `JSON.stringify` writes as given. */
export const parseExact = (text: string): JsonValue =>
  json.parse(text, (_, value, { source }) =>
    typeof value === "number" &&
    source !== undefined &&
    Number.isInteger(value) &&
    !Number.isSafeInteger(value)
      ? json.rawJSON(source)
      : value,
  ) as JsonValue;

/** A call's arguments as an object; empty text is no arguments. */
export function argumentsOf(pieces: readonly string[]): JsonObject {
  const value = parseExact(pieces.join("") || "{}");
  return isObject(value) ? value : {};
}
