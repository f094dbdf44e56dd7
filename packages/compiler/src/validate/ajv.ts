/**
 * The schemas, compiled by Ajv. Loading Ajv and compiling takes longer than checking the whole catalogue, so that a
 * command uses the validators that `make generate` writes, and this only where a schema is newer than they are.
 */
import { _, Ajv2020, type CodeKeywordDefinition, type KeywordCxt } from "ajv/dist/2020.js";
import { type Check, SCHEMA_NAMES, type SchemaName } from "./check.ts";
import { areUnique } from "./runtime.ts";

interface SchemaFile {
  readonly $id: string;
  readonly [keyword: string]: unknown;
}

/**
 * A schema with the files it refers to written out in it. At each `$ref` Ajv copies all violations found so far, so
 * that a list of a hundred thousand broken models would take hours.
 */
function inline(
  value: unknown,
  files: ReadonlyMap<string, SchemaFile>,
  within: readonly string[] = [],
): unknown {
  if (Array.isArray(value)) return value.map((item) => inline(item, files, within));
  if (typeof value !== "object" || value === null) return value;
  const alone = Object.keys(value).length === 1;
  const ref = alone && "$ref" in value && typeof value.$ref === "string" ? value.$ref : undefined;
  const target = ref === undefined || within.includes(ref) ? undefined : files.get(ref);
  if (ref !== undefined && target !== undefined) {
    const { $id: _, $schema: __, ...body } = target;
    return inline(body, files, [...within, ref]);
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inline(item, files, within)]));
}

/** Ajv compares each item with every other unless the schema names their type. */
const UNIQUE_ITEMS: CodeKeywordDefinition = {
  keyword: "uniqueItems",
  type: "array",
  schemaType: "boolean",
  code(cxt: KeywordCxt) {
    if (cxt.schema !== true) return;
    const unique = cxt.gen.scopeValue("func", { ref: areUnique, code: _`areUnique` });
    cxt.fail(_`!${unique}(${cxt.data})`);
  },
};

/** @param texts by the file's name: `provider.schema.json` */
export function createAjv(texts: ReadonlyMap<string, string>): {
  readonly ajv: Ajv2020;
  readonly ids: ReadonlyMap<string, string>;
} {
  const ajv = new Ajv2020({
    strict: true,
    strictRequired: false,
    strictTypes: false,
    allErrors: true,
    // Verbose errors carry the value and the schema around it, from which messages are worded.
    verbose: true,
    validateSchema: false,
    messages: true,
    code: { source: true, esm: true },
  });
  ajv.removeKeyword("uniqueItems");
  ajv.addKeyword(UNIQUE_ITEMS);
  // A note for people: editors show it, and so do findings.
  ajv.addKeyword({ keyword: "patternErrorMessage", schemaType: "string" });
  const files = new Map([...texts].map(([file, text]) => [file, JSON.parse(text) as SchemaFile]));
  const ids = new Map<string, string>();
  for (const [file, schema] of files) {
    ajv.addSchema(inline(schema, files) as SchemaFile);
    ids.set(file.replace(/\.schema\.json$/, ""), schema.$id);
  }
  return { ajv, ids };
}

/** Each schema is compiled when it is first needed. */
export function compileSchemas(texts: ReadonlyMap<string, string>): Record<SchemaName, Check> {
  const { ajv, ids } = createAjv(texts);
  const checks = SCHEMA_NAMES.map((name): [SchemaName, Check] => {
    const check: Check = (value) => {
      const compiled = ajv.getSchema(ids.get(name) ?? name);
      if (compiled === undefined) throw new Error(`the installation has no ${name}.schema.json`);
      const valid = compiled(value);
      check.errors = compiled.errors ?? null;
      return valid === true;
    };
    return [name, check];
  });
  return Object.fromEntries(checks) as Record<SchemaName, Check>;
}
