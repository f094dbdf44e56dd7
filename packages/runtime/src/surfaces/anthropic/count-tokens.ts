/**
 * POST /v1/messages/count_tokens: an estimate, made here, of what the prompt costs. Text, tool definitions, tool calls and
 * results are counted; earlier thinking is not, since it is not sent again. Images and documents cost a flat number.
 */
import { isObject } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue } from "@headgate/contract";
import { isArray } from "../../http/json-body.ts";
import { countTokens } from "../tokens.ts";

/** Anthropic's maximum for an image that it does not shrink: https://platform.claude.com/docs/en/build-with-claude/vision */
const IMAGE_TOKENS = 1_600;
/** A page of a PDF costs 1,500 to 3,000 tokens and rarely holds less than 50 kB of base64. */
const DOCUMENT_CHARS_PER_PAGE = 50_000;
const PAGE_TOKENS = 2_000;
/** What the frame around a message, or a tool, costs. */
const FRAME_TOKENS = 4;

interface Tally {
  readonly texts: string[];
  flat: number;
}

/** @param body checked by promptFacts */
export async function promptTokens(body: JsonObject): Promise<number> {
  const tally: Tally = { texts: [], flat: 0 };
  addContent(body.system, tally);
  for (const message of isArray(body.messages) ? body.messages : []) {
    tally.flat += FRAME_TOKENS;
    if (isObject(message)) addContent(message.content, tally);
  }
  for (const tool of isArray(body.tools) ? body.tools : []) {
    tally.flat += FRAME_TOKENS;
    if (!isObject(tool)) continue;
    const { cache_control: _, ...described } = tool;
    tally.texts.push(JSON.stringify(described));
  }
  return tally.flat + (await countTokens(tally.texts.join("\n")));
}

function addContent(content: JsonValue | undefined, tally: Tally): void {
  if (typeof content === "string") tally.texts.push(content);
  else if (isArray(content)) for (const block of content) if (isObject(block)) addBlock(block, tally);
}

function addBlock(block: JsonObject, tally: Tally): void {
  switch (block.type) {
    case "text":
      addContent(block.text, tally);
      break;
    case "image":
      tally.flat += IMAGE_TOKENS;
      break;
    case "document":
      addDocument(block, tally);
      break;
    case "thinking":
    case "redacted_thinking":
      break;
    case "tool_use":
      addContent(block.name, tally);
      tally.texts.push(JSON.stringify(block.input));
      tally.flat += FRAME_TOKENS;
      break;
    case "tool_result":
      addContent(block.content, tally);
      tally.flat += FRAME_TOKENS;
      break;
    default:
      tally.texts.push(JSON.stringify(block));
  }
}

function addDocument({ source, title, context }: JsonObject, tally: Tally): void {
  addContent(title, tally);
  addContent(context, tally);
  if (!isObject(source)) return;
  if (source.type === "text") addContent(source.data, tally);
  else if (source.type === "content") addContent(source.content, tally);
  else {
    const chars = typeof source.data === "string" ? source.data.length : 0;
    tally.flat += PAGE_TOKENS * Math.max(1, Math.ceil(chars / DOCUMENT_CHARS_PER_PAGE));
  }
}
