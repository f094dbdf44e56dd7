/**
 * A prompt that a content filter blocked: Google answers 200 with `promptFeedback` and no candidate, whole and streamed.
 * https://ai.google.dev/api/generate-content#PromptFeedback
 */
import { JSON_TYPE } from "../../codec/exchange-codec.ts";
import type { ClientError } from "../../http/client-error.ts";
import type { Identity } from "./encode.ts";
import { arrayFraming, eventFraming, type Form } from "./encode-stream.ts";

/** https://ai.google.dev/api/generate-content#BlockReason */
const REASONS: ReadonlySet<string> = new Set([
  "SAFETY",
  "OTHER",
  "BLOCKLIST",
  "PROHIBITED_CONTENT",
  "IMAGE_SAFETY",
]);

/** Undefined for any other error. */
export function blockedAnswer(
  { code, reason = "OTHER" }: ClientError,
  { id, model }: Identity,
  form: Form,
): { readonly contentType: string; readonly body: Buffer } | undefined {
  if (code !== "content_filter") return undefined;
  const text = JSON.stringify({
    promptFeedback: { blockReason: REASONS.has(reason) ? reason : "OTHER" },
    modelVersion: model,
    responseId: id,
  });
  if (form === "whole") return { contentType: JSON_TYPE, body: Buffer.from(text) };
  const framing = form === "array" ? arrayFraming() : eventFraming();
  return { contentType: framing.contentType, body: Buffer.concat([framing.frame(text), framing.end()]) };
}
