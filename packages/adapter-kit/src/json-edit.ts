/** Edits the top level of a JSON object's bytes; everything else stays byte for byte. */
import { type Member, type TopLevel, topLevel } from "./json-scan.ts";

/** A text that is valid JSON. */
export type JsonText = string;

export interface JsonEdits {
  /** Members that get this value, in their position, else at the end. Overrides the other two. */
  readonly set?: Readonly<Record<string, JsonText>>;
  /** Members that are left out. */
  readonly drop?: Iterable<string>;
  /** Members that get another name. A member that already has the new name is left out. */
  readonly rename?: Readonly<Record<string, string>>;
}

export interface EditedJson {
  readonly bytes: Buffer;
  /** The names of `drop` that were found. */
  readonly dropped: readonly string[];
}

/** @throws {TypeError} when the bytes are not a JSON object. */
export function editJson(bytes: Buffer, edits: JsonEdits): EditedJson {
  const object = topLevel(bytes);
  if (object === undefined) throw new TypeError("not a JSON object");
  const { set = {}, rename = {} } = edits;
  const only = soleReplacement(object, edits, set);
  if (only !== undefined) {
    const { member, value } = only;
    return {
      bytes: Buffer.concat([
        bytes.subarray(0, member.valueStart),
        Buffer.from(value),
        bytes.subarray(member.valueEnd),
      ]),
      dropped: [],
    };
  }

  const drop = new Set(edits.drop);
  const dropped = new Set<string>();
  const targets = new Set<string>();
  const newName = (key: string): string | undefined =>
    Object.hasOwn(rename, key) && !drop.has(key) ? rename[key] : undefined;
  for (const { key } of object.members) {
    const target = newName(key);
    if (target !== undefined) targets.add(target);
  }
  const placed = new Set<string>();
  const parts: Buffer[] = [];
  const put = (name: string, value: JsonText): void => {
    if (placed.has(name)) return;
    placed.add(name);
    parts.push(Buffer.from(`${JSON.stringify(name)}:${value}`));
  };
  for (const member of object.members) {
    const { key } = member;
    const renamed = newName(key);
    const name = renamed ?? key;
    const value = Object.hasOwn(set, name) ? set[name] : undefined;
    if (drop.has(key) && !Object.hasOwn(set, key)) dropped.add(key);
    else if (value !== undefined) put(name, value);
    else if (renamed !== undefined) {
      parts.push(
        Buffer.concat([Buffer.from(JSON.stringify(renamed)), bytes.subarray(member.keyEnd, member.valueEnd)]),
      );
    } else if (!targets.has(key)) parts.push(bytes.subarray(member.keyStart, member.valueEnd));
  }
  for (const [name, value] of Object.entries(set)) put(name, value);
  return { bytes: joinMembers(parts), dropped: [...dropped] };
}

/** The common case, one splice: a single member is set, occurs once, and nothing else changes. */
function soleReplacement(
  object: TopLevel,
  edits: JsonEdits,
  set: Readonly<Record<string, JsonText>>,
): { member: Member; value: JsonText } | undefined {
  const [entry, ...more] = Object.entries(set);
  if (entry === undefined || more.length > 0) return undefined;
  const [name, value] = entry;
  const drop = new Set(edits.drop);
  let found: Member | undefined;
  for (const member of object.members) {
    if (member.key === name) {
      if (found !== undefined) return undefined;
      found = member;
    } else if (drop.has(member.key)) return undefined;
    if (edits.rename !== undefined && Object.hasOwn(edits.rename, member.key)) return undefined;
  }
  return found === undefined ? undefined : { member: found, value };
}

function joinMembers(parts: readonly Buffer[]): Buffer {
  const out: Buffer[] = [];
  parts.forEach((part, index) => {
    out.push(Buffer.from(index === 0 ? "{" : ","), part);
  });
  out.push(Buffer.from(parts.length === 0 ? "{}" : "}"));
  return Buffer.concat(out);
}
