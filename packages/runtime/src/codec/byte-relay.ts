/** A stream that is nobody's to read: audio, or another wire's events that pass as they come. */
import type { RelayPiece, StreamRelay } from "@headgate/adapter-kit";

const NOTHING = Buffer.alloc(0);

/** Every byte is content; the end of the body is the end of the answer. A cut is the transport's to notice. */
export class ByteRelay implements StreamRelay {
  #any = false;

  push(chunk: Buffer): readonly RelayPiece[] {
    if (chunk.length === 0) return [];
    this.#any = true;
    return [{ kind: "content", bytes: chunk }];
  }

  end(): readonly RelayPiece[] {
    if (this.#any) return [{ kind: "end", bytes: NOTHING }];
    return [{ kind: "error", bytes: NOTHING, error: { class: "malformed", message: "an empty answer" } }];
  }
}
