/** The request by which a model is asked to go on from another one's words. */
import type { Target } from "@headgate/adapter-kit";
import { type ChatMessage, type ChatRequest, matchesPattern } from "@headgate/contract";
import { lastWord } from "./seam.ts";

/** True where the model takes an assistant's message at the end as the beginning of its own answer. */
export const takesPrefill = ({ provider, deployment }: Target): boolean =>
  provider.dialect.prefill?.some((pattern) => matchesPattern(pattern, deployment.upstream)) ?? false;

/**
 * The client's request and the words that it has so far. Without prefill a user's message asks to go on; it asks for
 * the last word once more, because only from that can be seen whether a space belongs in between.
 */
export function continuation(request: ChatRequest, said: string, target: Target): ChatRequest {
  const prefill = takesPrefill(target);
  const text = prefill ? said.trimEnd() : said;
  const partial: ChatMessage = { role: "assistant", content: [{ type: "text", text }], toolCalls: [] };
  const ask: ChatMessage = { role: "user", content: [{ type: "text", text: instruction(said) }] };
  const messages = [...request.messages, partial, ...(prefill ? [] : [ask])];
  if (request.maxOutputTokens === undefined) return { ...request, messages };
  return {
    ...request,
    messages,
    maxOutputTokens: Math.max(1, request.maxOutputTokens - estimateTokens(said)),
  };
}

function instruction(said: string): string {
  const word = lastWord(said);
  return (
    "Your last message was cut off. Continue it exactly where it stopped, in the same language and format, without a remark. " +
    `Begin with its last word once more (${JSON.stringify(word)}), then go on; repeat nothing else.`
  );
}

/** Four bytes of UTF-8 to a token: close for most languages and tokenizers, and good for a bound. */
export const estimateTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / 4);
