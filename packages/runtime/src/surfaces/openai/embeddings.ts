/** POST /v1/embeddings: the client gets floats or base64, whichever the upstream sends. */
import {
  editJson,
  GATEWAY_FIELDS,
  isObject,
  type NativeBody,
  type PassingEmbedding,
  packedFloats,
  parseJson,
  type Target,
  unpackedFloats,
} from "@headgate/adapter-kit";
import {
  type EmbeddingAnswer,
  type EmbeddingRequest,
  type JsonObject,
  type JsonValue,
  present,
} from "@headgate/contract";
import type { OperationRequest, VectorRequest } from "../../codec/any-request.ts";
import { type ExchangeCodec, JSON_TYPE } from "../../codec/exchange-codec.ts";
import { badRequest } from "../../http/client-error.ts";
import { isArray } from "../../http/json-body.ts";
import { numberField, textField } from "../field-readers.ts";
import { modelName } from "./chat-facts.ts";
import { embeddingCodec, judged, operationRequest, wholeCodec } from "./operation.ts";

const PLACED: ReadonlySet<string> = new Set([
  "model",
  "input",
  "dimensions",
  "encoding_format",
  "user",
  ...GATEWAY_FIELDS,
]);
const WIRE = "openai-embeddings";
/** OpenAI's own bound on one request. */
const MAX_INPUTS = 2048;

export function embeddingsRequest(body: NativeBody): OperationRequest {
  const { json } = body;
  const inputs = inputsOf(json);
  const dimensions = numberField(json, "dimensions");
  if (dimensions !== undefined && (!Number.isInteger(dimensions) || dimensions < 1)) {
    throw badRequest("`dimensions` must be a whole number of at least 1.", "dimensions");
  }
  const user = textField(json, "user");
  const base64 = formatOf(json) === "base64";
  const extra: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(json))
    if (!PLACED.has(name) && value !== null) extra[name] = value;
  const request: EmbeddingRequest = {
    inputs,
    extra,
    ...present({ dimensions, user }),
  };
  const whole = operationRequest(json, "embedding", ({ embedding }, target) => {
    if (embedding === undefined) return undefined;
    if (embedding.passing?.wire === WIRE)
      return passingCodec(embedding.passing, body, target, inputs.length, base64);
    return embeddingCodec(embedding, embedding.encode(request, target), inputs.length, (answer) =>
      encodeAnswer(answer, target.deployment.upstream, base64),
    );
  });
  return {
    ...whole,
    vectors: { inputs, shape: [dimensions ?? null, extra], ...oneByOne(body, inputs, base64) },
  };
}

/** For the cache: a request for some of the inputs, and an answer's vectors one by one. */
const oneByOne = (
  body: NativeBody,
  inputs: readonly (string | readonly number[])[],
  base64: boolean,
): Pick<VectorRequest, "only" | "read" | "write"> => ({
  only(places) {
    const input = places.map((place) => inputs[place] ?? "");
    const { bytes } = editJson(body.bytes, { set: { input: JSON.stringify(input) } });
    const json = { ...body.json, input };
    return { request: embeddingsRequest({ ...body, bytes, json }), json };
  },
  read(bytes) {
    const answer = parseJson(bytes.toString("utf8"));
    if (!isObject(answer) || !isArray(answer.data)) return undefined;
    const texts: string[] = [];
    for (const entry of answer.data) {
      if (!isObject(entry) || entry.embedding === undefined) return undefined;
      texts.push(JSON.stringify(entry.embedding));
    }
    const { model, usage } = answer;
    const tokens = isObject(usage) ? usage.prompt_tokens : undefined;
    return {
      texts,
      ...(typeof model === "string" ? { model } : {}),
      ...(typeof tokens === "number" ? { inputTokens: tokens } : {}),
    };
  },
  write({ texts, model = modelName(body.json), inputTokens = 0 }) {
    const data = texts
      .map((text, index) => `{"object":"embedding","index":${index},"embedding":${inForm(text, base64)}}`)
      .join(",");
    const usage = JSON.stringify({ prompt_tokens: inputTokens, total_tokens: inputTokens });
    return `{"object":"list","data":[${data}],"model":${JSON.stringify(model)},"usage":${usage}}`;
  },
});

/** A vector's JSON text in the client's form. */
export function inForm(text: string, base64: boolean): string {
  const packed = text.startsWith('"');
  if (packed === base64) return text;
  return base64
    ? JSON.stringify(packedFloats(JSON.parse(text) as number[]))
    : JSON.stringify(unpackedFloats(JSON.parse(text) as string));
}

/** The answer's bytes pass where they have the form that the client wants. */
const passingCodec = (
  passing: PassingEmbedding,
  body: NativeBody,
  target: Target,
  inputs: number,
  base64: boolean,
): ExchangeCodec =>
  wholeCodec(passing.encode(body, target), (bytes) => {
    const verdict = passing.inspect(bytes, inputs);
    const shown = verdict.ok ? passing.inForm(bytes, base64 ? "base64" : "float") : bytes;
    return shown === undefined
      ? { ok: false, error: { class: "malformed", message: "an embedding of the answer cannot be read" } }
      : judged(shown, verdict, JSON_TYPE);
  });

function formatOf(json: JsonObject): string {
  const format = textField(json, "encoding_format") ?? "float";
  if (format === "float" || format === "base64") return format;
  throw badRequest("`encoding_format` must be float or base64.", "encoding_format");
}

/** One text, one array of token ids, or a list of either. */
function inputsOf({ input }: JsonObject): readonly (string | readonly number[])[] {
  if (input === undefined || input === null) throw badRequest("`input` is missing.", "input");
  if (typeof input === "string") return [nonEmpty(input, "input")];
  if (!isArray(input) || input.length === 0)
    throw badRequest("`input` must be a text or a list that is not empty.", "input");
  if (isTokens(input)) return [input];
  if (input.length > MAX_INPUTS)
    throw badRequest(`\`input\` holds more than ${MAX_INPUTS} entries.`, "input");
  return input.map((entry, at) => {
    if (typeof entry === "string") return nonEmpty(entry, `input[${at}]`);
    if (isArray(entry) && entry.length > 0 && isTokens(entry)) return entry;
    throw badRequest("An input must be a text or an array of token ids.", `input[${at}]`);
  });
}

function nonEmpty(entry: string, path: string): string {
  if (entry === "") throw badRequest("An input must not be empty.", path);
  return entry;
}

const isTokens = (list: readonly JsonValue[]): list is readonly number[] =>
  list.every((entry) => typeof entry === "number" && Number.isInteger(entry) && entry >= 0);

function encodeAnswer(
  { vectors, model, inputTokens }: EmbeddingAnswer,
  upstream: string,
  base64: boolean,
): string {
  return JSON.stringify({
    object: "list",
    data: vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: base64 ? packedFloats(vector) : vector,
    })),
    model: model ?? upstream,
    usage: { prompt_tokens: inputTokens ?? 0, total_tokens: inputTokens ?? 0 },
  });
}
