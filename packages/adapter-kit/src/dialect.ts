/** A provider's departures from its wire, applied to a request's bytes. */
import { type Dialect, type JsonObject, type JsonValue, ownValue } from "@headgate/contract";
import type { NativeBody, Target } from "./adapter.ts";
import type { FieldEdits } from "./field-rules/index.ts";
import { type EditedJson, editJson, type JsonText } from "./json-edit.ts";
import { exactBody } from "./json-exact.ts";
import { asArray, isObject } from "./json-read.ts";
import { replaceSole } from "./json-splice.ts";
import { DATA_KEYWORDS, NAMED_SCHEMAS } from "./schema-keywords.ts";

/** Fields for the gateway; they are never sent to a provider. */
export const GATEWAY_FIELDS: readonly string[] = ["mock_testing_fallbacks", "fallbacks", "disable_fallbacks"];

/** The dialect of a model: its own where it has one, else its provider's. */
export const dialectOf = ({ provider, deployment }: Target): Dialect =>
  deployment.dialect ?? provider.dialect;

/** The members to set and the dialect, with a request's field edits in both. Names are the client's, before a rename. */
export function withFieldEdits(
  dialect: Dialect,
  set: Readonly<Record<string, JsonText>>,
  edits: FieldEdits | undefined,
): { readonly dialect: Dialect; readonly set: Readonly<Record<string, JsonText>> } {
  if (edits === undefined) return { dialect, set };
  const added = Object.entries(edits.set).map(([name, value]): [string, JsonText] => [
    ownValue(dialect.rename, name) ?? name,
    JSON.stringify(value),
  ]);
  const kept = Object.entries(set).filter(([name]) => !edits.remove.includes(name));
  return {
    dialect: { ...dialect, drop: [...edits.remove, ...dialect.drop] },
    // A rule's value overrides the one that was written anew.
    set: Object.fromEntries([...kept, ...added]),
  };
}

/** What a client is told of a request's edits: fields that were dropped by name, and those that were changed. */
export const namedOf = (dropped: readonly string[], edits: FieldEdits | undefined): readonly string[] =>
  edits === undefined
    ? dropped
    : [...new Set([...dropped.filter((name) => !edits.remove.includes(name)), ...edits.named])];

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
  { bytes, json, escaped }: NativeBody,
  dialect: Dialect,
  set: Readonly<Record<string, JsonText>>,
): EditedJson {
  const quick = touchesNothing(json, dialect)
    ? replaceSole({ bytes, json, ...(escaped === undefined ? {} : { escaped }) }, set)
    : undefined;
  if (quick !== undefined) return { bytes: quick, dropped: [] };
  const stripped = new Set<string>();
  const edits: Record<string, JsonText> = { ...set };
  if (dialect.stripToolSchema.length > 0 && json.tools !== undefined && !dialect.drop.includes("tools")) {
    const keywords = new Set(dialect.stripToolSchema);
    stripTools(json.tools, keywords, stripped);
    // Long integers keep their digits.
    if (stripped.size > 0)
      edits.tools = JSON.stringify(stripTools(exactBody({ bytes, json }).tools ?? [], keywords, stripped));
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
    else if (DATA_KEYWORDS.has(keyword)) kept.push([keyword, value]);
    else if (NAMED_SCHEMAS.has(keyword) && isObject(value))
      kept.push([keyword, stripNamed(value, keywords, stripped)]);
    else kept.push([keyword, stripSchema(value, keywords, stripped)]);
  }
  return Object.fromEntries(kept);
}

function stripNamed(schemas: JsonObject, keywords: ReadonlySet<string>, stripped: Set<string>): JsonObject {
  const entries = Object.entries(schemas);
  return Object.fromEntries(entries.map(([name, value]) => [name, stripSchema(value, keywords, stripped)]));
}
