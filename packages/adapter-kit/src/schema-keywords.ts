/** What the keywords of JSON Schema hold: https://json-schema.org/draft/2020-12/json-schema-core */

/** Keywords whose members have names chosen by the author, which are no keywords. */
export const NAMED_SCHEMAS: ReadonlySet<string> = new Set([
  "properties",
  "patternProperties",
  "$defs",
  "definitions",
  "dependentSchemas",
]);

/** Keywords whose values are data, not schemas. */
export const DATA_KEYWORDS: ReadonlySet<string> = new Set([
  "enum",
  "const",
  "default",
  "examples",
  "example",
]);
