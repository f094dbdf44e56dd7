/** https://docs.ollama.com/api/tags: what is pulled, on one page. */
import {
  asArray,
  asObject,
  asText,
  asTexts,
  capabilitiesOf,
  type ListedModel,
  type ListingRoute,
  listedModel,
  listingPage,
  parseListing,
} from "@headgate/adapter-kit";
import type { JsonObject } from "@headgate/contract";

export const LISTING: ListingRoute = {
  path: () => "api/tags",
  page: () => "api/tags",
  read: (bytes) => listingPage(asArray(asObject(parseListing(bytes))?.models), readModel),
};

function readModel(entry: JsonObject): ListedModel | undefined {
  const id = asText(entry.model) ?? asText(entry.name);
  if (id === undefined) return undefined;
  // Only newer servers say it here; of the others `/api/show` would have to be asked for each.
  const claims = asTexts(entry.capabilities);
  return listedModel(id, {
    // A name without a tag means `latest`.
    alsoNamed: id.endsWith(":latest") ? [id.slice(0, -":latest".length)] : undefined,
    operations: claims?.includes("embedding")
      ? ["embedding"]
      : claims && (claims.includes("completion") ? ["chat"] : []),
    capabilities:
      claims &&
      capabilitiesOf({
        vision: claims.includes("vision"),
        tools: claims.includes("tools"),
        reasoning: claims.includes("thinking"),
      }),
  });
}
