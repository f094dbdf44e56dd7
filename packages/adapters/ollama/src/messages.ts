import { EncodeError, parseToolArguments } from "@headgate/adapter-kit";
import { type ChatMessage, type ContentPart, type JsonObject, present } from "@headgate/contract";

export function encodeMessages(messages: readonly ChatMessage[]): JsonObject[] {
  // Results name their tool, not their call; ids may repeat over turns, and the latest call counts.
  const toolOf = new Map<string, string>();
  return messages.map((message, index) => encodeMessage(message, `messages[${index}]`, toolOf));
}

function encodeMessage(message: ChatMessage, at: string, toolOf: Map<string, string>): JsonObject {
  const { role } = message;
  const { text, images } = splitContent(message.content, at);
  if (role === "tool") {
    return present({ role, content: text, images, tool_name: toolOf.get(message.toolCallId) });
  }
  if (role !== "assistant") return present({ role, content: text, images });
  const calls = message.toolCalls.map((call, position) => {
    toolOf.set(call.id, call.name);
    const path = `${at}.tool_calls[${position}].function.arguments`;
    return { function: { name: call.name, arguments: parseToolArguments(call.arguments, path) } };
  });
  return present({
    role,
    content: text,
    thinking: message.reasoning,
    images,
    tool_calls: calls.length > 0 ? calls : undefined,
  });
}

/** One text and a list of base64 images: Ollama has no order among them. */
function splitContent(
  parts: readonly ContentPart[],
  at: string,
): { text: string; images: string[] | undefined } {
  const texts: string[] = [];
  const images: string[] = [];
  for (const [index, part] of parts.entries()) {
    const path = `${at}.content[${index}]`;
    if (part.type === "text") texts.push(part.text);
    else if (part.type !== "image") throw new EncodeError(`Ollama takes no ${part.type}`, path);
    else if (part.data !== undefined) images.push(part.data);
    else {
      throw new EncodeError("Ollama takes images as base64 data only; the gateway does not fetch URLs", path);
    }
  }
  return { text: texts.join("\n"), images: images.length > 0 ? images : undefined };
}
