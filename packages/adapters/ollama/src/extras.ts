/** Fields beyond the canonical request: carried where Ollama has them, left out where they are harmless, else refused. */
import { EncodeError, isObject, sortExtras } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue } from "@headgate/contract";

/** Ollama's own fields, for clients that address it directly. */
const CARRIED = new Set(["keep_alive", "shift", "think", "truncate"]);

/**
 * @param dropped gets the names that are left out.
 * @throws {EncodeError} naming a field that would change the answer and cannot be carried.
 */
export function readExtras(
  extra: Readonly<Record<string, JsonValue>>,
  dropped: string[],
): { carried: JsonObject; options: JsonObject } {
  const carried: Record<string, JsonValue> = {};
  let options: JsonObject = {};
  sortExtras(extra, {
    carry(name, value) {
      if (CARRIED.has(name)) carried[name] = value;
      else if (name === "options" && isObject(value)) options = value;
      else return false;
      return true;
    },
    drop: (name) => dropped.push(name),
    refuse(name) {
      throw new EncodeError(`Ollama has nothing like ${name}`, name);
    },
  });
  return { carried, options };
}
