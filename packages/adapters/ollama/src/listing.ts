/** The models that are pulled, on one page: https://docs.ollama.com/api/tags */
import { asArray, asObject, asText, asTexts, capabilitiesOf, listingRoute } from "@headgate/adapter-kit";

export const LISTING = listingRoute({
  route: "api/tags",
  entries: (document) => asArray(asObject(document)?.models),
  facts(entry) {
    const id = asText(entry.model) ?? asText(entry.name);
    // Only newer servers list capabilities; for older ones it would take one `/api/show` per model.
    const listed = asTexts(entry.capabilities);
    return {
      id,
      // A name without a tag means `latest`.
      alsoNamed: id?.endsWith(":latest") ? [id.slice(0, -":latest".length)] : undefined,
      operations: listed?.includes("embedding")
        ? ["embedding"]
        : listed && (listed.includes("completion") ? ["chat"] : []),
      capabilities:
        listed &&
        capabilitiesOf({
          vision: listed.includes("vision"),
          tools: listed.includes("tools"),
          reasoning: listed.includes("thinking"),
        }),
    };
  },
});
