/** Relays an OpenAI stream to a client of the same wire: bytes pass unchanged, and their meaning is read. */
import {
  ANSWER_CUT,
  EVENT_MALFORMED,
  EVENT_TOO_LARGE,
  eventError,
  type FrameWatcher,
  isObject,
  nonStreamError,
  type PassingKind,
  parseJson,
  passPlain,
  payloadText,
  type RelayOptions,
  type RelayWriter,
  type SseFrame,
  SseRelay,
  type StreamRelay,
} from "@headgate/adapter-kit";
import type { JsonObject, UpstreamError, Usage } from "@headgate/contract";
import { type ChunkFacts, findError, readChunk } from "./chunk.ts";
import { ContentTemplate } from "./template.ts";

const DONE = Buffer.from("data: [DONE]\n\n");

export const relayChat = ({ includeUsage }: RelayOptions): StreamRelay =>
  new SseRelay((writer) => new ChatWatcher(writer, includeUsage));

class ChatWatcher implements FrameWatcher {
  readonly #template = new ContentTemplate();
  readonly #writer: RelayWriter;
  readonly #includeUsage: boolean;
  /** Choices by whether they finished. */
  readonly #choices = new Map<number, boolean>();
  #committed = false;
  #usage: Usage | undefined;

  constructor(writer: RelayWriter, includeUsage: boolean) {
    this.#writer = writer;
    this.#includeUsage = includeUsage;
  }

  close(): void {
    // Several providers send no [DONE]; with a finish reason for every choice the answer is whole.
    const whole = this.#choices.size > 0 && [...this.#choices.values()].every((finished) => finished);
    if (whole) this.#finish();
    else this.#fail(ANSWER_CUT);
  }

  tooLarge(): void {
    this.#fail(EVENT_TOO_LARGE);
  }

  take(frame: SseFrame): void {
    const { kind, text, dataStart, dataEnd } = frame;
    if (kind === "comment") {
      this.#pass("comment", frame);
      return;
    }
    if (kind === "unknown") {
      this.#fail(nonStreamError(payloadText(frame), findError));
      return;
    }
    if (frame.canonical && this.#template.matches(text, dataStart, dataEnd)) {
      this.#pass("content", frame);
      return;
    }
    const data = text.slice(dataStart, dataEnd).trim();
    if (data === "[DONE]") {
      this.#finish();
      return;
    }
    if (frame.event === "error") {
      this.#fail(eventError(payloadText(frame)));
      return;
    }
    if (data === "") return;
    // Parsed as latin1, which is enough to classify it. An error is read again as UTF-8.
    const chunk = parseJson(data);
    if (!isObject(chunk)) {
      this.#fail(frame.partial ? ANSWER_CUT : EVENT_MALFORMED);
      return;
    }
    const error = findError(chunk) === undefined ? undefined : findError(utf8Object(frame));
    if (error !== undefined) this.#fail(error);
    else this.#takeChunk(frame, data, chunk, readChunk(chunk));
  }

  #takeChunk(frame: SseFrame, data: string, chunk: JsonObject, facts: ChunkFacts): void {
    for (const { index, finished } of facts.choices) {
      this.#choices.set(index, finished || this.#choices.get(index) === true);
    }
    if (facts.usage !== undefined) {
      this.#usage = facts.usage;
      if (facts.choices.length === 0 && !this.#includeUsage) return;
    }
    if (facts.content) this.#committed = true;
    this.#pass(this.#committed ? "content" : "hold", frame);
    this.#writer.count(facts.usage);
    const [choice] = Array.isArray(chunk.choices) ? chunk.choices : [];
    const plain =
      facts.usage === undefined && facts.choices.length === 1 && facts.choices[0]?.finished === false;
    if (plain && isObject(choice) && isObject(choice.delta)) this.#template.learn(data, choice.delta);
  }

  #pass(kind: PassingKind, frame: SseFrame): void {
    passPlain(this.#writer, kind, frame);
  }

  #finish(): void {
    this.#writer.finish(DONE, this.#usage);
  }

  #fail(error: UpstreamError): void {
    this.#writer.fail(error, this.#usage);
  }
}

function utf8Object(frame: SseFrame): JsonObject {
  const value = parseJson(payloadText(frame));
  return isObject(value) ? value : {};
}
