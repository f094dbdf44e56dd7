/** `:countTokens`: an estimate, made here. https://ai.google.dev/api/tokens */
import type { ContentPart, JsonObject } from "@headgate/contract";
import { badRequest } from "../../http/client-error.ts";
import { promptTokens } from "../prompt-tokens.ts";
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

export async function countedTokens(json: JsonObject): Promise<JsonObject> {
  const body = message(json, "");
  const inner = optionalMessage(body, "generateContentRequest", "generateContentRequest");
  if (inner !== undefined && body.contents !== undefined)
    throw badRequest(
      "Send either `contents` or `generateContentRequest`, not both.",
      "generateContentRequest",
    );
  const { request } = decodeGenerate(inner ?? body, false);
  return { totalTokens: await promptTokens(request, { flatTokens, reasoning: false }) };
}

function flatTokens(part: Exclude<ContentPart, { type: "text" }>): number {
  if (part.type === "image") return IMAGE_TOKENS;
  if (part.type === "audio") return AUDIO_TOKENS * Math.ceil(part.data.length / AUDIO_CHARS);
  return PAGE_TOKENS * Math.max(1, Math.ceil((part.data?.length ?? 0) / PAGE_CHARS));
}
