/** The reasoning of earlier assistant messages: dropped, kept, or filled in where the provider requires it. */
import type { ChatMessage, MessageRules } from "@headgate/contract";
import { mapChanged } from "./map-messages.ts";
import type { Notes } from "./notes.ts";

type Assistant = Extract<ChatMessage, { role: "assistant" }>;

/** The fields of OpenAI's wire in which providers and clients carry reasoning. */
export const REASONING_FIELDS = ["reasoning_content", "reasoning", "reasoning_details"] as const;

/** The wire's name of seals that come as `reasoning_details`. */
export const DETAILS_WIRE = "openrouter";

export function ruleReasoning(
  messages: readonly ChatMessage[],
  rule: MessageRules["reasoning"],
  wire: string,
  notes: Notes,
): readonly ChatMessage[] {
  if (rule?.history === undefined) return messages;
  return mapChanged(messages, (message) => {
    if (message.role !== "assistant") return message;
    if (rule.history === "drop") return bare(message, wire, notes);
    const kept = rule.field === "reasoning_details" ? sealedOnly(message, notes) : plain(message);
    if (rule.history !== "require" || kept.toolCalls.length === 0 || (kept.reasoning ?? "") !== "")
      return kept;
    return { ...kept, reasoning: rule.placeholder ?? "" };
  });
}

/** Without reasoning, but for what the upstream's wire sealed itself. */
function bare(message: Assistant, wire: string, notes: Notes): Assistant {
  const own = fieldsOf(message);
  if (own.length === 0 && message.reasoning === undefined && message.reasoningParts === undefined)
    return message;
  const sealed = message.reasoningParts?.filter((part) => part.sealed?.wire === wire) ?? [];
  if (sealed.length > 0) return { ...withoutOwn(message), reasoningParts: sealed };
  for (const name of own.length > 0 ? own : ["reasoning"]) notes.name(`messages[].${name}`);
  const { reasoning: _, reasoningParts: __, ...rest } = withoutOwn(message);
  return rest;
}

const fieldsOf = ({ own }: ChatMessage): string[] =>
  own === undefined ? [] : REASONING_FIELDS.filter((name) => own.fields[name] !== undefined);

/** Without the client's own fields of reasoning: the canonical ones are written in their place. */
function withoutOwn(message: Assistant): Assistant {
  if (message.own === undefined || fieldsOf(message).length === 0) return message;
  const { reasoning_content: _, reasoning: __, reasoning_details: ___, ...fields } = message.own.fields;
  return { ...message, own: { ...message.own, fields } };
}

/** As text, without seals that this provider did not make. */
function plain(message: Assistant): Assistant {
  const { reasoningParts, ...rest } = withoutOwn(message);
  return reasoningParts === undefined ? (fieldsOf(message).length === 0 ? message : rest) : rest;
}

/** Only what is sealed by the provider's own wire goes back. */
function sealedOnly(message: Assistant, notes: Notes): Assistant {
  const own = (message.reasoningParts ?? []).filter(({ sealed }) => sealed?.wire === DETAILS_WIRE);
  const details = message.own?.fields.reasoning_details !== undefined;
  if (details || (message.reasoning === undefined && message.reasoningParts === undefined)) return message;
  if (own.length === message.reasoningParts?.length) return message;
  if (own.length === 0) return bare(message, DETAILS_WIRE, notes);
  notes.name("messages[].reasoning");
  return { ...message, reasoningParts: own };
}
