/** A section of reasoning as an output item: as a summary where the client requested one, else as reasoning text. */
import { type JsonObject, present } from "@headgate/contract";
import type { ItemStatus, OutputItem, ResponseEvent } from "./output-item.ts";

/** Reasoning that passed unread, and was open when its stream broke. */
export class PassedReasoning implements OutputItem {
  readonly kind = "passed";
  readonly #json: JsonObject;
  readonly #index: number;
  readonly #parts: JsonObject[];
  #open: { readonly summary: boolean; readonly text: string } | undefined;
  #status: ItemStatus = "in_progress";

  /** @param parts those that are whole; @param open the text of the open part */
  constructor(
    json: JsonObject,
    index: number,
    parts: readonly JsonObject[],
    open: { readonly summary: boolean; readonly text: string } | undefined,
  ) {
    this.#json = json;
    this.#index = index;
    this.#parts = [...parts];
    this.#open = open;
  }

  close(status: ItemStatus): ResponseEvent[] {
    this.#status = status;
    if (this.#open === undefined) return [];
    const { summary, text } = this.#open;
    this.#open = undefined;
    const item_id = typeof this.#json.id === "string" ? this.#json.id : "";
    const part = { type: summary ? "summary_text" : "reasoning_text", text };
    const at = this.#parts.filter(({ type }) => type === part.type).length;
    this.#parts.push(part);
    const place = {
      item_id,
      output_index: this.#index,
      ...(summary ? { summary_index: at } : { content_index: at }),
    };
    return [
      {
        type: summary ? "response.reasoning_summary_text.done" : "response.reasoning_text.done",
        ...place,
        text,
      },
      {
        type: summary ? "response.reasoning_summary_part.done" : "response.content_part.done",
        ...place,
        part,
      },
    ];
  }

  json(): JsonObject {
    const content = this.#parts.filter(({ type }) => type === "reasoning_text");
    return {
      ...this.#json,
      status: this.#status,
      summary: this.#parts.filter(({ type }) => type === "summary_text"),
      ...(content.length === 0 ? {} : { content }),
    };
  }
}

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
