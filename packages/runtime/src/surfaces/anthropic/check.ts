/** Readers of a request that name the field that is wrong, by the dotted path Anthropic uses. */
import type { JsonObject, JsonValue } from "@headgate/contract";
import { badRequest, type ClientError } from "../../http/client-error.ts";
import { isArray, isObject } from "../../http/json-body.ts";

export const wrong = (path: string, message: string): ClientError => badRequest(message, path);

/** Absent and null are the same to this API's optional fields. */
const given = (value: JsonValue | undefined): value is Exclude<JsonValue, null> =>
  value !== undefined && value !== null;

const reader =
  <T>(is: (value: JsonValue) => value is T & JsonValue, what: string) =>
  (parent: JsonObject, name: string, path = name): (T & JsonValue) | undefined => {
    const value = parent[name];
    if (!given(value)) return undefined;
    if (is(value)) return value;
    throw wrong(path, `must be ${what}`);
  };

const isText = (value: JsonValue): value is string => typeof value === "string";
const isCount = (value: JsonValue): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

export const optionalText = reader(isText, "a string");
export const optionalObject = reader((value): value is JsonObject => isObject(value), "an object");
export const optionalList = reader((value): value is readonly JsonValue[] => isArray(value), "an array");
export const optionalFlag = reader((value): value is boolean => typeof value === "boolean", "true or false");
export const optionalNumber = reader((value): value is number => typeof value === "number", "a number");
export const optionalCount = reader(isCount, "a whole number of at least 0");

export function requiredText(parent: JsonObject, name: string, path: string): string {
  const value = optionalText(parent, name, path);
  if (value === undefined) throw wrong(path, "field required");
  return value;
}

export function requiredObject(parent: JsonObject, name: string, path: string): JsonObject {
  const value = optionalObject(parent, name, path);
  if (value === undefined) throw wrong(path, "field required");
  return value;
}

/** A list whose entries are objects with a `type`. */
export function blocksOf(
  list: readonly JsonValue[],
  path: string,
): readonly (JsonObject & { type: string })[] {
  for (let at = 0; at < list.length; at += 1) {
    const block = list[at];
    if (!isObject(block)) throw wrong(`${path}.${at}`, "must be an object");
    if (typeof block.type !== "string") throw wrong(`${path}.${at}.type`, "field required");
  }
  return list as readonly (JsonObject & { type: string })[];
}
