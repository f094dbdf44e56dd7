/** A conversation without the thinking of earlier turns, where the API refuses its signatures. */
import { editJson, exactBody, isObject, type NativeBody } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue } from "@headgate/contract";

const isThinking = (block: JsonValue): boolean =>
  isObject(block) && (block.type === "thinking" || block.type === "redacted_thinking");

export function unsealed(body: Pick<NativeBody, "bytes" | "json">): Buffer | undefined {
  const messages = listIn(exactBody(body).messages);
  const left = messages.flatMap((message): readonly JsonValue[] => {
    if (!isObject(message) || !Array.isArray(message.content)) return [message];
    const content = listIn(message.content);
    const kept = content.filter((block) => !isThinking(block));
    if (kept.length === content.length) return [message];
    return kept.length === 0 ? [] : [{ ...message, content: kept }];
  });
  if (left.every((message, at) => message === messages[at]) && left.length === messages.length)
    return undefined;
  const set: Record<string, string> = { messages: JSON.stringify(left) };
  // A turn that goes on after a result must have begun with thinking.
  const { thinking } = body.json;
  if (isObject(thinking) && thinking.type === "enabled" && goesOn(left))
    set.thinking = JSON.stringify({ type: "disabled" });
  return editJson(body.bytes, { set }).bytes;
}

const listIn = (value: JsonValue | undefined): readonly JsonValue[] =>
  Array.isArray(value) ? (value as readonly JsonValue[]) : [];

function goesOn(messages: readonly JsonValue[]): boolean {
  const last = messages.at(-1);
  return isObject(last) && listIn(last.content).some(isResult);
}

const isResult = (block: JsonValue): boolean =>
  isObject(block) && (block as JsonObject).type === "tool_result";
