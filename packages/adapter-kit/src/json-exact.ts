/**
 * JSON whose long integers keep their digits. A double holds 53 bits, so JSON.parse changes 2512292042121000001 in silence.
 * Such a number is kept as a raw value, which JSON.stringify writes as it came:
 * https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/JSON/rawJSON
 */
import type { JsonObject, JsonValue } from "@headgate/contract";
import type { NativeBody } from "./adapter.ts";
import { parseBounded } from "./json-bounds.ts";

/** What the engine has and TypeScript's library does not describe yet. */
interface RawJson {
  rawJSON(text: string): JsonValue;
  isRawJSON(value: unknown): boolean;
  parse(
    text: string,
    revive: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): JsonValue;
}
const RAW = JSON as unknown as RawJson;

/** Sixteen digits in a row outside of text; inside of text it costs a slower parse and changes nothing. */
const LONG_NUMBER = /[[:,]\s*-?[0-9]{16}/;
const INTEGER = /^-?[0-9]+$/;

/** The value of a JSON text with exact integers, or `undefined` where it is not JSON or exceeds the bounds. */
export function parseExact(text: string): JsonValue | undefined {
  try {
    const read = parseBounded(text, exact);
    return "value" in read ? read.value : undefined;
  } catch {
    return undefined;
  }
}

function exact(text: string): JsonValue {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text) as JsonValue;
  return RAW.parse(text, (_, value, { source }) =>
    typeof value === "number" && !Number.isSafeInteger(value) && source !== undefined && INTEGER.test(source)
      ? RAW.rawJSON(source)
      : value,
  );
}

/** True for an integer that `parseExact` kept as it came. It is an object, and no JSON object. */
export const isExactInteger = (value: unknown): boolean => RAW.isRawJSON(value);

/** A body's parse with exact integers in its lists: messages and tools hold data, the other members parameters. */
export function exactBody({ bytes, json }: Pick<NativeBody, "bytes" | "json">): JsonObject {
  const text = bytes.toString("utf8");
  if (!LONG_NUMBER.test(text)) return json;
  const value = parseExact(text) as JsonObject;
  const lists = Object.entries(value).filter(([, held]) => Array.isArray(held));
  return { ...json, ...Object.fromEntries(lists) };
}
