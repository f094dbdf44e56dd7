/**
 * Seals of other wires' upstreams, in the one field that Gemini's clients send back unchanged: `thoughtSignature`. Gemini's
 * own seals are unchanged. Others are marked as the gateway's, so that they go back to their own wire and never to Gemini.
 * Python's SDK reads signatures as bytes, so a mark is base64 too.
 */
import { editJson, exactBody, isObject, type NativeBody, parseJson } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue, ReasoningPart, Sealed } from "@headgate/contract";
import { isArray } from "../../http/json-body.ts";

export const WIRE = "gemini";
/** Nine bytes, so that the base64 of mark and seal begins with that of the mark. */
const MARK = Buffer.from("headgate:").toString("base64");
/** Means "no signature" where Gemini requires one: https://ai.google.dev/gemini-api/docs/thought-signatures */
const SKIP = "skip_thought_signature_validator";
const STAND_INS: ReadonlySet<string> = new Set([SKIP, "context_engineering_is_the_way_to_go"]);

const mark = (value: JsonValue): string => MARK + Buffer.from(JSON.stringify(value)).toString("base64");

/** The seal of calls without one: it shows that they are another wire's when they come back. */
const UNSEALED = mark(null);

export function sealText({ wire, data }: Sealed, redacted = false): string {
  if (wire === WIRE) return data;
  return mark(redacted ? [wire, data, true] : [wire, data]);
}

export const callSeal = (sealed: Sealed | undefined): string =>
  sealed === undefined ? UNSEALED : sealText(sealed);

/** Empty where nothing was sealed. */
export function readSeal(signature: string | undefined): Pick<ReasoningPart, "sealed" | "redacted"> {
  if (signature === undefined || signature === "" || STAND_INS.has(signature)) return {};
  if (!signature.startsWith(MARK)) return { sealed: { wire: WIRE, data: signature } };
  const held = parseJson(Buffer.from(signature.slice(MARK.length), "base64").toString("utf8"));
  if (!isArray(held)) return {};
  const [wire, data, redacted] = held;
  if (typeof wire !== "string" || typeof data !== "string") return {};
  return { sealed: { wire, data }, ...(redacted === true ? { redacted } : {}) };
}

/** The part without foreign seals; undefined for thoughts of another model. */
function withoutMark(part: JsonValue): JsonValue | undefined {
  if (!isObject(part)) return part;
  const { thoughtSignature, thought_signature, ...rest } = part;
  const signature = thoughtSignature ?? thought_signature;
  if (typeof signature !== "string" || !signature.startsWith(MARK)) return part;
  if (part.thought === true) return undefined;
  const calls = part.functionCall !== undefined || part.function_call !== undefined;
  return calls ? { ...rest, thoughtSignature: SKIP } : rest;
}

/** The body for an upstream of this wire: byte for byte, but for the gateway's marks and the thoughts that they seal. */
export function withoutMarks(native: NativeBody): NativeBody {
  if (!isArray(native.json.contents) || !native.bytes.includes(MARK)) return native;
  const { contents } = exactBody(native);
  if (!isArray(contents)) return native;
  let lost = false;
  const kept = contents.flatMap((content): JsonValue[] => {
    if (!isObject(content) || !isArray(content.parts)) return [content];
    const parts = content.parts.flatMap((part) => withoutMark(part) ?? []);
    if (parts.length < content.parts.length) lost = true;
    return parts.length === 0 && content.parts.length > 0 ? [] : [{ ...content, parts } satisfies JsonObject];
  });
  const { bytes } = editJson(native.bytes, { set: { contents: JSON.stringify(kept) } });
  const dropped = lost ? { dropped: [...(native.dropped ?? []), "contents.parts.thought"] } : {};
  return { ...native, bytes, json: { ...native.json, contents: kept }, ...dropped };
}
