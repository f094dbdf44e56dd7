/** Folds a list of events into the whole answer. */
import {
  type ChatEvent,
  type Citation,
  type FinishReason,
  present,
  type ReasoningPart,
  type Sealed,
  type ToolCall,
  type UpstreamError,
  type Usage,
} from "@headgate/contract";

export interface FoldedAnswer {
  readonly id?: string;
  readonly model?: string;
  readonly createdAtS?: number;
  readonly text: string;
  /** The last seal that came with the text. */
  readonly sealed?: Sealed;
  readonly reasoning: string;
  /** The reasoning in its sealed parts; set only where one is sealed. */
  readonly reasoningParts?: readonly ReasoningPart[];
  readonly refusal: string;
  /** Set only where there are any. */
  readonly citations?: readonly Citation[];
  /** In the order they began. */
  readonly toolCalls: readonly ToolCall[];
  readonly finish?: FinishReason;
  readonly usage?: Usage;
  /** Set when the answer broke off; the other fields hold the events before that. */
  readonly error?: UpstreamError;
  /** True when the upstream marked the answer as whole. */
  readonly complete: boolean;
}

export function foldEvents(events: Iterable<ChatEvent>): FoldedAnswer {
  let start: { id?: string; model?: string; createdAtS?: number } = {};
  const text: string[] = [];
  const reasoning: string[] = [];
  const reasoningParts: ReasoningPart[] = [];
  let unsealed = "";
  const refusal: string[] = [];
  const citations: Citation[] = [];
  const calls = new Map<number, ToolCall>();
  let sealed: Sealed | undefined;
  let finish: FinishReason | undefined;
  let usage: Usage | undefined;
  let error: UpstreamError | undefined;
  let complete = false;
  for (const event of events) {
    switch (event.type) {
      case "start": {
        const { type: _, ...rest } = event;
        start = { ...start, ...rest };
        break;
      }
      case "text":
        text.push(event.text);
        sealed = event.sealed ?? sealed;
        break;
      case "reasoning":
        reasoning.push(event.text);
        unsealed += event.text;
        if (event.sealed !== undefined) {
          const { type: _, ...part } = event;
          if (part.redacted && unsealed !== "") reasoningParts.push({ text: unsealed });
          reasoningParts.push({ ...part, text: part.redacted ? "" : unsealed });
          unsealed = "";
        }
        break;
      case "refusal":
        refusal.push(event.text);
        break;
      case "citation":
        citations.push(event.citation);
        break;
      case "tool-call": {
        const call: ToolCall = calls.get(event.index) ?? { id: "", name: "", arguments: "" };
        calls.set(event.index, {
          ...call,
          ...present({ sealed: event.sealed }),
          id: event.id ?? call.id,
          name: event.name ?? call.name,
          arguments: call.arguments + (event.arguments ?? ""),
        });
        break;
      }
      case "finish":
        finish = event.reason;
        break;
      case "usage":
        usage = event.usage;
        break;
      case "error":
        error = event.error;
        break;
      case "end":
        complete = true;
        break;
    }
  }
  return {
    ...start,
    text: text.join(""),
    ...present({ sealed }),
    reasoning: reasoning.join(""),
    ...(reasoningParts.length === 0
      ? {}
      : { reasoningParts: unsealed === "" ? reasoningParts : [...reasoningParts, { text: unsealed }] }),
    refusal: refusal.join(""),
    ...(citations.length === 0 ? {} : { citations }),
    toolCalls: [...calls.values()],
    ...present({ finish, usage, error }),
    complete,
  };
}
