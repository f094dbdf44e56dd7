import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";

export type SchemaName = "adapter" | "provider" | "fallbacks" | "groups" | "model-map" | "policies";

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

const areUnique = (items: readonly unknown[]): boolean =>
  new Set(items.map((item) => JSON.stringify(item))).size === items.length;

/** The schemas of an installation; each is compiled when it is first needed. */
export class Schemas {
  readonly #ajv: Ajv2020;
  readonly #ids = new Map<string, string>();
  readonly #checks = new Map<SchemaName, ValidateFunction>();

  /** @throws when the folder cannot be read: without schemas there is no installation to speak of. */
  constructor(schemasDir: string) {
    // Verbose errors carry the value and the schema around it, from which messages are worded.
    this.#ajv = new Ajv2020({
      strict: true,
      strictRequired: false,
      strictTypes: false,
      allErrors: true,
      verbose: true,
      validateSchema: false,
      messages: true,
    });
    // Ajv compares each item with every other unless the schema names their type.
    this.#ajv.removeKeyword("uniqueItems");
    this.#ajv.addKeyword({
      keyword: "uniqueItems",
      type: "array",
      schemaType: "boolean",
      validate: (wanted: boolean, items: readonly unknown[]) => !wanted || areUnique(items),
    });
    const files = new Map<string, SchemaFile>();
    for (const file of readdirSync(schemasDir)) {
      if (!file.endsWith(".schema.json")) continue;
      files.set(file, JSON.parse(readFileSync(join(schemasDir, file), "utf8")) as SchemaFile);
    }
    for (const [file, schema] of files) {
      this.#ajv.addSchema(inline(schema, files) as SchemaFile);
      this.#ids.set(file.slice(0, -".schema.json".length), schema.$id);
    }
  }

  /** The violations of a schema; none when the value satisfies it. */
  check(name: SchemaName, value: unknown): readonly ErrorObject[] {
    let check = this.#checks.get(name);
    if (check === undefined) {
      check = this.#ajv.getSchema(this.#ids.get(name) ?? name);
      if (check === undefined) throw new Error(`the installation has no ${name}.schema.json`);
      this.#checks.set(name, check);
    }
    return check(value) === true ? [] : (check.errors ?? []);
  }
}
