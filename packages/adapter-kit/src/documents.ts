/** Requests for one JSON document and their answers: embeddings and reranking. */
import {
  type EmbeddingAnswer,
  type JsonObject,
  type JsonValue,
  present,
  type RerankAnswer,
} from "@headgate/contract";
import { type Decoded, type EncodedRequest, EncodeError, type Target } from "./adapter.ts";
import { applyDialect, dialectOf } from "./dialect.ts";
import { asCount, asObject } from "./json-read.ts";

/**
 * The document as a request's bytes: the provider's dialect applied, and the upstream's model set.
 *
 * @param dropped fields already left out, by the client's names.
 */
export function encodeDocument(
  path: string,
  fields: JsonObject,
  target: Target,
  dropped: readonly string[] = [],
): EncodedRequest {
  const { deployment } = target;
  const json = { ...fields, model: deployment.upstream };
  const body = applyDialect({ bytes: Buffer.from(JSON.stringify(json)), json }, dialectOf(target), {
    model: JSON.stringify(deployment.upstream),
  });
  return {
    path,
    headers: { "content-type": "application/json", accept: "application/json" },
    body: body.bytes,
    dropped: [...dropped, ...body.dropped],
  };
}

/**
 * Those of the client's other fields that the wire knows.
 *
 * @param wire its name in error messages, such as `Cohere`.
 * @param drop names that the provider's dialect drops.
 * @param dropped gets the names that are left out.
 * @throws {EncodeError} for a field that is neither known nor dropped.
 */
export function carryKnown(
  wire: string,
  extra: Readonly<Record<string, JsonValue>>,
  known: readonly string[],
  drop: readonly string[],
  dropped: string[],
): Record<string, JsonValue> {
  const carried: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(extra)) {
    if (value === null) continue;
    if (known.includes(name)) carried[name] = value;
    else if (drop.includes(name)) dropped.push(name);
    else throw new EncodeError(`${wire} has nothing like ${name}`, name);
  }
  return carried;
}

/**
 * The inputs of a wire that embeds texts and no token ids.
 *
 * @param wire its name in error messages.
 * @param max how many inputs one request may have.
 */
export function textInputs(
  wire: string,
  inputs: readonly (string | readonly number[])[],
  max = Number.POSITIVE_INFINITY,
): string[] {
  if (inputs.length > max) throw new EncodeError(`${wire} embeds at most ${max} texts at once`, "input");
  return inputs.map((input, index) => {
    if (typeof input === "string") return input;
    const at = inputs.length === 1 ? "input" : `input[${index}]`;
    throw new EncodeError(`${wire} embeds texts, not token ids`, at);
  });
}

/** Base64 of 32-bit floats, little-endian, as the SDKs unpack them. */
export function packedFloats(vector: readonly number[]): string {
  const bytes = Buffer.from(Float32Array.from(vector).buffer);
  return (LITTLE_ENDIAN ? bytes : bytes.swap32()).toString("base64");
}

/** The numbers of such a text; undefined where it is none. */
export function unpackedFloats(text: string): readonly number[] | undefined {
  const packed = Buffer.from(text, "base64");
  if (packed.length === 0 || packed.length % 4 !== 0) return undefined;
  return Array.from({ length: packed.length / 4 }, (_, at) => packed.readFloatLE(at * 4));
}

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** @param vectors undefined, or a hole in the list: a vector that cannot be read, which makes the answer malformed. */
export function embeddingAnswer(
  vectors: readonly (readonly number[] | undefined)[],
  facts: { readonly model?: string | undefined; readonly inputTokens: number | undefined },
): Decoded<EmbeddingAnswer> {
  const read = vectors.filter((vector) => vector !== undefined);
  if (read.length < vectors.length) {
    const message = "an embedding of the answer cannot be read";
    return { ok: false, error: { class: "malformed", message } };
  }
  return { ok: true, answer: { vectors: read, ...present(facts) } };
}

/** @param listed the answer's results, each with `index` and `relevance_score`, in any order */
export function rankingAnswer(
  listed: readonly JsonValue[],
  facts: Omit<RerankAnswer, "results">,
): Decoded<RerankAnswer> {
  const results: { index: number; score: number }[] = [];
  for (const entry of listed) {
    const index = asCount(asObject(entry)?.index);
    const score = asObject(entry)?.relevance_score;
    if (index === undefined || typeof score !== "number")
      return { ok: false, error: { class: "malformed", message: "a result of the ranking cannot be read" } };
    results.push({ index, score });
  }
  // llama.cpp lists them in the order of the documents.
  results.sort((a, b) => b.score - a.score);
  return { ok: true, answer: { results, ...facts } };
}
