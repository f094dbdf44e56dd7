/** Where instructions stand: one system message at the front, or none at all. */
import type { ChatMessage, ContentPart, MessageRules } from "@headgate/contract";

/** Text in the middle of a conversation keeps its place, marked, where only the front may hold instructions of a user. */
export function placeSystem(
  messages: readonly ChatMessage[],
  rule: MessageRules["system"],
): readonly ChatMessage[] {
  if (rule?.place === undefined) return messages;
  const found = messages.filter(({ role }) => role === "system");
  const first = messages[0]?.role === "system" && found.length === 1;
  if (found.length === 0 || (rule.place === "first" && first)) return messages;
  const others = messages.filter(({ role }) => role !== "system");
  const content = joined(found.map((message) => message.content));
  if (rule.place === "first") return [{ role: "system", content }, ...others];
  return beforeUser(content, others);
}

/** Each message's text apart from the next by an empty line. */
const joined = (contents: readonly (readonly ContentPart[])[]): readonly ContentPart[] => {
  const parts = contents.flat();
  if (parts.every(({ type, cache }) => type === "text" && cache === undefined)) {
    const texts = contents.map((content) =>
      content.map((part) => (part.type === "text" ? part.text : "")).join("\n"),
    );
    return [{ type: "text", text: texts.filter((text) => text !== "").join("\n\n") }];
  }
  return parts;
};

function beforeUser(content: readonly ContentPart[], others: readonly ChatMessage[]): readonly ChatMessage[] {
  const at = others.findIndex(({ role }) => role === "user");
  const user = others[at];
  const wordless = content.every((part) => part.type === "text" && part.text === "");
  if (wordless && others.length > 0) return others;
  if (user === undefined) return [{ role: "user", content }, ...others];
  return others.with(at, { ...user, content: merged(content, user.content) });
}

/** Two texts in a row become one, since some servers without system messages take one string only. */
export function merged(one: readonly ContentPart[], other: readonly ContentPart[]): readonly ContentPart[] {
  const last = one.at(-1);
  const [first, ...more] = other;
  const plain = (part: ContentPart | undefined): part is Extract<ContentPart, { type: "text" }> =>
    part?.type === "text" && part.cache === undefined && part.sealed === undefined;
  if (!plain(last) || !plain(first)) return [...one, ...other];
  const text = [last.text, first.text].filter((words) => words !== "").join("\n\n");
  return [...one.slice(0, -1), { type: "text", text }, ...more];
}
