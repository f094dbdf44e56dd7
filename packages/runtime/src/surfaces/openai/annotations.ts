/**
 * Citations in OpenAI's form. https://platform.openai.com/docs/guides/tools-web-search
 */
import { type Citation, type JsonObject, present } from "@headgate/contract";

/** Of a chat message or a delta; undefined for a source without a URL, which this route cannot show. */
export function chatAnnotation({ url, title, start, end, citedText }: Citation): JsonObject | undefined {
  if (url === undefined) return undefined;
  const cited = { url, title: title ?? url, start_index: start, end_index: end };
  // `content` is OpenRouter's field for the cited text.
  return { type: "url_citation", url_citation: present({ ...cited, content: citedText }) };
}

/** Of an output text. @param offset where that text begins in the answer's, in characters */
export function textAnnotation({ url, documentId, title, start, end }: Citation, offset: number): JsonObject {
  const [start_index, end_index] = [Math.max(0, start - offset), Math.max(0, end - offset)];
  if (url !== undefined) return { type: "url_citation", url, title: title ?? url, start_index, end_index };
  const file_id = documentId ?? "";
  return { type: "file_citation", file_id, filename: title ?? file_id, index: end_index };
}
