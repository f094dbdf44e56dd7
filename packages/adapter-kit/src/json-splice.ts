/** The commonest edit, without a scan: one text member at the top level gets another value. */
import type { JsonObject, JsonValue } from "@headgate/contract";
import type { NativeBody } from "./adapter.ts";
import type { JsonText } from "./json-edit.ts";

const ESCAPED = Buffer.from("\\u");
const COLON = 58;

/**
 * Replaces the one member that `set` names by a splice, when its position is certain. A name without escapes can
 * only be spelled literally. So where the bytes hold no `\u` at all, a literal with a colon is such a key, and there are as
 * many of them as the parsed object has keys of that name, no key is there twice; and where no list or object is open
 * before it, or none is closed after it, the key is the member.
 *
 * @returns undefined when that is not certain, and the object must be scanned.
 */
export function replaceSole(
  { bytes, json, escaped }: Pick<NativeBody, "bytes" | "json" | "escaped">,
  set: Readonly<Record<string, JsonText>>,
): Buffer | undefined {
  const names = Object.keys(set);
  const [name] = names;
  if (name === undefined || names.length !== 1 || !Object.hasOwn(json, name) || !/^[a-z_]+$/.test(name))
    return undefined;
  const present = json[name];
  const value = set[name];
  if (typeof present !== "string" || value === undefined) return undefined;
  if (escaped ?? bytes.indexOf(ESCAPED) !== -1) return undefined;
  const at = memberAt(bytes, json, name);
  if (at === undefined) return undefined;
  const start = skipSpace(bytes, skipSpace(bytes, at + name.length + 2) + 1);
  const spelled = Buffer.from(JSON.stringify(present));
  const end = start + spelled.length;
  if (spelled.compare(bytes, start, end) !== 0) return undefined;
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(value), bytes.subarray(end)]);
}

/** Where the key of the one member of that name begins, if that is certain. */
function memberAt(bytes: Buffer, json: JsonObject, name: string): number | undefined {
  const literal = Buffer.from(`"${name}"`);
  const first = bytes.indexOf(literal);
  if (first === -1) return undefined;
  let keys = 0;
  let key = -1;
  let last = -1;
  for (let at = first; at !== -1; at = bytes.indexOf(literal, at + literal.length)) {
    if (bytes[skipSpace(bytes, at + literal.length)] !== COLON) continue;
    if (key === -1) key = at;
    last = at;
    keys += 1;
  }
  if (keys === 1 && key === first && bytes.indexOf(literal, first + 1) === -1) return key;
  if (keys === 0 || keys !== countKeys(json, name)) return undefined;
  if (isFlat(bytes, 0, key, OPEN_BRACE, OPEN_BRACKET)) return key;
  return isFlat(bytes, last, bytes.length, CLOSE_BRACE, CLOSE_BRACKET) ? last : undefined;
}

const OPEN_BRACE = 123;
const OPEN_BRACKET = 91;
const CLOSE_BRACE = 125;
const CLOSE_BRACKET = 93;
/** Longer parts at the edge of an object hold more than a few parameters. */
const EDGE_BYTES = 2_048;

/** True where one brace and no bracket stand between two places: only the object's own. */
function isFlat(bytes: Buffer, from: number, to: number, brace: number, bracket: number): boolean {
  if (to - from > EDGE_BYTES) return false;
  let braces = 0;
  for (let at = from; at < to; at += 1) {
    if (bytes[at] === bracket) return false;
    if (bytes[at] === brace) braces += 1;
  }
  return braces === 1;
}

/** How many keys of that name a value has, its own and those inside. */
function countKeys(value: JsonValue, name: string): number {
  let count = 0;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at += 1) {
      const entry: unknown = value[at];
      if (typeof entry === "object" && entry !== null) count += countKeys(entry as JsonValue, name);
    }
    return count;
  }
  const object = value as JsonObject;
  for (const key in object) {
    if (key === name) count += 1;
    const entry = object[key];
    if (typeof entry === "object" && entry !== null) count += countKeys(entry, name);
  }
  return count;
}

/** JSON's white space: space, tab, line feed, carriage return. */
function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at];
    if (byte !== 32 && byte !== 9 && byte !== 10 && byte !== 13) return at;
    at += 1;
  }
}
