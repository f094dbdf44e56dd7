/** A field that a provider does not know, as its refusal names it, and a body without such a field. */
import type { JsonObject, JsonValue } from "@headgate/contract";
import type { NativeBody } from "./adapter.ts";
import { editJson } from "./json-edit.ts";
import { exactBody } from "./json-exact.ts";
import { asArray, isObject, parseJson } from "./json-read.ts";

/** Names in a path, without positions in lists: `["messages", "refusal"]`. */
export type FieldPath = readonly string[];

/** Without these a request is another one. */
const ESSENTIAL: ReadonlySet<string> = new Set([
  "contents",
  "content",
  "format",
  "input",
  "instructions",
  "messages",
  "model",
  "parts",
  "prompt",
  "response_format",
  "responseSchema",
  "role",
  "stream",
  "system",
  "systemInstruction",
  "text",
  "tools",
  "type",
]);

const QUOTE = "[`'\"]?";
const NAME = `${QUOTE}([A-Za-z_][\\w.[\\]-]{0,120})${QUOTE}`;
/** The words with which providers name a field that they do not know. */
const WORDS: readonly RegExp[] = [
  new RegExp(`\\bparameter ${NAME} is not (?:a valid field|supported|recognized)`, "i"),
  // OpenAI and servers that follow it
  new RegExp(`\\bunknown (?:parameter|argument|name|field)s?:? ${NAME}`, "i"),
  new RegExp(`\\bunrecognized (?:request argument supplied|field|key)s?:? ${NAME}`, "i"),
  new RegExp(`\\bunsupported (?:parameter|field)s?:? ${NAME}`, "i"),
  new RegExp(`\\bargument not supported(?: on this model)?: ${NAME}`, "i"),
  // Anthropic, and hosts that check with pydantic
  new RegExp(`${NAME}: extra inputs are not permitted`, "i"),
];
/** Groq: the place, then the name. */
const PROPERTY = /(?:'([\w.[\]-]{1,120})' : )?property '([\w-]{1,80})' is unsupported/i;
/** Google: the name, then the place. */
const UNKNOWN_AT = /unknown name "([\w-]{1,80})"(?: at '([\w.[\]]{1,120})')?/i;

/** Undefined where the words name none, or one that matters. */
export function refusedField(message: string): FieldPath | undefined {
  const path = pathIn(message);
  const last = path?.at(-1);
  return path === undefined || last === undefined || ESSENTIAL.has(last) ? undefined : path;
}

function pathIn(message: string): FieldPath | undefined {
  const located = locatedIn(message);
  if (located !== undefined) return located;
  const property = PROPERTY.exec(message);
  if (property !== null) return pathOf([property[1], property[2]].filter(isText).join("."));
  const unknown = UNKNOWN_AT.exec(message);
  if (unknown !== null) return pathOf([unknown[2], unknown[1]].filter(isText).join("."));
  // Ollama names the model, and not its field.
  if (/"[^"]{1,120}" does not support thinking/.test(message)) return ["think"];
  for (const words of WORDS) {
    const name = words.exec(message)?.[1];
    if (name !== undefined) return pathOf(name);
  }
  return undefined;
}

const isText = (value: string | undefined): value is string => value !== undefined;

/** Pydantic's list of errors, each with its place: `{"type":"extra_forbidden","loc":["body","n"]}`. */
function locatedIn(message: string): FieldPath | undefined {
  const start = message.indexOf("[{");
  if (start < 0) return undefined;
  for (const item of asArray(parseJson(message.slice(start))) ?? []) {
    if (!isObject(item) || item.type !== "extra_forbidden") continue;
    const loc = (asArray(item.loc) ?? []).filter((part) => typeof part === "string");
    return loc[0] === "body" ? loc.slice(1) : loc;
  }
  return undefined;
}

/** `messages[0].refusal` and `messages.0.refusal` are one path. */
const pathOf = (text: string): FieldPath =>
  text
    .replaceAll(/\[(\w*)\]/g, ".$1")
    .split(".")
    .filter((part) => part !== "" && !/^\d+$/.test(part) && part !== "body");

/** The body without the field at each place of that path; undefined where it has none. */
export function withoutField(body: Pick<NativeBody, "bytes" | "json">, path: FieldPath): Buffer | undefined {
  const [first, ...inner] = path;
  if (first === undefined) return undefined;
  const member = spelling(body.json, first);
  if (member === undefined) return undefined;
  if (inner.length === 0) return editJson(body.bytes, { drop: [member] }).bytes;
  const held = exactBody(body)[member] ?? null;
  const left = without(held, inner);
  if (left === held) return undefined;
  return editJson(body.bytes, { set: { [member]: JSON.stringify(left) } }).bytes;
}

/** Google's wire has two spellings of every name. */
function spelling(object: JsonObject, name: string): string | undefined {
  if (Object.hasOwn(object, name)) return name;
  const camel = name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.hasOwn(object, camel) ? camel : undefined;
}

/** The same value where nothing is left out. */
function without(value: JsonValue, path: FieldPath): JsonValue {
  const list = asArray(value);
  if (list !== undefined) {
    const left = list.map((item) => without(item, path));
    return left.every((item, at) => item === list[at]) ? value : left;
  }
  const [first, ...inner] = path;
  if (!isObject(value) || first === undefined) return value;
  const member = spelling(value, first);
  // A kind's name may stand in the path: `content.0.text.citations`.
  if (member === undefined) return inner.length === 0 ? value : without(value, inner);
  if (inner.length === 0) {
    const { [member]: _, ...others } = value;
    return others;
  }
  const held = value[member] ?? null;
  const left = without(held, inner);
  if (left !== held) return { ...value, [member]: left };
  return isObject(held) || Array.isArray(held) ? value : without(value, inner);
}
