/**
 * Which requests pass to an upstream of this API unchanged: those that store nothing and read nothing stored. Responses are
 * stored in the gateway, under ids that stay valid when the provider changes, so other requests are translated.
 */
import { isObject } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue } from "@headgate/contract";
import { isArray } from "../../../http/json-body.ts";

/** Fields that read or store a response. */
const STATEFUL = ["previous_response_id", "conversation", "background", "prompt"] as const;

export function passesAsItIs(json: JsonObject): boolean {
  if (json.store !== false) return false;
  if (STATEFUL.some((name) => json[name] !== undefined && json[name] !== null && json[name] !== false))
    return false;
  return !isArray(json.input) || !json.input.some(isOurs);
}

/** Items that only the gateway can read: references to what it stored, and what it sealed. */
function isOurs(item: JsonValue): boolean {
  if (!isObject(item)) return false;
  const { type, encrypted_content: sealed, id, ...rest } = item;
  if (type === "item_reference" || (type === undefined && id !== undefined && Object.keys(rest).length === 0))
    return true;
  return typeof sealed === "string" && sealed.startsWith("headgate.");
}
