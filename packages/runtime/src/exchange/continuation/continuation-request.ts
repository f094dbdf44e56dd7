/** The request that makes a model continue another model's text. */
import { dialectOf, type Target } from "@headgate/adapter-kit";
import { type ChatMessage, type ChatRequest, type ContentPart, matchesPattern } from "@headgate/contract";
import { lastWord } from "./seam.ts";

/** True where the model continues an assistant message at the end of the prompt. */
export const takesPrefill = (target: Target): boolean =>
  dialectOf(target).prefill?.some((pattern) => matchesPattern(pattern, target.deployment.upstream)) ?? false;

/**
 * The client's request with the text so far. Without prefill a user message requests the continuation, beginning with the
 * last word: only that shows whether a space belongs in between.
 */
export function continuationRequest(request: ChatRequest, sent: string, target: Target): ChatRequest {
  const prefill = takesPrefill(target);
  const text = prefill ? sent.trimEnd() : sent;
  const instructing: ChatMessage = { role: "user", content: [{ type: "text", text: instruction(sent) }] };
  const messages = [...withAnswer(request.messages, text), ...(prefill ? [] : [instructing])];
  if (request.maxOutputTokens === undefined) return { ...request, messages };
  return {
    ...request,
    messages,
    maxOutputTokens: Math.max(1, request.maxOutputTokens - estimateTokens(sent)),
  };
}

/** Where the client's prompt ends in an assistant message, that message and the text since are one message. */
function withAnswer(messages: readonly ChatMessage[], text: string): readonly ChatMessage[] {
  const last = messages.at(-1);
  const part: ContentPart = { type: "text", text };
  if (last?.role !== "assistant" || last.toolCalls.length > 0)
    return [...messages, { role: "assistant", content: [part], toolCalls: [] }];
  return [...messages.slice(0, -1), { ...last, content: [...last.content, part] }];
}

function instruction(sent: string): string {
  const word = lastWord(sent);
  return (
    "Your last message was cut off. Continue it exactly where it stopped, in the same language and format, without a remark. " +
    `Begin with its last word once more (${JSON.stringify(word)}), then go on; repeat nothing else.`
  );
}

/** Four bytes of UTF-8 to a token: close enough for a bound, in most languages and tokenizers. */
export const estimateTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / 4);
