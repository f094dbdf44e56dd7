/** Fields beyond the canonical request: carried where Gemini has them, left out where they are harmless, else refused. */
import { asObject, EncodeError, isObject, sortExtras } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue } from "@headgate/contract";

/** Gemini's own fields, by the names its OpenAI route has for them under `extra_body.google`, and their names here. */
const CARRIED: Readonly<Record<string, string>> = {
  cached_content: "cachedContent",
  safety_settings: "safetySettings",
};

export interface Extras {
  readonly carried: JsonObject;
  /** The client's own `thinkingConfig`. */
  readonly thinking: JsonObject | undefined;
}

/**
 * @param dropped gets the names that are left out.
 * @throws {EncodeError} naming a field that would change the answer and cannot be carried.
 */
export function readExtras(extra: Readonly<Record<string, JsonValue>>, dropped: string[]): Extras {
  let found: Extras = { carried: {}, thinking: undefined };
  sortExtras(extra, {
    carry(name, value) {
      if (name !== "extra_body" || !isObject(value)) return false;
      found = readOwn(value);
      return true;
    },
    drop: (name) => dropped.push(name),
    refuse(name) {
      throw new EncodeError(`Gemini has nothing like ${name}`, name);
    },
  });
  return found;
}

/** `{"google": {…}}`: https://ai.google.dev/gemini-api/docs/openai#extra-body */
function readOwn(body: JsonObject): Extras {
  const carried: Record<string, JsonValue> = {};
  let thinking: JsonObject | undefined;
  for (const [name, value] of Object.entries(asObject(body.google) ?? {})) {
    const theirs = Object.hasOwn(CARRIED, name) ? CARRIED[name] : undefined;
    if (theirs !== undefined) carried[theirs] = value;
    else if (name === "thinking_config" && isObject(value)) thinking = value;
    else throw new EncodeError(`Gemini has nothing like ${name}`, `extra_body.google.${name}`);
  }
  return { carried, thinking };
}
