/**
 * Takes keys and personal data out of what a provider says, before it is printed or written down: the key in every form in which
 * it may come back, addresses, names of accounts, and long words that nothing here has sent.
 */
import { redact } from "@headgate/runtime/verify-facts";

const MASK = "[removed]";
/** So many characters of a key in a row are a part of it. */
const PART = 6;
const EMAIL = /[^\s"'<>()[\]{},;:]+@[^\s"'<>()[\]{},;:]+/g;
const IPV4 = /\b\d{1,3}(?:\.\d{1,3}){3}\b/g;
const IPV6 = /\b(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}\b/gi;
const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi;
const PHONE = /\+?\d[\d ()./-]{8,}\d/g;
const URL_PATH = /(https?:\/\/[^\s"'<>?#]+)[?#][^\s"'<>]*/gi;
/** Ids of accounts, and the words before a name. */
const ID =
  /\b(?:org|proj|project|user|acct|account|team|cus|ws|workspace|usr|key|sess|req|gen|chatcmpl)[-_][\w-]{4,}/gi;
const BEFORE_NAMES =
  "organization organisation project account user username team workspace customer member owner name dear hello hi mr mrs ms company".split(
    " ",
  );
const eitherCase = (word: string): string => `[${word[0]?.toUpperCase()}${word[0]}]${word.slice(1)}`;
const NAMED = new RegExp(
  `\\b(${BEFORE_NAMES.map(eitherCase).join("|")})\\b(\\s*(?:is|of|named|called|id|[:=])?\\s*)` +
    "((?:[`'\"“][^`'\"”]{1,80}[`'\"”])|(?:\\p{Lu}[\\p{L}'.-]*(?:\\s+\\p{Lu}[\\p{L}'.-]*){0,3}))",
  "gu",
);
/** A word of letters and digits mixed that is too long for a word. */
const LONG = /[A-Za-z0-9_+/=~.-]{12,}/g;

export interface Known {
  /** The key and its parts. */
  readonly hidden: readonly string[];
  /** Ids of models, aliases and providers, and names of fields. */
  readonly ids: readonly string[];
}

export function scrubber({ hidden, ids }: Known): (text: string) => string {
  const grams = new Set(hidden.flatMap(formsOf).flatMap(gramsOf));
  const known = new Set(ids.map((id) => id.toLowerCase()));
  return (text) => {
    const plain = maskParts(decoded(text), grams);
    const masked = keepIds(plain, ids, (part) =>
      redact(
        part
          .replace(URL_PATH, `$1`)
          .replace(EMAIL, MASK)
          .replace(UUID, MASK)
          .replace(IPV4, MASK)
          .replace(IPV6, MASK)
          .replace(PHONE, (run) => (run.replace(/\D/g, "").length >= 9 ? MASK : run))
          .replace(NAMED, (_, word: string, between: string) => `${word}${between}${MASK}`)
          .replace(ID, MASK)
          .replace(LONG, (run) => (isStrange(run) && !known.has(run.toLowerCase()) ? MASK : run)),
        ids,
      ),
    );
    // A part may have been put together by what was taken out between.
    return maskParts(masked, grams);
  };
}

const isStrange = (run: string): boolean => {
  const digits = run.replace(/\D/g, "").length;
  const letters = run.replace(/[^A-Za-z]/g, "").length;
  return digits >= 3 && letters >= 3;
};

/** Ids stay as they are, whatever they look like: they are the fragment's own words. */
function keepIds(text: string, ids: readonly string[], change: (part: string) => string): string {
  const id = ids
    .filter((one) => one.length >= 3)
    .toSorted((a, b) => b.length - a.length)
    .find((one) => text.includes(one));
  if (id === undefined) return change(text);
  const at = text.indexOf(id);
  const others = ids.filter((one) => one !== id);
  return keepIds(text.slice(0, at), others, change) + id + keepIds(text.slice(at + id.length), ids, change);
}

/** As an answer may quote it: as it is, percent-encoded, in base64 or hexadecimal, or backwards. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    encodeURIComponent(secret),
    bytes.toString("base64"),
    bytes.toString("base64url"),
    bytes.toString("hex"),
    [...secret].reverse().join(""),
  ];
}

function gramsOf(text: string): string[] {
  const lower = text.toLowerCase();
  if (lower.length <= PART) return lower.length < 4 ? [] : [lower];
  return Array.from({ length: lower.length - PART + 1 }, (_, at) => lower.slice(at, at + PART));
}

/** Escapes of JSON and of URLs, undone where they can be. */
function decoded(text: string): string {
  const plain = text
    .replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    // Characters without a width hide a key from a search.
    .replace(/[\u200b-\u200f\u2060\ufeff\u00ad]/g, "");
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}

const BETWEEN: ReadonlySet<string> = new Set(['"', "'", "`", "\\"]);

/** A key in pieces, with spaces or dashes between, counts as a key too. */
function maskParts(text: string, grams: ReadonlySet<string>): string {
  if (grams.size === 0) return text;
  const places: number[] = [];
  let squeezed = "";
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] ?? "";
    if (letter <= " " || BETWEEN.has(letter) || /\s/.test(letter)) continue;
    places.push(at);
    squeezed += letter.toLowerCase();
  }
  const marked = new Uint8Array(text.length);
  for (const gram of grams) {
    for (let at = squeezed.indexOf(gram); at !== -1; at = squeezed.indexOf(gram, at + 1))
      for (let place = places[at] ?? 0; place <= (places[at + gram.length - 1] ?? 0); place += 1)
        marked[place] = 1;
  }
  let result = "";
  for (let at = 0; at < text.length; at += 1) {
    if (marked[at] === 0) result += text[at];
    else if (at === 0 || marked[at - 1] === 0) result += MASK;
  }
  return result;
}

/** The members of an error that say what went wrong; every other one may hold an account. */
const KEPT: ReadonlySet<string> = new Set([
  "error",
  "errors",
  "message",
  "msg",
  "type",
  "param",
  "code",
  "detail",
  "loc",
  "status",
  "object",
  "title",
  "success",
]);
const MAX_ITEMS = 8;

/** An error's document with these members alone, its texts scrubbed. */
export function scrubbedBody(value: unknown, scrub: (text: string) => string, depth = 0): unknown {
  if (typeof value === "string") return scrub(value.slice(0, 600));
  if (typeof value !== "object" || value === null) return value;
  if (depth > 6) return null;
  if (Array.isArray(value))
    return value.slice(0, MAX_ITEMS).map((item) => scrubbedBody(item, scrub, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => KEPT.has(name))
      .map(([name, inner]) => [name, scrubbedBody(inner, scrub, depth + 1)]),
  );
}
