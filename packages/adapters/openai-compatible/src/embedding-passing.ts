/** Embeddings for OpenAI's clients: the vectors are not parsed. https://platform.openai.com/docs/api-reference/embeddings */
import {
  applyToClientBody,
  asArray,
  asCount,
  asObject,
  type BodyVerdict,
  dialectOf,
  isObject,
  type PassingEmbedding,
  packedFloats,
  parseJson,
} from "@headgate/adapter-kit";
import { type JsonObject, type JsonValue, present, type Usage } from "@headgate/contract";
import { readVector } from "./embedding.ts";
import { answerError } from "./inspect.ts";

const FORMAT = "encoding_format";

export const EMBEDDING: PassingEmbedding = {
  wire: "openai-embeddings",
  encode(body, target) {
    const own = dialectOf(target);
    const asked = Object.hasOwn(body.json, FORMAT);
    const dialect = asked ? { ...own, drop: [FORMAT, ...own.drop] } : own;
    const { bytes, dropped } = applyToClientBody(body, dialect, {
      model: JSON.stringify(target.deployment.upstream),
    });
    return {
      path: "/embeddings",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: bytes,
      // The client gets the form that it asked for.
      dropped: dropped.filter((name) => name !== FORMAT || own.drop.includes(FORMAT)),
    };
  },
  inspect(bytes, inputs): BodyVerdict {
    const found = countVectors(bytes);
    if (found === 0 || !isObjectText(bytes)) return { ok: false, error: answerError(bytes, "embeddings") };
    if (found !== inputs) {
      const error = answerError(bytes, "embeddings");
      const message = `${found} embeddings for ${inputs} inputs`;
      return { ok: false, error: error.class === "malformed" ? { class: "malformed", message } : error };
    }
    return { ok: true, ...present({ usage: usageIn(bytes) }) };
  },
  inForm(bytes, form) {
    if (form === "float" && isInOrder(bytes)) return bytes;
    const body = parseJson(bytes.toString("utf8"));
    const data = isObject(body) ? asArray(body.data) : undefined;
    if (!isObject(body) || data === undefined) return undefined;
    // An index that repeats, or lies outside of the list, leaves a hole elsewhere.
    const entries: (JsonObject | undefined)[] = new Array(data.length).fill(undefined);
    for (const [position, entry] of data.entries()) {
      const vector = isObject(entry) ? inForm(entry.embedding, form) : undefined;
      if (!isObject(entry) || vector === undefined) return undefined;
      const at = asCount(entry.index) ?? position;
      if (at < entries.length) entries[at] = { ...entry, embedding: vector };
    }
    if (entries.includes(undefined)) return undefined;
    return Buffer.from(JSON.stringify({ ...body, data: entries }));
  },
};

function inForm(value: JsonValue | undefined, form: "float" | "base64"): JsonValue | undefined {
  const vector = readVector(value);
  if (vector === undefined) return undefined;
  if (form === "base64") return typeof value === "string" ? value : packedFloats(vector);
  return vector;
}

const NAME = Buffer.from('"embedding"');
const INDEX = Buffer.from('"index"');
const COLON = 58;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const QUOTE = 34;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;

/** Where the values of members of this name begin. Few bytes of an answer are quotes, so the search is quick. */
function* valuesOf(bytes: Buffer, name: Buffer): Generator<number> {
  for (let at = bytes.indexOf(name); at !== -1; at = bytes.indexOf(name, at + name.length)) {
    const colon = skipSpace(bytes, at + name.length);
    if (bytes[colon] === COLON) yield skipSpace(bytes, colon + 1);
  }
}

/** How many members are called `embedding` and hold a list that is not empty, or a text. */
function countVectors(bytes: Buffer): number {
  let count = 0;
  for (const at of valuesOf(bytes, NAME)) {
    const list = bytes[at] === OPEN_BRACKET && bytes[skipSpace(bytes, at + 1)] !== CLOSE_BRACKET;
    if (list || bytes[at] === QUOTE) count += 1;
  }
  return count;
}

/** True where every vector is a list, and the entries that state an index come in its order. */
function isInOrder(bytes: Buffer): boolean {
  for (const at of valuesOf(bytes, NAME)) if (bytes[at] !== OPEN_BRACKET) return false;
  let next = 0;
  for (const at of valuesOf(bytes, INDEX)) {
    if (Number.parseInt(bytes.toString("latin1", at, at + 8), 10) !== next) return false;
    next += 1;
  }
  return true;
}

function isObjectText(bytes: Buffer): boolean {
  let end = bytes.length - 1;
  while (isSpace(bytes[end])) end -= 1;
  return bytes[skipSpace(bytes, 0)] === OPEN_BRACE && bytes[end] === CLOSE_BRACE;
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (isSpace(bytes[at])) at += 1;
  return at;
}

const isSpace = (byte: number | undefined): boolean =>
  byte === 32 || byte === 10 || byte === 13 || byte === 9;

/** Where usage is looked for: it comes after the vectors, in some answers before them. */
const EDGE_BYTES = 2_048;
const USAGE = /"usage"\s*:\s*(\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})/;

function usageIn(bytes: Buffer): Usage | undefined {
  const found =
    USAGE.exec(bytes.toString("latin1", Math.max(0, bytes.length - EDGE_BYTES))) ??
    USAGE.exec(bytes.toString("latin1", 0, EDGE_BYTES));
  const inputTokens = asCount(asObject(parseJson(found?.[1] ?? ""))?.prompt_tokens);
  return inputTokens === undefined ? undefined : { inputTokens, outputTokens: 0 };
}
