/** Citations in Gemini's form, with offsets in bytes. https://ai.google.dev/api/generate-content#GroundingMetadata */
import { byteOfCharacter, sliceCharacters } from "@headgate/adapter-kit";
import { type Citation, type JsonObject, present } from "@headgate/contract";

/** The member to spread into a candidate. @param text the answer's, whole */
export function grounding(
  citations: readonly Citation[],
  text: string,
): { readonly groundingMetadata?: JsonObject } {
  if (citations.length === 0) return {};
  const chunks = new Map<string, { readonly at: number; readonly chunk: JsonObject }>();
  const groundingSupports = citations.map((citation): JsonObject => {
    const { start, end } = citation;
    const key = JSON.stringify([citation.url, citation.documentId, citation.title]);
    const known = chunks.get(key) ?? { at: chunks.size, chunk: chunkOf(citation) };
    chunks.set(key, known);
    const segment = {
      startIndex: byteOfCharacter(text, start),
      endIndex: byteOfCharacter(text, end),
      text: sliceCharacters(text, start, end),
    };
    return { segment, groundingChunkIndices: [known.at] };
  });
  const groundingChunks = [...chunks.values()].map(({ chunk }) => chunk);
  return { groundingMetadata: { groundingChunks, groundingSupports } };
}

const chunkOf = ({ url, documentId, title, citedText }: Citation): JsonObject =>
  url === undefined
    ? { retrievedContext: present({ title: title ?? documentId, documentName: documentId, text: citedText }) }
    : { web: present({ uri: url, title: title ?? url }) };
