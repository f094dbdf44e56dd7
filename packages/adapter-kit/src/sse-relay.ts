/** The part of a stream relay that is the same for every wire of server-sent events. */
import type { RelayPiece, StreamRelay } from "./adapter.ts";
import { type PassingKind, RelayWriter } from "./relay-writer.ts";
import { type SseFrame, SseFramer } from "./sse.ts";

/** Passes one wire's frames on through its writer. None of its methods is called after the writer was finished or failed. */
export interface FrameWatcher {
  /** `kind` is any; `partial` means that the stream was cut in it. */
  take(frame: SseFrame): void;
  /** The upstream closed before the end of the answer; finishes or fails. */
  close(): void;
  /** A frame was larger than the framer keeps; fails. */
  tooLarge(): void;
}

/** Cuts bytes into frames and passes each to the watcher, until it finishes or fails; nothing follows that. */
export class SseRelay implements StreamRelay {
  readonly #framer: SseFramer;
  readonly #writer = new RelayWriter();
  readonly #watcher: FrameWatcher;

  /** @param maxFrameBytes absent: the framer's default. */
  constructor(watcher: (writer: RelayWriter) => FrameWatcher, maxFrameBytes?: number) {
    this.#framer = new SseFramer(maxFrameBytes);
    this.#watcher = watcher(this.#writer);
  }

  push(chunk: Buffer): readonly RelayPiece[] {
    if (this.#writer.over) return [];
    this.#take(this.#framer.push(chunk));
    // Bytes after a whole answer in the same chunk are ignored.
    if (this.#framer.overflowed && !this.#writer.over) this.#watcher.tooLarge();
    return this.#writer.drain();
  }

  end(): readonly RelayPiece[] {
    if (this.#writer.over) return [];
    this.#take(this.#framer.end());
    if (!this.#writer.over) this.#watcher.close();
    return this.#writer.drain();
  }

  #take(frames: readonly SseFrame[]): void {
    for (const frame of frames) {
      this.#watcher.take(frame);
      if (this.#writer.over) return;
    }
  }
}

/** Passes a frame of a wire whose clients read `data` alone: unchanged where it has the form that all of them read. */
export function passPlain(writer: RelayWriter, kind: PassingKind, frame: SseFrame): void {
  const { canonical, source, text, start, end, dataStart, dataEnd } = frame;
  if (canonical) writer.pass(kind, source, start, end);
  else {
    const head = frame.kind === "comment" ? "" : "data: ";
    const bytes = Buffer.from(`${head}${onOneLine(text.slice(dataStart, dataEnd))}\n\n`, "latin1");
    writer.pass(kind, bytes, 0, bytes.length);
  }
}

/**
 * Passes a frame of a wire whose clients read the event's name: unchanged where it is named, whole and its payload on one
 * line, else rewritten to that form.
 */
export function passNamed(writer: RelayWriter, kind: PassingKind, frame: SseFrame, type: string): void {
  if (isIntact(frame)) writer.pass(kind, frame.source, frame.start, frame.end);
  else {
    const bytes = named(frame, type);
    writer.pass(kind, bytes, 0, bytes.length);
  }
}

/** The same as bytes. */
export const namedBytes = (frame: SseFrame, type: string): Buffer =>
  isIntact(frame) ? frame.source.subarray(frame.start, frame.end) : named(frame, type);

const isIntact = ({ kind, event, partial, start, dataStart }: SseFrame): boolean =>
  !partial && (kind === "comment" || (event !== "" && dataStart > start));

function named({ kind, text, dataStart, dataEnd }: SseFrame, type: string): Buffer {
  const payload = onOneLine(text.slice(dataStart, dataEnd));
  return Buffer.from(
    kind === "comment" ? `${payload}\n\n` : `event: ${type}\ndata: ${payload}\n\n`,
    "latin1",
  );
}

/** A line end inside JSON can only be white space. */
const onOneLine = (payload: string): string => payload.replaceAll("\n", " ");
