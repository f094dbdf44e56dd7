/** Empty messages and parts, and arguments that are no JSON object. */
import type { ChatMessage, MessageRules, ToolCall } from "@headgate/contract";
import { parseExact } from "../json-exact.ts";
import { isObject } from "../json-read.ts";
import { mapChanged } from "./map-messages.ts";
import type { Notes } from "./notes.ts";

export function ruleEmpty(
  messages: readonly ChatMessage[],
  rule: MessageRules["empty"],
  notes: Notes,
): readonly ChatMessage[] {
  if (rule === undefined) return messages;
  return mapChanged(messages, (message) => {
    if (message.role === "tool") return message;
    const content =
      rule.parts === "drop"
        ? mapChanged(message.content, (part) =>
            part.type === "text" && part.text.trim() === "" && part.sealed === undefined ? undefined : part,
          )
        : message.content;
    const calls = message.role === "assistant" ? message.toolCalls.length : 0;
    const blank = content.every((part) => part.type === "text" && part.text.trim() === "");
    if (rule.messages === "drop" && calls === 0 && blank) {
      if (message.role === "assistant" && message.reasoning !== undefined) notes.name("messages[].reasoning");
      return undefined;
    }
    return content === message.content ? message : { ...message, content };
  });
}

/** The place of text that cannot be read as an object. */
const RAW = "arguments";

export function ruleArguments(
  messages: readonly ChatMessage[],
  rule: MessageRules["arguments"],
): readonly ChatMessage[] {
  if (rule?.valid !== "object") return messages;
  return mapChanged(messages, (message) => {
    if (message.role !== "assistant") return message;
    const toolCalls = mapChanged(message.toolCalls, withObject);
    return toolCalls === message.toolCalls ? message : { ...message, toolCalls };
  });
}

function withObject(call: ToolCall): ToolCall {
  const valid = objectText(call.arguments);
  return valid === call.arguments ? call : { ...call, arguments: valid };
}

/** The same text where it is an object. No text is no arguments; anything else is kept under one name. */
export function objectText(text: string): string {
  if (text.trim() === "") return "{}";
  const value = parseExact(text);
  if (isObject(value)) return text;
  // Some models write the object as a text once more.
  if (typeof value === "string" && isObject(parseExact(value))) return value;
  return JSON.stringify({ [RAW]: value ?? text });
}
