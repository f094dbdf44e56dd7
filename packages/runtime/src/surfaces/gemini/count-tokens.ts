/** `:countTokens`: an estimate, made here. https://ai.google.dev/api/tokens */
import type { ChatMessage, JsonObject } from "@headgate/contract";
import { badRequest } from "../../http/client-error.ts";
import { countTokens } from "../tokens.ts";
import { decodeGenerate } from "./decode.ts";
import { message, optionalMessage } from "./fields.ts";

/** An image of up to 384 pixels a side, or a tile of a larger one: https://ai.google.dev/gemini-api/docs/tokens */
const IMAGE_TOKENS = 258;
/** A second of audio; a second is rarely less than 4 kB of base64. */
const AUDIO_TOKENS = 32;
const AUDIO_CHARS = 4_096;
/** A page of a document costs as much as an image, and rarely holds less than 50 kB of base64. */
const PAGE_TOKENS = 258;
const PAGE_CHARS = 50_000;
/** What the frame around a message, a call or a tool costs. */
const FRAME_TOKENS = 4;

export async function countedTokens(json: JsonObject): Promise<JsonObject> {
  const body = message(json, "");
  const inner = optionalMessage(body, "generateContentRequest", "generateContentRequest");
  if (inner !== undefined && body.contents !== undefined)
    throw badRequest(
      "Send either `contents` or `generateContentRequest`, not both.",
      "generateContentRequest",
    );
  const { request } = decodeGenerate(inner ?? body, false);
  const texts: string[] = [];
  let flat = 0;
  for (const said of request.messages) flat += FRAME_TOKENS + addMessage(said, texts);
  for (const tool of request.tools ?? []) {
    flat += FRAME_TOKENS;
    texts.push(JSON.stringify(tool));
  }
  const totalTokens = flat + (await countTokens(texts.join("\n")));
  return { totalTokens };
}

/** @returns the tokens of what is no text. */
function addMessage(said: ChatMessage, texts: string[]): number {
  let flat = 0;
  for (const part of said.content) {
    if (part.type === "text") texts.push(part.text);
    else if (part.type === "image") flat += IMAGE_TOKENS;
    else if (part.type === "audio") flat += AUDIO_TOKENS * Math.ceil(part.data.length / AUDIO_CHARS);
    else flat += PAGE_TOKENS * Math.max(1, Math.ceil((part.data?.length ?? 0) / PAGE_CHARS));
  }
  if (said.role !== "assistant") return flat;
  for (const call of said.toolCalls) texts.push(call.name, call.arguments);
  return flat + FRAME_TOKENS * said.toolCalls.length;
}
