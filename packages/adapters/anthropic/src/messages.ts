/** A conversation in Anthropic's form: system text apart, turns that alternate, tool results as the user's. */
import { EncodeError, imageMediaType, parseToolArguments, requireMediaType } from "@headgate/adapter-kit";
import {
  type ChatMessage,
  type ContentPart,
  type JsonObject,
  type JsonValue,
  present,
  type ReasoningPart,
} from "@headgate/contract";
import type { Refusals } from "./refusals.ts";
import { WIRE } from "./wire.ts";

interface Turn {
  readonly role: "user" | "assistant";
  readonly content: JsonObject[];
}

/** System messages are collected from any position: on the wire they come before the conversation. */
export function encodeConversation(
  messages: readonly ChatMessage[],
  refusals: Refusals,
): { system?: JsonValue; messages: JsonValue } {
  const ids = new ToolIds();
  const system: JsonObject[] = [];
  const turns: Turn[] = [];
  messages.forEach((message, index) => {
    const at = `messages[${index}]`;
    if ("name" in message && message.name !== undefined) refusals.drop("messages[].name");
    if (message.role === "system") {
      system.push(
        ...message.content.flatMap((part, position) => systemText(part, `${at}.content[${position}]`)),
      );
      return;
    }
    const role = message.role === "assistant" ? "assistant" : "user";
    const blocks = blocksOf(message, at, ids, refusals);
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else if (blocks.length > 0) turns.push({ role, content: blocks });
  });
  if (turns.length === 0) throw new EncodeError("Anthropic needs a message beside the system's", "messages");
  for (const { content } of turns) resultsFirst(content);
  return {
    ...(system.length === 0 ? {} : { system }),
    messages: turns.map(({ role, content }) => ({ role, content: soleText(content) ?? content })),
  };
}

/** True for a seal of this wire, which the API accepts back. */
export const isOwnSeal = ({ sealed }: ReasoningPart): boolean => sealed?.wire === WIRE;

function systemText(part: ContentPart, at: string): JsonObject[] {
  if (part.type !== "text") throw new EncodeError(`a system message may not hold an ${part.type} part`, at);
  return textBlock(part.text, part.cache);
}

/** The API refuses a text block without text, and one of blanks alone. */
const textBlock = (text: string, cache: JsonObject | undefined): JsonObject[] =>
  text.trim() === "" ? [] : [{ type: "text", text, ...marked(cache) }];

/** https://platform.claude.com/docs/en/build-with-claude/prompt-caching */
export const marked = (cache: JsonObject | undefined): JsonObject =>
  cache === undefined ? {} : { cache_control: cache };

/** A turn of one text is sent as a string. */
function soleText(content: readonly JsonObject[]): string | undefined {
  const [only, ...more] = content;
  if (more.length > 0 || only?.type !== "text" || only.cache_control !== undefined) return undefined;
  return typeof only.text === "string" ? only.text : undefined;
}

/** The API requires results before any other content of the user's turn. */
function resultsFirst(content: JsonObject[]): void {
  const rank = ({ type }: JsonObject): number => (type === "tool_result" ? 0 : 1);
  if (content.some(({ type }) => type === "tool_result")) content.sort((a, b) => rank(a) - rank(b));
}

function blocksOf(
  message: Exclude<ChatMessage, { role: "system" }>,
  at: string,
  ids: ToolIds,
  refusals: Refusals,
): JsonObject[] {
  const blocks = message.content.flatMap((part, index) =>
    // What is in a result is cached with the whole of it.
    partBlock(
      message.role === "tool" ? unmarked(part) : part,
      `${at}.content[${index}]`,
      message.role,
      refusals,
    ),
  );
  if (message.role === "user") return blocks;
  if (message.role === "tool") {
    const result = {
      type: "tool_result",
      tool_use_id: ids.of(message.toolCallId),
      content: blocks.length === 0 ? undefined : (soleText(blocks) ?? blocks),
    };
    return [
      { ...present(result), ...marked(message.content.findLast(({ cache }) => cache !== undefined)?.cache) },
    ];
  }
  const calls = message.toolCalls.map(({ id, name, arguments: text }, index) => ({
    type: "tool_use",
    id: ids.of(id),
    name,
    input: parseToolArguments(text, `${at}.tool_calls[${index}].function.arguments`),
  }));
  return [...thinkingBlocks(message, refusals), ...blocks, ...calls];
}

