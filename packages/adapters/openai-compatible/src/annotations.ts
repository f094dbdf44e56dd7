/**
 * Sources in an answer. OpenAI's are annotations of the message (`url_citation`); OpenRouter adds the source's words as
 * `content`. xAI and others list bare addresses as `citations` at the top of the answer, in a stream again and again.
 * https://platform.openai.com/docs/guides/tools-web-search
 */
import { asArray, asCount, asObject, asText } from "@headgate/adapter-kit";
import { type ChatEvent, type Citation, type JsonObject, present } from "@headgate/contract";

export class CitationReader {
  readonly #listed = new Set<string>();
  readonly #told = new Set<string>();

  /** @param message a whole message or a delta. @param textLength of the answer so far, in characters. */
  annotations(message: JsonObject | undefined, textLength: number): ChatEvent[] {
    return (asArray(message?.annotations) ?? []).flatMap((item) => {
      const cited = asObject(asObject(item)?.url_citation);
      const url = asText(cited?.url);
      if (cited === undefined || url === undefined) return [];
      this.#told.add(url);
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

  /** Takes note of a list of addresses; they are told when the text is whole. */
  collect(body: JsonObject): void {
    for (const item of asArray(body.citations) ?? []) {
      const url = asText(item);
      if (url !== undefined) this.#listed.add(url);
    }
  }

  /** Each address once, and none that an annotation had. */
  listed(textLength: number): ChatEvent[] {
    const fresh = [...this.#listed].filter((url) => !this.#told.has(url));
    for (const url of fresh) this.#told.add(url);
    return fresh.flatMap((url) => citation({ start: 0, end: textLength, url }));
  }
}

const citation = (said: Citation): ChatEvent[] => [{ type: "citation", citation: said }];
