/** An upstream's events as output items and their events. */
import { type ChatEvent, type JsonObject, present, type Sealed } from "@headgate/contract";
import { itemId } from "./ids.ts";
import { CallItem } from "./output-call.ts";
import type { ItemStatus, OutputItem, ResponseEvent } from "./output-item.ts";
import { MessageItem } from "./output-message.ts";
import { type PassedReasoning, ReasoningItem } from "./output-reasoning.ts";
import { type Seal, writeSeal } from "./seal.ts";
import type { ToolNames } from "./tool-names.ts";

export interface OutputOptions {
  readonly stem: string;
  readonly names: ToolNames;
  readonly summary: boolean;
  /** Ids of calls in the conversation so far: some upstreams count theirs from zero in each answer. */
  readonly callIds: ReadonlySet<string>;
}

/** A call whose name has not come yet. */
interface Nameless {
  id?: string;
  pieces: string;
  sealed?: Sealed;
}

/** The output of a stream that passed unread. */
export interface PassedOutput {
  readonly items: readonly OutputItem[];
  readonly open: MessageItem | PassedReasoning | undefined;
  /** The open calls by their position among the calls. */
  readonly calls: ReadonlyMap<number, CallItem>;
  readonly callIds: readonly string[];
  /** Of the text in messages that are closed, in characters. */
  readonly textLength: number;
}

export class Output {
  readonly #options: OutputOptions;
  readonly #items: OutputItem[] = [];
  readonly #callIds: Set<string>;
  /** Calls stay open until the end: their arguments may come interleaved. */
  readonly #calls = new Map<number, CallItem | Nameless>();
  #open: MessageItem | ReasoningItem | PassedReasoning | undefined;
  /** Of the text in messages that are closed, in characters. */
  #textLength = 0;

  constructor(options: OutputOptions) {
    this.#options = options;
    this.#callIds = new Set(options.callIds);
  }

  /** Goes on after a stream that passed unread. */
  static after(options: OutputOptions, { items, open, calls, callIds, textLength }: PassedOutput): Output {
    const output = new Output(options);
    output.#items.push(...items);
    output.#open = open;
    for (const [index, call] of calls) output.#calls.set(index, call);
    for (const id of callIds) output.#callIds.add(id);
    output.#textLength = textLength;
    return output;
  }

  take(event: ChatEvent): ResponseEvent[] {
    switch (event.type) {
      case "text":
        return [
          ...(event.text === "" ? [] : this.#write("text", event.text)),
          ...(event.sealed === undefined ? [] : this.#sealItem({ ...event.sealed, of: "text" })),
        ];
      case "refusal":
        return event.text === "" ? [] : this.#write("refusal", event.text);
      case "citation":
        return this.#open?.kind === "message" ? this.#open.cite(event.citation) : [];
      case "reasoning":
        return this.#reason(event);
      case "tool-call":
        return this.#call(event);
      default:
        return [];
    }
  }

  /** Closes all open items. */
  end(status: ItemStatus): ResponseEvent[] {
    const events = this.#closeOpen(status);
    for (const call of this.#calls.values())
      if (call instanceof CallItem) events.push(...this.#done(call, status));
    this.#calls.clear();
    return events;
  }

  json(): readonly JsonObject[] {
    return this.#items.map((item) => item.json());
  }

  #write(kind: "text" | "refusal", delta: string): ResponseEvent[] {
    if (this.#open?.kind === "message") return this.#open.add(kind, delta);
    const events = this.#closeOpen("completed");
    const item = new MessageItem(this.#nextId("msg"), this.#items.length, this.#textLength);
    this.#open = item;
    events.push(this.#added(item), ...item.add(kind, delta));
    return events;
  }

  #reason({ text, sealed, redacted }: ChatEvent & { type: "reasoning" }): ResponseEvent[] {
    if (text === "" && sealed === undefined) return [];
    const events: ResponseEvent[] = [];
    let item = this.#open?.kind === "reasoning" ? this.#open : undefined;
    if (item === undefined) {
      events.push(...this.#closeOpen("completed"));
      item = this.#newReasoning();
      this.#open = item;
      events.push(this.#added(item));
    }
    if (text !== "") events.push(...item.add(text));
    if (sealed === undefined) return events;
    item.seal(writeSeal({ ...sealed, ...(redacted === true ? { redacted } : {}) }));
    // The next section has its own seal.
    events.push(...this.#closeOpen("completed"));
    return events;
  }

  #call(event: ChatEvent & { type: "tool-call" }): ResponseEvent[] {
    const known = this.#calls.get(event.index);
    if (known instanceof CallItem) {
      const events =
        event.arguments === undefined || event.arguments === "" ? [] : known.add(event.arguments);
      return event.sealed === undefined
        ? events
        : [...events, ...this.#sealItem({ ...event.sealed, of: { callId: known.callId } })];
    }
    const id = event.id ?? known?.id;
    const sealed = event.sealed ?? known?.sealed;
    const pieces = (known?.pieces ?? "") + (event.arguments ?? "");
    if (event.name === undefined) {
      this.#calls.set(event.index, {
        pieces,
        ...present({ id, sealed }),
      });
      return [];
    }
    const events = this.#closeOpen("completed");
    const tool = this.#options.names.original(event.name);
    const itemId = this.#nextId(tool.custom === true ? "ctc" : "fc");
    const item = new CallItem(itemId, this.#items.length, this.#callId(id), tool);
    this.#calls.set(event.index, item);
    events.push(this.#added(item), ...(pieces === "" ? [] : item.add(pieces)));
    if (sealed !== undefined) events.push(...this.#sealItem({ ...sealed, of: { callId: item.callId } }));
    return events;
  }

  #callId(id: string | undefined): string {
    const unique = id === undefined || id === "" || this.#callIds.has(id) ? this.#nextId("call") : id;
    this.#callIds.add(unique);
    return unique;
  }

  /** A seal of a text or a call, as a reasoning item without words: the only place clients carry one in. */
  #sealItem(seal: Seal): ResponseEvent[] {
    const item = this.#newReasoning();
    item.seal(writeSeal(seal));
    return [this.#added(item), ...this.#done(item, "completed")];
  }

  #newReasoning(): ReasoningItem {
    return new ReasoningItem(this.#nextId("rs"), this.#items.length, this.#options.summary);
  }

  #added(item: OutputItem): ResponseEvent {
    const output_index = this.#items.push(item) - 1;
    return { type: "response.output_item.added", output_index, item: item.json() };
  }

  #closeOpen(status: ItemStatus): ResponseEvent[] {
    const open = this.#open;
    this.#open = undefined;
    if (open?.kind === "message") this.#textLength = open.textLength;
    return open === undefined ? [] : this.#done(open, status);
  }

  #done(item: OutputItem, status: ItemStatus): ResponseEvent[] {
    const events = item.close(status);
    const output_index = this.#items.indexOf(item);
    return [...events, { type: "response.output_item.done", output_index, item: item.json() }];
  }

  #nextId(prefix: string): string {
    return itemId(prefix, this.#options.stem, "output", this.#items.length);
  }
}
