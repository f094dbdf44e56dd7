/**
 * Google's Schema (a part of OpenAPI 3.0, its types in capitals, its counts as strings) as JSON Schema.
 * https://ai.google.dev/api/caching#Schema
 */
import { isObject } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue } from "@headgate/contract";
import { isArray } from "../../http/json-body.ts";
import { message } from "./fields.ts";

const COUNTS: ReadonlySet<string> = new Set([
  "minItems",
  "maxItems",
  "minLength",
  "maxLength",
  "minProperties",
  "maxProperties",
]);
/** Order and examples do not change what is valid. */
const ADVICE: ReadonlySet<string> = new Set(["propertyOrdering", "example", "nullable", "type"]);

/** @throws {ClientError} where a schema is no object */
export function jsonSchema(value: JsonValue | undefined, path: string): JsonObject {
  const schema = message(value, path);
  const result: Record<string, JsonValue> = {};
  const type = typeof schema.type === "string" ? schema.type.toLowerCase() : undefined;
  if (type !== undefined && type !== "type_unspecified") {
    result.type = schema.nullable === true ? [type, "null"] : type;
  } else if (isArray(schema.type)) result.type = schema.type;
  for (const [name, field] of Object.entries(schema)) {
    if (ADVICE.has(name)) continue;
    if (COUNTS.has(name)) result[name] = Number(field);
    else if (name === "items") result.items = jsonSchema(field, `${path}.items`);
    else if (name === "anyOf" && isArray(field))
      result.anyOf = field.map((one, at) => jsonSchema(one, `${path}.anyOf[${at}]`));
    else if (name === "properties" && isObject(field)) result.properties = each(field, `${path}.properties`);
    else if (name === "enum" && isArray(field))
      result.enum = schema.nullable === true ? [...field, null] : field;
    else result[name] = field;
  }
  return result;
}

const each = (schemas: JsonObject, path: string): JsonObject =>
  Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, jsonSchema(schema, `${path}.${name}`)]),
  );
