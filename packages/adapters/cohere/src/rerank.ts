/** Reranking: https://docs.cohere.com/reference/rerank */
import {
  asArray,
  asCount,
  asObject,
  carryKnown,
  type Decoded,
  dialectOf,
  type EncodedRequest,
  encodeDocument,
  isObject,
  parseJson,
  rankingAnswer,
  type Target,
} from "@headgate/adapter-kit";
import { type JsonObject, present, type RerankAnswer, type RerankRequest } from "@headgate/contract";
import { answerError } from "./answer-error.ts";

const KNOWN = ["max_tokens_per_doc", "priority"];

export function encodeRerank(
  { query, documents, topN, extra }: RerankRequest,
  target: Target,
): EncodedRequest {
  const dropped: string[] = [];
  const carried = carryKnown("Cohere", extra, KNOWN, dialectOf(target).drop, dropped);
  return encodeDocument(
    "/rerank",
    present({ ...carried, query, documents: documents.map(documentText), top_n: topN }),
    target,
    dropped,
  );
}

/** Cohere ranks texts, and recommends YAML for documents of several fields; a JSON value is valid YAML. */
function documentText(document: string | JsonObject): string {
  if (typeof document === "string") return document;
  const fields = Object.entries(document);
  const [first] = fields;
  if (fields.length === 1 && first?.[0] === "text" && typeof first[1] === "string") return first[1];
  return fields.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join("\n");
}

export function decodeRerank(bytes: Buffer): Decoded<RerankAnswer> {
  const text = bytes.toString("utf8");
  const body = parseJson(text);
  const listed = isObject(body) ? asArray(body.results) : undefined;
  if (!isObject(body) || listed === undefined) return { ok: false, error: answerError(text, "a ranking") };
  const searchUnits = asCount(asObject(asObject(body.meta)?.billed_units)?.search_units);
  return rankingAnswer(listed, present({ searchUnits }));
}
