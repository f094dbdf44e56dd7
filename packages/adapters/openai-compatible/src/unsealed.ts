/** A conversation without what was sealed in earlier turns: encrypted reasoning items, `reasoning_details`, `extra_content`. */
import { asArray, editJson, exactBody, isObject, type NativeBody } from "@headgate/adapter-kit";
import type { JsonValue } from "@headgate/contract";
import { hasForeignSeals, withoutSeals } from "./seals.ts";

export function unsealed(body: Pick<NativeBody, "bytes" | "json">): Buffer | undefined {
  const { input, messages } = exactBody(body);
  const items = asArray(input);
  if (items !== undefined) {
    const left = items.filter((item) => !isSealed(item));
    return left.length === items.length ? undefined : rewritten(body, "input", left);
  }
  const given = asArray(messages) ?? [];
  const detailed = given.some((message) => isObject(message) && message.reasoning_details !== undefined);
  if (!detailed && !hasForeignSeals(given, "")) return undefined;
  return rewritten(body, "messages", withoutSeals(given).map(bare));
}

const rewritten = ({ bytes }: Pick<NativeBody, "bytes">, name: string, list: readonly JsonValue[]): Buffer =>
  editJson(bytes, { set: { [name]: JSON.stringify(list) } }).bytes;

const isSealed = (item: JsonValue): boolean =>
  isObject(item) && item.type === "reasoning" && (item.encrypted_content ?? null) !== null;

function bare(message: JsonValue): JsonValue {
  if (!isObject(message)) return message;
  const { reasoning_details: _, ...others } = message;
  return others;
}
