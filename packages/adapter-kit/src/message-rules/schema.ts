/** JSON Schema of tool parameters, reduced to what a provider takes. What is left out only widens what is valid. */
import type { JsonObject, JsonValue, MessageRules } from "@headgate/contract";
import { asArray, isObject } from "../json-read.ts";
import { DATA_KEYWORDS, NAMED_SCHEMAS } from "../schema-keywords.ts";
import type { Notes } from "./notes.ts";

type SchemaRule = NonNullable<MessageRules["schema"]>;
type Fix = NonNullable<SchemaRule["fix"]>[number];

const ALTERNATIVES = ["anyOf", "oneOf", "allOf"] as const;

/** @returns the same object where it has the form already */
export function fixSchema(schema: JsonObject, rule: SchemaRule, notes: Notes): JsonObject {
  const fixer = new Fixer(rule, notes);
  const root = fixer.root(schema);
  const fixed = fixer.node(root);
  return isObject(fixed) ? fixed : root;
}

class Fixer {
  readonly #fix: ReadonlySet<Fix>;
  readonly #strip: ReadonlySet<string>;
  readonly #formats: ReadonlySet<string> | undefined;
  readonly #notes: Notes;

  constructor({ fix = [], strip = [], formats }: SchemaRule, notes: Notes) {
    this.#fix = new Set(fix);
    this.#strip = new Set(strip);
    this.#formats = formats === undefined ? undefined : new Set(formats);
    this.#notes = notes;
  }

  /** The root is an object: alternatives of objects become one object with the properties of all. */
  root(schema: JsonObject): JsonObject {
    let root = schema;
    if (this.#fix.has("union")) root = this.#flat(root);
    if (this.#fix.has("root") && root.type !== "object") {
      if (root.type !== undefined) this.#say("type");
      root = { ...root, type: "object" };
    }
    return root;
  }

  node(value: JsonValue): JsonValue {
    if (typeof value === "boolean" && this.#fix.has("boolean")) {
      if (!value) this.#say("false");
      return {};
    }
    if (!isObject(value)) return value;
    let schema = this.#local(value);
    const changed: Record<string, JsonValue> = {};
    for (const [keyword, held] of Object.entries(schema)) {
      const next = this.#inside(keyword, held);
      if (next !== held) changed[keyword] = next;
    }
    if (Object.keys(changed).length > 0) schema = { ...schema, ...changed };
    return schema;
  }

  #inside(keyword: string, held: JsonValue): JsonValue {
    if (DATA_KEYWORDS.has(keyword)) return held;
    if (NAMED_SCHEMAS.has(keyword) && isObject(held)) {
      const entries = Object.entries(held);
      const fixed = entries.map(([name, one]): [string, JsonValue] => [name, this.node(one)]);
      return fixed.every(([, one], at) => one === entries[at]?.[1]) ? held : Object.fromEntries(fixed);
    }
    const list = asArray(held);
    if (list !== undefined) {
      const fixed = list.map((one) => (isObject(one) || isAlternative(keyword) ? this.node(one) : one));
      return fixed.every((one, at) => one === list[at]) ? held : fixed;
    }
    return isObject(held) || keyword === "items" ? this.node(held) : held;
  }

  /** What this one schema has, without the schemas in it. */
  #local(schema: JsonObject): JsonObject {
    let one = schema;
    const without = (names: readonly string[]): void => {
      one = Object.fromEntries(Object.entries(one).filter(([name]) => !names.includes(name)));
      for (const name of names) this.#say(name);
    };
    const refused = Object.keys(one).filter((keyword) => this.#strip.has(keyword));
    if (refused.length > 0) without(refused);
    if (typeof one.format === "string" && this.#formats?.has(one.format) === false) without(["format"]);
    if (this.#fix.has("references") && one.$ref !== undefined) {
      const beside = Object.keys(one).filter((keyword) => keyword !== "$ref" && !NAMED_SCHEMAS.has(keyword));
      if (beside.length > 0) without(beside);
    }
    if (this.#fix.has("branch-types")) one = this.#branchTypes(one);
    if (this.#fix.has("tuples") && Array.isArray(one.items)) {
      this.#say("items");
      one = { ...one, items: asArray(one.items)?.[0] ?? {} };
    }
    if (this.#fix.has("items") && one.type === "array" && one.items === undefined)
      one = { ...one, items: {} };
    if (this.#fix.has("properties") && one.type === "object" && !isObject(one.properties))
      one = { ...one, properties: {} };
    if (this.#fix.has("required") && Array.isArray(one.required)) one = this.#definedOnly(one);
    if (this.#fix.has("enum-strings") && Array.isArray(one.enum)) one = this.#textEnum(one);
    return one;
  }

  #definedOnly(schema: JsonObject): JsonObject {
    const named = isObject(schema.properties) ? schema.properties : {};
    const list = asArray(schema.required) ?? [];
    const kept = list.filter((name) => typeof name === "string" && Object.hasOwn(named, name));
    if (kept.length === list.length) return schema;
    this.#say("required");
    const { required: _, ...rest } = schema;
    return kept.length === 0 ? rest : { ...rest, required: kept };
  }

  #textEnum(schema: JsonObject): JsonObject {
    const list = asArray(schema.enum) ?? [];
    if (schema.type === "string" && list.every((value) => typeof value === "string")) return schema;
    this.#say("enum");
    return {
      ...schema,
      type: "string",
      enum: list.map((value) => (typeof value === "string" ? value : JSON.stringify(value))),
    };
  }

  /** A type beside alternatives is the type of each of them. */
  #branchTypes(schema: JsonObject): JsonObject {
    const keyword = ALTERNATIVES.find((name) => name !== "allOf" && Array.isArray(schema[name]));
    if (keyword === undefined || schema.type === undefined) return schema;
    const { type, ...rest } = schema;
    const branches = (asArray(schema[keyword]) ?? []).map((branch) =>
      isObject(branch) && branch.type === undefined ? { type, ...branch } : branch,
    );
    return { ...rest, [keyword]: branches };
  }

  #flat(schema: JsonObject): JsonObject {
    const keywords = [...ALTERNATIVES, "enum", "not"].filter((name) => schema[name] !== undefined);
    if (keywords.length === 0) return schema;
    for (const name of keywords) this.#say(name);
    const others = Object.fromEntries(Object.entries(schema).filter(([name]) => !keywords.includes(name)));
    const branches = ALTERNATIVES.flatMap((name) => asArray(schema[name]) ?? []).filter(isObject);
    const all = [schema, ...branches].map(({ properties }) => (isObject(properties) ? properties : {}));
    const lists = branches.map(({ required }) => asArray(required) ?? []);
    const shared =
      schema.allOf === undefined
        ? (lists[0] ?? []).filter((name) => lists.every((list) => list.includes(name)))
        : lists.flat();
    const required = [...new Set([...(asArray(schema.required) ?? []), ...shared])];
    return {
      ...others,
      type: "object",
      properties: Object.assign({}, ...all) as JsonObject,
      ...(required.length === 0 ? {} : { required }),
    };
  }

  #say(keyword: string): void {
    this.#notes.name(`tools[].function.parameters.${keyword}`);
  }
}

const isAlternative = (keyword: string): boolean =>
  keyword === "anyOf" || keyword === "oneOf" || keyword === "allOf" || keyword === "prefixItems";
