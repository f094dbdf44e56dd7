/**
 * The conversation in canonical form. One message may become several: each tool result is a canonical message.
 * What no other wire can express is an EncodeError, so that a candidate of this wire is tried instead.
 */
import { EncodeError, isObject } from "@headgate/adapter-kit";
import {
  type ChatMessage,
  type ContentPart,
  type JsonObject,
  type JsonValue,
  present,
  type ReasoningPart,
  type ToolCall,
} from "@headgate/contract";
import { isArray } from "../../http/json-body.ts";
import { readSeal, WIRE } from "./seals.ts";
import { isLookup } from "./search-blocks.ts";

type Block = JsonObject & { readonly type?: JsonValue };

export interface Conversation {
  readonly messages: readonly ChatMessage[];
  /** By canonical message: its path in the body. */
  readonly paths: readonly string[];
}

/**
 * @param body checked by messagesFacts
 * @param leftOut gets the names of what has no place on another wire
 */
export function decodeMessages(body: JsonObject, leftOut: Set<string>): Conversation {
  const messages: ChatMessage[] = [];
  const paths: string[] = [];
  const system = decodeText(body.system, "system").filter((part) => !isBilling(part));
  if (system.length > 0) messages.push({ role: "system", content: system });
  if (system.length > 0) paths.push("system");
  const list = body.messages as readonly JsonObject[];
  for (const [at, message] of list.entries()) {
    const path = `messages.${at}.content`;
    const blocks = blocksIn(message.content);
    if (message.role === "assistant") messages.push(decodeAssistant(blocks, path, leftOut));
    else if (message.role === "system")
      messages.push({ role: "system", content: decodeText(message.content, path) });
    else decodeUser(blocks, path, messages);
    while (paths.length < messages.length) paths.push(path);
  }
  return { messages, paths };
}

/**
 * Claude Code's first system block, for Anthropic's accounting: it changes with every request, and so would empty another
 * provider's prompt cache.
 */
const isBilling = (part: ContentPart): boolean =>
  part.type === "text" && part.text.startsWith("x-anthropic-billing-header:");

const blocksIn = (content: JsonValue | undefined): readonly Block[] =>
  typeof content === "string" ? [{ type: "text", text: content }] : ((content ?? []) as readonly Block[]);

function decodeText(content: JsonValue | undefined, path: string): readonly ContentPart[] {
  if (content === undefined || content === null || content === "") return [];
  return blocksIn(content).map((block, at): ContentPart => {
    if (block.type === "text") return { type: "text", text: String(block.text), ...cacheOf(block) };
    throw untranslatable(block, `${path}.${at}`);
  });
}

function decodeUser(blocks: readonly Block[], path: string, messages: ChatMessage[]): void {
  const content: ContentPart[] = [];
  const attached: ContentPart[] = [];
  for (const [at, block] of blocks.entries()) {
    if (block.type === "tool_result") messages.push(decodeToolResult(block, `${path}.${at}`, attached));
    else content.push(...markLast(decodeParts(block, `${path}.${at}`), block));
  }
  // Few wires take more than text in a tool's result. All of them read the user's message after it.
  const parts = [...attached, ...content];
  if (parts.length > 0) messages.push({ role: "user", content: parts });
}

function decodeToolResult(block: Block, path: string, attached: ContentPart[]): ChatMessage {
  const parts: ContentPart[] = [];
  for (const [at, inner] of blocksIn(block.content ?? "").entries()) {
    for (const part of decodeParts(inner, `${path}.content.${at}`)) {
      if (part.type === "text") parts.push(part);
      else {
        attached.push(part);
        parts.push({ type: "text", text: `(The ${part.type} is in the next message.)` });
      }
    }
  }
  const [first, ...rest] = parts;
  // Other wires have no mark for a result that is an error.
  const content: readonly ContentPart[] =
    block.is_error === true
      ? [{ type: "text", text: `Error: ${first?.type === "text" ? first.text : ""}` }, ...rest]
      : parts;
  return { role: "tool", toolCallId: String(block.tool_use_id), content: markLast(content, block) };
}

/** The mark after which the prompt is cached. */
export const cacheOf = ({ cache_control: cache }: JsonObject): { cache?: JsonObject } =>
  isObject(cache) ? { cache } : {};

/** A block's mark stands on the last of the parts that it becomes. */
function markLast(parts: readonly ContentPart[], block: Block): readonly ContentPart[] {
  const last = parts.at(-1);
  return last === undefined || !isObject(block.cache_control)
    ? parts
    : [...parts.slice(0, -1), { ...last, ...cacheOf(block) }];
}

