/** Some providers refuse JSON mode in a conversation that does not mention JSON. */
import type { ChatMessage, MessageRules, ResponseFormat } from "@headgate/contract";

const WORD = /json/i;

export function jsonWord(
  messages: readonly ChatMessage[],
  format: ResponseFormat | undefined,
  rule: MessageRules["format"],
): readonly ChatMessage[] {
  if (rule?.json_word !== true || format?.type !== "json") return messages;
  const said = messages.some(({ content }) =>
    content.some((part) => part.type === "text" && WORD.test(part.text)),
  );
  if (said) return messages;
  const word: ChatMessage = { role: "system", content: [{ type: "text", text: "Answer in JSON." }] };
  const at = messages.findIndex(({ role }) => role !== "system");
  return messages.toSpliced(at < 0 ? messages.length : at, 0, word);
}
