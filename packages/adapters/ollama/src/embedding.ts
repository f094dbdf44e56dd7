/** Embeddings: https://docs.ollama.com/api/embed */
import {
  ANSWER_CUT,
  applyDialect,
  asArray,
  asCount,
  asText,
  asVector,
  type Decoded,
  defined,
  type EncodedRequest,
  EncodeError,
  isObject,
  notAnAnswer,
  parseJson,
  readErrorValue,
  type Target,
  upstreamError,
} from "@headgate/adapter-kit";
import type { EmbeddingAnswer, EmbeddingRequest, JsonValue, UpstreamError } from "@headgate/contract";
import { chosenBy } from "./encode.ts";
import { dialectFor, withLoadOptions } from "./load-options.ts";

/** Ollama's own, for clients that know whom they speak to. */
const KNOWN: ReadonlySet<string> = new Set(["keep_alive", "options", "truncate"]);

export function encodeEmbedding(
  { inputs, dimensions, user, extra }: EmbeddingRequest,
  target: Target,
): EncodedRequest {
  const { provider, deployment } = target;
  const dropped = user === undefined ? [] : ["user"];
  const carried: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(extra)) {
    if (value === null) continue;
    if (KNOWN.has(name)) carried[name] = value;
    else if (provider.dialect.drop.includes(name)) dropped.push(name);
    else throw new EncodeError(`Ollama has nothing like ${name}`, name);
  }
  const input = inputs.map((entry, index) => {
    if (typeof entry === "string") return entry;
    const at = inputs.length === 1 ? "input" : `input[${index}]`;
    throw new EncodeError("Ollama embeds texts, not token ids", at);
  });
  if (carried.options !== undefined && !isObject(carried.options))
    throw new EncodeError("options must be an object", "options");
  const { options, chosen } = withLoadOptions(carried.options ?? {}, target);
  if (Object.keys(options).length > 0) carried.options = options;
  const json = defined({ ...carried, model: deployment.upstream, input, dimensions });
  const body = applyDialect({ bytes: Buffer.from(JSON.stringify(json)), json }, dialectFor(target, json), {
    model: JSON.stringify(deployment.upstream),
  });
  return {
    path: "/api/embed",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: body.bytes,
    dropped: [...dropped, ...body.dropped],
    ...chosenBy(chosen, target),
  };
}

export function decodeEmbedding(bytes: Buffer): Decoded<EmbeddingAnswer> {
  const text = bytes.toString("utf8");
  const body = parseJson(text);
  const listed = isObject(body) ? asArray(body.embeddings) : undefined;
  if (!isObject(body) || listed === undefined || listed.length === 0) {
    return { ok: false, error: errorOf(text, body) };
  }
  const vectors: (readonly number[])[] = [];
  for (const entry of listed) {
    const vector = asVector(entry);
    if (vector === undefined) {
      return {
        ok: false,
        error: { class: "malformed", message: "an embedding of the answer cannot be read" },
      };
    }
    vectors.push(vector);
  }
  const model = asText(body.model);
  const inputTokens = asCount(body.prompt_eval_count);
  return {
    ok: true,
    answer: {
      vectors,
      ...(model === undefined ? {} : { model }),
      ...(inputTokens === undefined ? {} : { inputTokens }),
    },
  };
}

function errorOf(text: string, body: JsonValue | undefined): UpstreamError {
  if (body === undefined && text.trimStart().startsWith("{")) {
    return ANSWER_CUT;
  }
  const found = isObject(body) ? readErrorValue(body) : undefined;
  return found === undefined ? notAnAnswer(text, "embeddings") : upstreamError(found);
}
