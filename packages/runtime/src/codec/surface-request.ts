/**
 * What a surface is: some routes, an envelope for errors, and requests decoded for the attempt loop. A surface is one
 * folder under surfaces/; adding one touches that folder and the list in surfaces/index.ts.
 *
 * What it gives the attempt loop: one decoded request, and how to word answers and errors for its client. */
import type { NativeBody } from "@headgate/adapter-kit";
import type {
  ChatEvent,
  ChatRequest,
  JsonObject,
  KeptStore,
  Options,
  UpstreamError,
} from "@headgate/contract";
import type { RequestFacts } from "@headgate/router";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Serving } from "../gateway.ts";
import type { ClientError } from "../http/client-error.ts";
import type { SpooledForm } from "../http/forms/spool.ts";
import type { Incoming } from "../surfaces/fast-path.ts";
import type { AnyRequest } from "./any-request.ts";
import type { Sealer } from "./sealer.ts";

/** Encodes events for a client's stream. Each returned buffer holds whole frames. */
export interface StreamEncoder {
  encode(event: ChatEvent): Buffer | undefined;
  /** What the client must still see after the last event of a whole answer. */
  end(): Buffer;
  /** The last bytes of a stream that broke, where they depend on what went before. */
  fail?(error: ClientError): Buffer;
}

/** How a surface words an error for its clients. */
export interface Envelope {
  /** A whole answer's body, JSON text. */
  body(error: ClientError, requestId: string): string;
  /** The header, beside `x-request-id`, in which this surface's clients look for a request's id; on every answer. */
  readonly idHeader?: string;
  /** Headers that go with it, content-type included. */
  headers(error: ClientError, requestId: string): Record<string, string>;
}

/** What a surface's routes may use of the gateway. */
export interface SurfaceHost {
  readonly options: Options;
  /** The gateway's clock. */
  readonly nowMs: () => number;
  /** Seals what clients keep for the gateway. */
  readonly sealer: Sealer;
  /** Where what outlives the process is kept, and whether other processes write there too. */
  readonly kept: { readonly kept: KeptStore | undefined; readonly shared: boolean };
  /** What is served at this moment. */
  serving(): Serving;
  /** A POST handler: decodes the JSON body, finds the route, and runs the exchange. */
  answer(
    envelope: Envelope,
    decode: (body: NativeBody, request: FastifyRequest) => AnyRequest | Promise<AnyRequest>,
  ): (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
  /**
   * The same for a route that many requests take: its exact path goes past Fastify. Register `answer` for it too, which
   * serves the path with a query.
   */
  fastPath(
    path: string,
    envelope: Envelope,
    decode: (body: NativeBody, incoming: Incoming) => AnyRequest | Promise<AnyRequest>,
  ): void;
  /** The same for a multipart form; its files are deleted when the exchange is over. */
  answerForm(
    envelope: Envelope,
    decode: (form: SpooledForm, request: FastifyRequest) => AnyRequest,
  ): (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
}

export type Surface = (app: FastifyInstance, host: SurfaceHost) => void;

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
