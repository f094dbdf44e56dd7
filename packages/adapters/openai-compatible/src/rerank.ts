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
  rankingAnswer,
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
  const inputTokens = asCount(asObject(body.usage)?.prompt_tokens);
  return rankingAnswer(listed, present({ model: asText(body.model), inputTokens }));
}
