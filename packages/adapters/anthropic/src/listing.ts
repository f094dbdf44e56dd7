/** https://platform.claude.com/docs/en/api/models/list */
import {
  asArray,
  asObject,
  asText,
  firstTokens,
  type ListedModel,
  type ListingRoute,
  listedModel,
  listingPage,
  parseListing,
} from "@headgate/adapter-kit";
import type { JsonObject } from "@headgate/contract";
import { DEFAULT_VERSION } from "./request.ts";

/** Both `https://host` and `https://host/v1` are in use as base URLs. */
const routeOf = (baseUrl: string): string => (baseUrl.endsWith("/v1") ? "models" : "v1/models");

export const LISTING: ListingRoute = {
  path: (baseUrl) => `${routeOf(baseUrl)}?limit=1`,
  page: (baseUrl, cursor) =>
    `${routeOf(baseUrl)}?limit=1000${cursor === undefined ? "" : `&after_id=${encodeURIComponent(cursor)}`}`,
  read: (bytes) => {
    const document = asObject(parseListing(bytes));
    const next = document?.has_more === true ? asText(document.last_id) : undefined;
    return listingPage(asArray(document?.data), readModel, next);
  },
  headers: { "anthropic-version": DEFAULT_VERSION },
};

/** Every model of this wire takes messages. */
function readModel(entry: JsonObject): ListedModel | undefined {
  const id = asText(entry.id);
  if (id === undefined) return undefined;
  return listedModel(id, {
    operations: ["chat"],
    contextTokens: firstTokens(entry.max_input_tokens),
    maxOutputTokens: firstTokens(entry.max_tokens),
  });
}
