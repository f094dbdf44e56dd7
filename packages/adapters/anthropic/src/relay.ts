/** Relays an Anthropic stream to a client of the same wire: bytes pass unchanged, and their meaning is read. */
import {
  ANSWER_CUT,
  asObject,
  EVENT_MALFORMED,
  EVENT_TOO_LARGE,
  eventError,
  type FrameWatcher,
  isObject,
  namedBytes,
  nonStreamError,
  type PassingKind,
  parseJson,
  passNamed,
  payloadText,
  type RelayWriter,
  type SseFrame,
  SseRelay,
  type StreamRelay,
} from "@headgate/adapter-kit";
import type { JsonObject, UpstreamError } from "@headgate/contract";
import { findError } from "./answer-error.ts";
import { isDelta } from "./delta.ts";
import { UsageReader } from "./usage.ts";

export const relayMessages = (): StreamRelay => new SseRelay((writer) => new MessageWatcher(writer));

class MessageWatcher implements FrameWatcher {
  readonly #usage = new UsageReader();
  readonly #writer: RelayWriter;
  #committed = false;

  constructor(writer: RelayWriter) {
    this.#writer = writer;
  }

  close(): void {
    this.#fail(ANSWER_CUT);
  }

  tooLarge(): void {
    this.#fail(EVENT_TOO_LARGE);
  }

  take(frame: SseFrame): void {
    const { kind, event, text, dataStart, dataEnd } = frame;
    if (kind === "data" && event === "content_block_delta" && isDelta(text, dataStart, dataEnd)) {
      this.#committed = true;
      this.#pass("content", frame, event);
    } else if (kind === "comment") this.#pass("comment", frame, "");
    else if (kind === "unknown") this.#fail(nonStreamError(payloadText(frame), findError));
    else if (event === "error") this.#fail(eventError(payloadText(frame)));
    else this.#takeEvent(frame);
  }

  #takeEvent(frame: SseFrame): void {
    const data = frame.text.slice(frame.dataStart, frame.dataEnd).trim();
    if (data === "") return;
    // Parsed as latin1, which is enough to classify it. An error is read again as UTF-8.
    const event = parseJson(data);
    if (!isObject(event)) {
      this.#fail(frame.partial ? ANSWER_CUT : EVENT_MALFORMED);
      return;
    }
    const error =
      findError(event) === undefined ? undefined : findError(asObject(parseJson(payloadText(frame))) ?? {});
    if (error !== undefined) {
      this.#fail(error);
      return;
    }
    const type = typeof event.type === "string" ? event.type : "";
    if (type === "message_stop") {
      this.#writer.finish(namedBytes(frame, type), this.#usage.usage);
      return;
    }
    if (type === "ping") {
      this.#pass("comment", frame, type);
      return;
    }
    if (isContent(event)) this.#committed = true;
    this.#pass(this.#committed ? "content" : "hold", frame, type);
    const counts = type === "message_start" ? asObject(event.message)?.usage : event.usage;
    if (counts !== undefined) {
      this.#usage.read(counts);
      this.#writer.count(this.#usage.usage);
      this.#writer.flush();
    }
  }

  #pass(kind: PassingKind, frame: SseFrame, type: string): void {
    passNamed(this.#writer, kind, frame, type);
  }

  #fail(error: UpstreamError): void {
    this.#writer.fail(error, this.#usage.usage);
  }
}

/** A delta, a stop reason other than the usual one, or a block with content in its start; text and thinking start empty. */
function isContent(event: JsonObject): boolean {
  if (event.type === "content_block_delta") return true;
  if (event.type === "message_delta") return asObject(event.delta)?.stop_reason !== "end_turn";
  if (event.type !== "content_block_start") return false;
  const { type, text, thinking } = asObject(event.content_block) ?? {};
  if (type === "text") return text !== undefined && text !== "";
  if (type === "thinking") return thinking !== undefined && thinking !== "";
  return true;
}
