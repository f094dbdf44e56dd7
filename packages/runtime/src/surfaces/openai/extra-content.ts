/**
 * Upstreams' seals, in the field of Google's OpenAI route: `extra_content` on a message, a delta or a tool call. Clients
 * that send messages back unchanged return it.
 * https://ai.google.dev/gemini-api/docs/openai
 */
import { isObject } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue, Sealed } from "@headgate/contract";

/** A wire's seal under its vendor's names. */
const PLACES: Readonly<Record<string, { readonly vendor: string; readonly field: string }>> = {
  gemini: { vendor: "google", field: "thought_signature" },
};

/** The member to spread into what is sealed; empty when there is no seal that clients could carry. */
export function encodeSeal(sealed: Sealed | undefined): JsonObject {
  const place = sealed === undefined ? undefined : PLACES[sealed.wire];
  if (sealed === undefined || place === undefined) return {};
  return { extra_content: { [place.vendor]: { [place.field]: sealed.data } } };
}

/** Reads the same back. Anything else in the field is ignored: clients put other things there too. */
export function decodeSeal(extraContent: JsonValue | undefined): { sealed?: Sealed } {
  if (!isObject(extraContent)) return {};
  for (const [wire, { vendor, field }] of Object.entries(PLACES)) {
    const held = extraContent[vendor];
    const data = isObject(held) ? held[field] : undefined;
    if (typeof data === "string" && data !== "") return { sealed: { wire, data } };
  }
  return {};
}
