/** One chat request as its surface decoded it, and how the surface writes answers and errors for its client. */
import type { NativeBody } from "@headgate/adapter-kit";
import type { ChatEvent, ChatRequest, JsonObject, UpstreamError } from "@headgate/contract";
import type { RequestFacts } from "@headgate/router";
import type { ClientError } from "../http/client-error.ts";

/** Encodes events for a client's stream. Each returned buffer holds whole frames. */
export interface StreamEncoder {
  encode(event: ChatEvent): Buffer | undefined;
  /** What the client must still see after the last event of a whole answer. */
  end(): Buffer;
  /** The last bytes of a stream that broke, where they depend on what went before. */
  fail?(error: ClientError): Buffer;
}

export interface SurfaceRequest {
  /** The client's wire; an adapter that speaks the same one passes the bytes through. */
  readonly wire: string;
  readonly facts: RequestFacts;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  /** Present when the body may pass through as it is on the same wire. */
  readonly native?: NativeBody;
  /** `mock_testing_fallbacks`: the first candidate is taken to have failed. */
  readonly mockFallback: boolean;
  /** Fields that have no effect on another wire, by the client's names. */
  readonly dropped?: readonly string[];
  /** Those of them that an upstream of the client's wire is sent, where it is asked in the canonical form's words. */
  readonly own?: JsonObject;
  /** The client's name of a field that an adapter named in the canonical form's words, OpenAI's chat ones. */
  fieldName?(canonical: string): string;
  /** The canonical form, made when the wires differ. @throws {ClientError} */
  canonical(): ChatRequest;
  /** Why a whole answer is none for this request, so that another candidate is asked. */
  unfit?(events: readonly ChatEvent[]): UpstreamError | undefined;
  streamEncoder(model: string, createdAtS: number): StreamEncoder;
  encodeBody(events: readonly ChatEvent[], model: string, createdAtS: number): Buffer;
  /** The last bytes of a stream that broke, where its encoder has none of its own. */
  errorFrame(error: ClientError): Buffer;
  /** Bytes of a stream that its clients pass over; absent where they might not. */
  comment?(text: string): Buffer;
  readonly streamContentType: string;
}

/** A comment between server-sent events. */
export const sseComment = (text: string): Buffer => Buffer.from(`: ${text}\n\n`);

export const isContent = (event: ChatEvent): boolean =>
  event.type === "text" ||
  event.type === "reasoning" ||
  event.type === "refusal" ||
  event.type === "tool-call" ||
  event.type === "finish";
