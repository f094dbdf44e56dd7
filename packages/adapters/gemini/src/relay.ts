/** Relays a stream to a client of the same wire: its events pass unchanged. */
import {
  ANSWER_CUT,
  EVENT_TOO_LARGE,
  type FrameWatcher,
  type PassingKind,
  passPlain,
  type RelayWriter,
  readJsonEvent,
  type SseFrame,
  SseRelay,
  type StreamRelay,
} from "@headgate/adapter-kit";
import type { JsonObject, UpstreamError, Usage } from "@headgate/contract";
import { candidateOf, EVENTS, finishName, hasContent, readUsage } from "./chunk.ts";

export const relayChat = (): StreamRelay => new SseRelay((writer) => new ChatWatcher(writer));

class ChatWatcher implements FrameWatcher {
  readonly #writer: RelayWriter;
  #committed = false;
  #finished = false;
  #usage: Usage | undefined;

  constructor(writer: RelayWriter) {
    this.#writer = writer;
  }

  take(frame: SseFrame): void {
    const event = readJsonEvent(frame, EVENTS);
    if (event.kind === "object") this.#takeResponse(frame, event.value);
    else if (frame.kind === "comment") this.#pass("comment", frame);
    if (event.kind === "error") this.#fail(event.error);
  }

  close(): void {
    if (this.#finished) this.#writer.finish(Buffer.alloc(0), this.#usage);
    else this.#fail(ANSWER_CUT);
  }

  tooLarge(): void {
    this.#fail(EVENT_TOO_LARGE);
  }

  #takeResponse(frame: SseFrame, response: JsonObject): void {
    const candidate = candidateOf(response);
    const reason = finishName(candidate);
    if (reason !== undefined) this.#finished = true;
    if ((reason !== undefined && reason !== "STOP") || hasContent(candidate)) this.#committed = true;
    this.#pass(this.#committed ? "content" : "hold", frame);
    const usage = readUsage(response.usageMetadata);
    this.#writer.count(usage);
    this.#usage = usage ?? this.#usage;
  }

  #pass(kind: PassingKind, frame: SseFrame): void {
    passPlain(this.#writer, kind, frame);
  }

  #fail(error: UpstreamError): void {
    this.#writer.fail(error, this.#usage);
  }
}
