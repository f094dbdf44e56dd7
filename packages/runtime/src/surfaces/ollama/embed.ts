/** POST /api/embed, and the older /api/embeddings. */
import { isObject, type NativeBody, parseJson } from "@headgate/adapter-kit";
import { type EmbeddingRequest, type JsonObject, type JsonValue, present } from "@headgate/contract";
import type { OperationRequest, VectorRequest } from "../../codec/any-request.ts";
import { badRequest } from "../../http/client-error.ts";
import { isArray } from "../../http/json-body.ts";
import { numberField, textField } from "../field-readers.ts";
import { inForm } from "../openai/embeddings.ts";
import { embeddingCodec, namedRequest } from "../openai/operation.ts";
import { errorLine } from "./envelope.ts";

const WIRE = "ollama-embed";
/** Fields of Ollama only. `keep_alive` is not among them: clients do not decide how long a model stays. */
const OWN = ["options", "truncate"] as const;

/**
 * @param model the route's name
 * @param shown the client's name for the model, for the answer
 * @param legacy `/api/embeddings`: one `prompt` in, one `embedding` out
 */
export function embedRequest(
  { json }: NativeBody,
  { model, shown }: { readonly model: string; readonly shown: string },
  legacy: boolean,
): OperationRequest {
  const inputs = legacy ? [textField(json, "prompt") ?? ""] : inputsOf(json.input);
  const dimensions = numberField(json, "dimensions");
  const own: Record<string, JsonValue> = {};
  for (const name of OWN) {
    const value = json[name] ?? undefined;
    if (value !== undefined) own[name] = value;
  }
  const lost = (json.keep_alive ?? undefined) === undefined ? [] : ["keep_alive"];
  const request: EmbeddingRequest = {
    inputs,
    extra: {},
    ...present({ dimensions }),
  };
  const answer = namedRequest(
    model,
    "embedding",
    ({ embedding }, target) => {
      if (embedding === undefined) return undefined;
      const same = embedding.wire === WIRE;
      const encoded = embedding.encode(same ? { ...request, extra: own } : request, target);
      const dropped = [...lost, ...(same ? [] : Object.keys(own)), ...encoded.dropped];
      return embeddingCodec(embedding, { ...encoded, dropped }, inputs.length, ({ vectors, inputTokens }) =>
        JSON.stringify(
          legacy
            ? { embedding: vectors[0] ?? [] }
            : { model: shown, embeddings: vectors, ...present({ prompt_eval_count: inputTokens }) },
        ),
      );
    },
    { stream: false, mockFallback: false },
  );
  const whole = { ...answer, errorFrame: errorLine };
  // One text at a time is cached like a list.
  if (legacy) return whole;
  const shape: JsonValue = [dimensions ?? null, own];
  return { ...whole, vectors: { inputs, shape, ...oneByOne(json, inputs, { model, shown }) } };
}

/** For the cache: a request for some of the inputs, and an answer's vectors one by one. */
const oneByOne = (
  body: JsonObject,
  inputs: readonly string[],
  names: { readonly model: string; readonly shown: string },
): Pick<VectorRequest, "only" | "read" | "write"> => ({
  only(places) {
    const json = { ...body, input: places.map((place) => inputs[place] ?? "") };
    const bytes = Buffer.from(JSON.stringify(json));
    return { request: embedRequest({ bytes, json }, names, false), json };
  },
  read(bytes) {
    const answer = parseJson(bytes.toString("utf8"));
    if (!isObject(answer) || !isArray(answer.embeddings)) return undefined;
    const { prompt_eval_count: tokens } = answer;
    return {
      texts: answer.embeddings.map((vector) => JSON.stringify(vector)),
      ...(typeof tokens === "number" ? { inputTokens: tokens } : {}),
    };
  },
  write: ({ texts, inputTokens = 0 }) =>
    `{"model":${JSON.stringify(names.shown)},"embeddings":[${texts.map((text) => inForm(text, false)).join(",")}],"prompt_eval_count":${inputTokens}}`,
});

/** Without an input the model is loaded. */
export const isEmptyEmbed = ({ input }: JsonObject): boolean =>
  (input ?? "") === "" || (isArray(input) && input.length === 0);

function inputsOf(input: unknown): readonly string[] {
  if (typeof input === "string") return [input];
  if (Array.isArray(input) && isArray(input) && input.every((entry) => typeof entry === "string"))
    return input;
  throw badRequest("`input` must be a text or a list of texts.", "input");
}
