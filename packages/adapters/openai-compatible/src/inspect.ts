/** Checks a whole answer for a client of the same wire, by its top level alone. */
import {
  type BodyVerdict,
  isObject,
  bodyError as kitBodyError,
  lastMember,
  parseJson,
  type TopLevel,
  topLevel,
} from "@headgate/adapter-kit";
import { present, type UpstreamError, type Usage } from "@headgate/contract";
import { findError, isEmptyBody } from "./chunk.ts";
import { readUsage } from "./usage.ts";

const FILLED_LIST = /\[\s*[^\s\]]/y;
const WANTED = "a chat completion";

export function inspectBody(bytes: Buffer): BodyVerdict {
  const object = topLevel(bytes);
  if (object === undefined) return { ok: false, error: bodyError(bytes) };
  const choices = lastMember(object, "choices");
  const error = lastMember(object, "error");
  const broken = error !== undefined && valueText(object, error) !== "null";
  if (
    broken ||
    choices === undefined ||
    !startsFilledList(object.text, choices.valueStart) ||
    failedChoice(object)
  ) {
    return { ok: false, error: bodyError(bytes) };
  }
  const member = lastMember(object, "usage");
  const usage = member === undefined ? undefined : readUsage(parseJson(valueText(object, member)));
  return { ok: true, ...present({ usage }), ...(isEmpty(object, usage) ? { empty: true } : {}) };
}

/** An answer without text is small; a larger one is not parsed. */
const MAX_EMPTY_CHARS = 4096;

function isEmpty({ text }: TopLevel, usage: Usage | undefined): boolean {
  if ((usage?.outputTokens ?? 0) > 0 || text.length > MAX_EMPTY_CHARS) return false;
  const body = parseJson(text);
  return isObject(body) && isEmptyBody(body);
}

/** Accepts an answer with a filled list under a name and without an error. */
export function inspectList(bytes: Buffer, name: string, wanted: string): BodyVerdict {
  const object = topLevel(bytes);
  const list = object === undefined ? undefined : lastMember(object, name);
  if (object === undefined || list === undefined || !startsFilledList(object.text, list.valueStart)) {
    return { ok: false, error: answerError(bytes, wanted) };
  }
  const error = lastMember(object, "error");
  if (error !== undefined && valueText(object, error) !== "null")
    return { ok: false, error: answerError(bytes, wanted) };
  return { ok: true };
}

export const bodyError = (bytes: Buffer): UpstreamError => answerError(bytes, WANTED);

export const answerError = (bytes: Buffer, wanted: string): UpstreamError =>
  kitBodyError(bytes.toString("utf8"), wanted, findError);

function startsFilledList(text: string, at: number): boolean {
  FILLED_LIST.lastIndex = at;
  return FILLED_LIST.test(text);
}

/** OpenRouter reports a backend's failure inside a choice. Searching for the literal is cheap; a parse decides. */
function failedChoice({ text }: TopLevel): boolean {
  if (!/"finish_reason"\s*:\s*"error"/.test(text)) return false;
  const body = parseJson(text);
  return isObject(body) && findError(body) !== undefined;
}

const valueText = ({ text }: TopLevel, member: { valueStart: number; valueEnd: number }): string =>
  text.slice(member.valueStart, member.valueEnd);
