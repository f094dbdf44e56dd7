/** Readers for JSON of untrusted shape: each returns a value of its type or `undefined`. */
import type { JsonObject, JsonValue } from "@headgate/contract";
import { parseBounded } from "./json-bounds.ts";
import { isExactInteger } from "./json-exact.ts";

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !isExactInteger(value);

export const asObject = (value: unknown): JsonObject | undefined => (isObject(value) ? value : undefined);

export const asArray = (value: unknown): readonly JsonValue[] | undefined =>
  Array.isArray(value) ? value : undefined;

/** A string that is not empty. */
export const asText = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** A whole number of at least zero, as token counts and indexes are. */
export const asCount = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

/** A list of numbers that is not empty, as an embedding is. */
export const asVector = (value: unknown): readonly number[] | undefined =>
  Array.isArray(value) && value.length > 0 && value.every((entry) => typeof entry === "number")
    ? value
    : undefined;

/** The value of a JSON text, or `undefined` where it is not JSON or exceeds the bounds. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    const read = parseBounded(text);
    return "value" in read ? read.value : undefined;
  } catch {
    return undefined;
  }
}
