/**
 * Bodies that their canonical form tells wholly. An upstream of the client's wire gets the body itself, so that a field without a
 * place in the canonical form reaches it too; a body with such a field has a key of its wire alone.
 */
import { isObject } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue } from "@headgate/contract";
import { isArray } from "../http/json-body.ts";

type Shape = Check | Choice | List | ObjectShape;
type Check = (value: JsonValue) => boolean;
/** A name with a `!` behind it must be there. */
interface ObjectShape {
  readonly [field: string]: Shape;
}
class Choice {
  readonly shapes: readonly Shape[];
  constructor(shapes: readonly Shape[]) {
    this.shapes = shapes;
  }
}
class List {
  readonly each: Shape;
  constructor(each: Shape) {
    this.each = each;
  }
}

const any: Check = () => true;
const text: Check = (value) => typeof value === "string" && value !== "";
const number: Check = (value) => typeof value === "number";
const flag: Check = (value) => typeof value === "boolean";
const object: Check = (value) => isObject(value);
const only =
  (...words: readonly JsonValue[]): Check =>
  (value) =>
    words.includes(value);
const list = (each: Shape): List => new List(each);
const oneOf = (...shapes: readonly Shape[]): Choice => new Choice(shapes);

const CHAT_CONTENT = oneOf(
  text,
  list(
    oneOf(
      { "type!": only("text"), "text!": text, cache_control: object },
      {
        "type!": only("image_url"),
        "image_url!": { "url!": text, detail: text },
        cache_control: object,
      },
      { "type!": only("input_audio"), "input_audio!": { "data!": text, "format!": text } },
    ),
  ),
);

/** Each field here is told by the canonical form; the property test of the key holds them to it. */
const SHAPES: Readonly<Record<string, ObjectShape>> = {
  "openai-chat": {
    model: any,
    stream: any,
    stream_options: any,
    user: any,
    safety_identifier: any,
    prompt_cache_key: any,
    messages: list(
      oneOf(
        { "role!": only("system", "user", "assistant"), "content!": CHAT_CONTENT, name: text },
        { "role!": only("tool"), "content!": CHAT_CONTENT, "tool_call_id!": text },
      ),
    ),
    tools: list({
      "type!": only("function"),
      "function!": { "name!": text, description: text, parameters: object, strict: flag },
      cache_control: object,
    }),
    tool_choice: oneOf(text, { "type!": only("function"), "function!": { "name!": text } }),
    parallel_tool_calls: flag,
    max_tokens: number,
    temperature: number,
    top_p: number,
    top_k: number,
    frequency_penalty: number,
    presence_penalty: number,
    seed: number,
    stop: list(text),
    reasoning_effort: text,
    response_format: oneOf(
      { "type!": only("text", "json_object") },
      { "type!": only("json_schema"), "json_schema!": { "name!": text, "schema!": object, strict: flag } },
    ),
  },
  "anthropic-messages": {
    model: any,
    stream: any,
    metadata: { user_id: text },
    max_tokens: number,
    system: oneOf(text, list({ "type!": only("text"), "text!": text, cache_control: object })),
    messages: list({
      "role!": only("user", "assistant"),
      "content!": oneOf(
        text,
        list(
          oneOf(
            { "type!": only("text"), "text!": text, cache_control: object },
            {
              "type!": only("image"),
              "source!": { "type!": only("base64"), "media_type!": text, "data!": text },
              cache_control: object,
            },
          ),
        ),
      ),
    }),
    temperature: number,
    top_p: number,
    top_k: number,
    stop_sequences: list(text),
    tools: list({ "name!": text, description: text, "input_schema!": object, cache_control: object }),
    tool_choice: oneOf(
      { "type!": only("auto", "any", "none"), disable_parallel_tool_use: only(true) },
      { "type!": only("tool"), "name!": text, disable_parallel_tool_use: only(true) },
    ),
  },
};

/** Fields that do not shape an answer: who asks, for which session, and how the answer is sent. */
export const NEUTRAL: ReadonlySet<string> = new Set([
  "model",
  "stream",
  "stream_options",
  "user",
  "safety_identifier",
  "prompt_cache_key",
  "session_id",
]);

/** A whole number of so many digits is not exact in JavaScript. */
export const LONG_NUMBER = /[0-9]{16}/;

/** True where nothing of the body is missing in the canonical form. */
export function isPlain(wire: string, json: JsonObject, bytes: Buffer): boolean {
  const shape = SHAPES[wire];
  if (shape === undefined || !fits(json, shape)) return false;
  // A choice among no tools is no choice.
  if (json.tool_choice !== undefined && json.tools === undefined) return false;
  return !LONG_NUMBER.test(bytes.toString("latin1"));
}

/** A shape made ready: one look-up a field. */
interface Fields {
  readonly all: ReadonlyMap<string, Shape>;
  readonly required: readonly string[];
}
const ready = new WeakMap<ObjectShape, Fields>();

function fieldsOf(shape: ObjectShape): Fields {
  let fields = ready.get(shape);
  if (fields === undefined) {
    const named = Object.entries(shape).map(([name, one]) => ({
      name: name.replace(/!$/, ""),
      stated: name,
      one,
    }));
    fields = {
      all: new Map(named.map(({ name, one }) => [name, one])),
      required: named.filter(({ name, stated }) => name !== stated).map(({ name }) => name),
    };
    ready.set(shape, fields);
  }
  return fields;
}

function fits(value: JsonValue, shape: Shape): boolean {
  if (typeof shape === "function") return shape(value);
  if (shape instanceof Choice) return shape.shapes.some((one) => fits(value, one));
  if (shape instanceof List)
    return isArray(value) && value.length > 0 && value.every((entry) => fits(entry, shape.each));
  return isObject(value) && fitsObject(value, shape);
}

function fitsObject(value: JsonObject, shape: ObjectShape): boolean {
  const { all, required } = fieldsOf(shape);
  for (const name of required) if (value[name] === undefined) return false;
  for (const name in value) {
    const own = all.get(name);
    if (own === undefined || !fits(value[name] ?? null, own)) return false;
  }
  return true;
}
