/** OpenAI's error envelope: `{"error":{"message","type","param","code"}}`. */
import { retryIsFutile } from "../../exchange/second-try.ts";
import type { ClientError } from "../../http/client-error.ts";
import { openAiOverflow } from "../overflow.ts";
import type { Envelope } from "../surface.ts";

/** Clients recognise an overflow by OpenAI's words. */
export const shownMessage = (error: ClientError): string =>
  error.code === "context_length_exceeded" ? openAiOverflow(error) : error.message;

export const errorEnvelope = (error: ClientError): string =>
  JSON.stringify({
    error: {
      message: shownMessage(error),
      type: error.type,
      param: error.param ?? null,
      code: error.code ?? null,
    },
  });

/** The last frame of a stream that broke: the SDKs throw on a `data:` that holds an error. */
export const errorFrame = (error: ClientError): Buffer => Buffer.from(`data: ${errorEnvelope(error)}\n\n`);

/**
 * Headers that go with an error. SDKs retry 408, 409, 429 and 5xx by themselves, unless `x-should-retry` is false;
 * `retry-after` names when a retry may succeed.
 */
export function errorHeaders(error: ClientError): Record<string, string> {
  const headers: Record<string, string> = { "content-type": "application/json; charset=utf-8" };
  if (retryIsFutile(error)) headers["x-should-retry"] = "false";
  if (error.retryAfterMs !== undefined) {
    headers["retry-after-ms"] = String(Math.ceil(error.retryAfterMs));
    headers["retry-after"] = String(Math.max(1, Math.ceil(error.retryAfterMs / 1000)));
  }
  if (error.status === 401) headers["www-authenticate"] = 'Bearer realm="headgate"';
  return headers;
}

export const OPENAI_ENVELOPE: Envelope = { surface: "openai", body: errorEnvelope, headers: errorHeaders };
