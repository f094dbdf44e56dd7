/**
 * A client's stream that may consist of several upstreams' parts. One encoder writes all of it, so that it has one id, one
 * role and growing indices.
 */
import { type ChatCodec, EncodeError, type Target } from "@headgate/adapter-kit";
import type { ChatRequest, RoutePolicy } from "@headgate/contract";
import { type AnyRequest, isChat } from "../../codec/any-request.ts";
import { type ExchangeCodec, encodeChat, JSON_TYPE, translated } from "../../codec/exchange-codec.ts";
import type { StreamEncoder, SurfaceRequest } from "../../codec/surface-request.ts";
import { ClientError } from "../../http/client-error.ts";
import { ContinuationRelay, closing } from "./continuation-relay.ts";
import { continuationRequest, takesPrefill } from "./continuation-request.ts";
import { Seam } from "./seam.ts";
import { type Part, SentContent } from "./sent-content.ts";
import { StopGate } from "./stop-gate.ts";

/** How often one stream may be continued. */
const MAX_CONTINUATIONS = 2;

/** Fields with which an answer cannot be continued, with the values that are harmless. */
const SINGULAR: Readonly<Record<string, readonly unknown[]>> = {
  n: [1],
  logprobs: [false],
  top_logprobs: [0],
  modalities: [],
  audio: [],
};

/** Undefined where a break ends the stream: by policy, or because of the request's fields. */
export function continuationOf(
  request: AnyRequest,
  policy: RoutePolicy | undefined,
): Continuation | undefined {
  const midstream = policy?.midstream ?? "error";
  if (midstream === "error" || !request.stream || !isChat(request)) return undefined;
  const chat = canonicalOf(request);
  if (chat === undefined) return undefined;
  for (const [name, harmless] of Object.entries(SINGULAR)) {
    const value = chat.extra[name];
    if (value !== undefined && !harmless.includes(value)) return undefined;
  }
  return new Continuation(request, chat, midstream);
}

/** Undefined for a request without a canonical form: it passes as it is. */
function canonicalOf(request: SurfaceRequest): ChatRequest | undefined {
  try {
    return request.canonical();
  } catch (error) {
    if (error instanceof ClientError || error instanceof EncodeError) return undefined;
    throw error;
  }
}

export class Continuation {
  readonly #request: SurfaceRequest;
  readonly #chat: ChatRequest;
  readonly #midstream: "restart" | "continue";
  readonly #sent = new SentContent();
  readonly #takers: string[] = [];
  /** The encoder of the first part with content. */
  #encoder: StreamEncoder | undefined;

  constructor(request: SurfaceRequest, chat: ChatRequest, midstream: "restart" | "continue") {
    this.#request = request;
    this.#chat = chat;
    this.#midstream = midstream;
  }

  /**
   * The codec of one more upstream, for the answer's beginning or for the rest of it.
   * @param request the client's, perhaps with a handoff note
   * @throws {EncodeError}
   */
  exchangeCodec(request: SurfaceRequest, codec: ChatCodec, target: Target, nowS: number): ExchangeCodec {
    const chat = request === this.#request ? this.#chat : request.canonical();
    const continued = this.#encoder !== undefined && this.#continues;
    const encoded = continued
      ? translated(request, continuationRequest(chat, this.#sent.text, target), codec, target)
      : // Through a wire that has events: what only passes by cannot be taken up by another.
        encodeChat(request, { chat: codec }, target);
    const relay = (): ContinuationRelay => this.#relay(codec, target, nowS, continued);
    return {
      encoded,
      streams: true,
      streamContentType: () => request.streamContentType,
      relay,
      pieces: (body) => relay().take(codec.decodeBody(body)),
      // A streaming attempt never calls this.
      whole: (body) => ({ ok: true, body, contentType: JSON_TYPE }),
      errorFrame: (error) => this.errorFrame(error),
    };
  }

  #relay(codec: ChatCodec, target: Target, nowS: number, continued: boolean): ContinuationRelay {
    const sent = this.#sent;
    const encoder = this.#encoder ?? this.#request.streamEncoder(target.deployment.upstream, nowS);
    const part: Part = { continued, text: "", calls: [] };
    const { stop } = this.#chat;
    const seam = continued ? { seam: new Seam(sent.text, !takesPrefill(target)) } : {};
    const stops = continued && stop !== undefined ? { stops: new StopGate(sent.text, stop) } : {};
    return new ContinuationRelay(codec.decodeStream(), {
      sent,
      encoder,
      part,
      ...(this.#encoder === undefined ? {} : { later: { ...seam, ...stops } }),
      onContent: () => {
        this.#encoder = encoder;
        sent.parts.push(part);
      },
    });
  }

  /** True where there is text to continue; else the answer begins again. */
  get #continues(): boolean {
    return this.#midstream === "continue" && this.#sent.text.trim() !== "";
  }

  /** True when the answer is whole although its stream broke: the gateway writes the end of the stream. */
  get finished(): boolean {
    return this.#sent.finished;
  }

  /** Whether another candidate may continue after a break. */
  get continuable(): boolean {
    const { text, refused, parts } = this.#sent;
    if (refused || parts.length > MAX_CONTINUATIONS) return false;
    if (text === "") return true;
    const plain = (this.#chat.responseFormat?.type ?? "text") === "text";
    return this.#midstream === "continue" && plain;
  }

  /** The end of a stream whose answer is whole. */
  end(): Buffer {
    return this.#encoder === undefined
      ? Buffer.alloc(0)
      : closing({ sent: this.#sent, encoder: this.#encoder });
  }

  /** A comment that marks the seam in the stream, which clients ignore; and the trailer's value. */
  continuedBy(via: string): { readonly mark: Buffer | undefined; readonly trailer: string } {
    this.#takers.push(via);
    const mark = this.#request.comment?.(`headgate-spliced via=${via}`);
    return { mark, trailer: this.#takers.join(", ") };
  }

  errorFrame(error: ClientError): Buffer | undefined {
    return this.#encoder?.fail?.(error);
  }
}
