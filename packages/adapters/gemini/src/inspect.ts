/** Checks a whole answer for a client of the same wire. */
import { ANSWER_CUT, type BodyVerdict, isObject, parseJson } from "@headgate/adapter-kit";
import { present } from "@headgate/contract";
import { candidateOf, findError, finishName, hasContent, readUsage } from "./chunk.ts";
import { bodyError } from "./decode.ts";

/** Texts are read as latin1, which is enough to judge the answer, and quicker. */
export function inspectBody(bytes: Buffer): BodyVerdict {
  const body = parseJson(bytes.toString("latin1"));
  const candidate = isObject(body) ? candidateOf(body) : undefined;
  if (!isObject(body) || candidate === undefined || (body.error ?? null) !== null)
    return { ok: false, error: bodyError(bytes) };
  const finish = finishName(candidate);
  const error = findError(body) ?? (finish === undefined ? ANSWER_CUT : undefined);
  if (error !== undefined) return { ok: false, error };
  const usage = readUsage(body.usageMetadata);
  const empty = (usage?.outputTokens ?? 0) === 0 && finish === "STOP" && !hasContent(candidate);
  return { ok: true, ...present({ usage }), ...(empty ? { empty } : {}) };
}
