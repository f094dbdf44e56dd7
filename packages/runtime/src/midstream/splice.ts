/**
 * A client's stream that may be put together of several upstreams' parts: one encoder writes all of it, so that it has
 * one id, one role and growing indices, whoever speaks.
 */
import { type ChatCodec, EncodeError, type Target } from "@headgate/adapter-kit";
import type { ChatRequest, RoutePolicy } from "@headgate/contract";
import { type ExchangeCodec, encodeChat, JSON_TYPE, translated } from "../exchange-codec.ts";
import { type AnyRequest, isChat } from "../any-request.ts";
import { ClientError } from "../client-error.ts";
import type { StreamEncoder, SurfaceRequest } from "../surface.ts";
import { continuation, takesPrefill } from "./continuation.ts";
import { closing, Leg } from "./leg.ts";
import { type Part, Said } from "./said.ts";
import { Seam } from "./seam.ts";
import { StopGate } from "./stop-gate.ts";

/** How often one stream is taken up again. */
const MAX_RESUMED = 2;

/** Fields of which a second upstream cannot take up the first one's answer, with the values that are harmless. */
const SINGULAR: Readonly<Record<string, readonly unknown[]>> = {
  n: [1],
  logprobs: [false],
  top_logprobs: [0],
  modalities: [],
  audio: [],
};

/** Undefined where a break ends the stream: by policy, or because of what was asked for. */
export function spliceOf(request: AnyRequest, policy: RoutePolicy | undefined): Splice | undefined {
  const midstream = policy?.midstream ?? "error";
  if (midstream === "error" || !request.stream || !isChat(request)) return undefined;
  const chat = canonicalOf(request);
  if (chat === undefined) return undefined;
  for (const [name, harmless] of Object.entries(SINGULAR)) {
    const value = chat.extra[name];
    if (value !== undefined && !harmless.includes(value)) return undefined;
  }
  return new Splice(request, chat, midstream);
}

/** Undefined for what only the client's own wire can say: it passes as it is. */
function canonicalOf(request: SurfaceRequest): ChatRequest | undefined {
  try {
    return request.canonical();
  } catch (error) {
    if (error instanceof ClientError || error instanceof EncodeError) return undefined;
    throw error;
  }
}

export class Splice {
  readonly #request: SurfaceRequest;
  readonly #chat: ChatRequest;
  readonly #midstream: "restart" | "continue";
  readonly #said = new Said();
  readonly #takers: string[] = [];
  /** The one of the part that spoke first. */
  #encoder: StreamEncoder | undefined;

  constructor(request: SurfaceRequest, chat: ChatRequest, midstream: "restart" | "continue") {
    this.#request = request;
    this.#chat = chat;
    this.#midstream = midstream;
  }

  /**
   * One more upstream, for the answer's beginning or for what is left of it.
   * @param request as this upstream is asked: the client's, perhaps with a note
   * @throws {EncodeError}
   */
  exchangeCodec(request: SurfaceRequest, codec: ChatCodec, target: Target, nowS: number): ExchangeCodec {
    const chat = request === this.#request ? this.#chat : request.canonical();
    const continued = this.#encoder !== undefined && this.#continues;
    const encoded = continued
      ? translated(request, continuation(chat, this.#said.text, target), codec, target)
      : // Through a wire that has events: what only passes by cannot be taken up by another.
        encodeChat(request, { chat: codec }, target);
    const leg = (): Leg => this.#leg(codec, target, nowS, continued);
    return {
      encoded,
      streams: true,
      streamContentType: () => request.streamContentType,
      relay: leg,
      pieces: (body) => leg().take(codec.decodeBody(body)),
      // An attempt that streams is never asked for this.
      whole: (body) => ({ ok: true, body, contentType: JSON_TYPE }),
      errorFrame: (error) => this.errorFrame(error),
    };
  }

  #leg(codec: ChatCodec, target: Target, nowS: number, continued: boolean): Leg {
    const said = this.#said;
    const encoder = this.#encoder ?? this.#request.streamEncoder(target.deployment.upstream, nowS);
    const part: Part = { continued, text: "", calls: [] };
    const { stop } = this.#chat;
    const seam = continued ? { seam: new Seam(said.text, !takesPrefill(target)) } : {};
    const stops = continued && stop !== undefined ? { stops: new StopGate(said.text, stop) } : {};
    return new Leg(codec.decodeStream(), {
      said,
      encoder,
      part,
      ...(this.#encoder === undefined ? {} : { later: { ...seam, ...stops } }),
      onContent: () => {
        this.#encoder = encoder;
        said.parts.push(part);
      },
    });
  }

  /** True where there are words to go on from; else the answer begins anew. */
  get #continues(): boolean {
    return this.#midstream === "continue" && this.#said.text.trim() !== "";
  }

  /** True when the answer is whole although its stream broke: what was left to come is for the gateway to say. */
  get finished(): boolean {
    return this.#said.finished;
  }

  /** Whether another candidate may be asked after a break. */
  get resumable(): boolean {
    const { text, refused, parts } = this.#said;
    if (refused || parts.length > MAX_RESUMED) return false;
    if (text === "") return true;
    const plain = (this.#chat.responseFormat?.type ?? "text") === "text";
    return this.#midstream === "continue" && plain;
  }

  /** The end of a stream whose answer is whole. */
  end(): Buffer {
    return this.#encoder === undefined
      ? Buffer.alloc(0)
      : closing({ said: this.#said, encoder: this.#encoder });
  }

  /** What marks the seam for whoever reads the stream; clients pass over it. */
  takenUpBy(via: string): { readonly mark: Buffer | undefined; readonly trailer: string } {
    this.#takers.push(via);
    const mark = this.#request.comment?.(`headgate-spliced via=${via}`);
    return { mark, trailer: this.#takers.join(", ") };
  }

  errorFrame(error: ClientError): Buffer | undefined {
    return this.#encoder?.fail?.(error);
  }
}
