/** A message as an output item: parts of text and refusal, each with events that open, extend and close it. */
import { countCharacters } from "@headgate/adapter-kit";
import type { Citation, JsonObject } from "@headgate/contract";
import { textAnnotation } from "../annotations.ts";
import type { ItemStatus, OutputItem, ResponseEvent } from "./output-item.ts";

type PartKind = "text" | "refusal";

/** The open part of a message that passed unread. */
export interface PassedPart {
  readonly kind: PartKind;
  readonly text: string;
  readonly annotations: readonly JsonObject[];
}

interface OpenPart {
  readonly kind: PartKind;
  readonly pieces: string[];
  /** Where it begins in the answer's text, in characters. */
  readonly offset: number;
  readonly annotations: JsonObject[];
}

export class MessageItem implements OutputItem {
  readonly kind = "message";
  readonly #id: string;
  readonly #index: number;
  readonly #parts: JsonObject[] = [];
  #open: OpenPart | undefined;
  #status: ItemStatus = "in_progress";
  /** The length of the answer's text before this item, and with it. */
  #textLength: number;

  /** Goes on with a message that passed unread. @param parts those that are whole */
  static after(
    id: string,
    index: number,
    textLength: number,
    parts: readonly JsonObject[],
    open: PassedPart | undefined,
  ): MessageItem {
    const item = new MessageItem(id, index, textLength);
    item.#parts.push(...parts);
    for (const { text } of parts) if (typeof text === "string") item.#textLength += countCharacters(text);
    if (open === undefined) return item;
    const { kind, text, annotations } = open;
    item.#open = { kind, pieces: [text], offset: item.#textLength, annotations: [...annotations] };
    if (kind === "text") item.#textLength += countCharacters(text);
    return item;
  }

  /** @param textLength the answer's text before this item, in characters: citations count from the answer's beginning */
  constructor(id: string, index: number, textLength: number) {
    this.#id = id;
    this.#index = index;
    this.#textLength = textLength;
  }

  get textLength(): number {
    return this.#textLength;
  }

  add(kind: PartKind, delta: string): ResponseEvent[] {
    const events: ResponseEvent[] = [];
    if (this.#open?.kind !== kind) {
      events.push(...this.#closePart());
      events.push({ type: "response.content_part.added", ...this.#place(), part: partOf(kind, "") });
      this.#open = { kind, pieces: [], offset: this.#textLength, annotations: [] };
    }
    this.#open?.pieces.push(delta);
    if (kind === "text") this.#textLength += countCharacters(delta);
    const type = kind === "text" ? "response.output_text.delta" : "response.refusal.delta";
    events.push({ type, ...this.#place(), delta, ...(kind === "text" ? { logprobs: [] } : {}) });
    return events;
  }

  /** Adds a citation to the open text; for a closed text it comes too late. */
  cite(citation: Citation): ResponseEvent[] {
    if (this.#open?.kind !== "text") return [];
    const { annotations, offset } = this.#open;
    const annotation = textAnnotation(citation, offset);
    const annotation_index = annotations.push(annotation) - 1;
    const type = "response.output_text.annotation.added";
    return [{ type, ...this.#place(), annotation_index, annotation }];
  }

  close(status: ItemStatus): ResponseEvent[] {
    const events = this.#closePart();
    this.#status = status;
    return events;
  }

  json(): JsonObject {
    return {
      id: this.#id,
      type: "message",
      status: this.#status,
      role: "assistant",
      content: this.#parts,
    };
  }

  #closePart(): ResponseEvent[] {
    if (this.#open === undefined) return [];
    const { kind, pieces, annotations } = this.#open;
    const whole = pieces.join("");
    const part = partOf(kind, whole, annotations);
    const place = this.#place();
    this.#open = undefined;
    this.#parts.push(part);
    return [
      kind === "text"
        ? { type: "response.output_text.done", ...place, text: whole, logprobs: [] }
        : { type: "response.refusal.done", ...place, refusal: whole },
      { type: "response.content_part.done", ...place, part },
    ];
  }

  #place() {
    return { item_id: this.#id, output_index: this.#index, content_index: this.#parts.length };
  }
}

const partOf = (kind: PartKind, text: string, annotations: readonly JsonObject[] = []): JsonObject =>
  kind === "text"
    ? { type: "output_text", text, annotations, logprobs: [] }
    : { type: "refusal", refusal: text };
