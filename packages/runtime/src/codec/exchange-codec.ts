/** One request in one candidate's wire: what is sent, and how the answer is decoded. */
import type {
  BodyVerdict,
  EncodedRequest,
  RelayPiece,
  StreamDecoder,
  StreamRelay,
  Target,
} from "@headgate/adapter-kit";
import { type ChatEvent, present, type UpstreamError, type Usage } from "@headgate/contract";
import type { ClientError } from "../http/client-error.ts";
import { type ChatCodecs, type Fitted, fit } from "./fit.ts";
import { jsonAnswer } from "./json-answer.ts";
import { KeptAnswer } from "./kept-answer.ts";
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
  /** The answer's events, where the request wants them kept. */
  readonly kept?: KeptAnswer;
}

/** Of a chat request, with how it was fitted to the candidate. */
export interface ChatExchangeCodec extends ExchangeCodec {
  readonly fitted: Fitted;
}

const NOTHING = Buffer.alloc(0);

export const JSON_TYPE = "application/json; charset=utf-8";

/** A chat request for a chat codec: natively where the wires match, else through the canonical form. */
export function chatExchangeCodec(
  request: SurfaceRequest,
  codecs: ChatCodecs,
  target: Target,
  nowS: number,
): ChatExchangeCodec {
  const plain = fit(request, codecs, target);
  const kept = request.keepAnswer === true ? new KeptAnswer(plain.decoders) : undefined;
  const fitted = kept === undefined ? plain : { ...plain, decoders: kept.decoders };
  const { native, decoders } = fitted;
  const { upstream } = target.deployment;
  const shownModel = request.shownModel === upstream ? undefined : request.shownModel;
  /** Whether the answer can be decoded into events. */
  const ofChat = native === undefined || native === codecs.chat.native;
  let used: StreamEncoder | undefined;
  const encoder = (): StreamEncoder => {
    used = request.streamEncoder(upstream, nowS);
    return used;
  };
  return {
    encoded: fitted.encoded,
    fitted,
    streams: request.stream,
    streamContentType: () => request.streamContentType,
    ...present({ kept }),
    relay() {
      if (native === undefined) return new TranslatingRelay(decoders.decodeStream(), encoder());
      const relay = native.relayStream({ includeUsage: request.includeUsage, ...present({ shownModel }) });
      return kept?.passing(relay) ?? relay;
    },
    whole(body) {
      const asStream = isEventStream(body) && ofChat;
      if (native !== undefined && !asStream) {
        const verdict = native.inspectBody(body);
        if (!verdict.ok) return verdict;
        kept?.passedBody(body);
        const shown = shownModel === undefined ? body : (native.renamed?.(body, shownModel) ?? body);
        return { ...verdict, body: shown, contentType: JSON_TYPE };
      }
      const decoded = asStream ? streamed(decoders.decodeStream(), body) : decoders.decodeBody(body);
      const events = request.wantsJson === true ? jsonAnswer(decoded) : decoded;
      if (events !== decoded) kept?.take(events);
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
      ofChat
        ? piecesOf(decoders.decodeBody(body), encoder())
        : [{ kind: "error", bytes: NOTHING, error: wholeForStream(native.inspectBody(body)) }],
    errorFrame: (error) => used?.fail?.(error),
  };
}

/** Some servers stream, whether they are asked to or not. JSON begins with none of these. */
const isEventStream = (body: Buffer): boolean =>
  body[0] !== OBJECT && /^\s*(?:data|event|id|retry)?:/.test(body.toString("utf8", 0, PREFIX_BYTES));

const OBJECT = 0x7b;
/** More than the name of a field, after blank lines and a byte order mark. */
const PREFIX_BYTES = 32;

const streamed = (decoder: StreamDecoder, body: Buffer): readonly ChatEvent[] => {
  const events = decoder.push(body);
  return [...events, ...decoder.end()];
};

/** A pass-through wire decodes no events, so a whole answer cannot become a stream. */
const wholeForStream = (verdict: BodyVerdict): UpstreamError =>
  verdict.ok ? { class: "malformed", message: "a whole answer came instead of a stream" } : verdict.error;

const usageOf = (events: readonly ChatEvent[]): Usage | undefined =>
  events.findLast((event) => event.type === "usage")?.usage;
