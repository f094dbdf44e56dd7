/**
 * A client's stream that may consist of several upstreams' parts. Until it breaks it costs nothing but a copy: on the
 * client's own wire the bytes pass unread. After a break the surface's encoder writes what follows, so that the stream has
 * one id, one role and growing indices.
 */
import { type ChatCodec, EncodeError, type Target } from "@headgate/adapter-kit";
import {
  type ChatEvent,
  type ChatRequest,
  DEFAULT_MIDSTREAM,
  present,
  type RoutePolicy,
} from "@headgate/contract";
import { type AnyRequest, isChat } from "../../codec/any-request.ts";
import { chatExchangeCodec, type ExchangeCodec, JSON_TYPE } from "../../codec/exchange-codec.ts";
import { type ChatCodecs, type Decoders, fit, translated } from "../../codec/fit.ts";
import type { StreamEncoder, SurfaceRequest } from "../../codec/surface-request.ts";
import { ClientError } from "../../http/client-error.ts";
import { CallSeam } from "./call-seam.ts";
import { ContinuationRelay, closing } from "./continuation-relay.ts";
import { continuationRequest, takesPrefill } from "./continuation-request.ts";
import { PassingRelay } from "./passing-relay.ts";
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

/** Undefined where a break ends the stream by policy. Whether the request allows a continuation is read after a break. */
export function continuationOf(
  request: AnyRequest,
  policy: RoutePolicy | undefined,
): Continuation | undefined {
  const midstream = policy?.midstream ?? DEFAULT_MIDSTREAM;
  return midstream === "error" || !request.stream || !isChat(request)
    ? undefined
    : new Continuation(request, midstream);
}

/** Undefined for a request that cannot be continued: without a canonical form, or with a field of `SINGULAR`. */
function continuableForm(request: SurfaceRequest): ChatRequest | undefined {
  try {
    const chat = request.canonical();
    const harmless = ([name, values]: [string, readonly unknown[]]): boolean =>
      chat.extra[name] === undefined || values.includes(chat.extra[name]);
    return Object.entries(SINGULAR).every(harmless) ? chat : undefined;
  } catch (error) {
    if (error instanceof ClientError || error instanceof EncodeError) return undefined;
    throw error;
  }
}

export class Continuation {
  readonly #request: SurfaceRequest;
  readonly #midstream: "restart" | "continue";
  readonly #sent = new SentContent();
  readonly #takers: string[] = [];
  /** The first part, where it passes unread. */
  #passing:
    | { readonly relay: PassingRelay; readonly decode: (bytes: Buffer) => readonly ChatEvent[] }
    | undefined;
  /** The encoder of the first part with content. */
  #encoder: StreamEncoder | undefined;
  /** Set after a break. */
  #chat: ChatRequest | undefined;
  /** Ends the attempt that does not complete the client's call. */
  #giveUp: () => void = () => {};
  #differed = false;

  constructor(request: SurfaceRequest, midstream: "restart" | "continue") {
    this.#request = request;
    this.#midstream = midstream;
  }

  /**
   * The codec of one more upstream, for the answer's beginning or for the rest of it.
   * @param request the client's, perhaps with a handoff note
   * @throws {EncodeError}
   */
  exchangeCodec(request: SurfaceRequest, codecs: ChatCodecs, target: Target, nowS: number): ExchangeCodec {
    return this.#chat === undefined
      ? this.#first(request, codecs, target, nowS)
      : this.#later(request, codecs.chat, target, this.#chat, nowS);
  }

