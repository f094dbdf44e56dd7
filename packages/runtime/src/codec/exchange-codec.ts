/** One request in one candidate's wire: what is sent, and how the answer is decoded. */
import {
  type BodyVerdict,
  type ChatCodec,
  type EncodedRequest,
  EncodeError,
  type NativeBody,
  type NativeCodec,
  type NativeWire,
  type RelayPiece,
  type StreamRelay,
  type Target,
} from "@headgate/adapter-kit";
import {
  type ChatEvent,
  type ChatRequest,
  present,
  type UpstreamError,
  type Usage,
} from "@headgate/contract";
import type { ClientError } from "../http/client-error.ts";
import { jsonAnswer } from "./json-answer.ts";
import type { StreamEncoder, SurfaceRequest } from "./surface-request.ts";
import { isEmptyAnswer, piecesOf, TranslatingRelay } from "./translate.ts";

/** A whole 2xx answer, decoded. */
export type Whole =
  | {
      readonly ok: true;
      readonly body: Buffer;
      readonly contentType: string;
      readonly usage?: Usage;
      /** No text, no call, no output tokens. */
      readonly empty?: true;
    }
  | { readonly ok: false; readonly error: UpstreamError };

/** A request as it is sent. A large body is opened again for each attempt. */
export interface SentRequest extends Omit<EncodedRequest, "body"> {
  readonly body: Buffer | (() => AsyncIterable<Buffer>);
}

export interface ExchangeCodec {
  readonly encoded: SentRequest;
  /** True when the answer goes to the client as it comes. */
  readonly streams: boolean;
  /** The stream's content-type for the client, given the upstream's. */
  streamContentType(upstream: string | undefined): string;
  relay(): StreamRelay;
  whole(body: Buffer, contentType: string | undefined): Whole;
  /** A whole answer to a request for a stream, as pieces of a stream. */
  pieces(body: Buffer): readonly RelayPiece[];
  /** The last bytes of a broken stream, where they depend on what was sent before. */
  errorFrame?(error: ClientError): Buffer | undefined;
  /** The answer is over: what was kept for a continuation is given back. */
  forget?(): void;
}

const NOTHING = Buffer.alloc(0);

export const JSON_TYPE = "application/json; charset=utf-8";

/** A chat request for a chat codec: natively where the wires match, else through the canonical form. */
export function chatExchangeCodec(
  request: SurfaceRequest,
  codecs: ChatCodecs,
  target: Target,
  nowS: number,
): ExchangeCodec {
  const codec = codecs.chat;
  const native = nativeOf(request, codecs, target);
  const { upstream } = target.deployment;
  const shownModel = request.shownModel === upstream ? undefined : request.shownModel;
  let used: StreamEncoder | undefined;
  const encoder = (): StreamEncoder => {
    used = request.streamEncoder(upstream, nowS);
    return used;
  };
  return {
    encoded: encodeChat(request, codecs, target),
    streams: request.stream,
    streamContentType: () => request.streamContentType,
    relay: () =>
      native === undefined
        ? new TranslatingRelay(codec.decodeStream(), encoder())
        : native.relayStream({ includeUsage: request.includeUsage, ...present({ shownModel }) }),
    whole(body) {
      if (native !== undefined) {
        const verdict = native.inspectBody(body);
        if (!verdict.ok) return verdict;
        const shown = shownModel === undefined ? body : (native.renamed?.(body, shownModel) ?? body);
        return { ...verdict, body: shown, contentType: JSON_TYPE };
      }
      const decoded = codec.decodeBody(body);
      const events = request.wantsJson === true ? jsonAnswer(decoded) : decoded;
      const broken = events.find((event) => event.type === "error");
      const error = broken?.error ?? request.unfit?.(events);
      if (error !== undefined) return { ok: false, error };
      const usage = usageOf(events);
      return {
        ok: true,
        body: request.encodeBody(events, upstream, nowS),
        contentType: JSON_TYPE,
        ...present({ usage }),
        ...(isEmptyAnswer(events) ? { empty: true as const } : {}),
      };
    },
    pieces: (body) =>
      native === undefined || native === codec.native
        ? piecesOf(codec.decodeBody(body), encoder())
        : [{ kind: "error", bytes: NOTHING, error: wholeForStream(native.inspectBody(body)) }],
    errorFrame: (error) => used?.fail?.(error),
  };
}

/** The wires that an adapter's chat models take. */
export interface ChatCodecs {
  readonly chat: ChatCodec;
  readonly second?: NativeWire | undefined;
}

/** Undefined where the request must be translated. */
export function nativeOf(
  { wire, native }: SurfaceRequest,
  { chat, second }: ChatCodecs,
  target: Target,
): NativeCodec | undefined {
  if (native === undefined) return undefined;
  if (chat.wire === wire) return chat.native;
  return second?.wire === wire && second.serves(target) ? second.native : undefined;
}

/** The client's request as it is sent: natively where the wires match. */
export function encodeChat(request: SurfaceRequest, codecs: ChatCodecs, target: Target): EncodedRequest {
  const native = nativeOf(request, codecs, target);
  return native !== undefined && request.native !== undefined
    ? passed(request.native, native, target)
    : translated(request, request.canonical(), codecs.chat, target);
}

/** A pass-through wire decodes no events, so a whole answer cannot become a stream. */
const wholeForStream = (verdict: BodyVerdict): UpstreamError =>
  verdict.ok ? { class: "malformed", message: "a whole answer came instead of a stream" } : verdict.error;

function passed(body: NativeBody, codec: NativeCodec, target: Target): EncodedRequest {
  const encoded = codec.encode(body, target);
  return body.dropped === undefined
    ? encoded
    : { ...encoded, dropped: [...body.dropped, ...encoded.dropped] };
}

/** `chat` as it is sent. Fields that an adapter names are renamed to the client's names. */
export function translated(
  request: SurfaceRequest,
  chat: ChatRequest,
  codec: ChatCodec,
  target: Target,
): EncodedRequest {
  const name = (field: string): string => request.fieldName?.(field) ?? field;
  const { own } = codec.wire === (request.ownWire ?? request.wire) ? request : {};
  const whole = own === undefined ? chat : { ...chat, extra: { ...chat.extra, ...own } };
  const dropped = request.dropped ?? [];
  const lost =
    own === undefined ? dropped : dropped.filter((field) => !Object.hasOwn(own, field.replace(/\..*$/, "")));
  try {
    const encoded = codec.encode(withinLimit(whole, target), target);
    return { ...encoded, dropped: [...lost, ...encoded.dropped.map(name)] };
  } catch (error) {
    throw error instanceof EncodeError ? new EncodeError(error.message, name(error.param)) : error;
  }
}

/**
 * Lowers the output limit to the model's own. Where a wire requires a limit, clients send that of another model, and most
 * upstreams answer 400 to more than the model's limit.
 */
function withinLimit(request: ChatRequest, { deployment: { maxOutputTokens } }: Target): ChatRequest {
  if (maxOutputTokens === undefined || (request.maxOutputTokens ?? 0) <= maxOutputTokens) return request;
  return { ...request, maxOutputTokens };
}

const usageOf = (events: readonly ChatEvent[]): Usage | undefined =>
  events.findLast((event) => event.type === "usage")?.usage;
