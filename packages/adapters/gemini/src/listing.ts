/** https://ai.google.dev/api/models#method:-models.list */
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
  path: () => "models?pageSize=1",
  page: (_, cursor) =>
    `models?pageSize=1000${cursor === undefined ? "" : `&pageToken=${encodeURIComponent(cursor)}`}`,
  read: (bytes) => {
    const document = asObject(parseListing(bytes));
    // Of an account without models the whole document is `{}`, which many other things are too.
    return listingPage(asArray(document?.models), readModel, asText(document?.nextPageToken));
  },
};

const METHODS: readonly (readonly [method: string, operation: Operation])[] = [
  ["generateContent", "chat"],
  ["embedContent", "embedding"],
];

function readModel(entry: JsonObject): ListedModel | undefined {
  const id = asText(entry.name)?.replace(/^models\//, "");
  if (id === undefined || id === "") return undefined;
  const methods = asTexts(entry.supportedGenerationMethods);
  return listedModel(id, {
    operations: methods && METHODS.flatMap(([method, does]) => (methods.includes(method) ? [does] : [])),
    contextTokens: firstTokens(entry.inputTokenLimit),
    maxOutputTokens: firstTokens(entry.outputTokenLimit),
  });
}
