/** Tool calls in the history of OpenAI's chat wire: pairs of call and result, ids, arguments, reasoning beside them. */
import { asText, isObject, type JsonObject } from "../../json.ts";
import type { Check, Finding } from "../rule.ts";
import { callsOf, eachMessage, messagesOf } from "./messages.ts";
import { toolsOf } from "./tools.ts";

/** The results right after an assistant message. */
function resultsAfter(messages: readonly JsonObject[], index: number): readonly JsonObject[] {
  const after = messages.slice(index + 1);
  const end = after.findIndex(({ role }) => role !== "tool");
  return end === -1 ? after : after.slice(0, end);
}

/** A call without a result right after its message. */
export const unansweredCall: Check = eachMessage((message, index, messages) => {
  const answered = new Set(resultsAfter(messages, index).map(({ tool_call_id }) => tool_call_id));
  const open = callsOf(message).find(({ id }) => !answered.has(id));
  return open === undefined ? undefined : { at: `messages[${index}]`, value: asText(open.id) };
});

/** A result whose id is in no call of the assistant message before it. */
export const orphanResult: Check = eachMessage((message, index, messages) => {
  if (message.role !== "tool") return undefined;
  const before = messages.slice(0, index).findLast(({ role }) => role !== "tool");
  const known = callsOf(before).some(({ id }) => id === message.tool_call_id);
  return known ? undefined : { at: `messages[${index}].role`, value: asText(message.tool_call_id) };
});

/** A result whose id is in no call at all. */
export const unknownResultId: Check = eachMessage((message, _, messages) => {
  if (message.role !== "tool") return undefined;
  const known = messages.some((one) => callsOf(one).some(({ id }) => id === message.tool_call_id));
  return known ? undefined : { at: asText(message.tool_call_id), value: asText(message.tool_call_id) };
});

/** Not as many results as calls. */
export const countsDiffer: Check = eachMessage((message, index, messages) => {
  const calls = callsOf(message).length;
  const results = resultsAfter(messages, index).length;
  return calls > 0 && calls !== results ? { at: `messages[${index}]`, value: `${calls}` } : undefined;
});

export const repeatedCallId: Check = (body) => {
  const seen = new Set<string>();
  for (const [index, message] of messagesOf(body).entries()) {
    for (const { id } of callsOf(message)) {
      if (seen.has(asText(id))) return { at: `messages[${index}].tool_calls`, value: asText(id) };
      seen.add(asText(id));
    }
  }
  return undefined;
};

/** Ids of calls and of results that do not fit the pattern. */
export const callId = (pattern: RegExp): Check =>
  eachMessage((message, index) => {
    const call = callsOf(message).findIndex(({ id }) => !pattern.test(asText(id)));
    if (call !== -1) {
      const value = asText(callsOf(message)[call]?.id);
      return { at: `messages[${index}].tool_calls[${call}].id`, value };
    }
    if (message.role !== "tool" || pattern.test(asText(message.tool_call_id))) return undefined;
    return { at: `messages[${index}].tool_call_id`, value: asText(message.tool_call_id) };
  });

export const callsAbove = (most: number): Check =>
  eachMessage((message, index) =>
    callsOf(message).length > most
      ? { at: `messages[${index}].tool_calls`, value: String(callsOf(message).length) }
      : undefined,
  );

const eachArguments = (test: (given: unknown) => boolean): Check =>
  eachMessage((message, index) => {
    const at = callsOf(message).findIndex((call) =>
      test(isObject(call.function) ? call.function.arguments : ""),
    );
    return at === -1 ? undefined : { at: `messages[${index}].tool_calls[${at}].function.arguments` };
  });

export function parsedJson(text: unknown): { readonly value: unknown } | undefined {
  if (typeof text !== "string") return undefined;
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

export const argumentsNotText: Check = eachArguments((given) => typeof given !== "string");
export const argumentsText: Check = eachArguments((given) => typeof given === "string");
export const argumentsNotJson: Check = eachArguments((given) => parsedJson(given) === undefined);
/** Arguments that parse to a list or a scalar. */
export const argumentsNotObject: Check = eachArguments((given) => {
  const parsed = parsedJson(given);
  return parsed !== undefined && !isObject(parsed.value);
});

/** An assistant message with calls that lacks its reasoning in the named field. An empty text counts where `empty` says so. */
export const reasoningMissing = (name: string, empty: "taken" | "refused"): Check =>
  eachMessage((message, index) => {
    if (message.role !== "assistant" || callsOf(message).length === 0) return undefined;
    const given = message[name];
    const enough = typeof given === "string" && (empty === "taken" || given !== "");
    return enough ? undefined : { at: String(index), value: name };
  });

/** History calls a tool that is not among the request's tools. */
export const calledToolMissing: Check = (body) => {
  const declared = new Set(toolsOf(body).map(({ name }) => name));
  return eachMessage((message, index): Finding | undefined => {
    const names = callsOf(message).map((call) => (isObject(call.function) ? asText(call.function.name) : ""));
    const name = names.find((one) => !declared.has(one));
    return name === undefined ? undefined : { at: `messages[${index}]`, value: name };
  })(body, "");
};

/** A tool's name in the history that does not fit the pattern. */
export const calledName = (pattern: RegExp): Check =>
  eachMessage((message, index) => {
    const at = callsOf(message).findIndex(
      (call) => isObject(call.function) && !pattern.test(asText(call.function.name)),
    );
    return at === -1 ? undefined : { at: `messages[${index}].tool_calls[${at}].function.name` };
  });
