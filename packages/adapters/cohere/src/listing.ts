/** Listing has stayed in version 1: https://docs.cohere.com/reference/list-models */
import {
  asArray,
  asObject,
  asText,
  asTexts,
  firstTokens,
  type ListedModel,
  type ListingRoute,
  listedModel,
  listingPage,
  parseListing,
} from "@headgate/adapter-kit";
import type { JsonObject, Operation } from "@headgate/contract";

export const LISTING: ListingRoute = {
  path: () => "../v1/models?page_size=1",
  page: (_, cursor) =>
    `../v1/models?page_size=1000${cursor === undefined ? "" : `&page_token=${encodeURIComponent(cursor)}`}`,
  read: (bytes) => {
    const document = asObject(parseListing(bytes));
    return listingPage(asArray(document?.models), readModel, asText(document?.next_page_token));
  },
};

const ENDPOINTS: readonly (readonly [endpoint: string, operation: Operation])[] = [
  ["chat", "chat"],
  ["embed", "embedding"],
  ["rerank", "rerank"],
];

function readModel(entry: JsonObject): ListedModel | undefined | null {
  const id = asText(entry.name);
  if (id === undefined) return undefined;
  if (entry.is_deprecated === true) return null;
  const endpoints = asTexts(entry.endpoints);
  return listedModel(id, {
    operations:
      endpoints && ENDPOINTS.flatMap(([endpoint, does]) => (endpoints.includes(endpoint) ? [does] : [])),
    contextTokens: firstTokens(entry.context_length),
  });
}
