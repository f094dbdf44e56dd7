/** Tool calls and their results: each call has one result, right behind it, and no result stands alone. */
import type { ChatMessage, ContentPart, ToolCall } from "@headgate/contract";

type Assistant = Extract<ChatMessage, { role: "assistant" }>;
type Result = Extract<ChatMessage, { role: "tool" }>;

/** For a call whose result the conversation does not have. */
const LOST = "(No result.)";

/** The same list where every call has its results directly behind it and no id repeats. */
export function repairPairs(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  return arePaired(messages) ? messages : paired(messages);
}

function arePaired(messages: readonly ChatMessage[]): boolean {
  const seen = new Set<string>();
  let open = new Set<string>();
  for (const message of messages) {
    if (message.role === "tool") {
      if (!open.delete(message.toolCallId)) return false;
      continue;
    }
    if (open.size > 0) return false;
    if (message.role !== "assistant") continue;
    open = new Set(message.toolCalls.map(({ id }) => id));
    if (open.size < message.toolCalls.length) return false;
    for (const id of open) {
      if (seen.has(id)) return false;
      seen.add(id);
    }
  }
  return open.size === 0;
}

function paired(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const kept: ChatMessage[] = [];
  const used = new Set<Result>();
  const taken = new Set<string>();
  for (const [at, message] of messages.entries()) {
    if (message.role === "assistant" && message.toolCalls.length > 0) {
      const results = message.toolCalls.map((call) => resultOf(call, messages, at, used));
      const ids = message.toolCalls.map(({ id }) => freshId(id, taken));
      kept.push(withIds(message, ids));
      for (const [index, result] of results.entries()) {
        const toolCallId = ids[index] ?? "";
        kept.push(result === undefined ? lostResult(toolCallId) : { ...result, toolCallId });
      }
    } else if (message.role !== "tool") kept.push(message);
    else if (!used.has(message)) kept.push({ role: "user", content: wordsOf(message) });
  }
  return kept;
}

/** The first unused result of the id behind the call and before the id's next call. */
function resultOf(
  { id }: ToolCall,
  messages: readonly ChatMessage[],
  from: number,
  used: Set<Result>,
): Result | undefined {
  for (const message of messages.slice(from + 1)) {
    if (message.role === "assistant" && message.toolCalls.some((call) => call.id === id)) return undefined;
    if (message.role !== "tool" || message.toolCallId !== id || used.has(message)) continue;
    used.add(message);
    return message;
  }
  return undefined;
}

function freshId(id: string, taken: Set<string>): string {
  let fresh = id;
  for (let count = 2; taken.has(fresh); count += 1) fresh = `${id}_${count}`;
  taken.add(fresh);
  return fresh;
}

const withIds = (message: Assistant, ids: readonly string[]): Assistant => ({
  ...message,
  toolCalls: message.toolCalls.map((call, at) => ({ ...call, id: ids[at] ?? call.id })),
});

const lostResult = (toolCallId: string): ChatMessage => ({
  role: "tool",
  toolCallId,
  content: [{ type: "text", text: LOST }],
});

function wordsOf({ content }: Result): readonly ContentPart[] {
  return [{ type: "text", text: "(The result of an earlier tool call:)" }, ...content];
}

/** Parallel calls as one message each, with its result behind it: for models that take one call at a time. */
export function splitCalls(messages: readonly ChatMessage[], most: number): readonly ChatMessage[] {
  const long = (message: ChatMessage): message is Assistant =>
    message.role === "assistant" && message.toolCalls.length > most;
  if (!messages.some(long)) return messages;
  return messages.flatMap((message, at) => {
    if (message.role === "tool") return ownerIsLong(messages, at, most) ? [] : [message];
    if (!long(message)) return [message];
    const results = resultsBehind(messages, at);
    const rounds: ChatMessage[] = [];
    for (let from = 0; from < message.toolCalls.length; from += most) {
      const toolCalls = message.toolCalls.slice(from, from + most);
      rounds.push({ ...message, content: from === 0 ? message.content : [], toolCalls });
      rounds.push(...results.filter(({ toolCallId }) => toolCalls.some(({ id }) => id === toolCallId)));
    }
    return rounds;
  });
}

function resultsBehind(messages: readonly ChatMessage[], at: number): Result[] {
  const found: Result[] = [];
  for (const message of messages.slice(at + 1)) {
    if (message.role !== "tool") break;
    found.push(message);
  }
  return found;
}

function ownerIsLong(messages: readonly ChatMessage[], at: number, most: number): boolean {
  const owner = messages.slice(0, at).findLast(({ role }) => role !== "tool");
  return owner?.role === "assistant" && owner.toolCalls.length > most;
}
