/**
 * Canonical events as a Message stream: message_start, blocks one after another, message_delta, message_stop.
 * https://platform.claude.com/docs/en/build-with-claude/streaming
 *
 * Blocks may not overlap here, while other wires may interleave the arguments of several tool calls. A call that begins
 * before the open call's arguments are whole waits for them.
 */

import { JsonProgress } from "@headgate/adapter-kit";
import type { ChatEvent, Citation, FinishReason, JsonObject, Usage } from "@headgate/contract";
import type { StreamEncoder } from "../../codec/surface-request.ts";
import { location } from "./citations.ts";
import { type Identity, message } from "./encode-body.ts";
import { sealText } from "./seals.ts";
import { searchBlocks } from "./search-blocks.ts";
import { anthropicUsage, stopReason } from "./usage.ts";

type ToolPiece = Extract<ChatEvent, { type: "tool-call" }>;

interface OpenTool {
  readonly call: number;
  readonly progress: JsonProgress;
}

/** What a client has of a stream that passed unread. */
export interface PassedMessage {
  /** The block that was not closed; a call by its position among the calls. */
  readonly open: "text" | "thinking" | { readonly call: number; readonly arguments: string } | undefined;
  /** The index of the next block. */
  readonly next: number;
  readonly calls: number;
  /** True once the stop reason was sent. */
  readonly stopped: boolean;
}

const PING = 'event: ping\ndata: {"type":"ping"}\n\n';
/** Clients ignore it anywhere in a stream, before its start too. */
export const PING_EVENT: Buffer = Buffer.from(PING);

const frame = (type: string, fields: Record<string, unknown>): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;

export class MessageStreamEncoder implements StreamEncoder {
  #identity: Identity;
  #out: string[] = [];
  #started = false;
  /** The open block; its index is `#next - 1`. */
  #open: "text" | "thinking" | OpenTool | undefined;
  #next = 0;
  #waiting: ToolPiece[] = [];
  readonly #begun = new Set<number>();
  /** Kept where the client wants a search: its blocks follow the text. */
  readonly #citations: Citation[] = [];
  #refused = false;
  #finish: FinishReason | undefined;
  #usage: Usage | undefined;
  #stopped = false;

  /** Goes on after a stream that passed unread. */
  static after({ open, next, calls, stopped }: PassedMessage, identity: Identity): MessageStreamEncoder {
    const encoder = new MessageStreamEncoder(identity);
    encoder.#started = true;
    encoder.#next = next;
    encoder.#stopped = stopped;
    for (let call = 0; call < calls; call += 1) encoder.#begun.add(call);
    if (typeof open !== "object") encoder.#open = open;
    else {
      encoder.#open = { call: open.call, progress: new JsonProgress() };
      encoder.#open.progress.push(open.arguments);
    }
    return encoder;
  }

  constructor(identity: Identity) {
    this.#identity = identity;
  }

  encode(event: ChatEvent): Buffer | undefined {
    switch (event.type) {
      case "start":
        if (event.model !== undefined) this.#identity = { ...this.#identity, model: event.model };
        return undefined;
      case "text":
        if (event.text !== "") this.#text(event.text);
        break;
      case "refusal":
        this.#refused = true;
        this.#text(event.text);
        break;
      case "citation":
        this.#cite(event.citation);
        break;
      case "reasoning":
        this.#reasoning(event);
        break;
      case "tool-call":
        this.#tool(event);
        break;
      case "finish":
        this.#finish = event.reason;
        return undefined;
      case "usage":
        this.#usage = event.usage;
        return undefined;
      case "error":
      case "end":
        return undefined;
    }
    return this.#flush();
  }

