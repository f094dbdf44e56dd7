/** https://platform.claude.com/docs/en/api/models/list */
import { asArray, asObject, asText, firstTokens, listingRoute } from "@headgate/adapter-kit";
import { DEFAULT_VERSION } from "./request.ts";

export const LISTING = listingRoute({
  // Both `https://host` and `https://host/v1` are in use as base URLs.
  route: (baseUrl) => (baseUrl.endsWith("/v1") ? "models" : "v1/models"),
  size: { parameter: "limit", max: 1000 },
  cursor: "after_id",
  headers: { "anthropic-version": DEFAULT_VERSION },
  entries: (document) => asArray(asObject(document)?.data),
  next(document) {
    const page = asObject(document);
    return page?.has_more === true ? asText(page.last_id) : undefined;
  },
  facts: (entry) => ({
    id: asText(entry.id),
    // Every model of this wire has chat.
    operations: ["chat"],
    contextTokens: firstTokens(entry.max_input_tokens),
    maxOutputTokens: firstTokens(entry.max_tokens),
  }),
});