/** Thinking is sent back with Anthropic's signature; the API refuses any other. */
function thinkingBlocks(
  { reasoning, reasoningParts = [] }: Extract<ChatMessage, { role: "assistant" }>,
  refusals: Refusals,
): JsonObject[] {
  const own = reasoningParts.filter(isOwnSeal);
  const lost = own.length < reasoningParts.length || (reasoningParts.length === 0 && reasoning !== undefined);
  if (lost) refusals.drop("messages[].reasoning");
  return own.map(({ text, sealed, redacted }) =>
    redacted
      ? { type: "redacted_thinking", data: sealed?.data ?? "" }
      : { type: "thinking", thinking: text, signature: sealed?.data ?? "" },
  );
}

function unmarked(part: ContentPart): ContentPart {
  const { cache: _, ...rest } = part;
  return rest;
}

function partBlock(
  part: ContentPart,
  at: string,
  role: "user" | "assistant" | "tool",
  refusals: Refusals,
): JsonObject[] {
  if (part.type === "text") return textBlock(part.text, part.cache);
  if (part.type === "audio") throw new EncodeError("Anthropic takes no audio", at);
  if (role === "assistant")
    throw new EncodeError(`an assistant message may not hold an ${part.type} part`, at);
  if (part.type === "file")
    return [
      {
        ...present({ type: "document", source: documentSource(part, at), title: part.name }),
        ...marked(part.cache),
      },
    ];
  if (part.detail !== undefined && part.detail !== "auto")
    refusals.drop("messages[].content[].image_url.detail");
  return [{ type: "image", source: imageSource(part, at), ...marked(part.cache) }];
}

function imageSource(
  { url, data, mediaType }: Extract<ContentPart, { type: "image" }>,
  at: string,
): JsonObject {
  if (url !== undefined) return { type: "url", url };
  if (data === undefined) throw new EncodeError("an image needs a URL or data", at);
  const named = mediaType === "" ? undefined : mediaType;
  const type = requireMediaType(named ?? imageMediaType(data), at);
  return { type: "base64", media_type: type === "image/jpg" ? "image/jpeg" : type, data };
}

/** https://platform.claude.com/docs/en/build-with-claude/pdf-support */
function documentSource(
  { url, data, mediaType }: Extract<ContentPart, { type: "file" }>,
  at: string,
): JsonObject {
  if (mediaType === "application/pdf" && url !== undefined) return { type: "url", url };
  if (mediaType === "application/pdf" && data !== undefined)
    return { type: "base64", media_type: mediaType, data };
  if (mediaType.startsWith("text/") && data !== undefined)
    return { type: "text", media_type: "text/plain", data: Buffer.from(data, "base64").toString("utf8") };
  throw new EncodeError("Anthropic takes PDF files and plain text", at);
}

/** Other providers' call ids may hold characters that the API refuses; a call and its result keep the same new one. */
class ToolIds {
  readonly #safe = new Map<string, string>();
  readonly #taken = new Set<string>();

  of(id: string): string {
    const known = this.#safe.get(id);
    if (known !== undefined) return known;
    const base = id.replace(/[^a-zA-Z0-9_-]/g, "_") || "call";
    let safe = base;
    for (let next = 2; this.#taken.has(safe); next += 1) safe = `${base}_${next}`;
    this.#safe.set(id, safe);
    this.#taken.add(safe);
    return safe;
  }
}
