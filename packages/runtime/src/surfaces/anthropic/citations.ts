/**
 * Citations in Anthropic's form: on a text block that holds exactly the cited text.
 * https://platform.claude.com/docs/en/build-with-claude/citations
 *
 * Of its locations only a web search's is complete in itself; the others count positions in documents of the request. So a
 * source without a URL cannot be shown on this surface.
 */
import { countCharacters, isObject, sliceCharacters } from "@headgate/adapter-kit";
import type { Citation, JsonObject, JsonValue } from "@headgate/contract";
import { isArray } from "../../http/json-body.ts";

const TYPE = "web_search_result_location";
/** Takes the place of an index that Anthropic sealed. */
export const FOREIGN = "headgate";

export function location({ url, title, citedText }: Citation): JsonObject | undefined {
  if (url === undefined) return undefined;
  // The index is Anthropic's seal. Without it Anthropic refuses the citation.
  return { type: TYPE, url, title: title ?? null, cited_text: citedText ?? "", encrypted_index: FOREIGN };
}

/** True for one that {@link location} made. */
const isForeign = (citation: JsonValue): boolean =>
  isObject(citation) && citation.type === TYPE && citation.encrypted_index === FOREIGN;

/** A text block without the citations of other wires; itself when it has none. */
export function withoutForeignCitations(block: JsonValue): JsonValue {
  if (!isObject(block) || !isArray(block.citations) || !block.citations.some(isForeign)) return block;
  const { citations, ...bare } = block;
  const own = block.citations.filter((citation) => !isForeign(citation));
  return own.length === 0 ? bare : { ...bare, citations: own };
}

/** A whole text as blocks, cut where cited text begins and ends. */
export function textBlocks(text: string, citations: readonly Citation[]): JsonObject[] {
  const blocks: JsonObject[] = [];
  const push = (start: number, end: number, sources: readonly JsonObject[]): void => {
    const words = sliceCharacters(text, start, end);
    // A client's parser may refuse null here.
    if (words !== "")
      blocks.push({ type: "text", text: words, ...(sources.length === 0 ? {} : { citations: sources }) });
  };
  let done = 0;
  const length = countCharacters(text);
  for (const { start, end, sources } of stretches(citations, length)) {
    push(done, start, []);
    push(start, end, sources);
    done = end;
  }
  push(done, length, []);
  return blocks;
}

interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly sources: readonly JsonObject[];
}

/** Overlapping citations share one block: a block cannot be cited in part. */
function stretches(citations: readonly Citation[], length: number): readonly Stretch[] {
  const merged: Stretch[] = [];
  const sorted = [...citations].sort((a, b) => a.start - b.start);
  for (const citation of sorted) {
    const source = location(citation);
    const start = Math.min(citation.start, length);
    const end = Math.min(citation.end, length);
    if (source === undefined || end <= start) continue;
    const last = merged.at(-1);
    if (last === undefined || last.end <= start) merged.push({ start, end, sources: [source] });
    else
      merged.splice(-1, 1, {
        start: last.start,
        end: Math.max(last.end, end),
        sources: [...last.sources, source],
      });
  }
  return merged;
}
