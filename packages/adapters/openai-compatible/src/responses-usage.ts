/** Failures and usage of the Responses API. */
import { asCount, asObject, asText } from "@headgate/adapter-kit";
import { type JsonObject, type JsonValue, present, type UpstreamError, type Usage } from "@headgate/contract";

/** The reason of a failed response is in `error`. */
export function failureOf(response: JsonValue | undefined): UpstreamError {
  const error: JsonObject = asObject(asObject(response)?.error) ?? {};
  const code = asText(error.code);
  const message = asText(error.message) ?? "the response failed without a reason";
  return { message, ...present({ code }) };
}

export function readResponseUsage(value: JsonValue | undefined): Usage | undefined {
  const usage = asObject(value);
  const inputTokens = asCount(usage?.input_tokens);
  const outputTokens = asCount(usage?.output_tokens);
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  const cached = asCount(asObject(usage?.input_tokens_details)?.cached_tokens);
  const reasoning = asCount(asObject(usage?.output_tokens_details)?.reasoning_tokens);
  // A transcription has its details under another name than a picture.
  const parts = asObject(usage?.input_tokens_details) ?? asObject(usage?.input_token_details);
  return {
    inputTokens,
    outputTokens,
    ...present({
      cachedInputTokens: cached,
      reasoningTokens: reasoning,
      audioInputTokens: some(parts?.audio_tokens),
      imageInputTokens: some(parts?.image_tokens),
    }),
  };
}

const some = (value: JsonValue | undefined): number | undefined => asCount(value) || undefined;