  end(): Buffer {
    this.#start();
    this.#closeAll();
    if (this.#stopped) {
      this.#emit("message_stop", {});
      return this.#flush();
    }
    const { id, search } = this.#identity;
    if (search !== undefined)
      for (const block of searchBlocks(id.slice(4), search, this.#citations)) this.#searched(block);
    const stop = stopReason(this.#finish, { calls: this.#begun.size > 0, refused: this.#refused });
    this.#emit("message_delta", {
      delta: { stop_reason: stop, stop_sequence: null, stop_details: null, container: null },
      usage: anthropicUsage(this.#usage),
    });
    this.#emit("message_stop", {});
    return this.#flush();
  }

  #text(text: string): void {
    if (this.#open !== "text") {
      this.#closeAll();
      this.#begin("text", { type: "text", text: "" });
    }
    this.#delta({ type: "text_delta", text });
  }

  /** The cited text has been sent. The citation belongs to its block, while that is open. */
  #cite(citation: Citation): void {
    if (this.#identity.search !== undefined) this.#citations.push(citation);
    const source = location(citation);
    if (source !== undefined && this.#open === "text")
      this.#delta({ type: "citations_delta", citation: source });
  }

  #reasoning({ text, sealed, redacted }: Extract<ChatEvent, { type: "reasoning" }>): void {
    if (!this.#identity.showThinking) {
      this.#start();
      this.#out.push(PING);
      return;
    }
    const seal = sealed === undefined ? "" : sealText(sealed);
    if (redacted === true) {
      this.#closeAll();
      this.#whole({ type: "redacted_thinking", data: seal });
      return;
    }
    if (text === "" && sealed === undefined) return;
    if (this.#open !== "thinking") {
      this.#closeAll();
      this.#begin("thinking", { type: "thinking", thinking: "", signature: "" });
    }
    if (text !== "") this.#delta({ type: "thinking_delta", thinking: text });
    if (sealed !== undefined) {
      this.#delta({ type: "signature_delta", signature: seal });
      this.#close();
    }
  }

  #tool(piece: ToolPiece): void {
    const open = this.#open;
    if (typeof open === "object" && open.call === piece.index) this.#arguments(open, piece.arguments);
    else if (this.#begun.has(piece.index)) return;
    else if (typeof open !== "object") this.#beginTool(piece);
    else if (open.progress.complete && this.#waiting.length === 0) this.#beginTool(piece);
    else {
      this.#waiting.push(piece);
      return;
    }
    this.#releaseWaiting();
  }

  /** Once the open call's arguments are whole, the waiting calls follow, in the order they began. */
  #releaseWaiting(): void {
    while (this.#waiting.length > 0 && typeof this.#open === "object" && this.#open.progress.complete) {
      this.#beginWaiting();
    }
  }

  #beginWaiting(): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    const own = this.#waiting.filter((piece) => piece.index === first.index);
    this.#waiting = this.#waiting.filter((piece) => piece.index !== first.index);
    for (const [at, piece] of own.entries()) {
      if (at === 0) this.#beginTool(piece);
      else if (typeof this.#open === "object") this.#arguments(this.#open, piece.arguments);
    }
  }

  #beginTool({ index, id, name, arguments: text, sealed }: ToolPiece): void {
    this.#begun.add(index);
    if (sealed !== undefined) this.#whole({ type: "redacted_thinking", data: sealText(sealed) });
    const tool: OpenTool = { call: index, progress: new JsonProgress() };
    const call = id ?? `toolu_${this.#identity.id.slice(4)}_${index}`;
    this.#begin(tool, { type: "tool_use", id: call, name: name ?? "", input: {} });
    this.#arguments(tool, text);
  }

  #arguments(tool: OpenTool, text: string | undefined): void {
    if (text === undefined || text === "") return;
    tool.progress.push(text);
    this.#delta({ type: "input_json_delta", partial_json: text });
  }

  #whole(block: JsonObject): void {
    this.#begin("text", block);
    this.#close();
  }

  /** A call's input comes in pieces, as of any call. */
  #searched(block: JsonObject): void {
    if (block.input === undefined) {
      this.#whole(block);
      return;
    }
    this.#begin("text", { ...block, input: {} });
    this.#delta({ type: "input_json_delta", partial_json: JSON.stringify(block.input) });
    this.#close();
  }

  #begin(kind: "text" | "thinking" | OpenTool, block: JsonObject): void {
    this.#close();
    this.#start();
    this.#emit("content_block_start", { index: this.#next, content_block: block });
    this.#next += 1;
    this.#open = kind;
  }

  #delta(delta: JsonObject): void {
    this.#emit("content_block_delta", { index: this.#next - 1, delta });
  }

  #close(): void {
    if (this.#open === undefined) return;
    this.#emit("content_block_stop", { index: this.#next - 1 });
    this.#open = undefined;
  }

  #closeAll(): void {
    while (this.#waiting.length > 0) this.#beginWaiting();
    this.#close();
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#emit("message_start", { message: message(this.#identity, [], null, anthropicUsage(undefined)) });
    this.#out.push(PING);
  }

  #emit(type: string, fields: Record<string, unknown>): void {
    this.#out.push(frame(type, fields));
  }

  #flush(): Buffer {
    const bytes = Buffer.from(this.#out.join(""));
    this.#out = [];
    return bytes;
  }
}
