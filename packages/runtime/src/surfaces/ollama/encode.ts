/** Canonical events as Ollama's answers: whole, or as lines of a stream. */
import { foldEvents, parseExact } from "@headgate/adapter-kit";
import { type ChatEvent, type FinishReason, present, type ToolCall, type Usage } from "@headgate/contract";
import type { StreamEncoder } from "../../codec/surface-request.ts";
import { CallCollector } from "../call-collector.ts";

/** The route of an answer: the two put the text in different fields. */
export type Form = "chat" | "generate";

interface Words {
  readonly content?: string;
  readonly thinking?: string;
  readonly toolCalls?: readonly ToolCall[];
}

const line = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value)}\n`);

function message(
  form: Form,
  { content = "", thinking = "", toolCalls = [] }: Words,
): Record<string, unknown> {
  if (form === "generate") return { response: content, ...(thinking === "" ? {} : { thinking }) };
  return {
    message: {
      role: "assistant",
      content,
      ...(thinking === "" ? {} : { thinking }),
      ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls.map(calledAs) }),
    },
  };
}

/** Ollama's arguments are an object. Arguments that are no JSON are kept as text under one key. */
const calledAs = (call: ToolCall, index: number): Record<string, unknown> => {
  const parsed = call.arguments === "" ? {} : parseExact(call.arguments);
  return {
    id: call.id,
    function: { index, name: call.name, arguments: parsed ?? { unparsed: call.arguments } },
  };
};

/**
 * In ns. Up to the first content the prompt is read, and a model may be loaded; clients divide the tokens by the rest.
 * @param firstNs when the first content came; undefined for a whole answer, all of whose time counts as generation
 */
const figures = (usage: Usage | undefined, elapsedNs: number, firstNs?: number): Record<string, number> => ({
  total_duration: elapsedNs,
  ...present({ prompt_eval_count: usage?.inputTokens, prompt_eval_duration: firstNs }),
  ...present({ eval_count: usage?.outputTokens }),
  eval_duration: elapsedNs - (firstNs ?? 0),
});

const doneReason = (finish: FinishReason | undefined): string => (finish === "length" ? "length" : "stop");

/** @param elapsedNs since the request came */
export function encodeOllamaBody(
  form: Form,
  events: readonly ChatEvent[],
  model: string,
  createdAtS: number,
  elapsedNs: () => number,
): Buffer {
  const answer = foldEvents(events);
  return Buffer.from(
    JSON.stringify({
      model,
      created_at: new Date(createdAtS * 1000).toISOString(),
      ...message(form, {
        content: answer.text === "" ? answer.refusal : answer.text,
        thinking: answer.reasoning,
        toolCalls: answer.toolCalls,
      }),
      done: true,
      done_reason: doneReason(answer.finish),
      ...figures(answer.usage, elapsedNs()),
    }),
  );
}

export class OllamaLineEncoder implements StreamEncoder {
  readonly #form: Form;
  readonly #base: { model: string; created_at: string };
  readonly #elapsedNs: () => number;
  readonly #calls = new CallCollector();
  #firstNs: number | undefined;
  #finish: FinishReason | undefined;
  #usage: Usage | undefined;

  constructor(form: Form, model: string, createdAtS: number, elapsedNs: () => number) {
    this.#form = form;
    this.#base = { model, created_at: new Date(createdAtS * 1000).toISOString() };
    this.#elapsedNs = elapsedNs;
  }

  encode(event: ChatEvent): Buffer | undefined {
    switch (event.type) {
      case "text":
      case "refusal":
        return event.text === "" ? undefined : this.#line({ content: event.text });
      case "reasoning":
        return event.text === "" ? undefined : this.#line({ thinking: event.text });
      case "tool-call":
        this.#calls.add(event);
        return undefined;
      case "finish":
        this.#finish = event.reason;
        return this.#called();
      case "usage":
        this.#usage = event.usage;
        return undefined;
      default:
        return undefined;
    }
  }

  end(): Buffer {
    const done = {
      ...this.#base,
      ...message(this.#form, {}),
      done: true,
      done_reason: doneReason(this.#finish),
      ...figures(this.#usage, this.#elapsedNs(), this.#firstNs),
    };
    return Buffer.concat([this.#called() ?? Buffer.alloc(0), line(done)]);
  }

  withdrawCalls(): void {
    this.#calls.take();
  }

  #line(words: Words): Buffer {
    this.#firstNs ??= this.#elapsedNs();
    return line({ ...this.#base, ...message(this.#form, words), done: false });
  }

  #called(): Buffer | undefined {
    const toolCalls = this.#calls.take();
    return toolCalls.length === 0 ? undefined : this.#line({ toolCalls });
  }
}
