/** Embeddings: https://docs.ollama.com/api/embed */
import {
  ANSWER_CUT,
  asArray,
  asCount,
  asText,
  asVector,
  carryKnown,
  type Decoded,
  dialectOf,
  type EncodedRequest,
  EncodeError,
  embeddingAnswer,
  encodeDocument,
  isObject,
  notAnAnswer,
  parseJson,
  readErrorValue,
  type Target,
  textInputs,
  upstreamError,
} from "@headgate/adapter-kit";
import {
  type EmbeddingAnswer,
  type EmbeddingRequest,
  type JsonValue,
  present,
  type UpstreamError,
} from "@headgate/contract";
import { chosenBy } from "./encode.ts";
import { dialectFor, withLoadOptions } from "./load-options.ts";

/** Ollama's own fields, for clients that address it directly. */
const KNOWN = ["keep_alive", "options", "truncate"];

export function encodeEmbedding(
  { inputs, dimensions, user, extra }: EmbeddingRequest,
  target: Target,
): EncodedRequest {
  const { provider, deployment } = target;
  const dropped = user === undefined ? [] : ["user"];
  const carried = carryKnown("Ollama", extra, KNOWN, dialectOf(target).drop, dropped);
  const input = textInputs("Ollama", inputs);
  if (carried.options !== undefined && !isObject(carried.options))
    throw new EncodeError("options must be an object", "options");
  const { options, ...loading } = withLoadOptions(carried.options ?? {}, target);
  if (Object.keys(options).length > 0) carried.options = options;
  const json = present({ ...carried, input, dimensions });
  const dialect = dialectFor(target, json);
  const encoded = encodeDocument(
    "/api/embed",
    json,
    { provider, deployment: { ...deployment, dialect } },
    dropped,
  );
  return { ...encoded, ...chosenBy(loading, target) };
}

export function decodeEmbedding(bytes: Buffer): Decoded<EmbeddingAnswer> {
  const text = bytes.toString("utf8");
  const body = parseJson(text);
  const listed = isObject(body) ? asArray(body.embeddings) : undefined;
  if (!isObject(body) || listed === undefined || listed.length === 0) {
    return { ok: false, error: errorOf(text, body) };
  }
  return embeddingAnswer(listed.map(asVector), {
    model: asText(body.model),
    inputTokens: asCount(body.prompt_eval_count),
  });
}

function errorOf(text: string, body: JsonValue | undefined): UpstreamError {
  if (body === undefined && text.trimStart().startsWith("{")) {
    return ANSWER_CUT;
  }
  const found = isObject(body) ? readErrorValue(body) : undefined;
  return found === undefined ? notAnAnswer(text, "embeddings") : upstreamError(found);
}
