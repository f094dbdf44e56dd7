/** POST /v1/rerank (and /v2/rerank), in the shape that Cohere and Jina share. */
import { GATEWAY_FIELDS, isObject, type NativeBody } from "@headgate/adapter-kit";
import {
  type JsonObject,
  type JsonValue,
  present,
  type RerankAnswer,
  type RerankRequest,
} from "@headgate/contract";
import type { AnyRequest } from "../../codec/any-request.ts";
import { JSON_TYPE } from "../../codec/exchange-codec.ts";
import { badRequest } from "../../http/client-error.ts";
import { isArray } from "../../http/json-body.ts";
import { numberField, textField } from "../field-readers.ts";
import { flag } from "./chat-facts.ts";
import { operationRequest, wholeCodec } from "./operation.ts";

const PLACED: ReadonlySet<string> = new Set([
  "model",
  "query",
  "documents",
  "top_n",
  "return_documents",
  ...GATEWAY_FIELDS,
]);

export function rerankRequest({ json }: NativeBody, id: string): AnyRequest {
  const query = textField(json, "query");
  if (query === undefined || query === "")
    throw badRequest("`query` must be a text that is not empty.", "query");
  const documents = documentsOf(json);
  const topN = numberField(json, "top_n");
  if (topN !== undefined && (!Number.isInteger(topN) || topN < 1))
    throw badRequest("`top_n` must be a whole number of at least 1.", "top_n");
  const withDocuments = flag(json, "return_documents");
  const extra: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(json))
    if (!PLACED.has(name) && value !== null) extra[name] = value;
  const request: RerankRequest = { query, documents, extra, ...present({ topN }) };
  return operationRequest(
    json,
    "rerank",
    ({ rerank }, target) => {
      if (rerank === undefined) return undefined;
      return wholeCodec(rerank.encode(request, target), (body) => {
        const decoded = rerank.decode(body);
        if (!decoded.ok) return decoded;
        if (decoded.answer.results.some(({ index }) => documents[index] === undefined)) {
          return {
            ok: false,
            error: { class: "malformed", message: "a result names a document that was not sent" },
          };
        }
        const shown = withDocuments ? documents : undefined;
        return {
          ok: true,
          body: encodeAnswer(decoded.answer, id, target.deployment.upstream, shown),
          contentType: JSON_TYPE,
        };
      });
    },
    { units: { queries: Math.ceil(documents.length / DOCUMENTS_PER_QUERY) } },
  );
}

/** A query has up to a hundred documents: https://docs.cohere.com/docs/how-does-cohere-pricing-work */
const DOCUMENTS_PER_QUERY = 100;

function documentsOf({ documents }: JsonObject): readonly (string | JsonObject)[] {
  if (!isArray(documents) || documents.length === 0)
    throw badRequest("`documents` must be a list that is not empty.", "documents");
  return documents.map((entry, at) => {
    if (typeof entry === "string" || isObject(entry)) return entry;
    throw badRequest("A document must be a text or an object.", `documents[${at}]`);
  });
}

function encodeAnswer(
  { results, model, inputTokens, searchUnits }: RerankAnswer,
  id: string,
  upstream: string,
  documents: readonly (string | JsonObject)[] | undefined,
): Buffer {
  const document = (index: number): JsonValue | undefined => {
    const found = documents?.[index];
    return typeof found === "string" ? { text: found } : found;
  };
  return Buffer.from(
    JSON.stringify({
      id: `rerank-${id}`,
      model: model ?? upstream,
      results: results.map(({ index, score }) => ({
        index,
        relevance_score: score,
        ...(documents === undefined ? {} : { document: document(index) }),
      })),
      ...(inputTokens === undefined ? {} : { usage: { total_tokens: inputTokens } }),
      ...(searchUnits === undefined ? {} : { meta: { billed_units: { search_units: searchUnits } } }),
    }),
  );
}
