/** The pages that a search found, numbered over the whole answer, and the text's references to them: `[1]`. */
import { countCharacters } from "@headgate/adapter-kit";
import type { Citation, WebSearch } from "@headgate/contract";
import type { SearchResult } from "../../upstream/searx.ts";

const REFERENCE = /\[(\d{1,3})\]/g;
/** Ends of a sentence, where the cited text begins. */
const SENTENCE = /[.!?\n]\s/g;

export class Sources {
  readonly #results: SearchResult[] = [];

  /** The results as the model reads them. */
  add(results: readonly SearchResult[]): string {
    const lines = results.map(({ url, title, snippet }) => {
      const known = this.#results.findIndex((one) => one.url === url);
      const number = known === -1 ? this.#results.push({ url, title, snippet }) : known + 1;
      return `[${number}] ${title}\n${url}\n${snippet}`;
    });
    return lines.length === 0 ? "Nothing was found." : lines.join("\n\n");
  }

  /** Those that the text refers to, each with its sentence; without any reference, all of them for the whole text. */
  citations(text: string): Citation[] {
    const found: Citation[] = [];
    for (const match of text.matchAll(REFERENCE)) {
      const source = this.#results[Number(match[1]) - 1];
      if (source === undefined) continue;
      // The reference may stand before or behind the sentence's own full stop, and behind another reference.
      const before = text.slice(0, match.index).replace(/(?:\s|\[\d{1,3}\])+$/, "");
      const begins = [...before.slice(0, -1).matchAll(SENTENCE)].at(-1);
      const start = begins === undefined ? 0 : begins.index + begins[0].length;
      found.push(citation(source, countCharacters(text.slice(0, start)), countCharacters(before)));
    }
    const end = countCharacters(text);
    return found.length > 0 ? found : this.#results.map((source) => citation(source, 0, end));
  }
}

const citation = ({ url, title, snippet }: SearchResult, start: number, end: number): Citation => ({
  start,
  end,
  url,
  title,
  citedText: snippet,
});

/** Results of the domains that the client allows. */
export function permitted(
  results: readonly SearchResult[],
  { allowedDomains, blockedDomains = [] }: WebSearch,
): readonly SearchResult[] {
  return results.filter(({ url }) => {
    const host = new URL(url).hostname;
    const within = (domain: string): boolean => host === domain || host.endsWith(`.${domain}`);
    return (allowedDomains === undefined || allowedDomains.some(within)) && !blockedDomains.some(within);
  });
}
