import {
  ANSWER_CUT,
  asObject,
  isObject,
  notAnAnswer,
  parseJson,
  readErrorValue,
  upstreamError,
} from "@headgate/adapter-kit";
import type { UpstreamError } from "@headgate/contract";

/** The error of a document that is no answer; Cohere's errors are `{"message": "…"}`. */
export function answerError(text: string, wanted: string): UpstreamError {
  const body = parseJson(text);
  if (body === undefined && text.trimStart().startsWith("{")) return ANSWER_CUT;
  const found = isObject(body) && asObject(body.message) === undefined ? readErrorValue(body) : undefined;
  return found === undefined ? notAnAnswer(text, wanted) : upstreamError(found);
}
