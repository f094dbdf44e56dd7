/** POST /v1/responses/input_tokens: an estimate, made here, of what the prompt costs on any model. */
import type { ChatRequest, ContentPart } from "@headgate/contract";
import { promptTokens } from "../../prompt-tokens.ts";

/** OpenAI's count for a picture of 1,024 by 1,024: https://platform.openai.com/docs/guides/images-vision */
const IMAGE_TOKENS = 765;
const LOW_DETAIL_IMAGE_TOKENS = 85;
/** Ten tokens a second, at the 32 kB a second of plain speech. */
const AUDIO_CHARS_PER_TOKEN = 4_000;
/** A page of a PDF is its text and its picture, and rarely holds less than 50 kB of base64. */
const DOCUMENT_CHARS_PER_PAGE = 50_000;
const PAGE_TOKENS = 2_000;

export function inputTokens({ messages, tools = [], responseFormat }: ChatRequest): Promise<number> {
  const schema = responseFormat?.type === "json-schema" ? [JSON.stringify(responseFormat.schema)] : [];
  return promptTokens({ messages, tools }, { flatTokens, reasoning: true }, schema);
}

function flatTokens(part: Exclude<ContentPart, { type: "text" }>): number {
  if (part.type === "audio") return Math.ceil(part.data.length / AUDIO_CHARS_PER_TOKEN);
  if (part.type === "file")
    return PAGE_TOKENS * Math.max(1, Math.ceil((part.data?.length ?? 0) / DOCUMENT_CHARS_PER_PAGE));
  return part.detail === "low" ? LOW_DETAIL_IMAGE_TOKENS : IMAGE_TOKENS;
}
