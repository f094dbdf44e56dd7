/** https://ai.google.dev/api/models#method:-models.list */
import { asArray, asObject, asText, firstTokens, listingRoute, operationsNamed } from "@headgate/adapter-kit";

export const LISTING = listingRoute({
  route: "models",
  size: { parameter: "pageSize", max: 1000 },
  cursor: "pageToken",
  // For an account without models the whole document is `{}`, as many other documents are: no list.
  entries: (document) => asArray(asObject(document)?.models),
  next: (document) => asText(asObject(document)?.nextPageToken),
  facts: (entry) => ({
    id: asText(asText(entry.name)?.replace(/^models\//, "")),
    operations: operationsNamed(entry.supportedGenerationMethods, {
      generateContent: "chat",
      embedContent: "embedding",
    }),
    contextTokens: firstTokens(entry.inputTokenLimit),
    maxOutputTokens: firstTokens(entry.outputTokenLimit),
  }),
});
