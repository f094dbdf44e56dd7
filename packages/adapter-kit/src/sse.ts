/**
 * Server-sent events: bytes in, whole frames out, however the bytes are cut.
 * Grammar: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
import { Carry } from "./carry.ts";

/**
 * Frames beyond this are refused, so that an upstream cannot exhaust the memory. One event may hold a whole image, so the
 * bound is the default one of a whole answer.
 */
export const MAX_FRAME_BYTES = 100 * 1024 * 1024;

export interface SseFrame {
  /** `unknown`: lines that are no event stream at all, such as an HTML page. */
  readonly kind: "data" | "comment" | "unknown";
  /** Holds the frame from `start` to `end` (the blank line included). */
  readonly source: Buffer;
  /** `source` as latin1: offsets in both are the same. Bytes beyond ASCII are not decoded. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** The payload in `source`; several data lines are joined by LF. */
  readonly dataStart: number;
  readonly dataEnd: number;
  /** The event's name; empty when it has none. */
  readonly event: string;
  /** True when `start` to `end` is exactly one `data: …` line (or comments) and a blank line, with LF line ends. */
  readonly canonical: boolean;
  /** True for the last frame of a stream when no blank line follows it. */
  readonly partial: boolean;
}

/** The payload as text. */
export const payloadText = ({ source, dataStart, dataEnd }: SseFrame): string =>
  source.toString("utf8", dataStart, dataEnd);

const LF = 10;
const CR = 13;
const SPACE = 32;
const COLON = 58;
const BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";

export class SseFramer {
  /** True once a frame was too large; everything after it is ignored. */
  overflowed = false;
  readonly #maxBytes: number;
  readonly #carry = new Carry();
  #afterCr = false;
  #begun = false;

  constructor(maxFrameBytes: number = MAX_FRAME_BYTES) {
    this.#maxBytes = maxFrameBytes;
  }

  push(chunk: Buffer): SseFrame[] {
    const frames: SseFrame[] = [];
    if (this.overflowed || chunk.length === 0) return frames;
    let source = chunk;
    let text = chunk.toString("latin1");
    if (this.#afterCr || text.includes("\r")) {
      source = this.#normalise(chunk);
      text = source.toString("latin1");
    }
    if (this.#carry.length > 0) {
      const completes = (this.#carry.endsInLineFeed && text.charCodeAt(0) === LF) || text.includes("\n\n");
      if (!completes) {
        this.#keep(source);
        return frames;
      }
      source = this.#carry.take(source);
      text = source.toString("latin1");
    }
    this.#cut(source, text, frames);
    return frames;
  }

  /** The end of the stream: the remaining bytes, if any, as a partial frame. */
  end(): SseFrame[] {
    if (this.overflowed || this.#carry.length === 0) return [];
    const source = this.#carry.take();
    const text = source.toString("latin1");
    const start = this.#skipMark(text, 0);
    const stop = text.endsWith("\n") ? text.length - 1 : text.length;
    const frame = readLines(source, text, start, stop, text.length, true);
    return frame === undefined || frame.kind === "comment" ? [] : [frame];
  }

  #cut(source: Buffer, text: string, frames: SseFrame[]): void {
    let at = 0;
    while (at < text.length) {
      if (text.charCodeAt(at) === LF) {
        at += 1;
        continue;
      }
      const lineEnd = text.indexOf("\n", at);
      if (lineEnd < 0) break;
      const single = text.charCodeAt(lineEnd + 1) === LF;
      const stop = single ? lineEnd : text.indexOf("\n\n", lineEnd);
      if (stop < 0) break;
      const end = stop + 2;
      if (end - at > this.#maxBytes) {
        this.#overflow();
        return;
      }
      const start = this.#begun ? at : this.#skipMark(text, at);
      const frame =
        single && text.startsWith("data:", start)
          ? dataFrame(source, text, start, stop, end)
          : readLines(source, text, start, stop, end, false);
      if (frame !== undefined) frames.push(frame);
      at = end;
    }
    if (at < text.length) this.#keep(source.subarray(at));
  }

  #skipMark(text: string, at: number): number {
    const marked = !this.#begun && text.startsWith(BYTE_ORDER_MARK, at);
    this.#begun = true;
    return marked ? at + BYTE_ORDER_MARK.length : at;
  }

  #keep(bytes: Buffer): void {
    if (this.#carry.length + bytes.length > this.#maxBytes) this.#overflow();
    else this.#carry.append(bytes);
  }

  #overflow(): void {
    this.overflowed = true;
    this.#carry.clear();
  }

  /** CRLF and CR become LF. A CR at the end of a chunk counts at once; an LF at the start of the next belongs to it. */
  #normalise(chunk: Buffer): Buffer {
    const out = Buffer.allocUnsafe(chunk.length);
    let length = 0;
    let afterCr = this.#afterCr;
    for (const byte of chunk) {
      if (!(byte === LF && afterCr)) out[length++] = byte === CR ? LF : byte;
      afterCr = byte === CR;
    }
    this.#afterCr = afterCr;
    return out.subarray(0, length);
  }
}

function dataFrame(source: Buffer, text: string, start: number, stop: number, end: number): SseFrame {
  const spaced = text.charCodeAt(start + 5) === SPACE;
  return {
    kind: "data",
    source,
    text,
    start,
    end,
    dataStart: spaced ? start + 6 : start + 5,
    dataEnd: stop,
    event: "",
    canonical: spaced,
    partial: false,
  };
}

/** Reads the lines from `start` to `stop`; `undefined` when they hold only `id:` or `retry:`. */
function readLines(
  source: Buffer,
  text: string,
  start: number,
  stop: number,
  end: number,
  partial: boolean,
): SseFrame | undefined {
  const data: (readonly [from: number, to: number])[] = [];
  let event = "";
  let comments = false;
  let others = 0;
  let unknown = false;
  for (let at = start; at <= stop; ) {
    const found = text.indexOf("\n", at);
    const lineEnd = found < 0 || found > stop ? stop : found;
    const colon = text.indexOf(":", at);
    const nameEnd = colon < 0 || colon > lineEnd ? lineEnd : colon;
    const spaced = text.charCodeAt(nameEnd) === COLON && text.charCodeAt(nameEnd + 1) === SPACE;
    const valueStart = Math.min(lineEnd, nameEnd + (spaced ? 2 : 1));
    const name = text.slice(at, Math.min(nameEnd, at + 8));
    if (name === "" && nameEnd < lineEnd) comments = true;
    else {
      if (name === "data") data.push([valueStart, lineEnd]);
      else if (name === "event") event = text.slice(valueStart, lineEnd);
      else if (name !== "id" && name !== "retry") unknown = true;
      others += 1;
    }
    at = lineEnd + 1;
  }
  const base = { source, text, start, end, event, partial, canonical: false };
  const [first] = data;
  if (first === undefined) {
    if (unknown) return { ...base, kind: "unknown", dataStart: start, dataEnd: stop };
    if (event !== "") return { ...base, kind: "data", dataStart: stop, dataEnd: stop };
    if (!comments) return undefined;
    return { ...base, kind: "comment", dataStart: start, dataEnd: stop, canonical: others === 0 && !partial };
  }
  if (data.length === 1) return { ...base, kind: "data", dataStart: first[0], dataEnd: first[1] };
  const joined = data.map(([from, to]) => text.slice(from, to)).join("\n");
  return {
    ...base,
    kind: "data",
    source: Buffer.from(joined, "latin1"),
    text: joined,
    start: 0,
    end: joined.length,
    dataStart: 0,
    dataEnd: joined.length,
  };
}
