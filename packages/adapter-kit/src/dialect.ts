/** A provider's departures from its wire, applied to a request's bytes. */
import type { Dialect, JsonObject, JsonValue } from "@headgate/contract";
import type { NativeBody } from "./adapter.ts";
import { type EditedJson, editJson, type JsonText } from "./json-edit.ts";
import { asArray, isObject } from "./json-read.ts";
import { replaceSole } from "./json-splice.ts";

/** Keywords whose members have names chosen by the author, which are no keywords. */
const NAMED = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]);
/** Keywords whose values are data, not schemas. */
const DATA = new Set(["enum", "const", "default", "examples", "example"]);

/** Fields for the gateway; they are never sent to a provider. */
export const GATEWAY_FIELDS: readonly string[] = ["mock_testing_fallbacks", "fallbacks", "disable_fallbacks"];

/** `applyDialect` for a client's own body: also removes the gateway's fields, which are not reported as dropped. */
export function applyToClientBody(
  body: NativeBody,
  dialect: Dialect,
  set: Readonly<Record<string, JsonText>>,
): EditedJson {
  if (!GATEWAY_FIELDS.some((name) => Object.hasOwn(body.json, name))) return applyDialect(body, dialect, set);
  const { bytes, dropped } = applyDialect(
    body,
    { ...dialect, drop: [...GATEWAY_FIELDS, ...dialect.drop] },
    set,
  );
  return { bytes, dropped: dropped.filter((name) => !GATEWAY_FIELDS.includes(name)) };
}

/**
 * Drops, renames and strips what the dialect names, and sets `set`; the rest stays byte for byte.
 *
 * @param set members by the wire's name, such as the upstream's model id.
 */
export function applyDialect(
  { bytes, json }: NativeBody,
  dialect: Dialect,
  set: Readonly<Record<string, JsonText>>,
): EditedJson {
  const quick = touchesNothing(json, dialect) ? replaceSole({ bytes, json }, set) : undefined;
  if (quick !== undefined) return { bytes: quick, dropped: [] };
  const stripped = new Set<string>();
  const edits: Record<string, JsonText> = { ...set };
  if (dialect.stripToolSchema.length > 0 && json.tools !== undefined && !dialect.drop.includes("tools")) {
    const tools = stripTools(json.tools, new Set(dialect.stripToolSchema), stripped);
    if (stripped.size > 0) edits.tools = JSON.stringify(tools);
  }
  const edited = editJson(bytes, { set: edits, drop: dialect.drop, rename: dialect.rename });
  const keywords = [...stripped].map((keyword) => `tools[].function.parameters.${keyword}`);
  return { bytes: edited.bytes, dropped: [...edited.dropped, ...keywords] };
}

/** True when the request has no field that the dialect names. */
function touchesNothing(json: JsonObject, { drop, rename, stripToolSchema }: Dialect): boolean {
  if (stripToolSchema.length > 0 && json.tools !== undefined) return false;
  for (const name of drop) if (Object.hasOwn(json, name)) return false;
  for (const name in rename) if (Object.hasOwn(json, name)) return false;
  return true;
}

function stripTools(tools: JsonValue, keywords: ReadonlySet<string>, stripped: Set<string>): JsonValue {
  return (asArray(tools) ?? []).map((tool) => {
    if (!isObject(tool)) return tool;
    // Anthropic's tools have their schema at their top level.
    if (tool.input_schema !== undefined)
      return { ...tool, input_schema: stripSchema(tool.input_schema, keywords, stripped) };
    if (!isObject(tool.function) || tool.function.parameters === undefined) return tool;
    const parameters = stripSchema(tool.function.parameters, keywords, stripped);
    return { ...tool, function: { ...tool.function, parameters } };
  });
}

/**
 * A JSON Schema without these keywords, at any depth; properties with the name of a keyword stay.
 *
 * @param stripped gets the keywords that were found.
 */
export function stripSchema(
  schema: JsonValue,
  keywords: ReadonlySet<string>,
  stripped: Set<string>,
): JsonValue {
  if (Array.isArray(schema)) return schema.map((item: JsonValue) => stripSchema(item, keywords, stripped));
  if (!isObject(schema)) return schema;
  const kept: [string, JsonValue][] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    if (keywords.has(keyword)) stripped.add(keyword);
    else if (DATA.has(keyword)) kept.push([keyword, value]);
    else if (NAMED.has(keyword) && isObject(value))
      kept.push([keyword, stripNamed(value, keywords, stripped)]);
    else kept.push([keyword, stripSchema(value, keywords, stripped)]);
  }
  return Object.fromEntries(kept);
}

function stripNamed(schemas: JsonObject, keywords: ReadonlySet<string>, stripped: Set<string>): JsonObject {
  const entries = Object.entries(schemas);
  return Object.fromEntries(entries.map(([name, value]) => [name, stripSchema(value, keywords, stripped)]));
}
