/** What the validators of `generated/validators.ts` call. */

/** Compares by text, so that a list costs its length; Ajv's own compares each item with every other. */
export const areUnique = (items: readonly unknown[]): boolean =>
  new Set(items.map((item) => JSON.stringify(item))).size === items.length;

/** The length of a text in characters, as JSON Schema counts it: a surrogate pair is one. */
export function ucs2length(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}
