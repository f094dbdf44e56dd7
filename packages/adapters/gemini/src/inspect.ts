/** Checks a whole answer for a client of the same wire, by its top level where that is enough. */
import {
  ANSWER_CUT,
  type BodyVerdict,
  isObject,
  lastMember,
  parseJson,
  type TopLevel,
  topLevel,
} from "@headgate/adapter-kit";
import { present, type UpstreamError, type Usage } from "@headgate/contract";
import { candidateOf, findError, finishName, hasContent, readUsage } from "./chunk.ts";
import { bodyError } from "./decode.ts";

/** A finish reason that is certainly no failure; with any other the answer is parsed. */
const FINISHED = /"finishReason"\s*:\s*"(?:STOP|MAX_TOKENS)"/;
const FILLED_LIST = /\[\s*[^\s\]]/y;

export function inspectBody(bytes: Buffer): BodyVerdict {
  const object = topLevel(bytes);
  if (object === undefined || !isAnswer(object)) return { ok: false, error: bodyError(bytes) };
  const error = FINISHED.test(object.text) ? undefined : doubt(bytes);
  if (error !== undefined) return { ok: false, error };
  const member = lastMember(object, "usageMetadata");
  const text = member === undefined ? "" : object.text.slice(member.valueStart, member.valueEnd);
  const usage = readUsage(parseJson(text));
  return { ok: true, ...present({ usage }), ...(isEmpty(object, usage) ? { empty: true } : {}) };
}

/** An answer without text is small; a larger one is not parsed. */
const MAX_EMPTY_CHARS = 4096;

function isEmpty({ text }: TopLevel, usage: Usage | undefined): boolean {
  if ((usage?.outputTokens ?? 0) > 0 || text.length > MAX_EMPTY_CHARS) return false;
  const body = parseJson(text);
  const candidate = isObject(body) ? candidateOf(body) : undefined;
  return finishName(candidate) === "STOP" && !hasContent(candidate);
}

function isAnswer(object: TopLevel): boolean {
  const candidates = lastMember(object, "candidates");
  if (candidates === undefined || lastMember(object, "error") !== undefined) return false;
  FILLED_LIST.lastIndex = candidates.valueStart;
  return FILLED_LIST.test(object.text);
}

function doubt(bytes: Buffer): UpstreamError | undefined {
  const body = parseJson(bytes.toString("utf8"));
  if (!isObject(body)) return bodyError(bytes);
  return findError(body) ?? (finishName(candidateOf(body)) === undefined ? ANSWER_CUT : undefined);
}
