/** Embeddings: https://docs.cohere.com/reference/embed */
import {
  asArray,
  asCount,
  asObject,
  asVector,
  carryKnown,
  type Decoded,
  dialectOf,
  type EncodedRequest,
  embeddingAnswer,
  encodeDocument,
  isObject,
  parseJson,
  type Target,
  textInputs,
} from "@headgate/adapter-kit";
import { type EmbeddingAnswer, type EmbeddingRequest, present } from "@headgate/contract";
import { answerError } from "./answer-error.ts";

/** Per request. */
const MAX_TEXTS = 96;
const KNOWN = ["input_type", "max_tokens", "priority", "truncate"];
/** Required by Cohere. Clients of other wires have no such field; documents are the most frequent use. */
const INPUT_TYPE = "search_document";

export function encodeEmbedding(request: EmbeddingRequest, target: Target): EncodedRequest {
  const { inputs, dimensions, user, extra } = request;
  const dropped = user === undefined ? [] : ["user"];
  const carried = carryKnown("Cohere", extra, KNOWN, dialectOf(target).drop, dropped);
  return encodeDocument(
    "/embed",
    present({
      input_type: INPUT_TYPE,
      ...carried,
      texts: textInputs("Cohere", inputs, MAX_TEXTS),
      embedding_types: ["float"],
      output_dimension: dimensions,
    }),
    target,
    dropped,
  );
}

export function decodeEmbedding(bytes: Buffer): Decoded<EmbeddingAnswer> {
  const text = bytes.toString("utf8");
  const body = parseJson(text);
  const floats = isObject(body) ? asArray(asObject(body.embeddings)?.float) : undefined;
  if (!isObject(body) || floats === undefined || floats.length === 0) {
    return { ok: false, error: answerError(text, "embeddings") };
  }
  const inputTokens = asCount(asObject(asObject(body.meta)?.billed_units)?.input_tokens);
  return embeddingAnswer(floats.map(asVector), { inputTokens });
}
