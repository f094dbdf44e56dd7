import { EncodeError, imageUrl, joinText } from "@headgate/adapter-kit";
import {
  type ChatMessage,
  type ContentPart,
  type JsonObject,
  type JsonValue,
  present,
} from "@headgate/contract";

/**
 * @param thinks whether the model accepts its own thinking as a part of its message.
 * @param dropped gets the fields that Cohere's messages lack, each once.
 */
export function encodeMessages(
  messages: readonly ChatMessage[],
  thinks: boolean,
  dropped: Set<string>,
): JsonObject[] {
  return messages.map((message, index) => encodeMessage(message, `messages[${index}]`, thinks, dropped));
}

function encodeMessage(message: ChatMessage, at: string, thinks: boolean, dropped: Set<string>): JsonObject {
  if ("name" in message && message.name !== undefined) dropped.add("messages[].name");
  switch (message.role) {
    case "system":
      return { role: "system", content: textOf(message.content, at) };
    case "user":
      return { role: "user", content: encodeContent(message.content, at) };
    case "assistant":
      return encodeAssistant(message, at, thinks, dropped);
    case "tool":
      return { role: "tool", tool_call_id: message.toolCallId, content: textOf(message.content, at) };
  }
}

/**
 * Text before tool calls is their plan; only a message without calls has text of its own.
 * https://docs.cohere.com/docs/tool-use-overview
 */
function encodeAssistant(
  message: Extract<ChatMessage, { role: "assistant" }>,
  at: string,
  thinks: boolean,
  dropped: Set<string>,
): JsonObject {
  const text = textOf(message.content, at);
  const calls = message.toolCalls.map(({ id, name, arguments: args }) => ({
    id,
    type: "function",
    function: { name, arguments: args },
  }));
  const called = calls.length > 0;
  const reasoning = message.reasoning ?? "";
  const thought = thinks ? reasoning : "";
  const plan = called ? [thinks ? "" : reasoning, text].filter((part) => part !== "").join("\n") : "";
  if (reasoning !== "" && !thinks && !called) dropped.add("messages[].reasoning");
  return present({
    role: "assistant",
    content: assistantContent(thought, called ? undefined : text),
    tool_plan: plan === "" ? undefined : plan,
    tool_calls: called ? calls : undefined,
  });
}

function assistantContent(thought: string, text: string | undefined): JsonValue | undefined {
  if (thought === "") return text;
  const parts: JsonObject[] = [{ type: "thinking", thinking: thought }];
  if (text !== undefined && text !== "") parts.push({ type: "text", text });
  return parts;
}

/** Only user messages take images; the others' text is one string. */
const textOf = (parts: readonly ContentPart[], at: string): string =>
  joinText(parts, at, (type) => `Cohere takes no ${type} from anyone but a user`);

function encodeContent(parts: readonly ContentPart[], at: string): JsonValue {
  const [first, ...rest] = parts;
  if (first === undefined) return "";
  if (first.type === "text" && rest.length === 0) return first.text;
  return parts.map((part, index) => encodePart(part, `${at}.content[${index}]`));
}

/** https://docs.cohere.com/docs/image-inputs */
function encodePart(part: ContentPart, at: string): JsonObject {
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text };
    case "image": {
      return { type: "image_url", image_url: present({ url: imageUrl(part, at), detail: part.detail }) };
    }
    default:
      throw new EncodeError(`Cohere takes no ${part.type}`, at);
  }
}
