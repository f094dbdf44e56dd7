/** Requests of every operation, and how each is put to an adapter. */
import type { Adapter, Target } from "@headgate/adapter-kit";
import type { RequestFacts } from "@headgate/router";
import { type Answerer, chatAnswerer } from "./answerer.ts";
import type { ClientError } from "./client-error.ts";
import type { SurfaceRequest } from "./surface.ts";

/** A request of an operation other than chat: it knows by itself how an adapter answers it. */
export interface OperationRequest {
  readonly facts: RequestFacts;
  readonly stream: boolean;
  readonly mockFallback: boolean;
  errorFrame(error: ClientError): Buffer;
  /** Undefined when the adapter does not serve the operation. @throws {EncodeError} */
  answerer(adapter: Adapter, target: Target): Answerer | undefined;
}

export type AnyRequest = SurfaceRequest | OperationRequest;

export const isChat = (request: AnyRequest): request is SurfaceRequest => !("answerer" in request);

/** @throws {EncodeError} for what the candidate's wire cannot express. */
export function answererFor(
  request: AnyRequest,
  adapter: Adapter,
  target: Target,
  nowS: number,
): Answerer | undefined {
  if (!isChat(request)) return request.answerer(adapter, target);
  return adapter.chat === undefined
    ? undefined
    : chatAnswerer(request, { chat: adapter.chat, responses: adapter.responses }, target, nowS);
}
