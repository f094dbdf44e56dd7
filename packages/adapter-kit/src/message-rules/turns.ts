/** The order of messages: which role may follow which, and with which the conversation ends. */
import type { ChatMessage, ContentPart, MessageRules } from "@headgate/contract";
import { merged } from "./system.ts";

type Turns = NonNullable<MessageRules["turns"]>;

const textMessage = (role: "user" | "assistant", text: string): ChatMessage => {
  const content: readonly ContentPart[] = [{ type: "text", text }];
  return role === "user" ? { role, content } : { role, content, toolCalls: [] };
};

/** Said by the model between a tool's result and the user's next words, where a provider requires it. */
const DONE = "Done.";
const GO_ON = "Continue.";

export function orderTurns(
  messages: readonly ChatMessage[],
  rule: Turns | undefined,
): readonly ChatMessage[] {
  if (rule === undefined) return messages;
  let ordered = messages;
  if (rule.after_tool === "assistant") ordered = afterTools(ordered);
  if (rule.user === true && !ordered.some(({ role }) => role === "user")) ordered = withUser(ordered);
  const last = ordered.at(-1);
  if (last?.role !== "assistant") return ordered;
  if (rule.last === "user") return [...ordered, textMessage("user", GO_ON)];
  if (rule.last === "prefix" && last.toolCalls.length === 0 && last.own?.fields.prefix !== true) {
    const fields = { ...last.own?.fields, prefix: true };
    return ordered.with(-1, { ...last, own: { wire: last.own?.wire ?? "openai-chat", fields } });
  }
  return ordered;
}

/** The user's message stands behind the instructions, before anything of the model. */
function withUser(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const at = messages.findIndex(({ role }) => role !== "system");
  return messages.toSpliced(at < 0 ? messages.length : at, 0, textMessage("user", GO_ON));
}

function afterTools(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const needed = messages.some(({ role }, at) => role === "user" && messages[at - 1]?.role === "tool");
  if (!needed) return messages;
  return messages.flatMap((message, at) =>
    message.role === "user" && messages[at - 1]?.role === "tool"
      ? [textMessage("assistant", DONE), message]
      : [message],
  );
}

/** Neighbours of one role become one message; results of tools stay apart. */
export function alternating(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const repeats = messages.some(
    ({ role }, at) => role !== "tool" && role !== "system" && messages[at - 1]?.role === role,
  );
  if (!repeats) return messages;
  const kept: ChatMessage[] = [];
  for (const message of messages) {
    const last = kept.at(-1);
    const one = last === undefined ? undefined : joinedWith(last, message);
    if (one === undefined) kept.push(message);
    else kept[kept.length - 1] = one;
  }
  return kept;
}

function joinedWith(one: ChatMessage, other: ChatMessage): ChatMessage | undefined {
  if (one.role === "user" && other.role === "user")
    return { ...one, ...other, content: merged(one.content, other.content) };
  if (one.role !== "assistant" || other.role !== "assistant") return undefined;
  const reasoning = [one.reasoning, other.reasoning].filter((text) => text !== undefined).join("\n\n");
  const parts = [...(one.reasoningParts ?? []), ...(other.reasoningParts ?? [])];
  return {
    ...one,
    ...other,
    content: merged(one.content, other.content),
    toolCalls: [...one.toolCalls, ...other.toolCalls],
    ...(reasoning === "" ? {} : { reasoning }),
    ...(parts.length === 0 ? {} : { reasoningParts: parts }),
  };
}
