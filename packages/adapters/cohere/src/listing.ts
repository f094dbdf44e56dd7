/** The list is in version 1 of the API only: https://docs.cohere.com/reference/list-models */
import { asArray, asObject, asText, firstTokens, listingRoute, operationsNamed } from "@headgate/adapter-kit";

export const LISTING = listingRoute({
  route: "../v1/models",
  size: { parameter: "page_size", max: 1000 },
  cursor: "page_token",
  entries: (document) => asArray(asObject(document)?.models),
  next: (document) => asText(asObject(document)?.next_page_token),
  retired: (entry) => entry.is_deprecated === true,
  facts: (entry) => ({
    id: asText(entry.name),
    operations: operationsNamed(entry.endpoints, { chat: "chat", embed: "embedding", rerank: "rerank" }),
    contextTokens: firstTokens(entry.context_length),
  }),
});
