/** An OpenAI answer as events, for clients of other wires. */
import {
  ANSWER_CUT,
  asArray,
  asCount,
  asObject,
  asText,
  countCharacters,
  isObject,
  type JsonEventReader,
  jsonEventDecoder,
  parseExact,
  type StreamDecoder,
  ThinkText,
} from "@headgate/adapter-kit";
import {
  type ChatEvent,
  type FinishReason,
  type JsonObject,
  type JsonValue,
  ownValue,
  present,
} from "@headgate/contract";
import { CitationReader } from "./annotations.ts";
import { CallReader } from "./call-reader.ts";
import { findError, isUsable, usageOf } from "./chunk.ts";
import { bodyError } from "./inspect.ts";
import { ReasoningDetails } from "./reasoning-details.ts";

/** OpenAI's reasons, and other providers' names for the same. */
const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  eos: "stop",
  end_turn: "stop",
  stop_sequence: "stop",
  length: "length",
  max_tokens: "length",
  model_length: "length",
  tool_calls: "tool_calls",
  tool_use: "tool_calls",
  function_call: "tool_calls",
  content_filter: "content_filter",
  safety: "content_filter",
  refusal: "content_filter",
};

export function decodeBody(bytes: Buffer): readonly ChatEvent[] {
  const body = parseExact(bytes.toString("utf8"));
  if (!isObject(body) || findError(body) !== undefined || !isUsable(body)) {
    return [{ type: "error", error: bodyError(bytes) }];
  }
  const reader = new ChunkReader();
  return [...reader.read(body), ...reader.done()];
}

export const decodeStream = (): StreamDecoder => jsonEventDecoder({ findError }, new ChunkReader());

/** Turns parsed chunks (a whole answer is one chunk) into events. Only the first choice is read. */
class ChunkReader implements JsonEventReader {
  #started = false;
  #finished = false;
  readonly #calls = new CallReader();
  readonly #citations = new CitationReader();
  /** Length of the text so far, in characters. */
  #textLength = 0;
  readonly #thinking = new ThinkText();

  readonly #details = new ReasoningDetails();
  /** Text and reasoning that came between the pieces of a call. */
  #waiting: ChatEvent[] = [];

  done(): ChatEvent[] {
    return [...this.#remaining(), { type: "end" }];
  }

  /** Some providers send no `[DONE]`; with a finish reason the answer is whole. */
  close(): ChatEvent[] {
    return this.#finished ? [...this.#remaining(), { type: "end" }] : [{ type: "error", error: ANSWER_CUT }];
  }

  /** What is held back, once nothing more can come. */
  #remaining(): ChatEvent[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return [...this.#calls.flush(), ...waiting, ...this.#thinking.flush(), ...this.#details.take()];
  }

  read(chunk: JsonObject): ChatEvent[] {
    const events: ChatEvent[] = [];
    if (!this.#started) this.#start(chunk, events);
    this.#citations.collect(chunk);
    const choice = (asArray(chunk.choices) ?? [])
      .map((item) => asObject(item))
      .find((item) => item !== undefined && (item.index ?? 0) === 0);
    if (choice !== undefined) {
      const delta = asObject(choice.delta) ?? asObject(choice.message);
      if (delta !== undefined) this.#readDelta(delta, events);
      if (asText(choice.finish_reason) !== undefined) events.push(...this.#remaining());
      for (const event of events) if (event.type === "text") this.#textLength += countCharacters(event.text);
      events.push(...this.#citations.annotations(delta, this.#textLength));
      const reason = asText(choice.finish_reason);
      if (reason !== undefined) events.push(...this.#citations.listed(this.#textLength));
      if (reason !== undefined && !this.#finished) {
        this.#finished = true;
        events.push({ type: "finish", reason: this.#finishReason(reason) });
      }
    }
    // They may be in the usage chunk, after the finish reason.
    if (this.#finished) events.push(...this.#citations.listed(this.#textLength));
    const usage = usageOf(chunk);
    if (usage !== undefined) events.push({ type: "usage", usage });
    return events;
  }

  #start(chunk: JsonObject, events: ChatEvent[]): void {
    this.#started = true;
    const id = asText(chunk.id);
    const model = asText(chunk.model);
    const createdAtS = asCount(chunk.created);
    this.#calls.stem = id;
    events.push({
      type: "start",
      ...present({ id, model, createdAtS }),
    });
  }

  #readDelta(delta: JsonObject, events: ChatEvent[]): void {
    const reasoning = asText(delta.reasoning_content) ?? asText(delta.reasoning);
    const words: ChatEvent[] = reasoning === undefined ? [] : [{ type: "reasoning", text: reasoning }];
    this.#details.collect(delta);
    this.#readContent(delta.content, words);
    const refusal = asText(delta.refusal);
    if (refusal !== undefined) words.push({ type: "refusal", text: refusal });
    const calls = asArray(delta.tool_calls) ?? [];
    if (calls.length > 0) words.push(...this.#thinking.flush());
    // A client's wire may have no place for words inside a call: they follow it.
    if (this.#calls.open) this.#waiting.push(...words);
    else events.push(...this.#sealed(words, calls.length > 0));
    for (const [position, item] of calls.entries()) {
      const call = asObject(item);
      if (call !== undefined) events.push(...this.#calls.read(call, position));
      if (this.#waiting.length > 0 && !this.#calls.open) events.push(...this.#waiting.splice(0));
    }
    const legacy = asObject(delta.function_call);
    if (legacy !== undefined) events.push(...this.#calls.read({ function: legacy }, 0));
  }

  /** The seal over reasoning stands right behind it. */
  #sealed(words: readonly ChatEvent[], calls: boolean): readonly ChatEvent[] {
    const at = words.findIndex(({ type }) => type !== "reasoning");
    if (at < 0) return calls ? [...words, ...this.#details.take()] : words;
    return words.toSpliced(at, 0, ...this.#details.take());
  }

  /** Text, or Mistral's list of text and thinking parts. */
  #readContent(content: JsonValue | undefined, events: ChatEvent[]): void {
    const text = asText(content);
    if (text !== undefined) events.push(...this.#thinking.push(text));
    for (const item of asArray(content) ?? []) {
      const part = asObject(item);
      const words = asText(part?.text);
      if (words !== undefined) events.push({ type: "text", text: words });
      for (const thought of asArray(part?.thinking) ?? []) {
        const thinking = asText(asObject(thought)?.text);
        if (thinking !== undefined) events.push({ type: "reasoning", text: thinking });
      }
    }
  }

  #finishReason(reason: string): FinishReason {
    const known = ownValue(FINISH_REASONS, reason.toLowerCase()) ?? "stop";
    // Some providers send `stop` after a tool call; clients expect `tool_calls`.
    return known === "stop" && this.#calls.any ? "tool_calls" : known;
  }
}
