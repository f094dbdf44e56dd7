/**
 * Upstreams' seals (signatures, redacted thinking) as `encrypted_content` of a reasoning item: the one field of this API
 * that clients send back unread. A seal of a tool call or of a text names its subject.
 */
import { isObject, parseJson } from "@headgate/adapter-kit";
import type { Sealed } from "@headgate/contract";

export interface Seal extends Sealed {
  /** Absent: the reasoning item's own words. */
  readonly of?: { readonly callId: string } | "text";
  /** Only for reasoning: the words themselves are sealed. */
  readonly redacted?: true;
}

/** Distinguishes the gateway's from OpenAI's, which other upstreams cannot read. */
const PREFIX = "headgate.1.";

export const writeSeal = (seal: Seal): string =>
  PREFIX + Buffer.from(JSON.stringify(seal)).toString("base64url");

/** Undefined for what the gateway did not write. */
export function readSeal(encrypted: unknown): Seal | undefined {
  if (typeof encrypted !== "string" || !encrypted.startsWith(PREFIX)) return undefined;
  const value = parseJson(Buffer.from(encrypted.slice(PREFIX.length), "base64url").toString("utf8"));
  if (!isObject(value)) return undefined;
  const { wire, data, of, redacted } = value;
  if (typeof wire !== "string" || typeof data !== "string") return undefined;
  const callId = isObject(of) ? of.callId : undefined;
  return {
    wire,
    data,
    ...(of === "text" ? { of } : {}),
    ...(typeof callId === "string" ? { of: { callId } } : {}),
    ...(redacted === true ? { redacted } : {}),
  };
}
