import { WEB_SEARCH_FIELD } from "@headgate/adapter-kit";
import { ownValue } from "@headgate/contract";

/** From the canonical form's names of fields, which adapters use in errors, to this API's. */
const NAMES: Readonly<Record<string, string>> = {
  max_tokens: "max_output_tokens",
  "messages[].reasoning": "input[].reasoning",
  reasoning_effort: "reasoning.effort",
  response_format: "text.format",
  verbosity: "text.verbosity",
};

const IN_MESSAGE = /^messages\[(\d+)\](?:\.content(\[\d+\]))?/;

/**
 * @param paths by canonical message: the path of its parts, or of the item where it came from several
 * @param searchPath the path of the web search among the tools
 */
export function fieldNames(paths: readonly string[], searchPath?: string): (canonical: string) => string {
  return (canonical) => {
    if (canonical === WEB_SEARCH_FIELD && searchPath !== undefined) return searchPath;
    const match = IN_MESSAGE.exec(canonical);
    const path = match === null ? undefined : paths[Number(match[1])];
    if (path === undefined) return ownValue(NAMES, canonical) ?? canonical;
    if (path.startsWith("previous_response_id")) return "previous_response_id";
    return /\.(content|output)$/.test(path) ? path + (match?.[2] ?? "") : path;
  };
}
