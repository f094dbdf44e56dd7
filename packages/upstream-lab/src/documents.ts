/** Answers to operations other than chat: embeddings and rankings that follow from the request alone. */

import { asList, asObject, asText, type JsonObject, type JsonValue } from "./json.ts";
import type { Wire } from "./lab-request.ts";

export interface LabDocument {
  /** The chat wire of the same provider: errors have the same form on both. */
  readonly wire: Exclude<Wire, "listing">;
  readonly value: JsonObject;
}

const DIMENSIONS = 4;

/** The answer to a POST, by the end of its path; `undefined` for a path that is none of these operations. */
export function documentAt(
  method: string,
  path: string,
  seq: number,
  body: JsonObject,
): LabDocument | undefined {
  if (method !== "POST") return undefined;
  if (path.endsWith("/v2/embed")) return { wire: "cohere-chat", value: cohereEmbeddings(body, seq) };
  if (path.endsWith("/v2/rerank")) return { wire: "cohere-chat", value: cohereRanking(body, seq) };
  if (path.endsWith("/api/embed")) return { wire: "ollama-chat", value: ollamaEmbeddings(body) };
  if (path.endsWith(":batchEmbedContents")) return { wire: "gemini", value: geminiEmbeddings(body) };
  return path.endsWith("/embeddings") ? { wire: "openai-chat", value: openAiEmbeddings(body) } : undefined;
}

/** Each component follows from the input; a 32-bit float holds it exactly. */
export function vectorOf(input: JsonValue, dimensions: JsonValue | undefined): number[] {
  let hash = 7;
  for (const byte of Buffer.from(JSON.stringify(input))) hash = (hash * 31 + byte) % 65_521;
  const length = typeof dimensions === "number" ? dimensions : DIMENSIONS;
  return Array.from({ length }, (_, index) => (((hash + index * 97) % 129) - 64) / 64);
}

/** A text, or a list of token ids, is one input. */
const listOf = (input: JsonValue | undefined): readonly JsonValue[] =>
  typeof input === "string" || (Array.isArray(input) && typeof input[0] === "number")
    ? [input]
    : asList(input);

const tokensIn = (inputs: readonly JsonValue[]): number =>
  inputs.reduce<number>((sum, input) => sum + Math.ceil(JSON.stringify(input).length / 4), 0);

function openAiEmbeddings({ model, input, dimensions }: JsonObject): JsonObject {
  const inputs = listOf(input);
  const prompt_tokens = tokensIn(inputs);
  const data = inputs.map((one, index) => ({
    object: "embedding",
    index,
    embedding: vectorOf(one, dimensions),
  }));
  return { object: "list", data, model, usage: { prompt_tokens, total_tokens: prompt_tokens } };
}

function ollamaEmbeddings({ model, input, dimensions }: JsonObject): JsonObject {
  const inputs = listOf(input);
  return {
    model,
    embeddings: inputs.map((one) => vectorOf(one, dimensions)),
    total_duration: 5_000_000,
    load_duration: 1_000_000,
    prompt_eval_count: tokensIn(inputs),
  };
}

function geminiEmbeddings(body: JsonObject): JsonObject {
  const requests = asList(body.requests).map(asObject);
  const texts = requests.map(({ content }) => asText(asObject(asList(asObject(content).parts)[0]).text));
  return {
    embeddings: texts.map((text, at) => ({ values: vectorOf(text, requests[at]?.outputDimensionality) })),
    usageMetadata: { promptTokenCount: tokensIn(texts) },
  };
}

const cohereId = (seq: number): string => `00000000-0000-4000-8000-${String(seq).padStart(12, "0")}`;
const cohereMeta = (billed_units: JsonObject): JsonObject => ({
  api_version: { version: "2" },
  billed_units,
});

function cohereEmbeddings(body: JsonObject, seq: number): JsonObject {
  const texts = asList(body.texts);
  return {
    id: cohereId(seq),
    embeddings: { float: texts.map((text) => vectorOf(text, body.output_dimension)) },
    texts,
    meta: cohereMeta({ input_tokens: tokensIn(texts) }),
    response_type: "embeddings_by_type",
  };
}

/** A document's score is the share of the query's words in it. */
function cohereRanking(body: JsonObject, seq: number): JsonObject {
  const words = asText(body.query).toLowerCase().split(/\s+/);
  const results = asList(body.documents)
    .map((document, index) => {
      const text = asText(document).toLowerCase();
      return { index, relevance_score: words.filter((word) => text.includes(word)).length / words.length };
    })
    .sort((a, b) => b.relevance_score - a.relevance_score);
  const wanted = typeof body.top_n === "number" ? body.top_n : results.length;
  return { id: cohereId(seq), results: results.slice(0, wanted), meta: cohereMeta({ search_units: 1 }) };
}
