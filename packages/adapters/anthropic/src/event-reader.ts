/** Turns the parsed events of a stream into canonical ones. */
import { asArray, asObject, asText, countCharacters } from "@headgate/adapter-kit";
import {
  type ChatEvent,
  type FinishReason,
  type JsonObject,
  type JsonValue,
  ownValue,
  present,
} from "@headgate/contract";
import { readCitation } from "./citations.ts";
import { UsageReader } from "./usage.ts";
import { WIRE } from "./wire.ts";

/** `pause_turn` leaves the turn unfinished; its counterpart on other wires is the length limit. */
const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  pause_turn: "length",
  tool_use: "tool_calls",
  refusal: "content_filter",
};

interface Block {
  readonly type: string;
  /** The tool call's index among the answer's calls. */
  readonly call: number;
  /** The input in a tool call's start, used when no argument pieces follow. */
  readonly input: JsonValue | undefined;
  /** The position of its text in the answer's, in characters. */
  readonly start: number;
  /** Of its text; emitted once the block is whole. */
  readonly citations: JsonValue[];
  signature: string;
  hasArguments: boolean;
}

export class EventReader {
  readonly #usage = new UsageReader();
  /** By the wire's index. */
  readonly #blocks = new Map<JsonValue | undefined, Block>();
  #calls = 0;
  /** Length of the text so far, in characters. */
  #textLength = 0;
  #finished = false;

  /** The events of one stream event; none for an unknown type. Only `message_stop` makes the answer whole. */
  read(event: JsonObject): ChatEvent[] {
    const events: ChatEvent[] = [];
    switch (event.type) {
      case "message_start":
        this.#start(asObject(event.message) ?? {}, events);
        break;
      case "content_block_start":
        this.#open(event.index, asObject(event.content_block) ?? {}, events);
        break;
      case "content_block_delta":
        this.#delta(this.#blocks.get(event.index), asObject(event.delta) ?? {}, events);
        break;
      case "content_block_stop":
        this.#close(event.index, events);
        break;
      case "message_delta":
        this.#finish(asObject(event.delta)?.stop_reason, event.usage, events);
        break;
      case "message_stop":
        events.push({ type: "end" });
    }
    return events;
  }

  /** A whole message is the same events at once. */
  readWhole(message: JsonObject): ChatEvent[] {
    const events: ChatEvent[] = [];
    this.#start(message, events);
    for (const [index, item] of (asArray(message.content) ?? []).entries()) {
      this.#open(index, asObject(item) ?? {}, events);
      this.#close(index, events);
    }
    this.#finish(message.stop_reason, undefined, events);
    return events;
  }

  #start(message: JsonObject, events: ChatEvent[]): void {
    const id = asText(message.id);
    const model = asText(message.model);
    this.#usage.read(message.usage);
    events.push({
      type: "start",
      ...present({ id, model }),
    });
  }

  #open(index: JsonValue | undefined, block: JsonObject, events: ChatEvent[]): void {
    const type = asText(block.type) ?? "";
    const calls = type === "tool_use";
    const call = calls ? this.#calls++ : -1;
    const opened: Block = {
      type,
      call,
      input: block.input,
      start: this.#textLength,
      citations: [...(asArray(block.citations) ?? [])],
      signature: "",
      hasArguments: false,
    };
    this.#blocks.set(index, opened);
    if (calls) {
      const id = asText(block.id) ?? `toolu_${call}`;
      events.push({ type: "tool-call", index: call, id, name: asText(block.name) ?? "" });
    } else if (type === "redacted_thinking") {
      const sealed = { wire: WIRE, data: asText(block.data) ?? "" };
      events.push({ type: "reasoning", text: "", sealed, redacted: true });
    } else this.#delta(opened, block, events);
  }

  #delta(block: Block | undefined, delta: JsonObject, events: ChatEvent[]): void {
    const text = asText(delta.text);
    if (text !== undefined) {
      this.#textLength += countCharacters(text);
      events.push({ type: "text", text });
    }
    const thinking = asText(delta.thinking);
    if (thinking !== undefined) events.push({ type: "reasoning", text: thinking });
    if (block === undefined) return;
    block.signature += asText(delta.signature) ?? "";
    if (delta.citation !== undefined) block.citations.push(delta.citation);
    const args = asText(delta.partial_json);
    if (args === undefined || block.call < 0) return;
    block.hasArguments = true;
    events.push({ type: "tool-call", index: block.call, arguments: args });
  }

  #close(index: JsonValue | undefined, events: ChatEvent[]): void {
    const block = this.#blocks.get(index);
    if (block === undefined) return;
    this.#blocks.delete(index);
    for (const cited of block.citations)
      events.push(...readCitation(cited, { start: block.start, end: this.#textLength }));
    if (block.signature !== "") {
      events.push({ type: "reasoning", text: "", sealed: { wire: WIRE, data: block.signature } });
    }
    if (block.call >= 0 && !block.hasArguments) {
      events.push({ type: "tool-call", index: block.call, arguments: JSON.stringify(block.input ?? {}) });
    }
  }

  #finish(reason: JsonValue | undefined, usage: JsonValue | undefined, events: ChatEvent[]): void {
    this.#usage.read(usage);
    const name = asText(reason);
    if (name !== undefined && !this.#finished) {
      this.#finished = true;
      events.push({ type: "finish", reason: ownValue(FINISH_REASONS, name) ?? "stop" });
    }
    const counted = this.#usage.usage;
    if (counted !== undefined) events.push({ type: "usage", usage: counted });
  }
}
