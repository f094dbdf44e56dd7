/** The item that replaces a compacted conversation: a summary, sealed by the gateway. */
import type { ContentPart, JsonObject } from "@headgate/contract";
import type { Sealer } from "../../../codec/sealer.ts";
import { badRequest } from "../../../http/client-error.ts";
import { requiredText } from "./fields.ts";

const PURPOSE = "compaction";
const HEADING = "A summary of the conversation up to here:";

export const compactionItem = (id: string, summary: string, sealer: Sealer): JsonObject => ({
  id,
  type: "compaction",
  encrypted_content: sealer.seal(summary, PURPOSE),
});

/** The text for a model. @throws {ClientError} 400 for one that cannot be read here */
export function readCompaction(item: JsonObject, path: string, sealer: Sealer): ContentPart {
  const summary = sealer.open(requiredText(item, "encrypted_content", `${path}.`), PURPOSE);
  if (summary !== undefined) return { type: "text", text: `${HEADING}\n\n${summary}` };
  throw badRequest(
    "This compaction item cannot be read: it was changed, or made by another service or under another client key. Compact the conversation again with POST /v1/responses/compact.",
    `${path}.encrypted_content`,
    "invalid_encrypted_content",
  );
}
