import { asArray, isObject, jsonEventDecoder, parseExact, type StreamDecoder } from "@headgate/adapter-kit";
import type { ChatEvent } from "@headgate/contract";
import { bodyError, findError } from "./answer-error.ts";
import { EventReader } from "./event-reader.ts";

/** A whole message as events. */
export function decodeBody(bytes: Buffer): readonly ChatEvent[] {
  const text = bytes.toString("utf8");
  const body = parseExact(text);
  if (!isObject(body) || findError(body) !== undefined || asArray(body.content) === undefined) {
    return [{ type: "error", error: bodyError(text) }];
  }
  return [...new EventReader().readWhole(body), { type: "end" }];
}

export const decodeStream = (): StreamDecoder => jsonEventDecoder({ findError }, new EventReader());
