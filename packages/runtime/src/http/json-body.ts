import { isUtf8 } from "node:buffer";
import { isObject, type NativeBody, wellFormedJson } from "@headgate/adapter-kit";
import type { JsonValue } from "@headgate/contract";
import { badRequest } from "./client-error.ts";

/** Deeper than any real request, and far from the stack limit of recursive code here and upstream. */
const MAX_DEPTH = 128;

/** Parses a request body, once. @throws {ClientError} 400 with what is wrong. */
export function parseJsonBody(received: unknown): NativeBody {
  if (!Buffer.isBuffer(received) || received.length === 0)
    throw badRequest("The request has no body; send a JSON object.");
  if (!isUtf8(received)) throw badRequest("The body is not valid UTF-8.");
  // Clients cut strings inside an emoji, and strict upstreams answer 400 to the half that is left.
  const bytes = wellFormedJson(received);
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw badRequest(
      `The body is not valid JSON: ${error instanceof Error ? error.message : "it cannot be parsed"}`,
    );
  }
  if (!isObject(json)) throw badRequest("The body must be a JSON object.");
  if (deeperThan(bytes, MAX_DEPTH)) throw badRequest(`The body is nested deeper than ${MAX_DEPTH} levels.`);
  return { bytes, json };
}

export const isArray = (value: JsonValue | undefined): value is readonly JsonValue[] => Array.isArray(value);

/** Nesting needs opening brackets: a body with few of them cannot be deep, so most bodies cost one native scan. */
function deeperThan(bytes: Buffer, limit: number): boolean {
  let opened = 0;
  for (let at = bytes.indexOf(0x5b); at !== -1 && opened <= limit; at = bytes.indexOf(0x5b, at + 1))
    opened += 1;
  for (let at = bytes.indexOf(0x7b); at !== -1 && opened <= limit; at = bytes.indexOf(0x7b, at + 1))
    opened += 1;
  if (opened <= limit) return false;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (inString) {
      if (byte === 0x5c) at += 1;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x5b || byte === 0x7b) {
      depth += 1;
      if (depth > limit) return true;
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1;
  }
  return false;
}
