/** A stream that passes unchanged, with a copy of what the client gets. */
import type { RelayPiece, StreamRelay } from "@headgate/adapter-kit";
import type { Usage } from "@headgate/contract";
import { KeptBytes } from "./kept-bytes.ts";

export class PassingRelay implements StreamRelay {
  readonly #relay: StreamRelay;
  readonly #onContent: () => void;
  #begun = false;
  readonly kept = new KeptBytes();
  /** The upstream's last count, also where its chunk is left out of the client's stream. */
  usage: Usage | undefined;

  /** @param onContent called once, with the first content */
  constructor(relay: StreamRelay, onContent: () => void) {
    this.#relay = relay;
    this.#onContent = onContent;
  }

  push(chunk: Buffer): readonly RelayPiece[] {
    return this.#keep(this.#relay.push(chunk));
  }

  end(): readonly RelayPiece[] {
    return this.#keep(this.#relay.end());
  }

  #keep(pieces: readonly RelayPiece[]): readonly RelayPiece[] {
    for (const piece of pieces) {
      const { kind } = piece;
      if (piece.usage !== undefined) this.usage = piece.usage;
      if (kind !== "content" && kind !== "hold") continue;
      this.kept.add(piece.bytes);
      if (kind === "content" && !this.#begun) {
        this.#begun = true;
        this.#onContent();
      }
    }
    return pieces;
  }
}
