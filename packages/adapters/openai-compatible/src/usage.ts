import { asCount, asObject } from "@headgate/adapter-kit";
import { type JsonValue, present, type Usage } from "@headgate/contract";

/** Usage in OpenAI's form; `undefined` where the counts are missing or invalid. */
export function readUsage(value: JsonValue | undefined): Usage | undefined {
  const usage = asObject(value);
  const inputTokens = asCount(usage?.prompt_tokens);
  // An answer without tokens may leave the second count out.
  const outputTokens = asCount(usage?.completion_tokens ?? 0);
  if (usage === undefined || inputTokens === undefined || outputTokens === undefined) return undefined;
  const cached =
    asCount(asObject(usage.prompt_tokens_details)?.cached_tokens) ?? asCount(usage.prompt_cache_hit_tokens);
  const reasoning = asCount(asObject(usage.completion_tokens_details)?.reasoning_tokens);
  return {
    inputTokens,
    outputTokens,
    ...present({
      cachedInputTokens: cached,
      reasoningTokens: reasoning,
      audioInputTokens: asCount(asObject(usage.prompt_tokens_details)?.audio_tokens) || undefined,
    }),
  };
}
