/** An estimate of what a prompt in canonical form costs: its texts are counted, everything else costs a flat number of tokens. */
import type { ChatRequest, ContentPart } from "@headgate/contract";
import { countTokens } from "./tokens.ts";

/** What the frame around a message, a call or a tool costs. */
const FRAME_TOKENS = 4;

export interface PromptCosts {
  /** The tokens of a part that is no text. */
  flatTokens(part: Exclude<ContentPart, { type: "text" }>): number;
  /** Whether earlier reasoning is part of the prompt. */
  readonly reasoning: boolean;
}

/** @param more texts that count too */
export async function promptTokens(
  { messages, tools = [] }: Pick<ChatRequest, "messages" | "tools">,
  { flatTokens, reasoning }: PromptCosts,
  more: readonly string[] = [],
): Promise<number> {
  const texts: string[] = [];
  let flat = 0;
  for (const message of messages) {
    flat += FRAME_TOKENS;
    for (const part of message.content) {
      if (part.type === "text") texts.push(part.text);
      else flat += flatTokens(part);
    }
    if (message.role !== "assistant") continue;
    if (reasoning && message.reasoning !== undefined) texts.push(message.reasoning);
    for (const call of message.toolCalls) {
      flat += FRAME_TOKENS;
      texts.push(call.name, call.arguments);
    }
  }
  for (const tool of tools) {
    flat += FRAME_TOKENS;
    texts.push(JSON.stringify(tool));
  }
  return flat + (await countTokens([...texts, ...more].join("\n")));
}
