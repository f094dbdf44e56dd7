/** The commonest edit, without a scan: one text member at the top level gets another value. */
import type { JsonObject } from "@headgate/contract";
import type { JsonText } from "./json-edit.ts";

const ESCAPED = Buffer.from("\\u");
const COLON = 58;

/**
 * Replaces the one member that `set` names by a splice, when its position is certain. A name without escapes can
 * only be spelled literally; so where the bytes hold no `\u` at all and its literal once, that literal is the member.
 *
 * @returns undefined when that is not certain, and the object must be scanned.
 */
export function replaceSole(
  { bytes, json }: { readonly bytes: Buffer; readonly json: JsonObject },
  set: Readonly<Record<string, JsonText>>,
): Buffer | undefined {
  const names = Object.keys(set);
  const [name] = names;
  if (name === undefined || names.length !== 1 || !Object.hasOwn(json, name) || !/^[a-z_]+$/.test(name))
    return undefined;
  const present = json[name];
  const value = set[name];
  if (typeof present !== "string" || value === undefined) return undefined;
  const literal = `"${name}"`;
  const at = bytes.indexOf(literal, 0, "latin1");
  if (at === -1 || bytes.indexOf(literal, at + 1, "latin1") !== -1 || bytes.indexOf(ESCAPED) !== -1)
    return undefined;
  const colon = skipSpace(bytes, at + literal.length);
  if (bytes[colon] !== COLON) return undefined;
  const start = skipSpace(bytes, colon + 1);
  const spelled = Buffer.from(JSON.stringify(present));
  const end = start + spelled.length;
  if (spelled.compare(bytes, start, end) !== 0) return undefined;
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(value), bytes.subarray(end)]);
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
