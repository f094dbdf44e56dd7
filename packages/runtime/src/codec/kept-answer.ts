/** The events of an answer, kept while it goes to the client: written down where it is translated, read later where it passes unread. */
import type { RelayPiece, StreamRelay } from "@headgate/adapter-kit";
import type { ChatEvent, Usage } from "@headgate/contract";
import type { Decoders } from "./answer-filters.ts";

/** A longer answer is not kept. */
export const MAX_KEPT_BYTES = 4 * 1024 * 1024;

export class KeptAnswer {
  readonly #decoders: Decoders;
  /** The same decoders; what they decode is written down. */
  readonly decoders: Decoders;
  #events: ChatEvent[] = [];
  #passed: Buffer[] | undefined;
  #bytes = 0;
  #usage: Usage | undefined;
  #whole = false;

  constructor(decoders: Decoders) {
    this.#decoders = decoders;
    this.decoders = {
      decodeBody: (bytes) => {
        this.#begin();
        return this.#note(decoders.decodeBody(bytes));
      },
      decodeStream: () => {
        const decoder = decoders.decodeStream();
        this.#begin();
        return {
          push: (chunk) => this.#note(decoder.push(chunk)),
          end: () => this.#note(decoder.end()),
        };
      },
    };
  }

  /** A whole answer as the client gets it, where that differs from what was decoded. */
  take(events: readonly ChatEvent[]): void {
    this.#events = [...events];
  }

  /** A whole answer that passes unread. */
  passedBody(body: Buffer): void {
    this.#passed = [body];
    this.#bytes = body.length;
    this.#whole = true;
  }

  /** The same relay; what passes is kept. */
  passing(relay: StreamRelay): StreamRelay {
    const passed: Buffer[] = [];
    this.#passed = passed;
    this.#bytes = 0;
    const note = (pieces: readonly RelayPiece[]): readonly RelayPiece[] => {
      for (const { kind, bytes, usage } of pieces) {
        if (usage !== undefined) this.#usage = usage;
        if (kind === "comment") continue;
        this.#bytes += bytes.length;
        if (this.#bytes <= MAX_KEPT_BYTES) passed.push(bytes);
      }
      return pieces;
    };
    return { push: (chunk) => note(relay.push(chunk)), end: () => note(relay.end()) };
  }

  /** The answer is over: what is kept holds no more than itself. What passed shares larger buffers with the socket. */
  seal(): this {
    if (this.#passed !== undefined && this.#bytes <= MAX_KEPT_BYTES)
      this.#passed = [
        this.#passed.length === 1 ? Buffer.from(this.#passed[0] ?? "") : Buffer.concat(this.#passed),
      ];
    return this;
  }

  /** The size in memory, roughly. */
  get bytes(): number {
    return this.#passed === undefined ? this.#bytes : this.#bytes + 64;
  }

  /** Undefined for an answer that is too long, or not whole. */
  events(): readonly ChatEvent[] | undefined {
    if (this.#bytes > MAX_KEPT_BYTES) return undefined;
    if (this.#passed !== undefined) {
      const bytes = Buffer.concat(this.#passed);
      this.#passed = undefined;
      this.#events = [...(this.#whole ? this.#decoders.decodeBody(bytes) : this.#streamed(bytes))];
    }
    const { at, failed } = endOf(this.#events);
    if (failed || at === -1) return undefined;
    return joined(this.#events);
  }

  #streamed(bytes: Buffer): readonly ChatEvent[] {
    const decoder = this.#decoders.decodeStream();
    const events = [...decoder.push(bytes)];
    if (!events.some(({ type }) => type === "end")) events.push(...decoder.end());
    const counted = events.some(({ type }) => type === "usage");
    // A client that asked for no count got none, though the upstream sent one.
    if (this.#usage !== undefined && !counted) {
      const { at } = endOf(events);
      events.splice(at === -1 ? events.length : at, 0, { type: "usage", usage: this.#usage });
    }
    return events;
  }

  #begin(): void {
    this.#events = [];
    this.#bytes = 0;
  }

  #note(events: readonly ChatEvent[]): readonly ChatEvent[] {
    for (const event of events) {
      this.#bytes += sizeOf(event);
      if (this.#bytes <= MAX_KEPT_BYTES) this.#events.push(event);
    }
    return events;
  }
}

const sizeOf = (event: ChatEvent): number =>
  32 +
  ("text" in event ? event.text.length : 0) +
  (event.type === "tool-call" ? (event.arguments?.length ?? 0) : 0);

const endOf = (events: readonly ChatEvent[]): { readonly at: number; readonly failed: boolean } => ({
  at: events.findIndex(({ type }) => type === "end"),
  failed: events.some(({ type }) => type === "error"),
});

/** Pieces of text that follow each other become one: an answer that is given again needs no pieces. */
function joined(events: readonly ChatEvent[]): readonly ChatEvent[] {
  const whole: ChatEvent[] = [];
  for (const event of events) {
    const last = whole.at(-1);
    if (
      (event.type === "text" || event.type === "reasoning") &&
      last?.type === event.type &&
      !("sealed" in last && last.sealed !== undefined) &&
      !("redacted" in last && last.redacted === true) &&
      !("redacted" in event && event.redacted === true)
    )
      whole[whole.length - 1] = { ...last, ...event, text: last.text + event.text };
    else whole.push(event);
  }
  return whole;
}
