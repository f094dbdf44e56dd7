/** The schemas as code, so that no command loads Ajv or compiles a schema. */
import standalone from "ajv/dist/standalone/index.js";
import { createAjv } from "../validate/ajv.ts";
import { SCHEMA_NAMES } from "../validate/check.ts";
import { readSchemas, schemaFingerprint } from "../validate/schemas.ts";

/** The text of `packages/compiler/src/generated/validators.ts`. */
export function emitValidators(schemasDir: string): string {
  const texts = readSchemas(schemasDir);
  const { ajv, ids } = createAjv(texts);
  const exports = Object.fromEntries(
    SCHEMA_NAMES.map((name) => [name.replaceAll("-", "_"), ids.get(name) ?? name]),
  );
  const code = standalone
    .default(ajv, exports)
    .replace(/^"use strict";/, "")
    .replaceAll('require("ajv/dist/runtime/ucs2length").default', "ucs2length");
  if (code.includes("require(")) throw new Error("the validators need a module that is not imported");
  const checks = SCHEMA_NAMES.map((name) => `  ${JSON.stringify(name)}: ${name.replaceAll("-", "_")},`);
  return [
    "// @ts-nocheck",
    "// Generated from schemas/*.schema.json by `make generate`. Do not edit.",
    'import type { Check, SchemaName } from "../validate/check.ts";',
    'import { areUnique, ucs2length } from "../validate/runtime.ts";',
    "",
    "/** Of the schemas that this was made from. */",
    `export const FINGERPRINT: string = ${JSON.stringify(schemaFingerprint(texts))};`,
    "",
    code
      .replaceAll(";const schema", ";\nconst schema")
      .replaceAll(";export const ", ";\nexport const ")
      .replaceAll("function validate", "\nfunction validate"),
    "",
    "export const CHECKS: Readonly<Record<SchemaName, Check>> = {",
    ...checks,
    "};",
    "",
  ].join("\n");
}
