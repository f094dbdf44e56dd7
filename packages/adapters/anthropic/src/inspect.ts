/** Checks a whole message for a client of the same wire. */
import { asArray, type BodyVerdict, isObject, parseJson } from "@headgate/adapter-kit";
import { present } from "@headgate/contract";
import { bodyError, findError } from "./answer-error.ts";
import { UsageReader } from "./usage.ts";

/** Texts are read as latin1, which is enough to judge the answer, and quicker. */
export function inspectBody(bytes: Buffer): BodyVerdict {
  const body = parseJson(bytes.toString("latin1"));
  const content = isObject(body) ? asArray(body.content) : undefined;
  if (!isObject(body) || findError(body) !== undefined || content?.every(isObject) !== true)
    return { ok: false, error: bodyError(bytes.toString("utf8")) };
  const reader = new UsageReader();
  reader.read(body.usage);
  const { usage } = reader;
  const empty = (usage?.outputTokens ?? 0) === 0 && body.stop_reason === "end_turn" && content.length === 0;
  return { ok: true, ...present({ usage }), ...(empty ? { empty } : {}) };
}