  #first(request: SurfaceRequest, codecs: ChatCodecs, target: Target, nowS: number): ExchangeCodec {
    const base = chatExchangeCodec(request, codecs, target, nowS);
    const { native, decoders } = base.fitted;
    const encoding = (): ContinuationRelay => this.#relay(decoders, target, nowS, undefined);
    const pieces: ExchangeCodec["pieces"] = (body) =>
      native === undefined || native === codecs.chat.native
        ? encoding().take(decoders.decodeBody(body))
        : base.pieces(body);
    const errorFrame = (error: ClientError) => this.errorFrame(error);
    if (native === undefined) return { ...base, relay: encoding, pieces, errorFrame };
    let relay: PassingRelay | undefined;
    const decode = (bytes: Buffer): readonly ChatEvent[] => decoders.decodeStream().push(bytes);
    return {
      ...base,
      relay: () => {
        relay?.kept.drop();
        const passing = new PassingRelay(base.relay(), () => {
          this.#passing = { relay: passing, decode };
        });
        relay = passing;
        return passing;
      },
      pieces,
      errorFrame,
      forget: () => relay?.kept.drop(),
    };
  }

  #later(
    request: SurfaceRequest,
    codec: ChatCodec,
    target: Target,
    own: ChatRequest,
    nowS: number,
  ): ExchangeCodec {
    const chat = request === this.#request ? own : request.canonical();
    const continued = this.#continues;
    const { encoded, decoders } = continued
      ? translated(request, continuationRequest(chat, this.#sent.text, target), codec, target)
      : // Through a wire that has events: what only passes by cannot be taken up by another.
        fit(request, { chat: codec }, target);
    const relay = (): ContinuationRelay => this.#relay(decoders, target, nowS, { own, continued });
    return {
      encoded,
      streams: true,
      streamContentType: () => request.streamContentType,
      relay,
      pieces: (body) => relay().take(decoders.decodeBody(body)),
      // A streaming attempt never calls this.
      whole: (body) => ({ ok: true, body, contentType: JSON_TYPE }),
      errorFrame: (error) => this.errorFrame(error),
    };
  }

  #relay(
    decoders: Decoders,
    target: Target,
    nowS: number,
    later: { readonly own: ChatRequest; readonly continued: boolean } | undefined,
  ): ContinuationRelay {
    const sent = this.#sent;
    const encoder = this.#encoder ?? this.#request.streamEncoder(target.deployment.upstream, nowS);
    const part: Part = { continued: later?.continued ?? false, text: "" };
    return new ContinuationRelay(decoders.decodeStream(), {
      sent,
      encoder,
      part,
      ...(this.#encoder === undefined || later === undefined ? {} : { later: this.#seams(target, later) }),
      onContent: () => {
        this.#encoder = encoder;
        sent.parts.push(part);
      },
      onDiffers: () => {
        this.#differed = true;
        this.#giveUp();
      },
    });
  }

  #seams(target: Target, { own, continued }: { readonly own: ChatRequest; readonly continued: boolean }) {
    const sent = this.#sent;
    const calls = sent.called ? { calls: new CallSeam(sent.calls) } : {};
    if (!continued) return calls;
    const seam = new Seam(sent.text, !takesPrefill(target));
    return {
      ...calls,
      seam,
      ...(own.stop === undefined ? {} : { stops: new StopGate(sent.text, own.stop) }),
    };
  }

  /**
   * The stream broke: what the client has is read, and its encoder is made, where its bytes passed unread. Called after each
   * part, before the next.
   */
  takeUp(nowS: number): void {
    const passing = this.#passing;
    this.#passing = undefined;
    this.#chat ??= continuableForm(this.#request);
    if (passing !== undefined) this.#read(passing.relay, passing.decode, nowS);
    if (this.#sent.calledWhole || this.#encoder?.withdrawCalls === undefined) return;
    this.#encoder.withdrawCalls();
    this.#sent.withdrawCalls();
  }

  #read({ kept, usage }: PassingRelay, decode: (bytes: Buffer) => readonly ChatEvent[], nowS: number): void {
    const bytes = kept.all();
    kept.drop();
    const taken =
      bytes === undefined ? undefined : this.#request.takeOver?.(bytes, () => decode(bytes), nowS);
    if (taken === undefined) return;
    const part: Part = { continued: false, text: "", ...present({ usage }) };
    this.#sent.passed(part, taken.events);
    this.#sent.parts.push(part);
    this.#encoder = taken.encoder;
  }

  /** True where there is text to continue; else the answer begins again. */
  get #continues(): boolean {
    return this.#midstream === "continue" && this.#sent.text.trim() !== "";
  }

  /** True when the answer is whole although its stream broke: the gateway writes the end of the stream. */
  get finished(): boolean {
    return this.#encoder !== undefined && (this.#sent.finished || this.#sent.calledWhole);
  }

  /** Whether another candidate may continue after a break. */
  get continuable(): boolean {
    const { text, refused, parts } = this.#sent;
    if (this.#chat === undefined || this.#encoder === undefined) return false;
    if (refused || parts.length > MAX_CONTINUATIONS) return false;
    if (text === "") return true;
    const plain = (this.#chat.responseFormat?.type ?? "text") === "text";
    return this.#midstream === "continue" && plain;
  }

  /** The end of a stream whose answer is whole. */
  end(): Buffer {
    const encoder = this.#encoder;
    if (encoder === undefined) return Buffer.alloc(0);
    const finish = this.#sent.finished ? undefined : encoder.encode({ type: "finish", reason: "tool_calls" });
    return Buffer.concat([finish ?? Buffer.alloc(0), closing({ sent: this.#sent, encoder })]);
  }

  /** @param giveUp ends the running attempt, where its answer does not complete the call that the client has */
  onDiffers(giveUp: () => void): void {
    this.#giveUp = giveUp;
    this.#differed = false;
  }

  /** True where the last attempt was ended because its call was another than the client's. */
  get differed(): boolean {
    return this.#differed;
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
