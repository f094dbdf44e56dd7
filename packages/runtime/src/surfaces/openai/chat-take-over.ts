/** A chat completion that passed unread from an upstream and broke: what its encoder must know to go on. */
import { asArray, asCount, asObject, asText } from "@headgate/adapter-kit";
import type { JsonObject } from "@headgate/contract";
import type { TakenOver } from "../../codec/surface-request.ts";
import { passedEvents } from "../passed-frames.ts";
import { ChatChunkEncoder, type PassedChat } from "./chat-encode.ts";

export function takeOverChat(
  passed: Buffer,
  decode: () => TakenOver["events"],
  nowS: number,
  includeUsage: boolean,
): TakenOver | undefined {
  const chunks = passedEvents(passed);
  const [first] = chunks;
  if (first === undefined) return undefined;
  const state: PassedChat = {
    id: asText(first.id) ?? "",
    model: asText(first.model) ?? "",
    createdAtS: asCount(first.created) ?? nowS,
    opened: false,
    counted: false,
    calls: [],
    thinks: false,
  };
  let content = "";
  for (const chunk of chunks) {
    const choices = asArray(chunk.choices) ?? [];
    if (choices.length === 0 && asObject(chunk.usage) !== undefined) state.counted = true;
    for (const choice of choices) {
      const delta = asObject(asObject(choice)?.delta);
      // The older form of a call has no place in this encoder.
      if (asObject(delta?.function_call) !== undefined) return undefined;
      if (asText(delta?.role) !== undefined) state.opened = true;
      content += asText(delta?.content) ?? "";
      for (const call of asArray(delta?.tool_calls) ?? []) addCall(state.calls, asObject(call) ?? {});
    }
  }
  state.thinks = /^\s*<think>/.test(content) && !content.includes("</think>");
  return { events: decode(), encoder: ChatChunkEncoder.after(state, includeUsage) };
}

/** The decoder numbers calls from zero in the order they begin; the upstream's own numbers are what the client has. */
function addCall(calls: { index: number; id: string | undefined }[], call: JsonObject): void {
  const index = asCount(call.index) ?? 0;
  const id = asText(call.id);
  const known = calls.findLast((one) => one.index === index);
  const another = id !== undefined && known?.id !== id && asObject(call.function)?.name !== undefined;
  if (known === undefined || another) calls.push({ index, id });
}
