/**
 * Positions in a text. JavaScript counts UTF-16 units, the wires characters (Unicode code
 * points) or bytes of UTF-8.
 */

/** How many characters a text has. A surrogate pair counts once, also where it is split over two pieces. */
export function countCharacters(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0xdc00 || unit > 0xdfff) count += 1;
  }
  return count;
}

/** The text from one character to another, the end exclusive. */
export function sliceCharacters(text: string, start: number, end?: number): string {
  const from = unitOf(text, start);
  return text.slice(from, end === undefined ? undefined : from + unitOf(text.slice(from), end - start));
}

function unitOf(text: string, character: number): number {
  let passed = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit >= 0xdc00 && unit <= 0xdfff) continue;
    if (passed === character) return at;
    passed += 1;
  }
  return character < 0 ? 0 : text.length;
}

/** The character that contains a byte of the text's UTF-8. */
export const characterOfByte = (utf8: Buffer, byte: number): number =>
  countCharacters(utf8.subarray(0, Math.max(0, byte)).toString("utf8"));

/** The byte of the text's UTF-8 at which a character begins. */
export const byteOfCharacter = (text: string, character: number): number =>
  Buffer.byteLength(sliceCharacters(text, 0, character));
