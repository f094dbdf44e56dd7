/** A Response object and its stream, made from canonical events. */
import type { ChatEvent, FinishReason, JsonObject, Usage } from "@headgate/contract";
import type { StreamEncoder } from "../../../codec/surface-request.ts";
import type { ClientError } from "../../../http/client-error.ts";
import { shownMessage } from "../envelope.ts";
import { responseIdOf } from "./ids.ts";
import { Output, type OutputOptions, type PassedOutput } from "./output.ts";
import type { ResponseEvent } from "./output-item.ts";

export interface ResponseOptions extends OutputOptions {
  /** Fields that repeat the request. */
  readonly echo: JsonObject;
  readonly nowMs: () => number;
  /** Called with the whole Response, once, when it is complete or incomplete. */
  readonly onWhole: (response: JsonObject) => void;
}

/** What a client has of a response that passed unread. */
export interface PassedResponse {
  /** The response as its upstream opened it. */
  readonly opened: JsonObject;
  readonly output: PassedOutput;
  /** The number of the next event. */
  readonly sequence: number;
}

type Status = "in_progress" | "completed" | "incomplete" | "failed";

/** Why an answer is not whole, by OpenAI's names. */
const INCOMPLETE: Partial<Record<FinishReason, string>> = {
  length: "max_output_tokens",
  content_filter: "content_filter",
};

/** More events than any stream has. */
const PASSED_SEQUENCE = 1_000_000;

export class ResponseEncoder implements StreamEncoder {
  readonly #options: ResponseOptions;
  #output: Output;
  readonly #createdAtS: number;
  #model: string;
  #usage: Usage | undefined;
  #finish: FinishReason = "stop";
  #started = false;
  #sequence = 0;
  /** Set after a stream that passed unread. */
  #opened: JsonObject = {};

  /** Goes on after a stream that passed unread. */
  static after(
    options: ResponseOptions,
    { opened: { status: _, output: __, usage: ___, ...opened }, output, sequence }: PassedResponse,
    nowS: number,
  ): ResponseEncoder {
    const encoder = new ResponseEncoder(options, "", nowS);
    encoder.#opened = opened;
    encoder.#output = Output.after(options, output);
    encoder.#started = true;
    encoder.#sequence = sequence;
    return encoder;
  }

  constructor(options: ResponseOptions, model: string, createdAtS: number) {
    this.#options = options;
    this.#output = new Output(options);
    this.#model = model;
    this.#createdAtS = createdAtS;
  }

  encode(event: ChatEvent): Buffer | undefined {
    const events = this.#take(event);
    const opening = this.#started ? "" : this.#begin();
    return opening === "" && events.length === 0 ? undefined : Buffer.from(opening + this.#frames(events));
  }

  end(): Buffer {
    const opening = this.#started ? "" : this.#begin();
    const closing = this.#frames(this.#output.end(this.#itemStatus));
    const response = this.#whole();
    const type = response.status === "incomplete" ? "response.incomplete" : "response.completed";
    return Buffer.from(opening + closing + this.#frame(type, `"response":${JSON.stringify(response)}`));
  }

  /** The whole answer at once. */
  body(events: readonly ChatEvent[]): Buffer {
    for (const event of events) this.#take(event);
    this.#output.end(this.#itemStatus);
    return Buffer.from(JSON.stringify(this.#whole()));
  }

  /**
   * The last bytes of a stream that broke: the error in the nested form that all clients see, then the response that
   * failed, with what there was of it.
   */
  fail(error: ClientError): Buffer {
    const opening = this.#started ? "" : this.#begin();
    const { code = null, param = null, type } = error;
    const message = shownMessage(error);
    const errorEvent = this.#frame("error", `"error":${JSON.stringify({ type, code, message, param })}`);
    this.#output.end("incomplete");
    const failed = this.#response("failed", { error: { code: failureCode(error), message } });
    return Buffer.from(
      opening + errorEvent + this.#frame("response.failed", `"response":${JSON.stringify(failed)}`),
    );
  }

  /**
   * The same for a stream that passed unread: without opening events, which its upstream sent, and with a sequence number
   * above all of its own.
   */
  failPassed(error: ClientError): Buffer {
    this.#started = true;
    this.#sequence = PASSED_SEQUENCE;
    return this.fail(error);
  }

  #take(event: ChatEvent): ResponseEvent[] {
    if (event.type === "start" && event.model !== undefined && !this.#started) this.#model = event.model;
    if (event.type === "usage") this.#usage = event.usage;
    // Items stay open: some upstreams send citations after the finish reason.
    if (event.type === "finish") this.#finish = event.reason;
    return this.#output.take(event);
  }

  get #itemStatus() {
    return INCOMPLETE[this.#finish] === undefined ? "completed" : "incomplete";
  }

  #whole(): JsonObject {
    const reason = INCOMPLETE[this.#finish];
    const response =
      reason === undefined
        ? this.#response("completed", { completed_at: Math.floor(this.#options.nowMs() / 1000) })
        : this.#response("incomplete", { incomplete_details: { reason } });
    this.#options.onWhole(response);
    return response;
  }

  #response(status: Status, more: JsonObject = {}): JsonObject {
    return {
      id: responseIdOf(this.#options.stem),
      object: "response",
      created_at: this.#createdAtS,
      status,
      completed_at: null,
      error: null,
      incomplete_details: null,
      model: this.#model,
      output: this.#output.json(),
      access_programs: null,
      ...this.#options.echo,
      ...this.#opened,
      usage: this.#usage === undefined ? null : responseUsage(this.#usage),
      ...more,
    };
  }

  #begin(): string {
    this.#started = true;
    // No output exists yet: the opening events come before the first item's.
    const fields = `"response":${JSON.stringify({ ...this.#response("in_progress"), output: [] })}`;
    return this.#frame("response.created", fields) + this.#frame("response.in_progress", fields);
  }

  #frames(events: readonly ResponseEvent[]): string {
    let frames = "";
    for (const { type, ...fields } of events)
      frames += this.#frame(type, JSON.stringify(fields).slice(1, -1));
    return frames;
  }

  /** @param fields JSON text of an object's inside */
  #frame(type: string, fields: string): string {
    const number = this.#sequence;
    this.#sequence += 1;
    return `event: ${type}\ndata: {"type":"${type}","sequence_number":${number},${fields}}\n\n`;
  }
}

/** OpenAI's codes of a failed response; clients act on these. */
function failureCode({ code }: ClientError): string {
  if (code === "context_window" || code === "context_length_exceeded") return "context_length_exceeded";
  return code === "rate_limit" || code === "rate_limit_exceeded" ? "rate_limit_exceeded" : "server_error";
}

export const responseUsage = (usage: Usage): JsonObject => ({
  input_tokens: usage.inputTokens,
  input_tokens_details: {
    cached_tokens: usage.cachedInputTokens ?? 0,
    cache_write_tokens: usage.cacheWriteInputTokens ?? 0,
  },
  output_tokens: usage.outputTokens,
  output_tokens_details: { reasoning_tokens: usage.reasoningTokens ?? 0 },
  total_tokens: usage.inputTokens + usage.outputTokens,
});
