/**
 * Bounds of JSON that others wrote, checked before it is parsed: what is nested too deep, or holds too many members or
 * values, blocks the process for seconds and takes a hundred times its size in memory.
 */
import type { JsonValue } from "@headgate/contract";

/** Deeper than any real request, and far from the stack limit of recursive code here and upstream. */
export const MAX_JSON_DEPTH = 128;
/** Each distinct key costs about a microsecond. */
const MAX_KEYS = 250_000;
/** Objects, lists and texts. Numbers cost less, and a list of embeddings has millions. */
const MAX_PARTS = 1_000_000;
const MAX_VALUES = 12_000_000;
/** A text up to this length is parsed within some 20 ms, whatever it holds; its depth is found in the value. */
const SMALL_CHARS = 128 * 1024;

export type JsonExcess = "depth" | "size";

export const EXCESS: Readonly<Record<JsonExcess, string>> = {
  depth: `nested deeper than ${MAX_JSON_DEPTH} levels`,
  size: `more than ${MAX_KEYS} members, ${MAX_PARTS} objects, lists and texts, or ${MAX_VALUES} values`,
};

/** What was parsed, or which bound it exceeds. */
export type Bounded = { readonly value: JsonValue } | { readonly excess: JsonExcess };

/** @throws {SyntaxError} for what is no JSON */
export function parseBounded(text: string, parse: (text: string) => JsonValue = plain): Bounded {
  if (text.length > SMALL_CHARS) {
    const excess = excessOf(text);
    return excess === undefined ? { value: parse(text) } : { excess };
  }
  const value = parse(text);
  // A level takes two characters at least.
  if (text.length > 2 * MAX_JSON_DEPTH && isDeep(value, MAX_JSON_DEPTH)) return { excess: "depth" };
  return { value };
}

const plain = (text: string): JsonValue => JSON.parse(text) as JsonValue;

function isDeep(value: JsonValue, left: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (left === 0) return true;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at += 1) {
      const entry: unknown = value[at];
      if (typeof entry === "object" && entry !== null && isDeep(entry as JsonValue, left - 1)) return true;
    }
    return false;
  }
  for (const key in value) {
    const entry = (value as Readonly<Record<string, JsonValue>>)[key];
    if (typeof entry === "object" && entry !== null && isDeep(entry, left - 1)) return true;
  }
  return false;
}

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BACKSLASH = 92;
/** `[` and `{` differ from `]` and `}` by 2, and from each other by 32. */
const OPEN = 91;
const CLOSE = 93;
const CASE = 32;
/** A text is looked through by hand so far; its end is then searched natively. */
const SHORT_TEXT = 64;

/** Undefined for JSON within the bounds, and for what is no JSON. */
export function excessOf(text: string): JsonExcess | undefined {
  let depth = 0;
  let keys = 0;
  let parts = 0;
  let values = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      parts += 1;
      at = endOfText(text, at + 1);
      if (at < 0) return undefined;
    } else if (code === COLON) keys += 1;
    else if (code === COMMA) values += 1;
    else if ((code & ~CASE) === OPEN) {
      parts += 1;
      depth += 1;
      if (depth > MAX_JSON_DEPTH) return "depth";
    } else if ((code & ~CASE) === CLOSE) depth -= 1;
  }
  // Keys are texts too.
  return keys > MAX_KEYS || parts - keys > MAX_PARTS || values > MAX_VALUES ? "size" : undefined;
}

/** The index of the closing quote; -1 where there is none. */
function endOfText(text: string, from: number): number {
  const near = Math.min(text.length, from + SHORT_TEXT);
  let at = from;
  for (; at < near; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === QUOTE) return at;
  }
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return -1;
    let before = quote - 1;
    while (before >= at && text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((quote - before) % 2 === 1) return quote;
    at = quote + 1;
  }
}