function decodeParts(block: Block, path: string): readonly ContentPart[] {
  switch (block.type) {
    case "text":
      return [{ type: "text", text: String(block.text) }];
    case "image":
      return [decodeImage(block, path)];
    case "document":
      return decodeDocument(block, path);
    case "search_result":
      return [
        ...[block.title, block.source].filter(isText).map((text) => ({ type: "text", text }) as const),
        ...decodeText(block.content, `${path}.content`),
      ];
    case "tool_reference":
      return [{ type: "text", text: `The tool ${String(block.tool_name)} is available.` }];
    default:
      throw untranslatable(block, path);
  }
}

const isText = (value: JsonValue | undefined): value is string => typeof value === "string" && value !== "";

function decodeImage(block: Block, path: string): ContentPart {
  const source = block.source as JsonObject;
  if (source.type === "base64")
    return { type: "image", data: String(source.data), mediaType: String(source.media_type) };
  if (source.type === "url") return { type: "image", url: String(source.url) };
  throw new EncodeError(
    "images kept in Anthropic's file store reach Anthropic's models only",
    `${path}.source`,
  );
}

/** Plain text becomes text; other documents become files. */
function decodeDocument(block: Block, path: string): readonly ContentPart[] {
  const source = block.source as JsonObject;
  const partsOf = (words: JsonValue | undefined): ContentPart[] =>
    isText(words) ? [{ type: "text", text: words }] : [];
  const name = isText(block.title) ? { name: block.title } : {};
  switch (source.type) {
    case "text":
      return [...partsOf(block.title), ...partsOf(block.context), ...partsOf(source.data)];
    case "content":
      return [
        ...partsOf(block.title),
        ...partsOf(block.context),
        ...blocksIn(source.content).flatMap((inner, at) =>
          decodeParts(inner, `${path}.source.content.${at}`),
        ),
      ];
    case "base64": {
      const { data, media_type } = source;
      return [
        ...partsOf(block.context),
        { type: "file", data: String(data), mediaType: String(media_type), ...name },
      ];
    }
    case "url":
      return [
        ...partsOf(block.context),
        { type: "file", url: String(source.url), mediaType: "application/pdf", ...name },
      ];
    default:
      throw new EncodeError(
        "documents kept in Anthropic's file store reach Anthropic's models only",
        `${path}.source`,
      );
  }
}

function decodeAssistant(blocks: readonly Block[], path: string, leftOut: Set<string>): ChatMessage {
  const content: ContentPart[] = [];
  const toolCalls: ToolCall[] = [];
  const reasoning: ReasoningPart[] = [];
  // A tool call's seal is a redacted thinking block before it.
  let callSeal: ReasoningPart["sealed"];
  for (const [at, block] of blocks.entries()) {
    if (block.type === "text") content.push({ type: "text", text: String(block.text), ...cacheOf(block) });
    else if (block.type === "thinking") {
      const sealed = readSeal(block.signature);
      reasoning.push({ text: String(block.thinking), ...present({ sealed }) });
    } else if (block.type === "redacted_thinking") {
      const sealed = readSeal(block.data);
      if (sealed?.wire === WIRE) reasoning.push({ text: "", sealed, redacted: true });
      else callSeal = sealed;
    } else if (block.type === "tool_use") {
      toolCalls.push({
        id: String(block.id),
        name: String(block.name),
        arguments: JSON.stringify(block.input),
        ...present({ sealed: callSeal }),
      });
      callSeal = undefined;
    } else if (isLookup(block)) leftOut.add("messages.content.server_tool_use");
    else throw untranslatable(block, `${path}.${at}`);
  }
  const words = reasoning.map((part) => part.text).join("");
  return {
    role: "assistant",
    content,
    toolCalls,
    ...(words === "" ? {} : { reasoning: words }),
    ...(reasoning.some((part) => part.sealed !== undefined) ? { reasoningParts: reasoning } : {}),
  };
}

const untranslatable = (block: JsonValue, path: string): EncodeError => {
  const type = isObject(block) ? JSON.stringify(block.type) : "this";
  return new EncodeError(
    `content blocks of the type ${type} reach models of Anthropic's wire only`,
    `${path}.type`,
  );
};

const HINTS = ["citations"] as const;

/** Adds the names of hints on blocks: citations. */
export function findHints(value: JsonValue | undefined, found: Set<string>): void {
  if (isArray(value)) for (const entry of value) findHints(entry, found);
  else if (isObject(value)) {
    for (const hint of HINTS) if (isObject(value[hint])) found.add(hint);
    if (isArray(value.content)) findHints(value.content, found);
  }
}
