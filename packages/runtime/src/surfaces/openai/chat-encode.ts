/** Canonical events as a chat completion: whole, or as chunks of a stream. */
import { foldEvents } from "@headgate/adapter-kit";
import {
  type ChatEvent,
  type Citation,
  type JsonObject,
  present,
  type ReasoningPart,
} from "@headgate/contract";
import type { StreamEncoder } from "../../codec/surface-request.ts";
import { chatAnnotation } from "./annotations.ts";
import { encodeSeal } from "./extra-content.ts";
import { encodeThinkingBlocks } from "./thinking-blocks.ts";
import { openAiUsage } from "./usage.ts";

const DONE = Buffer.from("data: [DONE]\n\n");

export const frame = (value: unknown): Buffer => Buffer.from(`data: ${JSON.stringify(value)}\n\n`);

export function encodeChatBody(
  events: readonly ChatEvent[],
  id: string,
  model: string,
  createdAtS: number,
): Buffer {
  const answer = foldEvents(events);
  return Buffer.from(
    JSON.stringify({
      id: answer.id ?? id,
      object: "chat.completion",
      created: createdAtS,
      model: answer.model ?? model,
      choices: [
        {
          index: 0,
          message: {
            role: "assistant",
            content: answer.text === "" && answer.toolCalls.length > 0 ? null : answer.text,
            refusal: answer.refusal === "" ? null : answer.refusal,
            ...annotations(answer.citations ?? []),
            ...(answer.reasoning === "" ? {} : { reasoning_content: answer.reasoning }),
            ...encodeSeal(answer.sealed),
            ...encodeThinkingBlocks(answer.reasoningParts),
            ...(answer.toolCalls.length === 0
              ? {}
              : {
                  tool_calls: answer.toolCalls.map((call) => ({
                    id: call.id,
                    type: "function",
                    function: { name: call.name, arguments: call.arguments },
                    ...encodeSeal(call.sealed),
                  })),
                }),
          },
          logprobs: null,
          finish_reason: answer.finish ?? "stop",
        },
      ],
      ...present({ usage: answer.usage && openAiUsage(answer.usage) }),
    }),
  );
}

/** The member to spread into a message or a delta. */
function annotations(citations: readonly Citation[]): { readonly annotations?: readonly JsonObject[] } {
  const found = citations.map(chatAnnotation).filter((annotation) => annotation !== undefined);
  return found.length === 0 ? {} : { annotations: found };
}

/** What a client has of a stream that passed unread. */
export interface PassedChat {
  readonly id: string;
  readonly model: string;
  readonly createdAtS: number;
  /** True once the role was sent. */
  opened: boolean;
  /** True once the usage was sent. */
  counted: boolean;
  /** Calls in the order they began, with the upstream's index and id. */
  readonly calls: { readonly index: number; readonly id: string | undefined }[];
  /** True where the text began with `<think>` and that was not closed. */
  thinks: boolean;
}

export class ChatChunkEncoder implements StreamEncoder {
  readonly #base: { id: string; object: "chat.completion.chunk"; created: number; model: string };
  readonly #includeUsage: boolean;
  #opened = false;
  #usage: Buffer | undefined;
  /** Reasoning since the last seal. */
  #unsealed = "";
  readonly #sealed: ReasoningPart[] = [];
  /** Text that comes before the next text. */
  #before = "";
  /** The client's indices of calls that passed unread; of later calls they are the events'. */
  #callIndices: readonly number[] = [];
  #counted = false;

  /** Goes on after a stream that passed unread. */
  static after(
    { id, model, createdAtS, opened, counted, calls, thinks }: PassedChat,
    includeUsage: boolean,
  ): ChatChunkEncoder {
    const encoder = new ChatChunkEncoder(id, model, createdAtS, includeUsage);
    encoder.#opened = opened;
    encoder.#counted = counted;
    encoder.#before = thinks ? "\n</think>\n\n" : "";
    encoder.#callIndices = calls.map(({ index }) => index);
    return encoder;
  }

  constructor(id: string, model: string, createdAtS: number, includeUsage: boolean) {
    this.#base = { id, object: "chat.completion.chunk", created: createdAtS, model };
    this.#includeUsage = includeUsage;
  }

  encode(event: ChatEvent): Buffer | undefined {
    switch (event.type) {
      case "start":
        if (event.id !== undefined) this.#base.id = event.id;
        if (event.model !== undefined) this.#base.model = event.model;
        return undefined;
      case "text":
        return this.#text(event.text, encodeSeal(event.sealed));
      case "reasoning":
        return this.#reasoning(event);
      case "refusal":
        return this.#delta({ refusal: event.text });
      case "citation": {
        const delta = annotations([event.citation]);
        return delta.annotations === undefined ? undefined : this.#delta(delta);
      }
      case "tool-call":
        return this.#delta({
          tool_calls: [
            {
              index: this.#callIndex(event.index),
              ...(event.id === undefined ? {} : { id: event.id, type: "function" }),
              function: {
                ...present({ name: event.name }),
                arguments: event.arguments ?? "",
              },
              ...encodeSeal(event.sealed),
            },
          ],
        });
      case "finish":
        return this.#finish(event.reason);
      case "usage":
        if (this.#includeUsage && !this.#counted)
          this.#usage = frame({ ...this.#base, choices: [], usage: openAiUsage(event.usage) });
        return undefined;
      case "error":
      case "end":
        return undefined;
    }
  }

  end(): Buffer {
    return this.#usage === undefined ? DONE : Buffer.concat([this.#usage, DONE]);
  }

  #text(text: string, seal: JsonObject): Buffer {
    const content = this.#before + text;
    this.#before = "";
    return this.#delta({ content, ...seal });
  }

  /** A call that is new must not share the index of one that passed. */
  #callIndex(index: number): number {
    const known = this.#callIndices[index];
    if (known !== undefined || this.#callIndices.length === 0) return known ?? index;
    return Math.max(...this.#callIndices) + 1 + index - this.#callIndices.length;
  }

  /**
   * All signed thinking is sent whole and at once, before the end: clients join text, not blocks. Of two deltas some keep the
   * last one, and openai-python refuses the second, whose blocks have no index.
   */
  #finish(reason: string): Buffer {
    const blocks = encodeThinkingBlocks(this.#sealed);
    const end = (): Buffer => this.#delta({}, reason);
    return Object.keys(blocks).length === 0 ? end() : Buffer.concat([this.#delta(blocks), end()]);
  }

  #reasoning({ text, sealed, redacted }: ReasoningPart): Buffer | undefined {
    const thought = redacted ? "" : this.#unsealed + text;
    this.#unsealed = sealed === undefined ? thought : "";
    if (sealed !== undefined) this.#sealed.push({ text: thought, sealed, ...(redacted ? { redacted } : {}) });
    return text === "" ? undefined : this.#delta({ reasoning_content: text });
  }

  #delta(delta: Record<string, unknown>, finish: string | null = null): Buffer {
    const role = this.#opened ? {} : { role: "assistant" };
    this.#opened = true;
    return frame({
      ...this.#base,
      choices: [{ index: 0, delta: { ...role, ...delta }, logprobs: null, finish_reason: finish }],
      ...(this.#includeUsage ? { usage: null } : {}),
    });
  }
}
