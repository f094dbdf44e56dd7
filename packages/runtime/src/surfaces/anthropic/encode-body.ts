/** Canonical events as a whole Message. */
import { foldEvents, isObject, parseExact } from "@headgate/adapter-kit";
import type { ChatEvent, JsonObject } from "@headgate/contract";
import { textBlocks } from "./citations.ts";
import { sealText } from "./seals.ts";
import { searchBlocks } from "./search-blocks.ts";
import { anthropicUsage, stopReason, WHOLE_USAGE } from "./usage.ts";

export interface Identity {
  readonly id: string;
  readonly model: string;
  /** False when the client turned thinking off: a model's reasoning is then left out. */
  readonly showThinking: boolean;
  /** What the client wants searched on the web; absent: it wants no search. */
  readonly search?: string;
}

export function message(
  { id, model }: Identity,
  content: readonly JsonObject[],
  stop: string | null,
  usage: Record<string, unknown>,
): Record<string, unknown> {
  return {
    id,
    type: "message",
    role: "assistant",
    model,
    content,
    stop_reason: stop,
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
    usage: { ...usage, ...WHOLE_USAGE },
  };
}

export function encodeMessage(events: readonly ChatEvent[], identity: Identity): Buffer {
  const answer = foldEvents(events);
  const content: JsonObject[] = [];
  if (identity.showThinking) {
    const parts = answer.reasoningParts ?? (answer.reasoning === "" ? [] : [{ text: answer.reasoning }]);
    for (const { text, sealed, redacted } of parts) {
      const seal = sealed === undefined ? "" : sealText(sealed);
      content.push(
        redacted === true
          ? { type: "redacted_thinking", data: seal }
          : { type: "thinking", thinking: text, signature: seal },
      );
    }
  }
  const citations = answer.citations ?? [];
  if (identity.search !== undefined)
    content.push(...searchBlocks(identity.id.slice(4), identity.search, citations));
  content.push(...textBlocks(answer.text + answer.refusal, citations));
  for (const call of answer.toolCalls) {
    if (call.sealed !== undefined) content.push({ type: "redacted_thinking", data: sealText(call.sealed) });
    content.push({ type: "tool_use", id: call.id, name: call.name, input: inputOf(call.arguments) });
  }
  const stop = stopReason(answer.finish, {
    calls: answer.toolCalls.length > 0,
    refused: answer.refusal !== "",
  });
  const model = answer.model ?? identity.model;
  return Buffer.from(
    JSON.stringify(message({ ...identity, model }, content, stop, anthropicUsage(answer.usage))),
  );
}

/** This wire's inputs are objects. Arguments that are no object are kept as text under one key. */
function inputOf(text: string): JsonObject {
  if (text.trim() === "") return {};
  const value = parseExact(text);
  return isObject(value) ? value : { arguments: text };
}
