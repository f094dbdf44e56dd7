/** The bytes of one answer, decompressed, no faster than they are taken. */
import type { Dispatcher } from "undici";
import { type Decompressor, decompressor } from "./decompress.ts";

/** Why an answer's bytes do not flow. */
export const HOLD = { client: 1, memory: 2, decoder: 4 } as const;
type Hold = (typeof HOLD)[keyof typeof HOLD];

export interface AnswerEvents {
  data(chunk: Buffer): void;
  end(): void;
  damaged(): void;
}

export class AnswerFlow {
  readonly #events: AnswerEvents;
  #controller: Dispatcher.DispatchController | undefined;
  #decoder: Decompressor | undefined;
  /** Bits of `HOLD`. */
  #held = 0;

  constructor(events: AnswerEvents) {
    this.#events = events;
  }

  start(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
  }

  /** False: the encoding is unknown. */
  decode(encoding: string | string[] | undefined): boolean {
    const decoder = decompressor(Array.isArray(encoding) ? encoding.join() : encoding, {
      data: (chunk) => this.#events.data(chunk),
      end: () => this.#events.end(),
      error: () => this.#events.damaged(),
      drain: () => this.release(HOLD.decoder),
    });
    if (decoder === "unknown") return false;
    this.#decoder = decoder;
    return true;
  }

  push(chunk: Buffer): void {
    if (this.#decoder === undefined) this.#events.data(chunk);
    else if (!this.#decoder.write(chunk)) this.hold(HOLD.decoder);
  }

  end(): void {
    if (this.#decoder === undefined) this.#events.end();
    else this.#decoder.end();
  }

  hold(why: Hold): void {
    if (this.#held === 0) this.#controller?.pause();
    this.#held |= why;
    if (why !== HOLD.decoder) this.#decoder?.pause();
  }

  release(why: Hold): void {
    if ((this.#held & why) === 0) return;
    this.#held &= ~why;
    if ((this.#held & ~HOLD.decoder) === 0) this.#decoder?.resume();
    if (this.#held === 0) this.#controller?.resume();
  }

  abort(reason: Error): void {
    this.#controller?.abort(reason);
  }

  /** Nothing more is decoded. */
  destroy(): void {
    this.#decoder?.destroy();
  }
}
