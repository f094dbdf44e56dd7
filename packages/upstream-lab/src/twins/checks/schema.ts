/** The subset of JSON Schema that a provider takes in its tools' parameters. */
import { asList, asObject, isObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { Check, Finding } from "../rule.ts";
import { toolsOf } from "./tools.ts";

/** A node's fault, or nothing. `root` is true for the schema of the arguments itself. */
type Visit = (node: JsonValue, root: boolean) => string | undefined;

const CHILD = ["items", "additionalProperties", "propertyNames", "not", "contains"];
const CHILDREN = ["anyOf", "oneOf", "allOf", "prefixItems"];
const NAMED = ["properties", "patternProperties", "$defs", "definitions"];

function walk(node: JsonValue | undefined, at: string, root: boolean, visit: Visit): Finding | undefined {
  if (node === undefined) return undefined;
  const value = visit(node, root);
  if (value !== undefined) return { at, value };
  if (!isObject(node)) return undefined;
  for (const [child, path] of childrenOf(node)) {
    const found = walk(child, `${at}.${path}`, false, visit);
    if (found !== undefined) return found;
  }
  return undefined;
}

function* childrenOf(node: JsonObject): Generator<readonly [JsonValue, string]> {
  for (const key of CHILD) {
    const child = node[key];
    if (key === "items" && Array.isArray(child)) {
      for (const [index, one] of child.entries()) yield [one, `items[${index}]`];
      // `additionalProperties: false` is a bound and no node.
    } else if (child !== undefined && (key === "items" || isObject(child))) yield [child, key];
  }
  for (const key of CHILDREN) {
    for (const [index, child] of asList(node[key]).entries()) yield [child, `${key}[${index}]`];
  }
  for (const key of NAMED) {
    for (const [name, child] of Object.entries(asObject(node[key]))) {
      if (child !== undefined) yield [child, `${key}[${name}]`];
    }
  }
}

const schemas =
  (visit: Visit): Check =>
  (body) => {
    for (const { at, schema } of toolsOf(body)) {
      const found = walk(schema, `${at}.parameters`, true, visit);
      if (found !== undefined) return found;
    }
    return undefined;
  };

/** The schema of Anthropic's structured answers. */
const answerSchema =
  (visit: Visit): Check =>
  (body) =>
    walk(asObject(asObject(body.output_config).format).schema, "output_config.format.schema", true, visit);

const object =
  (test: (node: JsonObject, root: boolean) => string | boolean | undefined): Visit =>
  (node, root) => {
    if (!isObject(node)) return undefined;
    const found = test(node, root);
    return found === true ? "schema" : found === false ? undefined : found;
  };

const BOUNDS = [
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  ...["minLength", "maxLength", "maxItems", "uniqueItems"],
];

/** Bounds, which structured answers know none of, but for `minItems` of 0 and 1. */
export const answerBounds: Check = answerSchema((node) => {
  if (!isObject(node)) return undefined;
  const few = node.minItems === undefined || node.minItems === 0 || node.minItems === 1;
  return few ? BOUNDS.find((name) => node[name] !== undefined) : "minItems";
});

export const answerFormatOtherThan = (...formats: readonly string[]): Check =>
  answerSchema((node) =>
    isObject(node) && typeof node.format === "string" && !formats.includes(node.format)
      ? node.format
      : undefined,
  );

export const answerOpenObject: Check = answerSchema((node) =>
  isObject(node) && node.type === "object" && node.additionalProperties !== false ? "object" : undefined,
);

/** The root's own keywords. */
export const rootKeyword = (...names: readonly string[]): Check =>
  schemas(object((node, root) => (root ? names.find((name) => node[name] !== undefined) : undefined)));

export const rootNotObject: Check = schemas(object((node, root) => root && node.type !== "object"));

/** `type: object` at the root without `properties`. */
export const rootWithoutProperties: Check = schemas(
  object((node, root) => root && node.type === "object" && node.properties === undefined),
);

/** Keywords anywhere. */
export const keyword = (...names: readonly string[]): Check =>
  schemas(object((node) => names.find((name) => node[name] !== undefined)));

const types = ({ type }: JsonObject): readonly JsonValue[] => (Array.isArray(type) ? type : [type ?? ""]);

export const arrayWithoutItems: Check = schemas(
  object((node) => types(node).includes("array") && node.items === undefined),
);
export const propertiesNotObject: Check = schemas(
  object((node) => node.properties !== undefined && !isObject(node.properties)),
);
export const typeList: Check = schemas(object((node) => Array.isArray(node.type)));
export const stringFormatOtherThan = (...formats: readonly string[]): Check =>
  schemas(
    object((node) =>
      node.type === "string" && typeof node.format === "string" && !formats.includes(node.format)
        ? node.format
        : undefined,
    ),
  );
export const enumNotString: Check = schemas(
  object(
    (node) =>
      Array.isArray(node.enum) &&
      (node.type !== "string" || node.enum.some((one) => typeof one !== "string")),
  ),
);
export const requiredUndefined: Check = schemas(
  object((node) => {
    const known = asObject(node.properties);
    return asList(node.required)
      .filter((name) => typeof name === "string")
      .find((name) => !Object.hasOwn(known, name));
  }),
);
export const membersOnScalar: Check = schemas(
  object(
    (node) =>
      (node.type !== "object" && (node.properties !== undefined || node.required !== undefined)) ||
      (node.type !== "array" && node.items !== undefined),
  ),
);
export const nodeWithoutType: Check = schemas(
  object((node) => node.type === undefined && node.anyOf === undefined),
);
export const typeBesideUnion: Check = schemas(
  object((node) => node.type !== undefined && (node.anyOf !== undefined || node.oneOf !== undefined)),
);
export const itemsList: Check = schemas(object((node) => Array.isArray(node.items)));
export const booleanNode: Check = schemas((node) => (typeof node === "boolean" ? String(node) : undefined));
export const refWithSiblings: Check = schemas(
  object((node) => node.$ref !== undefined && Object.keys(node).length > 1),
);
