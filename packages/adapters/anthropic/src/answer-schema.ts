/**
 * JSON Schema of a structured answer, reduced to what the API takes:
 * https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations
 * What is left out stands in the description, as Anthropic's own SDKs write it, so that the model still reads it.
 */
import { DATA_KEYWORDS, isObject, NAMED_SCHEMAS } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue } from "@headgate/contract";

const BOUNDS: ReadonlySet<string> = new Set([
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  ...["minLength", "maxLength", "pattern", "maxItems", "uniqueItems", "contains"],
  ...["minProperties", "maxProperties", "propertyNames", "dependentRequired"],
]);

const FORMATS: ReadonlySet<string> = new Set([
  ...["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"],
]);

/** True where an object has keys that the schema does not name: a closed one would have none. */
export function hasMaps(schema: JsonObject): boolean {
  const { additionalProperties: more, properties, patternProperties } = schema;
  const isOpen = isObject(more) || (more === true && Object.keys(properties ?? {}).length === 0);
  if (isOpen || patternProperties !== undefined) return true;
  return Object.entries(schema).some(([keyword, held]) =>
    DATA_KEYWORDS.has(keyword)
      ? false
      : NAMED_SCHEMAS.has(keyword) && isObject(held)
        ? Object.values(held).some(hasMapsIn)
        : hasMapsIn(held),
  );
}

function hasMapsIn(value: JsonValue | undefined): boolean {
  if (Array.isArray(value)) return value.some(hasMapsIn);
  return isObject(value) && hasMaps(value);
}

/** @param left gets each keyword that is left out */
export function narrowed(schema: JsonObject, left: (keyword: string) => void): JsonObject {
  const kept: Record<string, JsonValue> = {};
  const bounds: string[] = [];
  for (const [keyword, held] of Object.entries(schema)) {
    if (held === undefined) continue;
    if (isRefused(keyword, held)) {
      bounds.push(`${keyword}: ${JSON.stringify(held)}`);
      left(keyword);
    } else if (NAMED_SCHEMAS.has(keyword) && isObject(held)) {
      const entries = Object.entries(held);
      kept[keyword] = Object.fromEntries(
        entries.map(([name, one]) => [name, one === undefined ? one : narrowedIn(one, left)]),
      ) as JsonObject;
    } else
      kept[keyword === "oneOf" ? "anyOf" : keyword] = DATA_KEYWORDS.has(keyword)
        ? held
        : narrowedIn(held, left);
  }
  if (bounds.length > 0) {
    const before = typeof schema.description === "string" ? `${schema.description}\n\n` : "";
    kept.description = `${before}{${bounds.join(", ")}}`;
  }
  // An answer that is valid for a closed object is valid for the open one too.
  return schema.type === "object" ? { ...kept, additionalProperties: false } : kept;
}

function narrowedIn(value: JsonValue, left: (keyword: string) => void): JsonValue {
  if (Array.isArray(value)) return value.map((one: JsonValue) => narrowedIn(one, left));
  return isObject(value) ? narrowed(value, left) : value;
}

function isRefused(keyword: string, held: JsonValue): boolean {
  if (keyword === "format") return typeof held === "string" && !FORMATS.has(held);
  if (keyword === "minItems") return held !== 0 && held !== 1;
  return BOUNDS.has(keyword);
}
