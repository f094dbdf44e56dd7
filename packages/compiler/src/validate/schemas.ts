import { hash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ErrorObject } from "ajv/dist/2020.js";
import type { Check, SchemaName } from "./check.ts";

/** The schemas of an installation, as texts by file name. @throws when the folder cannot be read */
export function readSchemas(schemasDir: string): ReadonlyMap<string, string> {
  const files = readdirSync(schemasDir).filter((file) => file.endsWith(".schema.json"));
  return new Map(files.sort().map((file) => [file, readFileSync(join(schemasDir, file), "utf8")]));
}

/** Equal for equal schemas. */
export const schemaFingerprint = (texts: ReadonlyMap<string, string>): string =>
  hash("sha256", JSON.stringify([...texts]));

export class Schemas {
  readonly #checks: Readonly<Record<SchemaName, Check>>;

  private constructor(checks: Readonly<Record<SchemaName, Check>>) {
    this.#checks = checks;
  }

  /** The generated validators where they fit these texts, else validators compiled now. */
  static async of(texts: ReadonlyMap<string, string>): Promise<Schemas> {
    const generated = await import("../generated/validators.ts");
    if (generated.FINGERPRINT === schemaFingerprint(texts)) return new Schemas(generated.CHECKS);
    const { compileSchemas } = await import("./ajv.ts");
    return new Schemas(compileSchemas(texts));
  }

  /** The violations of a schema; none when the value satisfies it. */
  check(name: SchemaName, value: unknown): readonly ErrorObject[] {
    const check = this.#checks[name];
    return check(value) ? [] : (check.errors ?? []);
  }
}
