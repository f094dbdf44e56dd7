import type { ErrorObject } from "ajv/dist/2020.js";

export const SCHEMA_NAMES = [
  "adapter",
  "base",
  "provider",
  "retired",
  "dialects",
  "exchanges",
  "clients",
  "local-models",
  "fallbacks",
  "groups",
  "model-map",
  "policies",
] as const;
export type SchemaName = (typeof SCHEMA_NAMES)[number];

/** A validator as Ajv makes it. */
export interface Check {
  (value: unknown): boolean;
  /** Of the last call. */
  errors?: readonly ErrorObject[] | null;
}
