/** Text without halves of surrogate pairs: strict upstreams and clients refuse a body that holds one. */
import type { ChatEvent } from "@headgate/contract";

const ESCAPE = Buffer.from("\\u");
/** A pair, a half, any other escape. Escapes are consumed in order, so that a backslash's own escape begins none. */
const ESCAPES =
  /\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\[^u]/g;
const HALF = /\\u[dD][89a-fA-F]/;
const HALF_LENGTH = "\\ud83d".length;
/** Bytes that are valid UTF-8 can hold a half only as an escape. */
const REPLACEMENT = "\\ufffd";

/** The same buffer where no string in the JSON holds half of a pair, else one with U+FFFD in its place. */
export function wellFormedJson(bytes: Buffer): Buffer {
  if (bytes.indexOf(ESCAPE) === -1) return bytes;
  const text = bytes.toString("latin1");
  if (!HALF.test(text)) return bytes;
  const mended = text.replace(ESCAPES, (found) =>
    found.length === HALF_LENGTH && HALF.test(found) ? REPLACEMENT : found,
  );
  return mended === text ? bytes : Buffer.from(mended, "latin1");
}

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;

/** Joins halves that a stream has in two events, and replaces those that stay alone. */
export class PairJoiner {
  /** The half at the end of the last text, and of what. */
  #held: { readonly type: "text" | "reasoning"; readonly half: string } | undefined;

  push(events: readonly ChatEvent[]): readonly ChatEvent[] {
    if (this.#held === undefined && events.every(isSound)) return events;
    return events.flatMap((event) => this.#take(event));
  }

  #take(event: ChatEvent): ChatEvent[] {
    if (event.type !== "text" && event.type !== "reasoning") return [...this.#flush(), event];
    const held = this.#held?.type === event.type ? this.#held.half : "";
    const before = held === "" ? this.#flush() : [];
    this.#held = undefined;
    let text = held + event.text;
    if (event.sealed === undefined && isHighSurrogate(text.charCodeAt(text.length - 1))) {
      this.#held = { type: event.type, half: text.slice(-1) };
      text = text.slice(0, -1);
      if (text === "") return before;
    }
    return [...before, { ...event, text: text.toWellFormed() }];
  }

  #flush(): ChatEvent[] {
    const held = this.#held;
    this.#held = undefined;
    return held === undefined ? [] : [{ type: held.type, text: held.half.toWellFormed() }];
  }
}

const isSound = (event: ChatEvent): boolean =>
  (event.type !== "text" && event.type !== "reasoning") || event.text.isWellFormed();
