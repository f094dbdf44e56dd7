/** The size of a prompt, read from any surface's JSON. */
import type { JsonValue } from "@headgate/contract";

export interface PromptSize {
  /** Characters of text, tool schemas included. */
  readonly chars: number;
  /** Pictures, documents and recordings in it. */
  readonly media: number;
}

/** A longer string that begins without a space is base64, not words. */
const LONG_CHARS = 512;
const BASE64 = /^(?:data:[^,]{0,100},)?[A-Za-z0-9+/=_-]{256}/;

export function promptSize(json: JsonValue): PromptSize {
  const size = { chars: 0, media: 0 };
  add(json, size);
  return size;
}

function add(value: JsonValue | undefined, size: { chars: number; media: number }): void {
  if (typeof value === "string") {
    if (value.length > LONG_CHARS && BASE64.test(value)) size.media += 1;
    else size.chars += value.length;
  } else if (Array.isArray(value)) {
    for (const item of value) add(item, size);
  } else if (typeof value === "object" && value !== null) {
    const object = value as { readonly [name: string]: JsonValue | undefined };
    for (const name in object) {
      // A picture by its address counts as much as one inside the request.
      if (name === "image_url") size.media += 1;
      else add(object[name], size);
    }
  }
}
