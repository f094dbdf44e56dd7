/** Translates another wire's stream into the pieces that a native stream gives. */
import type { RelayPiece, StreamDecoder, StreamRelay } from "@headgate/adapter-kit";
import type { ChatEvent } from "@headgate/contract";
import { isContent, type StreamEncoder } from "./surface-request.ts";

const NOTHING = Buffer.alloc(0);

export class TranslatingRelay implements StreamRelay {
  readonly #decoder: StreamDecoder;
  readonly #encoder: StreamEncoder;

  constructor(decoder: StreamDecoder, encoder: StreamEncoder) {
    this.#decoder = decoder;
    this.#encoder = encoder;
  }

  push(chunk: Buffer): readonly RelayPiece[] {
    return piecesOf(this.#decoder.push(chunk), this.#encoder);
  }

  end(): readonly RelayPiece[] {
    return piecesOf(this.#decoder.end(), this.#encoder);
  }
}

/** Before any content it waits: the answer may be empty. */
export const isPlainStop = (event: ChatEvent): boolean => event.type === "finish" && event.reason === "stop";

/** True for a whole answer without text and without a call that ends as if that were all. */
export const isEmptyAnswer = (events: readonly ChatEvent[]): boolean =>
  events.every((event) =>
    event.type === "usage" ? event.usage.outputTokens === 0 : !isContent(event) || isPlainStop(event),
  );

export function piecesOf(events: readonly ChatEvent[], encoder: StreamEncoder): RelayPiece[] {
  return events.map((event): RelayPiece => {
    if (event.type === "error") return { kind: "error", bytes: NOTHING, error: event.error };
    if (event.type === "end") return { kind: "end", bytes: encoder.end() };
    const bytes = encoder.encode(event) ?? NOTHING;
    if (event.type === "usage") return { kind: "hold", bytes, usage: event.usage };
    return { kind: isContent(event) && !isPlainStop(event) ? "content" : "hold", bytes };
  });
}
