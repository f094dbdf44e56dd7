/**
 * Reasoning effort as thinking, and the parameters that thinking excludes.
 * https://platform.claude.com/docs/en/build-with-claude/extended-thinking#feature-compatibility
 */
import { EncodeError, isObject, type Target } from "@headgate/adapter-kit";
import {
  type ChatMessage,
  type ChatRequest,
  type JsonObject,
  type JsonValue,
  ownValue,
} from "@headgate/contract";
import { isOwnSeal } from "./messages.ts";
import { traitsOf } from "./models.ts";
import type { Refusals } from "./refusals.ts";

/** The share of the output for thinking, where it is sent in tokens. */
const SHARES: Readonly<Record<string, number>> = {
  minimal: 0.1,
  low: 0.2,
  medium: 0.5,
  high: 0.8,
  xhigh: 0.9,
  max: 0.95,
};
/** The API's least budget, and the largest that it recommends for one answer. */
const MIN_BUDGET_TOKENS = 1024;
const MAX_BUDGET_TOKENS = 32_000;

export interface Thinking {
  readonly thinking?: JsonValue;
  /** Goes into `output_config`. */
  readonly effort?: string;
  /** True when the model thinks, so that sampling is fixed. */
  readonly on: boolean;
}

/** @param own a client's `thinking` in Anthropic's form; it overrides an effort. */
export function encodeThinking(
  request: ChatRequest,
  { deployment }: Target,
  maxTokens: number,
  own: JsonValue | undefined,
  refusals: Refusals,
): Thinking {
  const { reasoningEffort: effort } = request;
  if (own !== undefined) return { thinking: own, on: isObject(own) && own.type !== "disabled" };
  if (effort === undefined) return { on: false };
  const share = ownValue(SHARES, effort);
  if (share === undefined && effort !== "none") {
    const known = ["none", ...Object.keys(SHARES)].join(", ");
    throw new EncodeError(`reasoning_effort must be one of ${known}`, "reasoning_effort");
  }
  const reasons = deployment.capabilities.includes("reasoning");
  // A model without reasoning has nothing to turn off; the effort is only a hint, as on other wires.
  if (share === undefined) return reasons ? { thinking: { type: "disabled" }, on: false } : { on: false };
  if (!reasons) {
    refusals.drop("reasoning_effort");
    return { on: false };
  }
  const traits = traitsOf(deployment.upstream);
  const forced = forcesTool(request);
  if (traits.thinking === "adaptive") {
    const level = effort === "minimal" ? "low" : effort === "xhigh" && !traits.xhigh ? "high" : effort;
    if (forced) return { effort: level, on: false };
    const shown: JsonObject = traits.hidesThinking ? { display: "summarized" } : {};
    return { thinking: { type: "adaptive", ...shown }, effort: level, on: true };
  }
  const budget = thinkingBudget(effort, maxTokens);
  if (forced || budget === undefined || lostThinking(request.messages)) {
    refusals.drop("reasoning_effort");
    return { on: false };
  }
  return { thinking: { type: "enabled", budget_tokens: budget }, on: true };
}

/** The effort in tokens; undefined where the answer is too short for thinking. */
export function thinkingBudget(effort: string, maxTokens: number): number | undefined {
  const share = ownValue(SHARES, effort) ?? 0;
  const budget = Math.min(MAX_BUDGET_TOKENS, Math.max(MIN_BUDGET_TOKENS, Math.floor(maxTokens * share)));
  return budget >= maxTokens ? undefined : budget;
}

/** The API answers 400 to thinking beside a forced tool. */
const forcesTool = ({ tools, toolChoice }: ChatRequest): boolean =>
  tools !== undefined &&
  tools.length > 0 &&
  toolChoice !== undefined &&
  toolChoice !== "auto" &&
  toolChoice !== "none";

/** In a turn that continues after a tool's result, the API requires the thinking before the call. */
function lostThinking(messages: readonly ChatMessage[]): boolean {
  if (messages.at(-1)?.role !== "tool") return false;
  const calling = messages.findLast((message) => message.role === "assistant");
  return calling?.role === "assistant" && !(calling.reasoningParts ?? []).some(isOwnSeal);
}

/** The sampling parameters that the model accepts; the others are reported. */
export function encodeSampling(
  request: Pick<ChatRequest, "temperature" | "topP" | "topK">,
  { deployment }: Target,
  thinks: boolean,
  refusals: Refusals,
): Readonly<Record<"temperature" | "top_p" | "top_k", number | undefined>> {
  const { sampling } = traitsOf(deployment.upstream);
  let { temperature, topP: top_p, topK: top_k } = request;
  if (
    temperature !== undefined &&
    (sampling === "none" || temperature > 1 || (thinks && temperature !== 1))
  ) {
    refusals.drop("temperature");
    // Clamped to Anthropic's range, as on its own OpenAI-compatible route.
    temperature = sampling === "none" || thinks ? undefined : 1;
  }
  const crowded = sampling === "one" && temperature !== undefined;
  if (top_p !== undefined && (sampling === "none" || crowded || (thinks && top_p < 0.95))) {
    refusals.drop("top_p");
    top_p = undefined;
  }
  if (top_k !== undefined && (sampling === "none" || thinks)) {
    refusals.drop("top_k");
    top_k = undefined;
  }
  return { temperature, top_p, top_k };
}
