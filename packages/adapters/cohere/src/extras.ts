/** Fields beyond the canonical request: carried where Cohere has them, left out where they are harmless, else refused. */
import { EncodeError, sortExtras } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue } from "@headgate/contract";

/** Cohere's own fields, for clients that address it directly. https://docs.cohere.com/reference/chat */
const CARRIED = new Set([
  "citation_options",
  "documents",
  "priority",
  "safety_mode",
  "strict_tools",
  "thinking",
]);

/**
 * @param drop names that the provider's fragment drops.
 * @param dropped gets the names that are left out.
 * @throws {EncodeError} naming a field that would change the answer and cannot be carried.
 */
export function readExtras(
  extra: Readonly<Record<string, JsonValue>>,
  drop: readonly string[],
  dropped: Set<string>,
): JsonObject {
  const carried: Record<string, JsonValue> = {};
  sortExtras(extra, {
    carry(name, value) {
      if (!CARRIED.has(name)) return false;
      carried[name] = value;
      return true;
    },
    drop: (name) => dropped.add(name),
    refuse(name) {
      if (!drop.includes(name)) throw new EncodeError(`Cohere has nothing like ${name}`, name);
      dropped.add(name);
    },
  });
  return carried;
}
