/** Requests of every operation, and how each is encoded by an adapter. */
import type { Adapter, Target } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue } from "@headgate/contract";
import type { RequestFacts } from "@headgate/router";
import type { ClientError } from "../http/client-error.ts";
import { chatExchangeCodec, type ExchangeCodec } from "./exchange-codec.ts";
import type { SurfaceRequest } from "./surface-request.ts";

/** An embedding's inputs one by one, and its answer's vectors, each as JSON text: a list of numbers, or base64 in quotes. */
export interface VectorRequest {
  readonly inputs: readonly JsonValue[];
  /** What shapes every vector beside its input. */
  readonly shape: JsonValue;
  /** The same request for some of the inputs, and its body for the facts of routing. */
  only(inputs: readonly number[]): { readonly request: OperationRequest; readonly json: JsonObject };
  /** The vectors of an answer to the request; undefined where they cannot be read. */
  read(body: Buffer): Vectors | undefined;
  /** The answer in the client's form. */
  write(vectors: Vectors): string;
}

export interface Vectors {
  readonly texts: readonly string[];
  readonly model?: string | undefined;
  readonly inputTokens?: number | undefined;
}

/** A request of an operation other than chat. It makes its own codec for an adapter. */
export interface OperationRequest {
  readonly facts: RequestFacts;
  readonly stream: boolean;
  readonly mockFallback: boolean;
  errorFrame(error: ClientError): Buffer;
  /** Called after the last byte of a whole answer. */
  onAnswered?(): Promise<void>;
  /** Of an embedding: its inputs one by one, for the cache. */
  readonly vectors?: VectorRequest;
  /** Undefined when the adapter does not serve the operation. @throws {EncodeError} */
  exchangeCodec(adapter: Adapter, target: Target): ExchangeCodec | undefined;
}

export type AnyRequest = SurfaceRequest | OperationRequest;

export const isChat = (request: AnyRequest): request is SurfaceRequest => !("exchangeCodec" in request);

/** @throws {EncodeError} for what the candidate's wire cannot express. */
export function exchangeCodecFor(
  request: AnyRequest,
  adapter: Adapter,
  target: Target,
  nowS: number,
): ExchangeCodec | undefined {
  if (!isChat(request)) return request.exchangeCodec(adapter, target);
  return adapter.chat === undefined
    ? undefined
    : chatExchangeCodec(request, { chat: adapter.chat, second: adapter.second }, target, nowS);
}
