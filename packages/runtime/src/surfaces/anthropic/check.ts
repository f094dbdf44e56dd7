/** Readers of a request that name the field that is wrong, by the dotted path Anthropic uses. */
import { isObject } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue } from "@headgate/contract";
import { badRequest, type ClientError } from "../../http/client-error.ts";
import { fieldReaders } from "../field-readers.ts";

export const wrong = (path: string, message: string): ClientError => badRequest(message, path);

export const {
  text: optionalText,
  object: optionalObject,
  list: optionalList,
  flag: optionalFlag,
  number: optionalNumber,
  count: optionalCount,
} = fieldReaders((_, kind, path) => wrong(path, `must be ${kind}`));

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
