/** Content as one text, for providers that take no list of parts. */
import { asArray, isObject } from "@headgate/adapter-kit";
import type { JsonValue } from "@headgate/contract";

/** The messages with lists of text parts joined; `undefined` when there is none. Other parts stay unchanged. */
export function flatMessages(messages: JsonValue | undefined): JsonValue | undefined {
  let found = false;
  const flat = (asArray(messages) ?? []).map((message) => {
    const text = isObject(message) ? joined(message.content) : undefined;
    if (!isObject(message) || text === undefined) return message;
    found = true;
    return { ...message, content: text };
  });
  return found ? flat : undefined;
}

function joined(content: JsonValue | undefined): string | undefined {
  const texts: string[] = [];
  for (const part of asArray(content) ?? []) {
    if (!isObject(part) || part.type !== "text" || typeof part.text !== "string") return undefined;
    texts.push(part.text);
  }
  return texts.length === 0 ? undefined : texts.join("\n");
}
