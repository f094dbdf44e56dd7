/**
 * Google's error envelope: `{"error":{"code","message","status","details"}}`.
 * https://google.aip.dev/193, https://ai.google.dev/gemini-api/docs/troubleshooting
 */
import type { JsonObject } from "@headgate/contract";
import type { ClientError } from "../../http/client-error.ts";
import { errorHeaders } from "../openai/envelope.ts";
import { geminiOverflow } from "../overflow.ts";
import type { Envelope } from "../surface.ts";

/** https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto */
const STATUSES: Readonly<Record<number, string>> = {
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  501: "UNIMPLEMENTED",
  502: "UNAVAILABLE",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};
const TYPE = "type.googleapis.com/google.rpc.";

const statusOf = (status: number): string =>
  STATUSES[status] ?? (status < 500 ? "INVALID_ARGUMENT" : "INTERNAL");

function detailsOf({ message, param, retryAfterMs }: ClientError): JsonObject[] {
  const details: JsonObject[] = [];
  if (param !== undefined) {
    const fieldViolations = [{ field: param, description: message }];
    details.push({ "@type": `${TYPE}BadRequest`, fieldViolations });
  }
  if (retryAfterMs !== undefined) {
    details.push({ "@type": `${TYPE}RetryInfo`, retryDelay: `${Math.ceil(retryAfterMs / 1000)}s` });
  }
  return details;
}

/** Clients show only the message, so it includes the field's path. */
export function errorEnvelope(error: ClientError): string {
  const { status: code, message, param } = error;
  const shown =
    error.code === "context_length_exceeded"
      ? geminiOverflow(error)
      : param === undefined || message.includes(param)
        ? message
        : `${param}: ${message}`;
  const details = detailsOf(error);
  return JSON.stringify({
    error: { code, message: shown, status: statusOf(code), ...(details.length === 0 ? {} : { details }) },
  });
}

export const GEMINI_ENVELOPE: Envelope = { surface: "gemini", body: errorEnvelope, headers: errorHeaders };
