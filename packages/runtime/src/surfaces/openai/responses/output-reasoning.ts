/** A section of reasoning as an output item: as a summary where the client requested one, else as reasoning text. */
import { type JsonObject, present } from "@headgate/contract";
import type { ItemStatus, OutputItem, ResponseEvent } from "./output-item.ts";

export class ReasoningItem implements OutputItem {
  readonly kind = "reasoning";
  readonly #id: string;
  readonly #index: number;
  readonly #summary: boolean;
  readonly #pieces: string[] = [];
  #encrypted: string | undefined;
  #status: ItemStatus = "in_progress";

  constructor(id: string, index: number, summary: boolean) {
    this.#id = id;
    this.#index = index;
    this.#summary = summary;
  }

  add(delta: string): ResponseEvent[] {
    const events: ResponseEvent[] = [];
    if (this.#pieces.length === 0) events.push(this.#part("added", ""));
    this.#pieces.push(delta);
    const type = this.#summary ? "response.reasoning_summary_text.delta" : "response.reasoning_text.delta";
    events.push({ type, ...this.#place(), delta });
    return events;
  }

  seal(encrypted: string): void {
    this.#encrypted = encrypted;
  }

  close(status: ItemStatus): ResponseEvent[] {
    this.#status = status;
    if (this.#pieces.length === 0) return [];
    const text = this.#pieces.join("");
    const type = this.#summary ? "response.reasoning_summary_text.done" : "response.reasoning_text.done";
    return [{ type, ...this.#place(), text }, this.#part("done", text)];
  }

  json(): JsonObject {
    const text = this.#status === "in_progress" ? "" : this.#pieces.join("");
    const parts = text === "" ? [] : [this.#partOf(text)];
    return {
      id: this.#id,
      type: "reasoning",
      status: this.#status,
      summary: this.#summary ? parts : [],
      ...(this.#summary ? {} : { content: parts }),
      ...present({ encrypted_content: this.#encrypted }),
    };
  }

  #part(what: "added" | "done", text: string): ResponseEvent {
    const type = this.#summary ? `response.reasoning_summary_part.${what}` : `response.content_part.${what}`;
    return { type, ...this.#place(), part: this.#partOf(text) };
  }

  #partOf(text: string): JsonObject {
    return { type: this.#summary ? "summary_text" : "reasoning_text", text };
  }

  #place() {
    const place = { item_id: this.#id, output_index: this.#index };
    return this.#summary ? { ...place, summary_index: 0 } : { ...place, content_index: 0 };
  }
}
