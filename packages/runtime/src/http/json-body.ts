import { isUtf8 } from "node:buffer";
import {
  type Bounded,
  EXCESS,
  isObject,
  type NativeBody,
  parseBounded,
  wellFormedJson,
} from "@headgate/adapter-kit";
import type { JsonValue } from "@headgate/contract";
import { badRequest } from "./client-error.ts";

const ESCAPE = Buffer.from("\\u");

/** Parses a request body, once. @throws {ClientError} 400 with what is wrong. */
export function parseJsonBody(received: unknown): NativeBody {
  if (!Buffer.isBuffer(received) || received.length === 0)
    throw badRequest("The request has no body; send a JSON object.");
  if (!isUtf8(received)) throw badRequest("The body is not valid UTF-8.");
  // Clients cut strings inside an emoji, and strict upstreams answer 400 to the half that is left.
  const escaped = received.indexOf(ESCAPE) !== -1;
  const bytes = escaped ? wellFormedJson(received) : received;
  let read: Bounded;
  try {
    read = parseBounded(bytes.toString("utf8"));
  } catch (error) {
    throw badRequest(
      `The body is not valid JSON: ${error instanceof Error ? error.message : "it cannot be parsed"}`,
    );
  }
  if ("excess" in read) throw badRequest(`The body is too much to read: ${EXCESS[read.excess]}.`);
  if (!isObject(read.value)) throw badRequest("The body must be a JSON object.");
  return { bytes, json: read.value, escaped };
}

export const isArray = (value: JsonValue | undefined): value is readonly JsonValue[] => Array.isArray(value);
