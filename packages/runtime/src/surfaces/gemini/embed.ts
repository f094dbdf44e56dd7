/** `:embedContent` and `:batchEmbedContents`. https://ai.google.dev/api/embeddings */
import { isObject, type NativeBody, parseJson } from "@headgate/adapter-kit";
import {
  type EmbeddingAnswer,
  type EmbeddingRequest,
  type JsonObject,
  type JsonValue,
  present,
} from "@headgate/contract";
import type { OperationRequest, VectorRequest } from "../../codec/any-request.ts";
import { badRequest } from "../../http/client-error.ts";
import { isArray } from "../../http/json-body.ts";
import { numberField, textField } from "../field-readers.ts";
import { inForm } from "../openai/embeddings.ts";
import { embeddingCodec, namedRequest } from "../openai/operation.ts";
import { errorPiece, eventFraming } from "./encode-stream.ts";
import { listOf, message, optionalMessage } from "./fields.ts";
import { WIRE } from "./seals.ts";

/** Google's own bound on one request. */
const MAX_INPUTS = 100;
const KNOWN: ReadonlySet<string> = new Set([
  "model",
  "content",
  "taskType",
  "title",
  "outputDimensionality",
  "embedContentConfig",
]);
/** What a text is embedded for. Other providers' values differ, and a vector without it is still correct. */
const HINTS = ["taskType", "title"] as const;

interface Input {
  readonly text: string;
  readonly dimensions: number | undefined;
  /** The hints, with Google's values. */
  readonly own: JsonObject;
}

export function embedRequest({ json }: NativeBody, model: string, batch: boolean): OperationRequest {
  const inputs = batch ? batched(json) : [inputOf(json, "")];
  const dimensions = inputs[0]?.dimensions;
  const odd = inputs.findIndex((input) => input.dimensions !== dimensions);
  if (odd !== -1)
    throw badRequest("All requests of a batch must want the same.", `requests[${odd}].outputDimensionality`);
  const hints = new Set(inputs.flatMap((input) => Object.keys(input.own)));
  const request: EmbeddingRequest = {
    inputs: inputs.map((input) => input.text),
    extra: {},
    own: { wire: WIRE, inputs: inputs.map((input) => input.own) },
    ...present({ dimensions }),
  };
  const answer = namedRequest(
    model,
    "embedding",
    ({ embedding }, target) => {
      if (embedding === undefined) return undefined;
      const encoded = embedding.encode(request, target);
      const lost = embedding.wire === WIRE ? [] : hints;
      return embeddingCodec(
        embedding,
        { ...encoded, dropped: [...encoded.dropped, ...lost] },
        inputs.length,
        (answer) => JSON.stringify(answerOf(answer, batch)),
      );
    },
    { stream: false, mockFallback: false },
  );
  const whole: OperationRequest = {
    ...answer,
    errorFrame: (error) => errorPiece(eventFraming(), error),
  };
  return {
    ...whole,
    vectors: {
      // A text without hints is the same one as on another surface.
      inputs: inputs.map(({ text, own }) => (Object.keys(own).length === 0 ? text : [text, own])),
      shape: [dimensions ?? null, {}],
      ...oneByOne(json, model, batch),
    },
  };
}

/** For the cache: a request for some of the inputs, and an answer's vectors one by one. */
const oneByOne = (
  body: JsonObject,
  model: string,
  batch: boolean,
): Pick<VectorRequest, "only" | "read" | "write"> => ({
  only(places) {
    const { requests } = body;
    const json =
      batch && isArray(requests)
        ? { ...body, requests: places.map((place) => requests[place] ?? null) }
        : body;
    const bytes = Buffer.from(JSON.stringify(json));
    return { request: embedRequest({ bytes, json }, model, batch), json };
  },
  read(bytes) {
    const answer = parseJson(bytes.toString("utf8"));
    if (!isObject(answer)) return undefined;
    const list = batch ? answer.embeddings : [answer.embedding ?? null];
    if (!isArray(list)) return undefined;
    const texts = list.map((one) => (isObject(one) ? JSON.stringify(one.values) : undefined));
    if (!texts.every((text) => text !== undefined)) return undefined;
    const { usageMetadata: usage } = answer;
    const tokens = isObject(usage) ? usage.promptTokenCount : undefined;
    return { texts, ...(typeof tokens === "number" ? { inputTokens: tokens } : {}) };
  },
  write({ texts, inputTokens = 0 }) {
    const vectors = texts.map((text) => `{"values":${inForm(text, false)}}`);
    const held = batch ? `"embeddings":[${vectors.join(",")}]` : `"embedding":${vectors[0]}`;
    return `{${held},"usageMetadata":{"promptTokenCount":${inputTokens}}}`;
  },
});

function answerOf({ vectors, inputTokens }: EmbeddingAnswer, batch: boolean): Record<string, unknown> {
  const embeddings = vectors.map((values) => ({ values }));
  return {
    ...(batch ? { embeddings } : { embedding: embeddings[0] }),
    ...(inputTokens === undefined ? {} : { usageMetadata: { promptTokenCount: inputTokens } }),
  };
}

function batched(json: JsonObject): readonly Input[] {
  const requests = listOf(message(json, "").requests);
  if (requests.length === 0) throw badRequest("`requests` must hold at least one request.", "requests");
  if (requests.length > MAX_INPUTS)
    throw badRequest(`\`requests\` holds more than ${MAX_INPUTS} requests.`, "requests");
  return requests.map((request, at) => inputOf(request, `requests[${at}]`));
}

function inputOf(value: JsonValue, at: string): Input {
  const path = (name: string): string => (at === "" ? name : `${at}.${name}`);
  const request = message(value, at);
  for (const name of Object.keys(request))
    if (!KNOWN.has(name)) throw badRequest(`There is no field \`${name}\` here.`, path(name));
  const config = {
    ...optionalMessage(request, "embedContentConfig", path("embedContentConfig")),
    ...request,
  };
  const content = message(request.content, path("content"));
  const texts = listOf(content.parts).map((part, index) => {
    const where = path(`content.parts[${index}]`);
    const words = textField(message(part, where), "text", `${where}.text`);
    if (words === undefined) throw badRequest("Only text can be embedded.", where);
    return words;
  });
  const joined = texts.join("\n");
  if (joined === "") throw badRequest("There is no text to embed.", path("content.parts"));
  const dimensions = numberField(config, "outputDimensionality", path("outputDimensionality"));
  if (dimensions !== undefined && (!Number.isInteger(dimensions) || dimensions < 1))
    throw badRequest("It must be a whole number of at least 1.", path("outputDimensionality"));
  const own: Record<string, JsonValue> = {};
  for (const name of HINTS) {
    const value = config[name];
    if (value !== undefined) own[name] = value;
  }
  return { text: joined, dimensions, own };
}
