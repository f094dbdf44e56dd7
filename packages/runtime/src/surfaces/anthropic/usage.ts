import type { FinishReason, Usage } from "@headgate/contract";

/** Anthropic does not count the cached part of a prompt in `input_tokens`. */
export function anthropicUsage(usage: Usage | undefined): Record<string, unknown> {
  const read = usage?.cachedInputTokens ?? 0;
  const written = usage?.cacheWriteInputTokens ?? 0;
  return {
    input_tokens: Math.max(0, (usage?.inputTokens ?? 0) - read - written),
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    output_tokens: usage?.outputTokens ?? 0,
    output_tokens_details:
      usage?.reasoningTokens === undefined ? null : { thinking_tokens: usage.reasoningTokens },
    server_tool_use: null,
  };
}

/** What only a whole message's usage has. */
export const WHOLE_USAGE = {
  cache_creation: null,
  inference_geo: null,
  service_tier: "standard",
  speed: null,
} as const;

const STOP_REASONS: Readonly<Record<FinishReason, string>> = {
  stop: "end_turn",
  length: "max_tokens",
  tool_calls: "tool_use",
  content_filter: "refusal",
};

/** An answer that ends with a tool call stops for `tool_use`, whatever reason its upstream gives. */
export function stopReason(
  finish: FinishReason | undefined,
  { calls, refused }: { readonly calls: boolean; readonly refused: boolean },
): string {
  if (refused) return "refusal";
  if (calls && (finish === undefined || finish === "stop")) return "tool_use";
  return STOP_REASONS[finish ?? "stop"];
}
