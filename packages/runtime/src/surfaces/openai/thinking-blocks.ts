/**
 * Thinking that Anthropic signed, on OpenAI's wire: `extra_content.anthropic.thinking_blocks`, beside the other seals and
 * in Anthropic's form. A client that sends a message back unchanged returns the thinking, without which older models stop
 * thinking in the middle of a tool loop.
 */
import { DETAILS_WIRE, isObject, parseJson } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue, ReasoningPart } from "@headgate/contract";
import { isArray } from "../../http/json-body.ts";

const WIRE = "anthropic-messages";

/** The member to spread into a message or a delta; empty when nothing of it is signed. */
export function encodeThinkingBlocks(parts: readonly ReasoningPart[] | undefined): JsonObject {
  const blocks = (parts ?? []).flatMap(({ text, sealed, redacted }): JsonObject[] => {
    if (sealed?.wire !== WIRE) return [];
    return redacted
      ? [{ type: "redacted_thinking", data: sealed.data }]
      : [{ type: "thinking", thinking: text, signature: sealed.data }];
  });
  return {
    ...(blocks.length === 0 ? {} : { extra_content: { anthropic: { thinking_blocks: blocks } } }),
    ...encodeDetails(parts ?? []),
  };
}

/** OpenRouter's sealed reasoning in its own form, which is of this wire. */
function encodeDetails(parts: readonly ReasoningPart[]): JsonObject {
  const details = parts.flatMap(({ sealed }): readonly JsonValue[] => {
    const held = sealed?.wire === DETAILS_WIRE ? parseJson(sealed.data) : undefined;
    return isArray(held) ? held : [];
  });
  return details.length === 0 ? {} : { reasoning_details: details };
}

/** Reads the same back. Anything but signed blocks is ignored, as other extra content is. */
export function decodeThinkingBlocks(extraContent: JsonValue | undefined): {
  reasoningParts?: readonly ReasoningPart[];
} {
  const held = isObject(extraContent) ? extraContent.anthropic : undefined;
  const blocks = isObject(held) ? held.thinking_blocks : undefined;
  const parts = (isArray(blocks) ? blocks : []).flatMap((block): ReasoningPart[] => {
    if (!isObject(block)) return [];
    const { type, thinking, signature, data } = block;
    if (type === "redacted_thinking" && typeof data === "string")
      return [{ text: "", sealed: { wire: WIRE, data }, redacted: true }];
    if (type === "thinking" && typeof thinking === "string" && typeof signature === "string")
      return [{ text: thinking, sealed: { wire: WIRE, data: signature } }];
    return [];
  });
  return parts.length === 0 ? {} : { reasoningParts: parts };
}
