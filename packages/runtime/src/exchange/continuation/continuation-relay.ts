/** Turns one upstream's part of an answer into pieces of the client's stream. */
import type { RelayPiece, StreamDecoder, StreamRelay } from "@headgate/adapter-kit";
import type { ChatEvent } from "@headgate/contract";
import { isContent, type StreamEncoder } from "../../codec/surface-request.ts";
import { isPlainStop } from "../../codec/translate.ts";
import type { CallPiece, CallSeam } from "./call-seam.ts";
import { isHigh, type Seam } from "./seam.ts";
import type { Part, SentContent } from "./sent-content.ts";
import type { StopGate } from "./stop-gate.ts";

export interface ContinuationRelayInput {
  readonly sent: SentContent;
  readonly encoder: StreamEncoder;
  readonly part: Part;
  /** Set for a part that comes after another; absent for the first. */
  readonly later?: {
    /** Absent where the answer begins again. */
    readonly seam?: Seam;
    readonly stops?: StopGate;
    /** Present where the client has a part of a call: nothing but its completion is sent before the call is whole. */
    readonly calls?: CallSeam;
  };
  /** Called once, with the first content: from then on this part writes the client's stream. */
  readonly onContent: () => void;
  /** Called once, where this upstream does not complete the call that the client has begun. Nothing follows. */
  readonly onDiffers: () => void;
}

const NOTHING = Buffer.alloc(0);

export class ContinuationRelay implements StreamRelay {
  readonly #input: ContinuationRelayInput;
  readonly #decoder: StreamDecoder;
  #begun = false;
  #over = false;
  /** The first half of a surrogate pair whose second half has not come. */
  #half = "";
  /** A plain stop before any content: the answer may be empty. */
  #heldStop: ChatEvent | undefined;

  constructor(decoder: StreamDecoder, input: ContinuationRelayInput) {
    this.#decoder = decoder;
    this.#input = input;
  }

