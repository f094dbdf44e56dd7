/**
 * `schemas/*.schema.json` → TypeScript types, by json-schema-to-typescript.
 * Only the shapes become types; the validator checks conditions (`if`, `anyOf` over `required`).
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "json-schema-to-typescript";

type Schema = { [key: string]: unknown };

const CONDITIONS = new Set([
  "if",
  "then",
  "else",
  "anyOf",
  "not",
  "$schema",
  "$id",
  "examples",
  "patternErrorMessage",
]);

/** Removes conditions and turns references between files into references within one document. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (value === null || typeof value !== "object") return value;
  const shape: Schema = {};
  for (const [key, entry] of Object.entries(value)) {
    if (CONDITIONS.has(key) && !isPropertyMap(entry, key)) continue;
    shape[key] = key === "$ref" && typeof entry === "string" ? `#/$defs/${titleOf(entry)}` : shapeOf(entry);
  }
  return shape;
}

/** In fallbacks.schema.json `$schema` is also the name of a property. */
const isPropertyMap = (entry: unknown, key: string): boolean =>
  key === "$schema" && typeof entry === "object" && entry !== null;

const titles = new Map<string, string>();
const titleOf = (ref: string): string => {
  const title = titles.get(ref);
  if (title === undefined) throw new Error(`schemas: nothing is named ${ref}`);
  return title;
};

export async function schemaTypes(schemasDir: string): Promise<string> {
  const files = readdirSync(schemasDir)
    .filter((file) => file.endsWith(".schema.json"))
    .sort();
  const schemas = files.map((file) => ({
    file,
    schema: JSON.parse(readFileSync(join(schemasDir, file), "utf8")) as Schema,
  }));
  for (const { file, schema } of schemas) titles.set(file, String(schema.title));
  const bundle = {
    title: "Schemas",
    type: "object",
    additionalProperties: false,
    properties: Object.fromEntries(
      schemas.map(({ file }) => [titleOf(file), { $ref: `#/$defs/${titleOf(file)}` }]),
    ),
    $defs: Object.fromEntries(schemas.map(({ file, schema }) => [titleOf(file), shapeOf(schema)])),
  };
  return compile(bundle as Parameters<typeof compile>[0], "Schemas", {
    bannerComment: "// Generated from schemas/ by `make generate`. Do not edit.",
    additionalProperties: false,
    strictIndexSignatures: true,
    maxItems: 0,
    ignoreMinAndMaxItems: true,
    format: true,
  });
}
