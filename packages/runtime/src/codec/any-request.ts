/** Requests of every operation, and how each is encoded by an adapter. */
import type { Adapter, Target } from "@headgate/adapter-kit";
import type { RequestFacts } from "@headgate/router";
import type { ClientError } from "../http/client-error.ts";
import { chatExchangeCodec, type ExchangeCodec } from "./exchange-codec.ts";
import type { SurfaceRequest } from "./surface-request.ts";

/** A request of an operation other than chat. It makes its own codec for an adapter. */
export interface OperationRequest {
  readonly facts: RequestFacts;
  readonly stream: boolean;
  readonly mockFallback: boolean;
  errorFrame(error: ClientError): Buffer;
  /** Called after the last byte of a whole answer. */
  onAnswered?(): Promise<void>;
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
