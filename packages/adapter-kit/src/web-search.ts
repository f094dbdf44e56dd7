import type { ChatRequest } from "@headgate/contract";
import { EncodeError, type Target } from "./adapter.ts";

/** The name of the field that asks for a web search, in OpenAI's chat form; what cannot be carried is reported by it. */
export const WEB_SEARCH_FIELD = "web_search_options";

/** Whether this request goes to this model with its own web search. */
export const searches = (
  { webSearch }: Pick<ChatRequest, "webSearch">,
  { deployment }: Pick<Target, "deployment">,
): boolean => webSearch !== undefined && deployment.capabilities.includes("search");

/**
 * Whether a search is left out here, to be reported by {@link WEB_SEARCH_FIELD}.
 * @throws {EncodeError} where the request depends on it
 */
export function lacksSearch(
  request: Pick<ChatRequest, "webSearch">,
  target: Pick<Target, "deployment">,
): boolean {
  if (request.webSearch === undefined || searches(request, target)) return false;
  if (request.webSearch.required === true)
    throw new EncodeError("this model cannot search the web", WEB_SEARCH_FIELD);
  return true;
}
