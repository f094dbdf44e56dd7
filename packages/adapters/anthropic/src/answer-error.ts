/** Errors inside a 2xx answer. */
import { bodyError as kitBodyError, readErrorValue, upstreamError } from "@headgate/adapter-kit";
import type { JsonObject, UpstreamError } from "@headgate/contract";

/** `{"type":"error","error":{"type","message"}}`, or a proxy's error in its place. */
export function findError(body: JsonObject): UpstreamError | undefined {
  const flagged = body.type === "error" || (body.error !== undefined && body.error !== null);
  if (!flagged && body.type !== undefined) return undefined;
  const found = readErrorValue(body);
  if (found !== undefined) return upstreamError(found);
  return flagged ? { message: "an error without a message" } : undefined;
}

export const bodyError = (text: string): UpstreamError =>
  kitBodyError(text, "an Anthropic message", findError);
