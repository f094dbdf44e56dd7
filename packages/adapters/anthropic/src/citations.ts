/** Sources of a text block: https://platform.claude.com/docs/en/build-with-claude/citations */
import { asCount, asObject, asText } from "@headgate/adapter-kit";
import { type ChatEvent, type Citation, type JsonValue, present } from "@headgate/contract";

/** A source supports its whole block: the API splits the text accordingly. */
export type Stretch = Pick<Citation, "start" | "end">;

/** Empty for a location without a source. */
export function readCitation(value: JsonValue, { start, end }: Stretch): ChatEvent[] {
  const cited = asObject(value);
  // `source` of a search result may be a URL or any other text.
  const source = asText(cited?.url) ?? asText(cited?.source);
  const document = asText(cited?.file_id) ?? asCount(cited?.document_index)?.toString();
  const id = source ?? document;
  if (cited === undefined || id === undefined) return [];
  const title = asText(cited.title) ?? asText(cited.document_title);
  const citedText = asText(cited.cited_text);
  const citation: Citation = {
    start,
    end,
    ...(isAddress(id) ? { url: id } : { documentId: id }),
    ...present({ title, citedText }),
  };
  return [{ type: "citation", citation }];
}

const isAddress = (source: string): boolean => /^https?:\/\//i.test(source);
