/**
 * Reasoning at the beginning of an answer's text, between `<think>` and `</think>`: open models write it where their server
 * does not separate the two. Later tags are part of the model's text.
 */
import type { ChatEvent } from "@headgate/contract";

const OPEN = "<think>";
const CLOSE = "</think>";

type State = "beginning" | "opened" | "thinking" | "closed" | "text";

/** Splits an answer's text into reasoning and text. It buffers only a possible partial tag, and white space around one. */
export class ThinkText {
  #state: State = "beginning";
  #pending = "";

  push(piece: string): ChatEvent[] {
    if (this.#state === "text") return eventsOf("text", piece);
    this.#pending += piece;
    const events: ChatEvent[] = [];
    if (this.#in("beginning")) this.#begin();
    if (this.#in("opened")) this.#skipSpace("thinking");
    if (this.#in("thinking")) this.#think(events);
    if (this.#in("closed")) this.#skipSpace("text");
    if (this.#in("text")) events.push(...this.flush());
    return events;
  }

  /** The buffered text; called when no more text follows, or another event does. */
  flush(): ChatEvent[] {
    const kept = this.#pending;
    this.#pending = "";
    const thinks = this.#state === "opened" || this.#state === "thinking";
    return eventsOf(thinks ? "reasoning" : "text", this.#state === "closed" ? "" : kept);
  }

  #in(state: State): boolean {
    return this.#state === state;
  }

  #begin(): void {
    const text = this.#pending.trimStart();
    if (text.startsWith(OPEN)) {
      this.#state = "opened";
      this.#pending = text.slice(OPEN.length);
    } else if (!OPEN.startsWith(text)) this.#state = "text";
  }

  #skipSpace(next: State): void {
    this.#pending = this.#pending.trimStart();
    if (this.#pending !== "") this.#state = next;
  }

  #think(events: ChatEvent[]): void {
    const at = this.#pending.indexOf(CLOSE);
    const end = at === -1 ? this.#pending.length - halfTag(this.#pending) : at;
    events.push(...eventsOf("reasoning", this.#pending.slice(0, end)));
    this.#pending = this.#pending.slice(at === -1 ? end : end + CLOSE.length);
    if (at !== -1) this.#state = "closed";
  }
}

/** The number of characters at the end that may begin the closing tag. */
function halfTag(text: string): number {
  for (let length = Math.min(CLOSE.length - 1, text.length); length > 0; length -= 1)
    if (text.endsWith(CLOSE.slice(0, length))) return length;
  return 0;
}

const eventsOf = (type: "text" | "reasoning", text: string): ChatEvent[] =>
  text === "" ? [] : [{ type, text }];
