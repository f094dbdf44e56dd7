/**
 * Reranking, in the form of Jina that llama.cpp, vLLM, LocalAI and others serve beside OpenAI's routes:
 * https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
 */
import {
  asArray,
  asCount,
  asObject,
  asText,
  type Decoded,
  type EncodedRequest,
  encodeDocument,
  isObject,
  parseJson,
  type Target,
} from "@headgate/adapter-kit";
import { type JsonObject, present, type RerankAnswer, type RerankRequest } from "@headgate/contract";
import { answerError } from "./inspect.ts";

export const encodeRerank = (
  { query, documents, topN, extra }: RerankRequest,
  target: Target,
): EncodedRequest =>
  encodeDocument(
    "/rerank",
    present({ ...extra, query, documents: documents.map(documentText), top_n: topN }),
    target,
  );

/** These servers rank texts. A document of several fields is ranked as its JSON. */
function documentText(document: string | JsonObject): string {
  if (typeof document === "string") return document;
  const { text, ...others } = document;
  return typeof text === "string" && Object.keys(others).length === 0 ? text : JSON.stringify(document);
}

export function decodeRerank(bytes: Buffer): Decoded<RerankAnswer> {
  const body = parseJson(bytes.toString("utf8"));
  const listed = isObject(body) ? asArray(body.results) : undefined;
  if (!isObject(body) || listed === undefined) return { ok: false, error: answerError(bytes, "a ranking") };
  const results: { index: number; score: number }[] = [];
  for (const entry of listed) {
    const index = asCount(asObject(entry)?.index);
    const score = asObject(entry)?.relevance_score;
    if (index === undefined || typeof score !== "number") {
      return { ok: false, error: { class: "malformed", message: "a result of the ranking cannot be read" } };
    }
    results.push({ index, score });
  }
  // llama.cpp lists them in the order of the documents.
  results.sort((a, b) => b.score - a.score);
  const inputTokens = asCount(asObject(body.usage)?.prompt_tokens);
  return { ok: true, answer: { results, ...present({ model: asText(body.model), inputTokens }) } };
}
