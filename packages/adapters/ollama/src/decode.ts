/** Ollama's answers as events: one JSON object, or one per line, of which the last has `done`. */
import {
  ANSWER_CUT,
  asArray,
  asCount,
  asObject,
  asText,
  EVENT_TOO_LARGE,
  isObject,
  LineFramer,
  notAnAnswer,
  parseExact,
  readErrorValue,
  type StreamDecoder,
  ThinkText,
  upstreamError,
} from "@headgate/adapter-kit";
import {
  type ChatEvent,
  type FinishReason,
  type JsonObject,
  type JsonValue,
  present,
  type UpstreamError,
} from "@headgate/contract";

export const WANTED = "an Ollama answer";

export function decodeBody(bytes: Buffer): readonly ChatEvent[] {
  const text = bytes.toString("utf8");
  const value = parseExact(text);
  if (value !== undefined) {
    const events = new AnswerReader().read(value, text);
    return isTerminal(events.at(-1)) ? events : [{ type: "error", error: ANSWER_CUT }];
  }
  const cut = text.trimStart().startsWith("{");
  return [{ type: "error", error: cut ? ANSWER_CUT : notAnAnswer(text, WANTED) }];
}

export class ChatLineDecoder implements StreamDecoder {
  readonly #framer = new LineFramer();
  readonly #reader = new AnswerReader();
  #over = false;

  push(chunk: Buffer): readonly ChatEvent[] {
    const events: ChatEvent[] = [];
    if (this.#over) return events;
    for (const line of this.#framer.push(chunk)) {
      this.#take(line.toString("utf8"), false, events);
      if (this.#over) return events;
    }
    if (this.#framer.overflowed) this.#fail(EVENT_TOO_LARGE, events);
    return events;
  }

  end(): readonly ChatEvent[] {
    const events: ChatEvent[] = [];
    if (this.#over) return events;
    const last = this.#framer.end();
    if (last !== undefined) this.#take(last.toString("utf8"), true, events);
    if (!this.#over) this.#fail(ANSWER_CUT, events);
    return events;
  }

  #take(line: string, last: boolean, events: ChatEvent[]): void {
    if (line.trim() === "") return;
    const value = parseExact(line);
    if (value === undefined) {
      this.#fail(last && line.trimStart().startsWith("{") ? ANSWER_CUT : notAnAnswer(line, WANTED), events);
      return;
    }
    events.push(...this.#reader.read(value, line));
    this.#over = isTerminal(events.at(-1));
  }

  #fail(error: UpstreamError, events: ChatEvent[]): void {
    this.#over = true;
    events.push({ type: "error", error });
  }
}

const isTerminal = (event: ChatEvent | undefined): boolean =>
  event?.type === "end" || event?.type === "error";

export class AnswerReader {
  #started = false;
  #calls = 0;
  /** The digits of the answer's time, down to its nanoseconds: ids of calls must differ over the turns of a conversation. */
  #turn = "";
  /** Servers separate thinking from text where they can; templates of older models write both as one. */
  readonly #thinking = new ThinkText();

  /** The events of one object; the last is terminal when the object is. */
  read(value: JsonValue, text: string): ChatEvent[] {
    const message = isObject(value) ? messageOf(value) : undefined;
    const found = isObject(value) && message === undefined ? errorOf(value) : undefined;
    if (found !== undefined) return [{ type: "error", error: found }];
    if (!isObject(value) || (message === undefined && value.done !== true)) {
      return [{ type: "error", error: notAnAnswer(text, WANTED) }];
    }
    const events: ChatEvent[] = [];
    if (!this.#started) {
      events.push(startOf(value));
      this.#turn = (asText(value.created_at) ?? "").replace(/\D/g, "");
    }
    this.#started = true;
    this.#readMessage(message ?? {}, events);
    if (value.done === true) this.#readEnd(value, events);
    return events;
  }

  #readMessage(message: JsonObject, events: ChatEvent[]): void {
    const thinking = asText(message.thinking);
    if (thinking !== undefined) events.push({ type: "reasoning", text: thinking });
    const text = asText(message.content);
    if (text !== undefined) events.push(...this.#thinking.push(text));
    // Each call is whole; Ollama's own index is 0 for all of them in some versions.
    const calls = asArray(message.tool_calls) ?? [];
    if (calls.length > 0) events.push(...this.#thinking.flush());
    for (const item of calls) {
      const fn = asObject(asObject(item)?.function);
      const name = asText(fn?.name);
      if (fn === undefined || name === undefined) continue;
      const index = this.#calls++;
      // Older servers give calls no id.
      const id =
        asText(asObject(item)?.id) ?? ["call", this.#turn, index].filter((part) => part !== "").join("_");
      const args = typeof fn.arguments === "string" ? fn.arguments : JSON.stringify(fn.arguments ?? {});
      events.push({ type: "tool-call", index, id, name, arguments: args });
    }
  }

  #readEnd(value: JsonObject, events: ChatEvent[]): void {
    events.push(...this.#thinking.flush());
    events.push({ type: "finish", reason: this.#finishReason(value.done_reason) });
    // A fully cached prompt leaves its count out.
    const inputTokens = asCount(value.prompt_eval_count ?? 0);
    const outputTokens = asCount(value.eval_count);
    if (inputTokens !== undefined && outputTokens !== undefined) {
      events.push({ type: "usage", usage: { inputTokens, outputTokens } });
    }
    events.push({ type: "end" });
  }

  #finishReason(reason: JsonValue | undefined): FinishReason {
    if (reason === "length") return "length";
    return this.#calls > 0 ? "tool_calls" : "stop";
  }
}

/** The message of `/api/chat`, or the same fields as `/api/generate` has them. */
function messageOf(value: JsonObject): JsonObject | undefined {
  const message = asObject(value.message);
  if (message !== undefined || typeof value.response !== "string") return message;
  const { response: content, thinking, tool_calls } = value;
  return present({ content, thinking, tool_calls });
}

function startOf(value: JsonObject): ChatEvent {
  const model = asText(value.model);
  const createdMs = Date.parse(asText(value.created_at) ?? "");
  return {
    type: "start",
    ...present({ model }),
    ...(Number.isNaN(createdMs) ? {} : { createdAtS: Math.floor(createdMs / 1000) }),
  };
}

/** `{"error": "…"}`; Ollama's cloud adds `StatusCode`. */
function errorOf(value: JsonObject): UpstreamError | undefined {
  const found = value.error === undefined ? undefined : readErrorValue(value);
  if (found === undefined) return undefined;
  const status = asCount(value.StatusCode);
  return { ...upstreamError(found), ...present({ status }) };
}
