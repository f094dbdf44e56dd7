/** Contents without the signatures of earlier turns, where the API refuses them. */
import { editJson, exactBody, isObject, type NativeBody } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue } from "@headgate/contract";
import { SKIP_SIGNATURE } from "./messages.ts";

export function unsealed(body: Pick<NativeBody, "bytes" | "json">): Buffer | undefined {
  const contents = listIn(exactBody(body).contents);
  const left = contents.map((content) => {
    if (!isObject(content)) return content;
    const parts = listIn(content.parts);
    const kept = parts.map(bare);
    return kept.every((part, at) => part === parts[at]) ? content : { ...content, parts: kept };
  });
  if (left.every((content, at) => content === contents[at])) return undefined;
  return editJson(body.bytes, { set: { contents: JSON.stringify(left) } }).bytes;
}

const listIn = (value: JsonValue | undefined): readonly JsonValue[] =>
  Array.isArray(value) ? (value as readonly JsonValue[]) : [];

/** A call keeps a stand-in: Gemini 3 requires one. */
function bare(part: JsonValue): JsonValue {
  if (!isObject(part)) return part;
  const { thoughtSignature, thought_signature, ...others } = part;
  const signature = thoughtSignature ?? thought_signature;
  if (signature === undefined || signature === SKIP_SIGNATURE) return part;
  return calls(part) ? { ...others, thoughtSignature: SKIP_SIGNATURE } : others;
}

const calls = (part: JsonObject): boolean =>
  part.functionCall !== undefined || part.function_call !== undefined;
