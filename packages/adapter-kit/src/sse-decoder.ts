/** The part of a stream decoder that is the same for every wire of server-sent events. */
import type { ChatEvent } from "@headgate/contract";
import type { StreamDecoder } from "./adapter.ts";
import { type SseFrame, SseFramer } from "./sse.ts";

/** One wire's reading of frames. Each method's `end` or `error` event, if any, is its last; none is called after one. */
export interface FrameReader {
  /** The events of a frame, which may be none. `kind` is any; `partial` means that the stream was cut in it. */
  read(frame: SseFrame): readonly ChatEvent[];
  /** The upstream closed before a terminal event; the last event is terminal. */
  close(): readonly ChatEvent[];
  /** A frame was larger than the framer keeps; the last event is an error. */
  tooLarge(): readonly ChatEvent[];
}

/** Cuts bytes into frames and reads each, up to the first terminal event; nothing follows that. */
export class SseDecoder implements StreamDecoder {
  readonly #framer: SseFramer;
  readonly #reader: FrameReader;
  #over = false;

  /** @param maxFrameBytes absent: the framer's default. */
  constructor(reader: FrameReader, maxFrameBytes?: number) {
    this.#reader = reader;
    this.#framer = new SseFramer(maxFrameBytes);
  }

  push(chunk: Buffer): readonly ChatEvent[] {
    if (this.#over) return [];
    const events = this.#take(this.#framer.push(chunk));
    if (this.#framer.overflowed && !this.#over) this.#add(events, this.#reader.tooLarge());
    return events;
  }

  end(): readonly ChatEvent[] {
    if (this.#over) return [];
    const events = this.#take(this.#framer.end());
    if (!this.#over) this.#add(events, this.#reader.close());
    this.#over = true;
    return events;
  }

  #take(frames: readonly SseFrame[]): ChatEvent[] {
    const events: ChatEvent[] = [];
    for (const frame of frames) {
      this.#add(events, this.#reader.read(frame));
      if (this.#over) break;
    }
    return events;
  }

  #add(events: ChatEvent[], more: readonly ChatEvent[]): void {
    events.push(...more);
    const last = more.at(-1)?.type;
    this.#over = last === "end" || last === "error";
  }
}
