/** Call ids and tool names in the provider's form, in every place of a request. */
import { type ChatMessage, type ChatRequest, type MessageRules, present } from "@headgate/contract";
import { mapChanged } from "./map-messages.ts";
import { type NameForm, NameMap } from "./names.ts";

const LETTERS_DIGITS = /^[A-Za-z0-9]$/;
const WORD = /^[A-Za-z0-9_-]$/;
const DOTTED = /^[A-Za-z0-9_.:-]$/;
const LETTER = /^[A-Za-z_]$/;
/** Longer than any id or name in use: the rule states no length. */
const UNBOUNDED = 100_000;

/** @param ids all call ids of a conversation */
export function callIdMap(
  { max = UNBOUNDED, length, chars }: NonNullable<MessageRules["call_ids"]>,
  ids: Iterable<string>,
): NameMap {
  const form: NameForm = {
    max,
    ...present({ length }),
    chars: chars === "alphanumeric" ? LETTERS_DIGITS : WORD,
    filler: chars === "alphanumeric" ? "" : "_",
  };
  return new NameMap(form, ids);
}

/** @param names all tool names of a request */
export function toolNameMap(
  { max = UNBOUNDED, chars, start }: NonNullable<MessageRules["tool_names"]>,
  names: Iterable<string>,
): NameMap {
  const form: NameForm = {
    max,
    chars: chars === "dotted" ? DOTTED : WORD,
    ...(start === "letter" ? { start: LETTER } : {}),
    filler: "_",
  };
  return new NameMap(form, names);
}

export function mapCallIds(
  messages: readonly ChatMessage[],
  rule: MessageRules["call_ids"],
): readonly ChatMessage[] {
  if (rule === undefined) return messages;
  const ids = callIdMap(rule, messages.flatMap(idsOf));
  if (!ids.changed) return messages;
  return mapChanged(messages, (message) => {
    if (message.role === "tool") {
      const toolCallId = ids.of(message.toolCallId);
      return toolCallId === message.toolCallId ? message : { ...message, toolCallId };
    }
    if (message.role !== "assistant") return message;
    const toolCalls = mapChanged(message.toolCalls, (call) => {
      const id = ids.of(call.id);
      return id === call.id ? call : { ...call, id };
    });
    return toolCalls === message.toolCalls ? message : { ...message, toolCalls };
  });
}

function idsOf(message: ChatMessage): string[] {
  if (message.role === "tool") return [message.toolCallId];
  return message.role === "assistant" ? message.toolCalls.map(({ id }) => id) : [];
}

export interface Renamed {
  readonly request: ChatRequest;
  /** As sent → the client's. */
  readonly names: ReadonlyMap<string, string>;
}

export function mapToolNames(request: ChatRequest, rule: MessageRules["tool_names"]): Renamed {
  const none: Renamed = { request, names: new Map() };
  if (rule === undefined) return none;
  const { tools, toolChoice, messages } = request;
  const called = messages.flatMap((message) => (message.role === "assistant" ? message.toolCalls : []));
  const map = toolNameMap(
    rule,
    [...(tools ?? []), ...called].map(({ name }) => name),
  );
  if (!map.changed) return none;
  return {
    names: map.restored,
    request: {
      ...request,
      messages: mapChanged(messages, (message) =>
        message.role === "assistant" && message.toolCalls.some(({ name }) => map.of(name) !== name)
          ? { ...message, toolCalls: message.toolCalls.map((call) => ({ ...call, name: map.of(call.name) })) }
          : message,
      ),
      ...(tools === undefined ? {} : { tools: tools.map((tool) => ({ ...tool, name: map.of(tool.name) })) }),
      ...(typeof toolChoice === "object" ? { toolChoice: { name: map.of(toolChoice.name) } } : {}),
    },
  };
}
