import {
  eventError,
  type FrameReader,
  isObject,
  parseJson,
  payloadText,
  SseDecoder,
  type SseFrame,
  strangerError,
} from "@headgate/adapter-kit";
import type { ChatEvent, UpstreamError } from "@headgate/contract";
import { findError } from "./chunk.ts";
import { ChunkReader } from "./decode.ts";
import { CUT, MALFORMED, TOO_LARGE } from "./relay.ts";

export class ChatStreamDecoder extends SseDecoder {
  constructor() {
    super(new ChunkFrameReader());
  }
}

class ChunkFrameReader implements FrameReader {
  readonly #reader = new ChunkReader();

  read(frame: SseFrame): readonly ChatEvent[] {
    if (frame.kind === "comment") return [];
    const text = payloadText(frame);
    if (frame.kind === "unknown") return [failure(strangerError(text, findError))];
    const data = text.trim();
    if (data === "[DONE]") return this.#reader.end();
    if (frame.event === "error") return [failure(eventError(text))];
    if (data === "") return [];
    const chunk = parseJson(data);
    if (!isObject(chunk)) return [failure(frame.partial ? CUT : MALFORMED)];
    const error = findError(chunk);
    return error === undefined ? this.#reader.read(chunk) : [failure(error)];
  }

  close(): readonly ChatEvent[] {
    return [this.#reader.finished ? { type: "end" } : failure(CUT)];
  }

  tooLarge(): readonly ChatEvent[] {
    return [failure(TOO_LARGE)];
  }
}

const failure = (error: UpstreamError): ChatEvent => ({ type: "error", error });
