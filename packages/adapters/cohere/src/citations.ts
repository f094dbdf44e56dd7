/** Sources of an answer: https://docs.cohere.com/docs/rag-citations */
import { asArray, asCount, asObject, asText } from "@headgate/adapter-kit";
import { type ChatEvent, type Citation, type JsonObject, type JsonValue, present } from "@headgate/contract";

/** The list of a whole answer, or the single one of an event. Citations of a plan or of thinking are left out. */
export function readCitations(value: JsonValue | undefined): ChatEvent[] {
  const listed = asArray(value) ?? (value === undefined ? [] : [value]);
  return listed.flatMap((item) => {
    const cited = asObject(item);
    const start = asCount(cited?.start);
    const end = asCount(cited?.end);
    const type = asText(cited?.type) ?? "TEXT_CONTENT";
    if (cited === undefined || start === undefined || end === undefined || type !== "TEXT_CONTENT") return [];
    return (asArray(cited.sources) ?? []).flatMap((source) => readSource(asObject(source), { start, end }));
  });
}

/** A document has the fields of the request; `url`, `title` and `snippet` are the names that Cohere's own examples use. */
function readSource(source: JsonObject | undefined, at: Pick<Citation, "start" | "end">): ChatEvent[] {
  const held = asObject(source?.document) ?? asObject(source?.tool_output);
  const url = asText(held?.url);
  const documentId = asText(source?.id) ?? asText(held?.id);
  if (url === undefined && documentId === undefined) return [];
  const title = asText(held?.title);
  const citedText = asText(held?.snippet);
  const citation: Citation = {
    ...at,
    ...present({ url, documentId: url === undefined ? documentId : undefined, title, citedText }),
  };
  return [{ type: "citation", citation }];
}
