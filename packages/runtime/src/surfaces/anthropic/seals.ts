/**
 * Seals of other wires' upstreams, in the one place whose content this wire's clients send back unchanged: thinking
 * signatures and redacted thinking. Anthropic's own seals are unchanged. Others are marked as the gateway's, so that they go
 * back to their own wire and never to Anthropic.
 */
import { editJson, exactBody, isObject, type NativeBody, parseJson } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue, Sealed } from "@headgate/contract";
import { isArray } from "../../http/json-body.ts";
import { withoutForeignCitations } from "./citations.ts";
import { isForeignSearch } from "./search-blocks.ts";

export const WIRE = "anthropic-messages";
const MARK = "headgate.";

/** A seal as a signature, or as the data of redacted thinking. */
export function sealText({ wire, data }: Sealed): string {
  if (wire === WIRE) return data;
  return MARK + Buffer.from(JSON.stringify([wire, data])).toString("base64url");
}

/** Undefined for an empty signature: reasoning of a wire that seals nothing. */
export function readSeal(text: JsonValue | undefined): Sealed | undefined {
  if (typeof text !== "string" || text === "") return undefined;
  if (!text.startsWith(MARK)) return { wire: WIRE, data: text };
  const pair = parseJson(Buffer.from(text.slice(MARK.length), "base64url").toString("utf8"));
  if (!isArray(pair)) return undefined;
  const [wire, data] = pair;
  return typeof wire === "string" && typeof data === "string" ? { wire, data } : undefined;
}

/** Thinking and searches that Anthropic did not make and would refuse: another provider answered earlier in the conversation. */
function isForeign(block: JsonValue): boolean {
  if (!isObject(block)) return false;
  if (isForeignSearch(block)) return true;
  if (block.type === "thinking") return readSeal(block.signature)?.wire !== WIRE;
  return block.type === "redacted_thinking" && readSeal(block.data)?.wire !== WIRE;
}

/**
 * The body for an upstream of this wire: byte for byte, without the parts of another provider's model that this API
 * answers 400 to.
 */
export function forOwnWire(native: NativeBody): NativeBody {
  const set: Record<string, string> = {};
  const dropped: string[] = [];
  const found = withoutForeign(native.json.messages);
  // Long integers of calls keep their digits.
  const left = found === undefined ? undefined : withoutForeign(exactBody(native).messages);
  const json: Record<string, JsonValue> = { ...native.json };
  if (left !== undefined) {
    dropped.push(...left.dropped);
    json.messages = left.messages;
    set.messages = JSON.stringify(left.messages);
  }
  const unthought =
    isObject(json.thinking) && json.thinking.type === "enabled" && lacksThinking(json.messages);
  if (unthought) {
    dropped.push("thinking");
    json.thinking = { type: "disabled" };
    set.thinking = JSON.stringify(json.thinking);
    const context = withoutThinkingEdits(json.context_management);
    if (context !== undefined) {
      json.context_management = context;
      set.context_management = JSON.stringify(context);
    }
  }
  if (dropped.length === 0) return native;
  return { ...native, bytes: editJson(native.bytes, { set }).bytes, json, dropped };
}

interface Left {
  readonly messages: readonly JsonValue[];
  readonly dropped: readonly string[];
}

/** Undefined when there is nothing foreign. */
function withoutForeign(messages: JsonValue | undefined): Left | undefined {
  if (!isArray(messages)) return undefined;
  const dropped = new Set<string>();
  const kept = messages.flatMap((message) => {
    if (!isObject(message) || message.role !== "assistant" || !isArray(message.content)) return [message];
    const own = message.content.filter((block) => !isForeign(block));
    const content = own.map(withoutForeignCitations);
    if (own.length < message.content.length) {
      const searched = message.content.some(isForeignSearch);
      if (searched) dropped.add("messages.content.server_tool_use");
      if (!searched || message.content.some((block) => isForeign(block) && !isForeignSearch(block)))
        dropped.add("messages.content.thinking");
    } else if (content.every((block, at) => block === own[at])) return [message];
    if (content.some((block, at) => block !== own[at])) dropped.add("messages.content.citations");
    return content.length === 0 ? [] : [{ ...message, content } satisfies JsonObject];
  });
  return dropped.size === 0 ? undefined : { messages: kept, dropped: [...dropped] };
}

/**
 * With thinking on, a turn that continues after a tool's result must have begun with thinking of Anthropic's. Another
 * provider's does not count. https://platform.claude.com/docs/en/build-with-claude/extended-thinking#preserving-thinking-blocks
 */
function lacksThinking(messages: JsonValue | undefined): boolean {
  if (!isArray(messages)) return false;
  const last = messages.at(-1);
  if (!hasBlock(last, "tool_result")) return false;
  const calling = messages.findLast((message) => isObject(message) && message.role === "assistant");
  if (!hasBlock(calling, "tool_use")) return false;
  return !hasBlock(calling, "thinking") && !hasBlock(calling, "redacted_thinking");
}

const hasBlock = (message: JsonValue | undefined, type: string): boolean =>
  isObject(message) &&
  isArray(message.content) &&
  message.content.some((block) => isObject(block) && block.type === type);

/** Anthropic refuses to prune thinking where there is none. */
function withoutThinkingEdits(context: JsonValue | undefined): JsonObject | undefined {
  if (!isObject(context) || !isArray(context.edits)) return undefined;
  const edits = context.edits.filter(
    (edit) => !isObject(edit) || typeof edit.type !== "string" || !edit.type.startsWith("clear_thinking"),
  );
  return edits.length === context.edits.length ? undefined : { ...context, edits };
}
