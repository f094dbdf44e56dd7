/** The output of a relay: neighbouring frames of one kind as one piece. The relay stops when `over` is true. */
import { present, type UpstreamError, type Usage } from "@headgate/contract";
import type { RelayPiece } from "./adapter.ts";

const EMPTY = Buffer.alloc(0);

export type PassingKind = "hold" | "content" | "comment";

/** Neighbouring frames of one kind in one buffer: passed on together, without copying. */
interface Run {
  readonly kind: PassingKind;
  readonly source: Buffer;
  readonly start: number;
  end: number;
  usage?: Usage;
}

/** Collects the pieces of one chunk after another. Pieces share the memory of the buffers they were passed from. */
export class RelayWriter {
  #over = false;
  #run: Run | undefined;
  #pieces: RelayPiece[] = [];

  /** True once the stream was finished or has failed. */
  get over(): boolean {
    return this.#over;
  }

  /** Passes whole frames on: the bytes of `source` from `start` to `end`. Joins them to the piece they adjoin. */
  pass(kind: PassingKind, source: Buffer, start: number, end: number): void {
    const run = this.#run;
    if (run?.kind === kind && run.source === source && run.end === start) run.end = end;
    else {
      this.flush();
      this.#run = { kind, source, start, end };
    }
  }

  /** Adds the usage in the frame passed last; a later one replaces it. */
  count(usage: Usage | undefined): void {
    if (usage !== undefined && this.#run !== undefined) this.#run.usage = usage;
  }

  /** Ends the piece: the next frame begins another. */
  flush(): void {
    const piece = this.#close();
    if (piece !== undefined) this.#pieces.push(piece);
  }

  /** The answer is whole. @param bytes the terminator that the client must still see. */
  finish(bytes: Buffer, usage: Usage | undefined): void {
    this.flush();
    this.#over = true;
    this.#pieces.push({ kind: "end", bytes, ...present({ usage }) });
  }

  /** The stream broke off or reported an error. @param usage the count up to then. */
  fail(error: UpstreamError, usage: Usage | undefined): void {
    this.flush();
    this.#over = true;
    this.#pieces.push({ kind: "error", bytes: EMPTY, error, ...present({ usage }) });
  }

  /** The pieces since the last call. */
  drain(): readonly RelayPiece[] {
    const last = this.#close();
    const pieces = this.#pieces;
    // Most chunks are one piece: a list literal costs less than a push.
    if (pieces.length === 0) return last === undefined ? [] : [last];
    if (last !== undefined) pieces.push(last);
    this.#pieces = [];
    return pieces;
  }

  #close(): RelayPiece | undefined {
    const run = this.#run;
    if (run === undefined) return undefined;
    this.#run = undefined;
    const { kind, source, start, end, usage } = run;
    const bytes = start === 0 && end === source.length ? source : source.subarray(start, end);
    return usage === undefined ? { kind, bytes } : { kind, bytes, usage };
  }
}
