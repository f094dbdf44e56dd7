/** How to generate: https://ai.google.dev/api/generate-content#generationconfig */
import { EncodeError, type Target } from "@headgate/adapter-kit";
import {
  type ChatRequest,
  type JsonObject,
  type JsonValue,
  present,
  type ResponseFormat,
} from "@headgate/contract";
import type { ModelTraits } from "./model.ts";
import { cleanSchema } from "./tools.ts";

/** The amount of thinking per effort: a level for Gemini 3 and later, tokens for 2.5, as Google's own OpenAI route has it. */
const EFFORTS: Readonly<Record<string, { readonly level: string; readonly tokens: number }>> = {
  none: { level: "MINIMAL", tokens: 0 },
  minimal: { level: "MINIMAL", tokens: 1024 },
  low: { level: "LOW", tokens: 1024 },
  medium: { level: "MEDIUM", tokens: 8192 },
  high: { level: "HIGH", tokens: 24_576 },
  xhigh: { level: "HIGH", tokens: 24_576 },
  max: { level: "HIGH", tokens: 24_576 },
};
/** The least thinking of 2.5 Pro, which cannot be switched off. https://ai.google.dev/gemini-api/docs/thinking */
const LEAST_PRO_TOKENS = 128;

/**
 * @param own the client's own `thinkingConfig`, which overrides the effort.
 * @param dropped gets `reasoning_effort` for a model without reasoning.
 */
export function encodeConfig(
  request: ChatRequest,
  target: Target,
  traits: ModelTraits,
  own: JsonObject | undefined,
  dropped: string[],
): JsonObject | undefined {
  const config = present({
    maxOutputTokens: request.maxOutputTokens,
    temperature: request.temperature,
    topP: request.topP,
    topK: request.topK,
    stopSequences: request.stop,
    seed: request.seed,
    presencePenalty: request.presencePenalty,
    frequencyPenalty: request.frequencyPenalty,
    ...encodeFormat(request.responseFormat),
    thinkingConfig: own ?? encodeThinking(request, target, traits, dropped),
  });
  return Object.keys(config).length === 0 ? undefined : config;
}

function encodeFormat(format: ResponseFormat | undefined): Readonly<Record<string, JsonValue>> {
  if (format === undefined || format.type === "text") return {};
  const responseMimeType = "application/json";
  return format.type === "json"
    ? { responseMimeType }
    : { responseMimeType, responseJsonSchema: cleanSchema(format.schema) };
}

function encodeThinking(
  { reasoningEffort }: ChatRequest,
  { deployment }: Target,
  { generation, gemma, pro }: ModelTraits,
  dropped: string[],
): JsonObject | undefined {
  if (reasoningEffort === undefined) return undefined;
  const effort = Object.hasOwn(EFFORTS, reasoningEffort) ? EFFORTS[reasoningEffort] : undefined;
  if (effort === undefined) {
    const known = Object.keys(EFFORTS).join(", ");
    throw new EncodeError(`reasoning_effort must be one of ${known}`, "reasoning_effort");
  }
  const off = reasoningEffort === "none";
  if (!deployment.capabilities.includes("reasoning")) {
    if (!off) dropped.push("reasoning_effort");
    return undefined;
  }
  const includeThoughts = off ? undefined : true;
  if (generation < 3 && !gemma) {
    const thinkingBudget = pro ? Math.max(LEAST_PRO_TOKENS, effort.tokens) : effort.tokens;
    return present({ thinkingBudget, includeThoughts });
  }
  // The Pro models of Gemini 3 have no level below LOW.
  const thinkingLevel = pro && effort.level === "MINIMAL" ? "LOW" : effort.level;
  return present({ thinkingLevel, includeThoughts });
}
