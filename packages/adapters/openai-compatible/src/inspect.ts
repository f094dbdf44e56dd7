/** Checks a whole answer for a client of the same wire. */
import {
  type BodyVerdict,
  isObject,
  bodyError as kitBodyError,
  lastMember,
  parseJson,
  type TopLevel,
  topLevel,
} from "@headgate/adapter-kit";
import { present, type UpstreamError } from "@headgate/contract";
import { findError, isEmptyBody, isUsable } from "./chunk.ts";
import { readResponseUsage } from "./responses-usage.ts";
import { readUsage } from "./usage.ts";

const FILLED_LIST = /\[\s*[^\s\]]/y;
const WANTED = "a chat completion";

/** Texts are read as latin1, which is enough to judge the answer, and quicker. */
export function inspectBody(bytes: Buffer): BodyVerdict {
  const body = parseJson(bytes.toString("latin1"));
  if (!isObject(body) || findError(body) !== undefined || !isUsable(body))
    return { ok: false, error: bodyError(bytes) };
  const usage = readUsage(body.usage);
  const empty = (usage?.outputTokens ?? 0) === 0 && isEmptyBody(body);
  return { ok: true, ...present({ usage }), ...(empty ? { empty } : {}) };
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
  const counted = lastMember(object, "usage");
  if (counted === undefined) return { ok: true };
  return { ok: true, ...present({ usage: readResponseUsage(parseJson(valueText(object, counted))) }) };
}

export const bodyError = (bytes: Buffer): UpstreamError => answerError(bytes, WANTED);

export const answerError = (bytes: Buffer, wanted: string): UpstreamError =>
  kitBodyError(bytes.toString("utf8"), wanted, findError);

function startsFilledList(text: string, at: number): boolean {
  FILLED_LIST.lastIndex = at;
  return FILLED_LIST.test(text);
}

const valueText = ({ text }: TopLevel, member: { valueStart: number; valueEnd: number }): string =>
  text.slice(member.valueStart, member.valueEnd);
