/**
 * Finds the top-level members of a JSON object in its bytes, without parsing their values.
 *
 * The bytes are read as latin1: every structural character of JSON is ASCII and no byte of a multi-byte UTF-8
 * character is, so offsets into the text are byte offsets.
 */

import { MAX_JSON_DEPTH } from "./json-bounds.ts";

export interface Member {
  /** Decoded: `"\u006dodel"` is `model`. */
  readonly key: string;
  /** Byte offset of the key's opening quote. */
  readonly keyStart: number;
  /** Byte offset behind the key's closing quote. */
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

export interface TopLevel {
  /** The whole text as latin1. */
  readonly text: string;
  /** In document order; a repeated key appears repeatedly. */
  readonly members: readonly Member[];
  /** Byte offset of the object's `{`. */
  readonly open: number;
  /** Byte offset of its `}`. */
  readonly close: number;
}

const TAB = 9;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

const SCALAR = /(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)/y;

/**
 * @returns `undefined` when the bytes are not one complete JSON object: truncated, followed by more, or something
 * else; or nested too deep. Nested values are checked for balance, not for grammar.
 */
export function topLevel(bytes: Buffer): TopLevel | undefined {
  const text = bytes.toString("latin1");
  const open = skipSpace(text, text.startsWith("\u00ef\u00bb\u00bf") ? 3 : 0);
  if (text.charCodeAt(open) !== OPEN_BRACE) return undefined;
  const members: Member[] = [];
  let at = skipSpace(text, open + 1);
  let close = -1;
  if (text.charCodeAt(at) === CLOSE_BRACE) close = at;
  while (close < 0) {
    if (text.charCodeAt(at) !== QUOTE) return undefined;
    const keyStart = at;
    const keyEnd = skipString(text, at);
    if (keyEnd < 0) return undefined;
    at = skipSpace(text, keyEnd);
    if (text.charCodeAt(at) !== COLON) return undefined;
    const valueStart = skipSpace(text, at + 1);
    const valueEnd = skipValue(text, valueStart);
    if (valueEnd < 0) return undefined;
    const key = readKey(bytes, text, keyStart, keyEnd);
    if (key === undefined) return undefined;
    members.push({ key, keyStart, keyEnd, valueStart, valueEnd });
    at = skipSpace(text, valueEnd);
    const next = text.charCodeAt(at);
    if (next === CLOSE_BRACE) close = at;
    else if (next === COMMA) at = skipSpace(text, at + 1);
    else return undefined;
  }
  return skipSpace(text, close + 1) === text.length ? { text, members, open, close } : undefined;
}

/** The value of the last member of that name: the one that a parser returns. */
export function lastMember(object: TopLevel, key: string): Member | undefined {
  return object.members.findLast((member) => member.key === key);
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== SPACE && code !== LINE_FEED && code !== CARRIAGE_RETURN && code !== TAB) return at;
    at += 1;
  }
}

/** From an opening quote to behind the closing one; -1 when there is none. */
function skipString(text: string, open: number): number {
  let from = open + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return -1;
    let before = quote - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((quote - before) % 2 === 1) return quote + 1;
    from = quote + 1;
  }
}

function skipValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return skipString(text, start);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipNested(text, start);
  SCALAR.lastIndex = start;
  return SCALAR.test(text) ? SCALAR.lastIndex : -1;
}

function skipNested(text: string, start: number): number {
  const closers: number[] = [];
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = skipString(text, at) - 1;
      if (at < 0) return -1;
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      closers.push(code === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET);
      if (closers.length >= MAX_JSON_DEPTH) return -1;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (closers.pop() !== code) return -1;
      if (closers.length === 0) return at + 1;
    }
  }
  return -1;
}

function readKey(bytes: Buffer, text: string, start: number, end: number): string | undefined {
  for (let at = start + 1; at < end - 1; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH || code > 0x7e || code < SPACE) {
      try {
        return JSON.parse(bytes.toString("utf8", start, end)) as string;
      } catch {
        return undefined;
      }
    }
  }
  return text.slice(start + 1, end - 1);
}
