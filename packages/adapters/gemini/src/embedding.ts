/** Embeddings, always as a batch: https://ai.google.dev/api/embeddings#method:-models.batchembedcontents */
import {
  applyDialect,
  asArray,
  asCount,
  asObject,
  asVector,
  type Decoded,
  dialectOf,
  type EncodedRequest,
  EncodeError,
  embeddingAnswer,
  isObject,
  parseJson,
  sortExtras,
  type Target,
  textInputs,
} from "@headgate/adapter-kit";
import {
  type EmbeddingAnswer,
  type EmbeddingRequest,
  type JsonObject,
  type JsonValue,
  present,
} from "@headgate/contract";
import { bodyError } from "./decode.ts";
import { modelPath } from "./request.ts";
import { WIRE } from "./wire.ts";

/** Per request. */
const MAX_TEXTS = 100;
/** Google's own fields, by the names that OpenAI clients use for them. */
const CARRIED: Readonly<Record<string, string>> = {
  task_type: "taskType",
  taskType: "taskType",
  title: "title",
};

export function encodeEmbedding(request: EmbeddingRequest, target: Target): EncodedRequest {
  const { deployment } = target;
  const dialect = dialectOf(target);
  const { inputs, dimensions, user, own } = request;
  const { drop } = dialect;
  const texts = textInputs("Gemini", inputs, MAX_TEXTS);
  const dropped = user === undefined ? [] : ["user"];
  const carried = readExtras(request, drop, dropped);
  const unwanted = dimensions !== undefined && drop.includes("dimensions");
  if (unwanted) dropped.push("dimensions");
  const path = modelPath(deployment.upstream);
  const requests = texts.map((text, index) =>
    present({
      model: `models/${deployment.upstream.replace(/^models\//, "")}`,
      content: { parts: [{ text }] },
      ...carried,
      ...(own?.wire === WIRE ? own.inputs[index] : {}),
      outputDimensionality: unwanted ? undefined : dimensions,
    }),
  );
  const json = { requests };
  const sent = applyDialect({ bytes: Buffer.from(JSON.stringify(json)), json }, dialect, {});
  return {
    path: `${path}:batchEmbedContents`,
    headers: { "content-type": "application/json", accept: "application/json" },
    body: sent.bytes,
    dropped: [...dropped, ...sent.dropped],
  };
}

function readExtras({ extra }: EmbeddingRequest, drop: readonly string[], dropped: string[]): JsonObject {
  const carried: Record<string, JsonValue> = {};
  sortExtras(extra, {
    carry(name, value) {
      const theirs = Object.hasOwn(CARRIED, name) ? CARRIED[name] : undefined;
      if (theirs === undefined || drop.includes(name)) return false;
      carried[theirs] = value;
      return true;
    },
    drop: (name) => dropped.push(name),
    refuse(name) {
      if (!drop.includes(name)) throw new EncodeError(`Gemini has nothing like ${name}`, name);
      dropped.push(name);
    },
  });
  return carried;
}

export function decodeEmbedding(bytes: Buffer): Decoded<EmbeddingAnswer> {
  const body = parseJson(bytes.toString("utf8"));
  const listed = isObject(body) ? asArray(body.embeddings) : undefined;
  if (!isObject(body) || listed === undefined || listed.length === 0)
    return { ok: false, error: bodyError(bytes, "embeddings") };
  const vectors = listed.map((entry) => asVector(asObject(entry)?.values));
  const inputTokens = asCount(asObject(body.usageMetadata)?.promptTokenCount);
  return embeddingAnswer(vectors, { inputTokens });
}
