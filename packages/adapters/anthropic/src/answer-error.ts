/** Errors inside a 2xx answer. */
import { isObject, bodyError as kitBodyError, readErrorValue, upstreamError } from "@headgate/adapter-kit";
import { type JsonObject, type JsonValue, ownValue, present, type UpstreamError } from "@headgate/contract";

/** `{"type":"error","error":{"type","message"}}`, or a proxy's error in its place. */
export function findError(body: JsonObject): UpstreamError | undefined {
  const flagged = body.type === "error" || (body.error !== undefined && body.error !== null);
  if (!flagged && body.type !== undefined) return undefined;
  const found = readErrorValue(body);
  if (found !== undefined) return withStatus(upstreamError(found), body.error);
  return flagged ? { message: "an error without a message" } : undefined;
}

/** An event of a stream has no status of its own: its type names it. https://platform.claude.com/docs/en/api/errors */
const STATUSES: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

function withStatus(error: UpstreamError, value: JsonValue | undefined): UpstreamError {
  const type = isObject(value) && typeof value.type === "string" ? value.type : "";
  const status = error.status ?? ownValue(STATUSES, type);
  return { ...error, ...present({ status }) };
}

export const bodyError = (text: string): UpstreamError =>
  kitBodyError(text, "an Anthropic message", findError);
