/** A response that passed unread from an upstream and broke: what it held, and what its encoder must know to go on. */
import { asArray, asCount, asObject, asText, countCharacters } from "@headgate/adapter-kit";
import { type ChatEvent, type JsonObject, present } from "@headgate/contract";
import type { TakenOver } from "../../../codec/surface-request.ts";
import { passedEvents } from "../../passed-frames.ts";
import type { PassedOutput } from "./output.ts";
import { CallItem } from "./output-call.ts";
import { type OutputItem, PassedItem } from "./output-item.ts";
import { MessageItem } from "./output-message.ts";
import { PassedReasoning } from "./output-reasoning.ts";
import { ResponseEncoder, type ResponseOptions } from "./response.ts";

interface Seen {
  readonly json: JsonObject;
  done: boolean;
  /** Its parts that are whole. */
  readonly parts: JsonObject[];
  part: { readonly type: string; text: string; readonly annotations: JsonObject[] } | undefined;
  /** Of a call: its position among the calls, and its arguments. */
  readonly call: number;
  arguments: string;
}

/** Undefined where an item is open that only its upstream can close, such as a hosted tool's. */
export function takeOverResponse(
  passed: Buffer,
  options: ResponseOptions,
  nowS: number,
): TakenOver | undefined {
  const reader = new PassedReader(options);
  for (const event of passedEvents(passed)) reader.read(event);
  return reader.takenOver(nowS);
}

class PassedReader {
  readonly #options: ResponseOptions;
  readonly #items: Seen[] = [];
  readonly #events: ChatEvent[] = [];
  #opened: JsonObject | undefined;
  #sequence = 0;
  #calls = 0;
  /** True where an event belongs to an item that was not added. */
  #strange = false;

  constructor(options: ResponseOptions) {
    this.#options = options;
  }

  read(event: JsonObject): void {
    this.#sequence = Math.max(this.#sequence, (asCount(event.sequence_number) ?? 0) + 1);
    const type = asText(event.type) ?? "";
    if (this.#opened === undefined) this.#opened = asObject(event.response);
    const index = asCount(event.output_index);
    if (index === undefined) return;
    if (type === "response.output_item.added") this.#add(index, asObject(event.item) ?? {});
    const item = this.#items[index];
    if (item === undefined) this.#strange = true;
    else this.#readItem(item, index, type, event);
  }

  takenOver(nowS: number): TakenOver | undefined {
    const output = this.#output();
    if (this.#strange || output === undefined || this.#opened === undefined) return undefined;
    const passed = { opened: this.#opened, output, sequence: this.#sequence };
    return { events: this.#events, encoder: ResponseEncoder.after(this.#options, passed, nowS) };
  }

  #add(index: number, json: JsonObject): void {
    const call = json.type === "function_call" ? this.#calls++ : -1;
    this.#items[index] = { json, done: false, parts: [], part: undefined, call, arguments: "" };
    if (call < 0) return;
    const name = this.#options.names.flat(toolName(json));
    this.#events.push({ type: "tool-call", index: call, id: asText(json.call_id) ?? "", name });
  }

  #readItem(item: Seen, index: number, type: string, event: JsonObject): void {
    const delta = asText(event.delta) ?? "";
    switch (type) {
      case "response.content_part.added":
      case "response.reasoning_summary_part.added":
        item.part = partOf(asText(asObject(event.part)?.type) ?? "");
        break;
      case "response.content_part.done":
      case "response.reasoning_summary_part.done":
        item.parts.push(asObject(event.part) ?? {});
        item.part = undefined;
        break;
      case "response.output_text.delta":
        this.#text(item, "output_text", delta);
        this.#events.push({ type: "text", text: delta });
        break;
      case "response.refusal.delta":
        this.#text(item, "refusal", delta);
        this.#events.push({ type: "refusal", text: delta });
        break;
      case "response.reasoning_text.delta":
        this.#text(item, "reasoning_text", delta);
        this.#events.push({ type: "reasoning", text: delta });
        break;
      case "response.reasoning_summary_text.delta":
        this.#text(item, "summary_text", delta);
        this.#events.push({ type: "reasoning", text: delta });
        break;
      case "response.output_text.annotation.added":
        item.part?.annotations.push(asObject(event.annotation) ?? {});
        break;
      case "response.function_call_arguments.delta":
        this.#arguments(item, delta);
        break;
      case "response.output_item.done":
        this.#done(item, index, asObject(event.item) ?? item.json);
    }
  }

  #text(item: Seen, type: string, delta: string): void {
    item.part ??= partOf(type);
    item.part.text += delta;
  }

  #arguments(item: Seen, text: string): void {
    if (item.call < 0 || text === "") return;
    item.arguments += text;
    this.#events.push({ type: "tool-call", index: item.call, arguments: text });
  }

  #done(item: Seen, index: number, json: JsonObject): void {
    if (item.arguments === "") this.#arguments(item, asText(json.arguments) ?? "");
    this.#items[index] = { ...item, json, done: true };
  }

  #output(): PassedOutput | undefined {
    const items: OutputItem[] = [];
    const calls = new Map<number, CallItem>();
    const callIds: string[] = [];
    let open: PassedOutput["open"];
    let textLength = 0;
    for (const [index, seen] of this.#items.entries()) {
      // An upstream that skips an index.
      if (seen === undefined) return undefined;
      const item = outputItem(seen, index, textLength);
      if (item === undefined || (open !== undefined && !seen.done && !(item instanceof CallItem)))
        return undefined;
      items.push(item);
      if (seen.call >= 0) callIds.push(asText(seen.json.call_id) ?? "");
      if (item instanceof CallItem) calls.set(seen.call, item);
      else if (item instanceof MessageItem || item instanceof PassedReasoning) open = item;
      else textLength += lengthOf(seen.json);
    }
    return { items, open, calls, callIds, textLength };
  }
}

const partOf = (type: string): NonNullable<Seen["part"]> => ({ type, text: "", annotations: [] });

function toolName(json: JsonObject) {
  return { name: asText(json.name) ?? "", ...present({ namespace: asText(json.namespace) }) };
}

const lengthOf = (message: JsonObject): number =>
  (asArray(message.content) ?? []).reduce<number>(
    (length, part) => length + countCharacters(asText(asObject(part)?.text) ?? ""),
    0,
  );

function outputItem(seen: Seen, index: number, textLength: number): OutputItem | undefined {
  const { json, done, parts, part } = seen;
  if (done) return new PassedItem(json);
  const id = asText(json.id) ?? "";
  switch (json.type) {
    case "message": {
      const kind = part?.type === "refusal" ? "refusal" : "text";
      const open = part && ({ kind, text: part.text, annotations: part.annotations } as const);
      return MessageItem.after(id, index, textLength, parts, open);
    }
    case "reasoning": {
      const open = part && { summary: part.type === "summary_text", text: part.text };
      return new PassedReasoning(json, index, parts, open);
    }
    case "function_call": {
      const call = new CallItem(id, index, asText(json.call_id) ?? "", toolName(json));
      if (seen.arguments !== "") call.add(seen.arguments);
      return call;
    }
    default:
      return undefined;
  }
}