  push(chunk: Buffer): readonly RelayPiece[] {
    return this.take(this.#decoder.push(chunk));
  }

  end(): readonly RelayPiece[] {
    return this.take(this.#decoder.end());
  }

  take(events: readonly ChatEvent[]): RelayPiece[] {
    return events.flatMap((event) => (this.#over ? [] : this.#piece(event)));
  }

  #piece(event: ChatEvent): RelayPiece | RelayPiece[] {
    const { encoder, part, later } = this.#input;
    if (isPlainStop(event) && !this.#begun && later === undefined) {
      this.#heldStop = event;
      return { kind: "hold", bytes: NOTHING };
    }
    if (isContent(event)) return this.#content(event);
    switch (event.type) {
      case "usage":
        part.usage = event.usage;
        return { kind: "hold", bytes: NOTHING, usage: event.usage };
      case "error":
        this.#over = true;
        return { kind: "error", bytes: NOTHING, error: event.error };
      case "end":
        return this.#end();
      default:
        // The first part has given the stream its id, model and role.
        return { kind: "hold", bytes: later === undefined ? (encoder.encode(event) ?? NOTHING) : NOTHING };
    }
  }

  /** A piece even where nothing is shown yet: it commits the attempt and restarts the idle timeout. */
  #content(event: ChatEvent): RelayPiece | RelayPiece[] {
    if (!this.#begun) {
      this.#begun = true;
      this.#input.onContent();
    }
    if (event.type === "finish" && this.#leavesCallOpen()) return this.#differs();
    const piece: RelayPiece = { kind: "content", bytes: this.#bytes(event) };
    if (this.#over) return [];
    const stopped = event.type === "text" && this.#input.later?.stops?.met === true;
    return stopped ? [piece, ...this.#stopped()] : piece;
  }

  #bytes(event: ChatEvent): Buffer {
    const { sent, part, encoder, later } = this.#input;
    switch (event.type) {
      case "text": {
        const { text, sealed } = event;
        // The client has a call by now, and text comes before calls.
        if (later?.calls !== undefined) return NOTHING;
        // A seal covers one upstream's text, and this text is of several.
        return this.#text(text, later === undefined && sealed !== undefined ? { sealed } : {});
      }
      case "reasoning":
        if (later !== undefined && (sent.reasoned || sent.text !== "" || sent.called)) return NOTHING;
        sent.reasoned = true;
        part.text += event.text;
        return encoder.encode(event) ?? NOTHING;
      case "refusal":
        sent.refused = true;
        return encoder.encode(event) ?? NOTHING;
      case "tool-call":
        return this.#call(event);
      default:
        sent.finished = true;
        return Buffer.concat([this.#remainder(), encoder.encode(event) ?? NOTHING]);
    }
  }

  #call(event: CallPiece): Buffer {
    const { sent, part, encoder, later } = this.#input;
    const piece = later?.calls === undefined ? event : later.calls.push(event);
    if (piece === undefined) return NOTHING;
    if (piece === "differs") {
      this.#differs();
      return NOTHING;
    }
    // Text that was held back comes before the call.
    const before = this.#remainder();
    sent.call(piece);
    part.text += piece.arguments ?? "";
    const bytes = encoder.encode(piece) ?? NOTHING;
    return before.length === 0 ? bytes : Buffer.concat([before, bytes]);
  }

  #leavesCallOpen(): boolean {
    const calls = this.#input.later?.calls;
    return calls !== undefined && !calls.joined;
  }

  #differs(): RelayPiece[] {
    this.#over = true;
    this.#input.onDiffers();
    return [];
  }

  #text(text: string, more: Pick<Extract<ChatEvent, { type: "text" }>, "sealed"> = {}): Buffer {
    const { later } = this.#input;
    let whole = this.#half + text;
    this.#half = "";
    if (isHigh(whole.charCodeAt(whole.length - 1))) {
      this.#half = whole.slice(-1);
      whole = whole.slice(0, -1);
    }
    const joined = later?.seam?.push(whole) ?? whole;
    const shown = later?.stops?.push(joined) ?? joined;
    return this.#show(shown, more);
  }

  #show(text: string, more: Pick<Extract<ChatEvent, { type: "text" }>, "sealed"> = {}): Buffer {
    const { sent, part, encoder } = this.#input;
    if (text === "" && more.sealed === undefined) return NOTHING;
    sent.text += text;
    part.text += text;
    return encoder.encode({ type: "text", text, ...more }) ?? NOTHING;
  }

  /** Text that was held back, once nothing more of it comes. */
  #remainder(): Buffer {
    const { later } = this.#input;
    if (later === undefined) return NOTHING;
    const seam = later.seam?.flush() ?? "";
    const text = later.stops === undefined ? seam : later.stops.push(seam) + later.stops.flush();
    return this.#show(text);
  }

  #end(): RelayPiece[] {
    this.#over = true;
    const { sent, part, encoder } = this.#input;
    const stop = this.#heldStop === undefined ? NOTHING : (encoder.encode(this.#heldStop) ?? NOTHING);
    if (!this.#begun) {
      // The attempt fails, and the next candidate continues the stream; unless the attempt passes an empty answer on.
      if (this.#heldStop === undefined) return [{ kind: "end", bytes: NOTHING }];
      const { usage } = part;
      const counted = usage === undefined ? NOTHING : (encoder.encode({ type: "usage", usage }) ?? NOTHING);
      return [{ kind: "end", bytes: Buffer.concat([stop, counted, encoder.end()]) }];
    }
    if (this.#leavesCallOpen()) return this.#differs();
    const remainder = sent.finished ? NOTHING : Buffer.concat([this.#remainder(), stop]);
    sent.finished = true;
    const end: RelayPiece = { kind: "end", bytes: closing(this.#input) };
    return remainder.length === 0 ? [end] : [{ kind: "content", bytes: remainder }, end];
  }

  /** The client's stop sequence ends the answer, as the upstream would have done. */
  #stopped(): RelayPiece[] {
    const { encoder } = this.#input;
    this.#half = "";
    const finish = encoder.encode({ type: "finish", reason: "stop" }) ?? NOTHING;
    const end = this.#end();
    return [{ kind: "content", bytes: finish }, ...end];
  }
}

/** The end of the client's stream: its usage, and its terminator. */
export function closing({ sent, encoder }: Pick<ContinuationRelayInput, "sent" | "encoder">): Buffer {
  const usage = sent.usage();
  const counted = usage === undefined ? undefined : encoder.encode({ type: "usage", usage });
  return Buffer.concat([counted ?? NOTHING, encoder.end()]);
}
