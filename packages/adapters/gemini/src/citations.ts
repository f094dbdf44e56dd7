/**
 * Sources of an answer: search results that ground it, and texts that it recites.
 * https://ai.google.dev/api/generate-content#GroundingMetadata, …#CitationMetadata
 */
import { asArray, asCount, asObject, asText, characterOfByte, countCharacters } from "@headgate/adapter-kit";
import { type ChatEvent, type Citation, type JsonObject, present } from "@headgate/contract";

type Source = Omit<Citation, "start" | "end">;
type Position = Pick<Citation, "start" | "end">;

/** Collects the sources in all pieces of an answer; positions in the text are found once it is whole. */
export class CitationReader {
  /** Supports refer to sources by index over all pieces. */
  readonly #chunks: (Source | undefined)[] = [];
  readonly #supports: JsonObject[] = [];
  readonly #recited: JsonObject[] = [];

  read(candidate: JsonObject | undefined): void {
    const grounding = asObject(candidate?.groundingMetadata);
    for (const chunk of asArray(grounding?.groundingChunks) ?? [])
      this.#chunks.push(sourceOf(asObject(chunk)));
    for (const support of asArray(grounding?.groundingSupports) ?? []) {
      const found = asObject(support);
      if (found !== undefined) this.#supports.push(found);
    }
    const recited = asObject(candidate?.citationMetadata);
    for (const item of asArray(recited?.citationSources) ?? asArray(recited?.citations) ?? []) {
      const found = asObject(item);
      if (found !== undefined) this.#recited.push(found);
    }
  }

  /** @param text the whole text of the answer */
  events(text: string): ChatEvent[] {
    if (this.#chunks.length === 0 && this.#recited.length === 0) return [];
    const utf8 = Buffer.from(text);
    const supported = this.#supports.flatMap((support) => {
      const position = positionOf(asObject(support.segment) ?? {}, text, utf8);
      const indexes = (asArray(support.groundingChunkIndices) ?? []).map((index) => asCount(index));
      return indexes.flatMap((index) =>
        cite(position, index === undefined ? undefined : this.#chunks[index]),
      );
    });
    // Without supports, the sources are those of the whole answer.
    const all: Position = { start: 0, end: countCharacters(text) };
    const found = this.#supports.length > 0 ? supported : this.#chunks.flatMap((source) => cite(all, source));
    return [
      ...found,
      ...this.#recited.flatMap((source) => cite(positionOf(source, text, utf8), sourceOf({ web: source }))),
    ];
  }
}

const cite = (position: Position, source: Source | undefined): ChatEvent[] =>
  source === undefined ? [] : [{ type: "citation", citation: { ...position, ...source } }];

/** From the web, from a map, or from a store of documents. */
function sourceOf(chunk: JsonObject | undefined): Source | undefined {
  const held = asObject(chunk?.web) ?? asObject(chunk?.maps) ?? asObject(chunk?.retrievedContext);
  const title = asText(held?.title);
  const uri = asText(held?.uri);
  const id = uri ?? asText(held?.documentName) ?? title;
  if (held === undefined || id === undefined) return undefined;
  const citedText = asText(held.text);
  return {
    ...(uri !== undefined && /^https?:\/\//i.test(uri) ? { url: uri } : { documentId: id }),
    ...present({ title, citedText }),
  };
}

/**
 * Google counts bytes of UTF-8 from the beginning of a part. Only whole answers name the part, so where a segment has its
 * text, that text is searched for.
 */
function positionOf(segment: JsonObject, text: string, utf8: Buffer): Position {
  const from = asCount(segment.startIndex) ?? 0;
  const to = asCount(segment.endIndex) ?? utf8.length;
  const quoted = asText(segment.text);
  if (quoted !== undefined && utf8.subarray(from, to).toString("utf8") !== quoted) {
    const at = text.indexOf(quoted);
    if (at !== -1) {
      const start = countCharacters(text.slice(0, at));
      return { start, end: start + countCharacters(quoted) };
    }
  }
  const start = characterOfByte(utf8, from);
  return { start, end: Math.max(start, characterOfByte(utf8, to)) };
}
