/** Canonical events as a stream of GenerateContentResponses: events, or the elements of one JSON array. */
import type { ChatEvent, Citation, FinishReason, JsonObject, Usage } from "@headgate/contract";
import type { StreamEncoder } from "../../codec/surface-request.ts";
import type { ClientError } from "../../http/client-error.ts";
import { CallCollector } from "../call-collector.ts";
import { callParts, type Identity, response, textPart, thoughtPart } from "./encode.ts";
import { errorEnvelope } from "./envelope.ts";
import { grounding } from "./grounding.ts";

/** A whole answer, a stream of events, or a stream as one JSON array. */
export type Form = "whole" | "events" | "array";

/** How the pieces of a stream are separated. It keeps what was sent, so that an error fits after it. */
export interface Framing {
  readonly contentType: string;
  /** Bytes before the first piece that parsers skip; absent where they may not. */
  readonly keepAlive?: Buffer;
  frame(text: string): Buffer;
  end(): Buffer;
}

/** `alt=sse` */
export const eventFraming = (): Framing => ({
  contentType: "text/event-stream; charset=utf-8",
  // The JavaScript SDK searches for `data:` at the beginning of an event, so a comment would hide the event after it.
  keepAlive: Buffer.from("\n"),
  frame: (text) => Buffer.from(`data: ${text}\n\n`),
  end: () => Buffer.alloc(0),
});

/** Without it, or with `alt=json`. */
export function arrayFraming(): Framing {
  let opened = false;
  return {
    contentType: "application/json; charset=utf-8",
    frame(text) {
      const before = opened ? ",\r\n" : "[";
      opened = true;
      return Buffer.from(before + text);
    },
    end: () => Buffer.from(opened ? "\n]\n" : "[]\n"),
  };
}

/** The last piece of a stream that broke. */
export const errorPiece = (framing: Framing, error: ClientError): Buffer =>
  Buffer.concat([framing.frame(errorEnvelope(error)), framing.end()]);

export class ResponseStreamEncoder implements StreamEncoder {
  #identity: Identity;
  readonly #framing: Framing;
  readonly #calls = new CallCollector();
  #finish: FinishReason | undefined;
  #usage: Usage | undefined;
  readonly #citations: Citation[] = [];
  /** The text so far: sources have byte offsets in it. */
  readonly #texts: string[] = [];

  constructor(identity: Identity, framing: Framing) {
    this.#identity = identity;
    this.#framing = framing;
  }

  /** Goes on after a stream that passed unread, with these events: sources are counted from its beginning. */
  follow(passed: readonly ChatEvent[]): void {
    for (const event of passed) if (event.type === "text") this.#texts.push(event.text);
  }

  encode(event: ChatEvent): Buffer | undefined {
    switch (event.type) {
      case "start": {
        const { id = this.#identity.id, model = this.#identity.model } = event;
        this.#identity = { ...this.#identity, id, model };
        return undefined;
      }
      case "text":
        if (event.text === "" && event.sealed === undefined) return undefined;
        this.#texts.push(event.text);
        return this.#piece([textPart(event.text, event.sealed)]);
      case "citation":
        this.#citations.push(event.citation);
        return undefined;
      case "refusal":
        return event.text === "" ? undefined : this.#piece([textPart(event.text)]);
      case "reasoning":
        if (!this.#identity.showThoughts || (event.text === "" && event.sealed === undefined))
          return undefined;
        return this.#piece([thoughtPart(event)]);
      case "tool-call":
        this.#calls.add(event);
        return undefined;
      case "finish":
        this.#finish = event.reason;
        return undefined;
      case "usage":
        this.#usage = event.usage;
        return undefined;
      default:
        return undefined;
    }
  }

  /**
   * Calls go with the last piece, because this wire cannot carry half a call. So do sources, as in Google's streams. Google's
   * last piece always has a part.
   */
  end(): Buffer {
    const calls = this.#calls.take();
    const parts = calls.length === 0 ? [textPart("")] : callParts(calls);
    const sources = grounding(this.#citations, this.#texts.join(""));
    const last = response(this.#identity, parts, this.#finish ?? "stop", this.#usage, sources);
    return Buffer.concat([this.#framing.frame(JSON.stringify(last)), this.#framing.end()]);
  }

  /** The SDKs throw on it. */
  fail(error: ClientError): Buffer {
    return errorPiece(this.#framing, error);
  }

  withdrawCalls(): void {
    this.#calls.take();
  }

  #piece(parts: readonly JsonObject[]): Buffer {
    return this.#framing.frame(JSON.stringify(response(this.#identity, parts)));
  }
}
