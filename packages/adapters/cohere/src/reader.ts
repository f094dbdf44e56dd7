/** Cohere's answers and stream events as canonical events. */
import { asArray, asCount, asObject, asText } from "@headgate/adapter-kit";
import {
  type ChatEvent,
  type FinishReason,
  type JsonObject,
  type JsonValue,
  ownValue,
  present,
  type UpstreamError,
  type Usage,
} from "@headgate/contract";

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  COMPLETE: "stop",
  STOP_SEQUENCE: "stop",
  MAX_TOKENS: "length",
  // The model's context window was full.
  ERROR_LIMIT: "length",
  TOOL_CALL: "tool_calls",
  ERROR_TOXIC: "content_filter",
};

/** Reasons that mean the answer is not whole. */
const FAILURES: Readonly<Record<string, UpstreamError>> = {
  ERROR: { class: "server_error", message: "the upstream stopped with finish_reason ERROR" },
  TIMEOUT: { class: "timeout", message: "the upstream stopped with finish_reason TIMEOUT" },
  USER_CANCEL: { class: "server_error", message: "the upstream stopped with finish_reason USER_CANCEL" },
};

/** Emits one start event and numbers the tool calls; one reader per answer. */
export class AnswerReader {
  /** Cohere's index of a call → ours. */
  readonly #calls = new Map<number, number>();
  #count = 0;
  #started = false;

  start(id: JsonValue | undefined): ChatEvent[] {
    if (this.#started) return [];
    this.#started = true;
    const text = asText(id);
    return [{ type: "start", ...present({ id: text }) }];
  }

  /** One part of a message's content, or a piece of one. */
  content(value: JsonValue | undefined): ChatEvent[] {
    if (typeof value === "string") return value === "" ? [] : [{ type: "text", text: value }];
    const part = asObject(value);
    const thinking = asText(part?.thinking);
    const text = asText(part?.text);
    return [
      ...(thinking === undefined ? [] : [{ type: "reasoning", text: thinking } as const]),
      ...(text === undefined ? [] : [{ type: "text", text } as const]),
    ];
  }

  /** The text before tool calls. */
  plan(value: JsonValue | undefined): ChatEvent[] {
    const text = asText(value);
    return text === undefined ? [] : [{ type: "reasoning", text }];
  }

  /** A call, or a piece of one. `index` is Cohere's. */
  call(value: JsonValue | undefined, index: number): ChatEvent[] {
    const call = asObject(asArray(value)?.[0] ?? value);
    if (call === undefined) return [];
    const fn = asObject(call.function);
    const id = asText(call.id);
    const name = asText(fn?.name);
    const args = asText(fn?.arguments);
    let known = this.#calls.get(index);
    const fresh = known === undefined || (id !== undefined && name !== undefined);
    if (known === undefined || fresh) {
      known = this.#count++;
      this.#calls.set(index, known);
    }
    return [
      {
        type: "tool-call",
        index: known,
        ...(fresh ? { id: id ?? `call_${known}` } : {}),
        // As frequent as pieces of text: cheaper than `present`.
        ...(name === undefined ? {} : { name }),
        ...(args === undefined ? {} : { arguments: args }),
      },
    ];
  }

  /** The end, from an answer or from a stream's last event: both carry a reason and the usage. */
  finish(last: JsonObject): ChatEvent[] {
    const reason = asText(last.finish_reason) ?? "COMPLETE";
    const message = asText(last.error);
    const failure = ownValue(FAILURES, reason) ?? (message === undefined ? undefined : FAILURES.ERROR);
    if (failure !== undefined) {
      return [{ type: "error", error: message === undefined ? failure : { ...failure, message } }];
    }
    const usage = readUsage(last.usage);
    return [
      { type: "finish", reason: ownValue(FINISH_REASONS, reason) ?? "stop" },
      ...(usage === undefined ? [] : [{ type: "usage", usage } as const]),
      { type: "end" },
    ];
  }
}

/** `tokens` counts all that the model read and wrote; `billed_units`, without the provider's own prompt, is the fallback. */
function readUsage(value: JsonValue | undefined): Usage | undefined {
  const usage = asObject(value);
  for (const counts of [asObject(usage?.tokens), asObject(usage?.billed_units)]) {
    const inputTokens = asCount(counts?.input_tokens);
    const outputTokens = asCount(counts?.output_tokens ?? 0);
    if (counts === undefined || inputTokens === undefined || outputTokens === undefined) continue;
    const cached = asCount(usage?.cached_tokens);
    return { inputTokens, outputTokens, ...present({ cachedInputTokens: cached }) };
  }
  return undefined;
}
