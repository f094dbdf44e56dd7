/** What requests of operations other than chat have in common. */
import type { Adapter, BodyVerdict, PassingCodec, StreamRelay, Target } from "@headgate/adapter-kit";
import {
  type ChargedUnits,
  type EmbeddingAnswer,
  type JsonObject,
  type Operation,
  present,
} from "@headgate/contract";
import type { OperationRequest } from "../../codec/any-request.ts";
import { ByteRelay } from "../../codec/byte-relay.ts";
import { type ExchangeCodec, JSON_TYPE, type Whole } from "../../codec/exchange-codec.ts";
import { flag, modelName } from "./chat-facts.ts";
import { errorFrame } from "./envelope.ts";

type Answer = (adapter: Adapter, target: Target) => ExchangeCodec | undefined;

export function operationRequest(
  json: JsonObject,
  operation: Operation,
  exchangeCodec: Answer,
  { stream = false, units }: { readonly stream?: boolean; readonly units?: ChargedUnits } = {},
): OperationRequest {
  return namedRequest(modelName(json), operation, exchangeCodec, {
    stream,
    units,
    mockFallback: flag(json, "mock_testing_fallbacks"),
  });
}

export function namedRequest(
  model: string,
  operation: Operation,
  exchangeCodec: Answer,
  {
    stream,
    mockFallback,
    units,
  }: { readonly stream: boolean; readonly mockFallback: boolean; readonly units?: ChargedUnits | undefined },
): OperationRequest {
  return {
    facts: { model, operation, needs: 0, ...present({ units }) },
    stream,
    mockFallback,
    errorFrame,
    exchangeCodec,
  };
}

/** A codec for answers that come whole. */
export const wholeCodec = (
  encoded: ExchangeCodec["encoded"],
  whole: ExchangeCodec["whole"],
): ExchangeCodec => ({
  encoded,
  streams: false,
  streamContentType: () => JSON_TYPE,
  relay: () => new ByteRelay(),
  whole,
  pieces: () => [],
});

/**
 * A codec for embeddings. An answer with another number of vectors than inputs is a failure.
 * @param encode the client's answer as JSON text
 */
export const embeddingCodec = (
  embedding: NonNullable<Adapter["embedding"]>,
  encoded: ExchangeCodec["encoded"],
  inputs: number,
  encode: (answer: EmbeddingAnswer) => string,
): ExchangeCodec =>
  wholeCodec(encoded, (body) => {
    const decoded = embedding.decode(body);
    if (!decoded.ok) return decoded;
    const { vectors, inputTokens } = decoded.answer;
    if (vectors.length !== inputs) {
      const message = `${vectors.length} embeddings for ${inputs} inputs`;
      return { ok: false, error: { class: "malformed", message } };
    }
    const usage = inputTokens === undefined ? undefined : { inputTokens, outputTokens: 0 };
    return {
      ok: true,
      body: Buffer.from(encode(decoded.answer)),
      contentType: JSON_TYPE,
      ...present({ usage }),
    };
  });

/** A codec that passes a stream of bytes on; a JSON document in its place is judged. */
export function streamCodec(
  encoded: ExchangeCodec["encoded"],
  fallbackType: string,
  judge: (body: Buffer) => BodyVerdict,
  relay: () => StreamRelay = () => new ByteRelay(),
): ExchangeCodec {
  return {
    encoded,
    streams: true,
    streamContentType: (upstream) => upstream ?? fallbackType,
    relay,
    whole: (body) => judged(body, judge(body), JSON_TYPE),
    pieces(body) {
      const verdict = judge(body);
      const bytes = Buffer.alloc(0);
      if (!verdict.ok) return [{ kind: "error", bytes, error: verdict.error }];
      return [
        { kind: "content", bytes: body },
        { kind: "end", bytes },
      ];
    },
  };
}

export const judged = (body: Buffer, verdict: BodyVerdict, contentType: string): Whole =>
  verdict.ok ? { ...verdict, body, contentType } : verdict;

/** The codec's verdict on a JSON answer that passes. */
export const passWhole =
  (codec: PassingCodec): ExchangeCodec["whole"] =>
  (body) =>
    judged(body, codec.inspect(body), JSON_TYPE);
