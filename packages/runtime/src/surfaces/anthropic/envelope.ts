/**
 * Anthropic's error envelope: `{"type":"error","error":{"type","message"},"request_id"}` with the header `request-id`.
 * https://platform.claude.com/docs/en/api/errors
 */
import { present } from "@headgate/contract";
import { retryIsFutile } from "../../exchange/second-try.ts";
import type { ClientError } from "../../http/client-error.ts";
import { anthropicOverflow } from "../overflow.ts";
import type { Envelope } from "../surface.ts";

const TYPES: Readonly<Record<number, string>> = {
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  504: "timeout_error",
  529: "overloaded_error",
};
/** Failures that Anthropic calls by another name than an overload, though the gateway is unavailable for all of them. */
const NOT_OVERLOADED: ReadonlySet<string | undefined> = new Set(["server_error", "malformed", "network"]);

function typeOf({ status, code }: ClientError): string {
  const overloaded = code === "overloaded" || (status === 503 && !NOT_OVERLOADED.has(code));
  return TYPES[overloaded ? 529 : status] ?? (status < 500 ? "invalid_request_error" : "api_error");
}

/** On this wire only the message can hold a field's path. */
function messageOf(error: ClientError): string {
  const { message, param, code } = error;
  if (code === "context_length_exceeded") return anthropicOverflow(error);
  return param === undefined ? message : `${param}: ${message}`;
}

export const errorEnvelope = (error: ClientError, requestId: string): string =>
  JSON.stringify({
    type: "error",
    error: present({ type: typeOf(error), message: messageOf(error), details: error.details }),
    request_id: requestId,
  });

/** The last event of a stream that broke. */
export const errorEvent = (error: ClientError, requestId: string): Buffer =>
  Buffer.from(`event: error\ndata: ${errorEnvelope(error, requestId)}\n\n`);

/** The SDK reads `retry-after-ms`, Claude Code `retry-after`; both obey `x-should-retry`. */
function errorHeaders(error: ClientError, requestId: string): Record<string, string> {
  const headers: Record<string, string> = {
    "content-type": "application/json; charset=utf-8",
    "request-id": requestId,
  };
  if (retryIsFutile(error)) headers["x-should-retry"] = "false";
  if (error.retryAfterMs !== undefined) {
    headers["retry-after-ms"] = String(Math.ceil(error.retryAfterMs));
    headers["retry-after"] = String(Math.max(1, Math.ceil(error.retryAfterMs / 1000)));
  }
  return headers;
}

export const ANTHROPIC_ENVELOPE: Envelope = {
  surface: "anthropic",
  idHeader: "request-id",
  body: errorEnvelope,
  headers: errorHeaders,
};
