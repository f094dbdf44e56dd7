/** Newline-delimited JSON: bytes in, whole lines out, however the bytes are cut. */
import { Carry } from "./carry.ts";
import { MAX_FRAME_BYTES } from "./sse.ts";

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

export class LineFramer {
  /** True once a line was too large; everything after it is ignored. */
  overflowed = false;
  readonly #maxBytes: number;
  readonly #carry = new Carry();

  constructor(maxLineBytes: number = MAX_FRAME_BYTES) {
    this.#maxBytes = maxLineBytes;
  }

  /** Whole lines without their ends; blank ones are left out. They may share memory with `chunk`. */
  push(chunk: Buffer): Buffer[] {
    const lines: Buffer[] = [];
    let at = 0;
    while (!this.overflowed) {
      const lineEnd = chunk.indexOf(LINE_FEED, at);
      const stop = lineEnd < 0 ? chunk.length : lineEnd;
      if (this.#carry.length + stop - at > this.#maxBytes) {
        this.overflowed = true;
        this.#carry.clear();
        break;
      }
      const piece = chunk.subarray(at, stop);
      if (lineEnd < 0) {
        if (piece.length > 0) this.#carry.append(piece);
        break;
      }
      addLine(lines, this.#carry.length > 0 ? this.#carry.take(piece) : piece);
      at = lineEnd + 1;
    }
    return lines;
  }

  /** The last line, when no line end follows it. */
  end(): Buffer | undefined {
    const lines: Buffer[] = [];
    addLine(lines, this.#carry.take());
    return lines[0];
  }
}

function addLine(lines: Buffer[], line: Buffer): void {
  const trimmed = line[line.length - 1] === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
  if (trimmed.length > 0) lines.push(trimmed);
}
