/** `:embedContent` and `:batchEmbedContents`. https://ai.google.dev/api/embeddings */
import type { NativeBody } from "@headgate/adapter-kit";
import {
  type EmbeddingAnswer,
  type EmbeddingRequest,
  type JsonObject,
  type JsonValue,
  present,
} from "@headgate/contract";
import type { AnyRequest } from "../../codec/any-request.ts";
import { badRequest } from "../../http/client-error.ts";
import { numberField, textField } from "../field-readers.ts";
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

export function embedRequest({ json }: NativeBody, model: string, batch: boolean): AnyRequest {
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
  return { ...answer, errorFrame: (error) => errorPiece(eventFraming(), error) };
}

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
