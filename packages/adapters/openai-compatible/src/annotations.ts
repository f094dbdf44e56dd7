/**
 * Sources in an answer. OpenAI's are annotations of the message (`url_citation`); OpenRouter adds the source's text as
 * `content`. xAI and others list bare URLs as `citations` at the top of the answer, and repeat the list in a stream.
 * https://platform.openai.com/docs/guides/tools-web-search
 */
import { asArray, asCount, asObject, asText } from "@headgate/adapter-kit";
import { type ChatEvent, type Citation, type JsonObject, present } from "@headgate/contract";

export class CitationReader {
  readonly #listed = new Set<string>();
  readonly #emitted = new Set<string>();

  /** @param message a whole message or a delta. @param textLength of the answer so far, in characters. */
  annotations(message: JsonObject | undefined, textLength: number): ChatEvent[] {
    return (asArray(message?.annotations) ?? []).flatMap((item) => {
      const cited = asObject(asObject(item)?.url_citation);
      const url = asText(cited?.url);
      if (cited === undefined || url === undefined) return [];
      this.#emitted.add(url);
      const title = asText(cited.title);
      const citedText = asText(cited.content);
      return citation({
        start: asCount(cited.start_index) ?? 0,
        end: asCount(cited.end_index) ?? textLength,
        url,
        ...present({ title, citedText }),
      });
    });
  }

  /** Collects a list of URLs; they are emitted when the text is whole. */
  collect(body: JsonObject): void {
    for (const item of asArray(body.citations) ?? []) {
      const url = asText(item);
      if (url !== undefined) this.#listed.add(url);
    }
  }

  /** Each URL once, without those of annotations. */
  listed(textLength: number): ChatEvent[] {
    const fresh = [...this.#listed].filter((url) => !this.#emitted.has(url));
    for (const url of fresh) this.#emitted.add(url);
    return fresh.flatMap((url) => citation({ start: 0, end: textLength, url }));
  }
}

const citation = (source: Citation): ChatEvent[] => [{ type: "citation", citation: source }];
