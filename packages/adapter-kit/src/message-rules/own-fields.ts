/** Fields of messages that only the client's wire has: kept on the same wire where the provider knows them. */
import type { ChatMessage, JsonValue, MessageRules } from "@headgate/contract";
import { mapChanged } from "./map-messages.ts";
import type { Notes } from "./notes.ts";
import { REASONING_FIELDS } from "./reasoning.ts";

/** @param wire the upstream's */
export function ruleOwnFields(
  messages: readonly ChatMessage[],
  wire: string,
  rule: MessageRules["fields"],
  notes: Notes,
): readonly ChatMessage[] {
  const known = rule?.message;
  return mapChanged(messages, (message) => {
    const named = known === undefined || known.includes("name") ? message : withoutName(message, notes);
    const { own } = named;
    if (own === undefined) return named;
    if (own.wire === wire && known === undefined) return named;
    const kept: [string, JsonValue][] = [];
    for (const [name, value] of Object.entries(own.fields)) {
      if (own.wire === wire && known?.includes(name) === true) kept.push([name, value]);
      // Reasoning of another wire is in the canonical form too, which says what became of it.
      else if (own.wire === wire || !(REASONING_FIELDS as readonly string[]).includes(name))
        notes.name(`messages[].${name}`);
    }
    if (kept.length === Object.keys(own.fields).length) return named;
    const { own: _, ...rest } = named;
    return kept.length === 0 ? rest : { ...rest, own: { ...own, fields: Object.fromEntries(kept) } };
  });
}

function withoutName(message: ChatMessage, notes: Notes): ChatMessage {
  if (message.role === "tool" || message.name === undefined) return message;
  notes.name("messages[].name");
  const { name: _, ...rest } = message;
  return rest;
}
