/** A stream that is relayed unread: audio, or another wire's events. */
import type { RelayPiece, StreamRelay } from "@headgate/adapter-kit";

const NOTHING = Buffer.alloc(0);

/** Every byte is content, and the end of the body is the end of the answer. The transport detects a cut. */
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
