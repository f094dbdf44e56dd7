/** One chat request as its surface decoded it, and how the surface writes answers and errors for its client. */
import type { NativeBody } from "@headgate/adapter-kit";
import type { ChatEvent, ChatRequest, JsonObject, UpstreamError } from "@headgate/contract";
import type { RequestFacts } from "@headgate/router";
import type { ClientError } from "../http/client-error.ts";

/** Encodes events for a client's stream. Each returned buffer holds whole frames. */
export interface StreamEncoder {
  encode(event: ChatEvent): Buffer | undefined;
  /** The bytes after the last event of a whole answer. */
  end(): Buffer;
  /** The last bytes of a broken stream, where they depend on what was sent before. */
  fail?(error: ClientError): Buffer;
  /** Forgets the calls that it holds back; absent where calls are sent piece by piece. */
  withdrawCalls?(): void;
}

/** A stream of the client's wire that passed unread from an upstream, and broke. */
export interface TakenOver {
  /** What it held. */
  readonly events: readonly ChatEvent[];
  /** Writes what follows: with the ids, indices and open parts that the client has. */
  readonly encoder: StreamEncoder;
}

export interface SurfaceRequest {
  /** The client's wire. An adapter of the same wire passes the bytes through. */
  readonly wire: string;
  readonly facts: RequestFacts;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  /** The model's name in answers, where clients of the wire compare it with the one that they sent. */
  readonly shownModel?: string;
  /** Present when the body may pass through as it is on the same wire. */
  readonly native?: NativeBody;
  /** `mock_testing_fallbacks`: the first candidate counts as failed. */
  readonly mockFallback: boolean;
  /** Fields without effect on another wire, by the client's names. */
  readonly dropped?: readonly string[];
  /** Those of them that are sent to an upstream of the client's wire when the request is encoded from the canonical form. */
  readonly own?: JsonObject;
  /** The wire of those upstreams; absent: the client's own. */
  readonly ownWire?: string;
  /** The client's name of a field. @param canonical the canonical form's name, which is OpenAI's chat name */
  fieldName?(canonical: string): string;
  /** The canonical form, made when the wires differ. @throws {ClientError} */
  canonical(): ChatRequest;
  /** The request depends on a web search. */
  readonly searchRequired?: boolean;
  /** The answer's events are kept beside the client's bytes. Set by the cache. */
  keepAnswer?: boolean;
  /** The answer must be JSON of any shape, which many wires only ask the model for. */
  readonly wantsJson?: boolean;
  /** Why a whole answer does not fit this request, so that the next candidate is tried. */
  unfit?(events: readonly ChatEvent[]): UpstreamError | undefined;
  streamEncoder(model: string, createdAtS: number): StreamEncoder;
  /**
   * Takes over a stream that passed unread. Undefined where something is open in it that no event can close.
   * @param passed what the client has, in whole frames
   * @param decode the events in it, as the adapter of the wire reads them
   */
  takeOver?(passed: Buffer, decode: () => readonly ChatEvent[], nowS: number): TakenOver | undefined;
  encodeBody(events: readonly ChatEvent[], model: string, createdAtS: number): Buffer;
  /** Called after the last byte of a whole answer. */
  onAnswered?(): Promise<void>;
  /** An error that this surface's provider answers with a 200. */
  answerInstead?(error: ClientError): { readonly contentType: string; readonly body: Buffer } | undefined;
  /** The last bytes of a broken stream, where its encoder has none of its own. */
  errorFrame(error: ClientError): Buffer;
  /** Bytes of a stream that its clients ignore; absent where some clients do not. */
  comment?(text: string): Buffer;
  readonly streamContentType: string;
  /** Bytes that a stream may send before its first content, and clients ignore; absent where some clients do not. */
  readonly keepAlive?: Buffer;
}

/** A comment between server-sent events. */
export const sseComment = (text: string): Buffer => Buffer.from(`: ${text}\n\n`);

export const SSE_KEEP_ALIVE: Buffer = sseComment("keep-alive");

export const isContent = (event: ChatEvent): boolean =>
  event.type === "text" ||
  event.type === "reasoning" ||
  event.type === "refusal" ||
  event.type === "tool-call" ||
  event.type === "finish";
