/**
 * Sources of an answer: what a search grounded it on, and what it recites.
 * https://ai.google.dev/api/generate-content#GroundingMetadata, …#CitationMetadata
 */
import { asArray, asCount, asObject, asText, characterOfByte, countCharacters } from "@headgate/adapter-kit";
import { type ChatEvent, type Citation, type JsonObject, present } from "@headgate/contract";

type Source = Omit<Citation, "start" | "end">;
type Stretch = Pick<Citation, "start" | "end">;

/** Gathers what the pieces of an answer name; places in the text are found once it is whole. */
export class CitationReader {
  /** Supports name their sources by their place among those of all pieces. */
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

  /** @param text the answer's, whole */
  events(text: string): ChatEvent[] {
    if (this.#chunks.length === 0 && this.#recited.length === 0) return [];
    const utf8 = Buffer.from(text);
    const supported = this.#supports.flatMap((support) => {
      const stretch = stretchOf(asObject(support.segment) ?? {}, text, utf8);
      const places = (asArray(support.groundingChunkIndices) ?? []).map((place) => asCount(place));
      return places.flatMap((place) => cite(stretch, place === undefined ? undefined : this.#chunks[place]));
    });
    // Without supports the sources are of the whole answer.
    const all: Stretch = { start: 0, end: countCharacters(text) };
    const found = this.#supports.length > 0 ? supported : this.#chunks.flatMap((source) => cite(all, source));
    return [
      ...found,
      ...this.#recited.flatMap((source) => cite(stretchOf(source, text, utf8), sourceOf({ web: source }))),
    ];
  }
}

const cite = (stretch: Stretch, source: Source | undefined): ChatEvent[] =>
  source === undefined ? [] : [{ type: "citation", citation: { ...stretch, ...source } }];

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
 * Google counts in bytes of UTF-8, from the beginning of a part. Which part is only told for whole answers, so where a
 * segment brings its words, they are what is looked for.
 */
function stretchOf(segment: JsonObject, text: string, utf8: Buffer): Stretch {
  const from = asCount(segment.startIndex) ?? 0;
  const to = asCount(segment.endIndex) ?? utf8.length;
  const said = asText(segment.text);
  if (said !== undefined && utf8.subarray(from, to).toString("utf8") !== said) {
    const at = text.indexOf(said);
    if (at !== -1) {
      const start = countCharacters(text.slice(0, at));
      return { start, end: start + countCharacters(said) };
    }
  }
  const start = characterOfByte(utf8, from);
  return { start, end: Math.max(start, characterOfByte(utf8, to)) };
}
