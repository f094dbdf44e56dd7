/** Embeddings: https://platform.openai.com/docs/api-reference/embeddings */
import {
  asArray,
  asCount,
  asObject,
  asText,
  asVector,
  type Decoded,
  type EncodedRequest,
  embeddingAnswer,
  encodeDocument,
  isObject,
  parseJson,
  type Target,
  unpackedFloats,
} from "@headgate/adapter-kit";
import { type EmbeddingAnswer, type EmbeddingRequest, type JsonValue, present } from "@headgate/contract";
import { answerError } from "./inspect.ts";

/**
 * `encoding_format` is never sent: floats are every provider's default and few have base64. The surface makes the
 * format that the client requested.
 */
export function encodeEmbedding(request: EmbeddingRequest, target: Target): EncodedRequest {
  const { inputs, dimensions, user, extra } = request;
  return encodeDocument("/embeddings", { ...extra, ...present({ input: inputs, dimensions, user }) }, target);
}

export function decodeEmbedding(bytes: Buffer): Decoded<EmbeddingAnswer> {
  const body = parseJson(bytes.toString("utf8"));
  const data = isObject(body) ? asArray(body.data) : undefined;
  if (!isObject(body) || data === undefined || data.length === 0) {
    return { ok: false, error: answerError(bytes, "embeddings") };
  }
  // An index that repeats, or lies outside of the list, leaves a hole elsewhere.
  const vectors: (readonly number[] | undefined)[] = new Array(data.length);
  for (const [position, entry] of data.entries()) {
    const at = asCount(asObject(entry)?.index) ?? position;
    if (at < vectors.length) vectors[at] = readVector(asObject(entry)?.embedding);
  }
  return embeddingAnswer(vectors, {
    model: asText(body.model),
    inputTokens: asCount(asObject(body.usage)?.prompt_tokens),
  });
}

/** Numbers, or base64 of little-endian 32-bit floats, which some servers send. */
export function readVector(value: JsonValue | undefined): readonly number[] | undefined {
  return typeof value === "string" ? unpackedFloats(value) : asVector(value);
}
