/** The smallest value that a JSON Schema allows, for the plain keywords of a schema. */
import { asArray, asObject, asText, isObject } from "@headgate/adapter-kit";
import { type JsonObject, type JsonValue, ownValue } from "@headgate/contract";

const MAX_DEPTH = 8;
const MAX_ITEMS = 16;

const FORMATS: Readonly<Record<string, string>> = {
  date: "2026-01-01",
  "date-time": "2026-01-01T00:00:00Z",
  time: "00:00:00Z",
  email: "demo@example.com",
  uri: "https://example.com",
  uuid: "00000000-0000-4000-8000-000000000000",
};

/** @param schema also the root that `#/…` references point into. */
export function sampleOf(schema: JsonObject): JsonValue {
  return sample(schema, schema, 0);
}

function sample(value: JsonValue | undefined, root: JsonObject, depth: number): JsonValue {
  const schema = asObject(value);
  if (schema === undefined || depth > MAX_DEPTH) return null;
  const given = schema.const ?? asArray(schema.enum)?.[0] ?? schema.default ?? asArray(schema.examples)?.[0];
  if (given !== undefined) return given;
  const reference = asText(schema.$ref);
  if (reference !== undefined) return sample(resolvePointer(root, reference), root, depth + 1);
  const choice = asArray(schema.anyOf)?.[0] ?? asArray(schema.oneOf)?.[0];
  if (choice !== undefined) return sample(choice, root, depth + 1);
  const all = asArray(schema.allOf);
  if (all !== undefined) {
    return sample(
      Object.fromEntries(all.filter(isObject).flatMap((part) => Object.entries(part))),
      root,
      depth + 1,
    );
  }
  const type = Array.isArray(schema.type) ? schema.type[0] : (schema.type ?? guessType(schema));
  switch (type) {
    case "object":
      return sampleObject(schema, root, depth);
    case "array":
      return Array.from({ length: Math.min(MAX_ITEMS, number(schema.minItems) ?? 0) }, () =>
        sample(schema.items, root, depth + 1),
      );
    case "string":
      return sampleText(schema);
    case "integer":
    case "number":
      return sampleNumber(schema, type === "integer");
    case "boolean":
      return false;
    default:
      return null;
  }
}

function sampleObject(schema: JsonObject, root: JsonObject, depth: number): JsonObject {
  const properties = asObject(schema.properties) ?? {};
  const required = (asArray(schema.required) ?? []).filter((name) => typeof name === "string");
  return Object.fromEntries(required.map((name) => [name, sample(properties[name], root, depth + 1)]));
}

function sampleText(schema: JsonObject): string {
  const known = ownValue(FORMATS, asText(schema.format) ?? "");
  if (known !== undefined) return known;
  const text = "demo".padEnd(Math.min(1000, number(schema.minLength) ?? 0), "o");
  return text.slice(0, number(schema.maxLength) ?? text.length);
}

/** The value nearest to zero within the bounds. */
function sampleNumber(schema: JsonObject, whole: boolean): number {
  const above = number(schema.exclusiveMinimum);
  const below = number(schema.exclusiveMaximum);
  const lowest = number(schema.minimum) ?? (above === undefined ? Number.NEGATIVE_INFINITY : above + 1);
  const highest = number(schema.maximum) ?? (below === undefined ? Number.POSITIVE_INFINITY : below - 1);
  const value = Math.max(lowest, Math.min(0, highest));
  return whole ? Math.ceil(value) : value;
}

function guessType(schema: JsonObject): string {
  return schema.properties === undefined ? "string" : "object";
}

const number = (value: JsonValue | undefined): number | undefined =>
  typeof value === "number" ? value : undefined;

function resolvePointer(root: JsonObject, reference: string): JsonValue | undefined {
  if (!reference.startsWith("#/")) return undefined;
  let at: JsonValue | undefined = root;
  for (const step of reference.slice(2).split("/")) {
    at = asObject(at)?.[step.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return at;
}
