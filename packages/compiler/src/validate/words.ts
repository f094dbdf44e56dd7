/** Schema violations in words. One violation of the author's intent becomes one finding, however Ajv splits it. */
import type { Code } from "@headgate/diagnostics";
import type { ErrorObject } from "ajv/dist/2020.js";
import type { Path } from "../load/tree.ts";
import { listOf, quote } from "../quote.ts";
import { didYouMean } from "../suggest.ts";

export interface Violation {
  readonly code: Code;
  readonly path: Path;
  readonly what: "key" | "value";
  readonly message: string;
  readonly fix?: string;
}

const TYPES: Readonly<Record<string, string>> = {
  string: "a text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  object: "a mapping",
  array: "a list",
};

export function violations(errors: readonly ErrorObject[]): Violation[] {
  const withoutUnit = new Set(
    errors.filter(concernsUnit).map(({ instancePath }) => instancePath.replace(/\/unit$/, "")),
  );
  return errors.flatMap((error) => word(error, withoutUnit) ?? []);
}

/** @param withoutUnit where limits stand whose unit is missing or wrong. */
function word(error: ErrorObject, withoutUnit: ReadonlySet<string>): Violation | undefined {
  const path = pathOf(error.instancePath);
  const name = label(path);
  const params = error.params as Readonly<Record<string, unknown>>;
  const parent = (error.parentSchema ?? {}) as Readonly<Record<string, unknown>>;
  if (error.propertyName !== undefined) return wordName(error, path);
  switch (error.keyword) {
    case "additionalProperties": {
      const key = String(params.additionalProperty);
      const known = Object.keys((parent.properties ?? {}) as object).filter((one) => one !== "$schema");
      return {
        code: "HG201",
        path: [...path, key],
        what: "key",
        message: `${quote(key)} is not a key of ${path.length === 0 ? "this file" : name}.`,
        fix: didYouMean(key, known, `Delete it, or use one of ${listOf(known)}.`),
      };
    }
    case "required": {
      const missing = String(params.missingProperty);
      if (/\/anyOf\/\d+\/required$/.test(error.schemaPath)) return undefined;
      // Whether a window is needed depends on the unit; while that is missing or wrong, nothing can be said.
      if (error.schemaPath.endsWith("/else/required") && withoutUnit.has(error.instancePath))
        return undefined;
      const example = exampleOf(parent, missing);
      return {
        code: "HG203",
        path,
        what: "key",
        message: `${path.length === 0 ? "The file" : name} has no \`${missing}\`.`,
        fix: `Add \`${missing}\`${example === undefined ? "" : `, for example ${example}`}.`,
      };
    }
    case "anyOf": {
      const needed = alternativesOf(parent);
      return {
        code: "HG207",
        path,
        what: "key",
        message: `${name} has neither ${needed.join(" nor ")}.`,
        fix: `Add at least one of ${listOf(needed)}.`,
      };
    }
    case "not":
      return {
        code: "HG207",
        path: [...path, "window"],
        what: "key",
        message: "`concurrency` counts requests in flight, so it has no `window`.",
        fix: "Delete `window`, or choose another unit.",
      };
    case "if":
    case "propertyNames":
      return undefined;
    case "type":
      return {
        code: "HG202",
        path,
        what: "value",
        message: `${name} must be ${typesOf(params.type)}, not ${kindOf(error.data)}.`,
        ...(params.type === "string" && typeof error.data !== "object"
          ? { fix: "Put the value in quotes." }
          : { fix: `Write ${typesOf(params.type)}.` }),
      };
    case "enum": {
      const allowed = ((params.allowedValues ?? []) as unknown[]).map(String);
      const choice = `Use one of ${listOf(allowed)}.`;
      return {
        code: "HG204",
        path,
        what: "value",
        message: `${name} cannot be ${quote(error.data)}.`,
        fix: typeof error.data === "string" ? didYouMean(error.data, allowed, choice) : choice,
      };
    }
    case "pattern": {
      return {
        code: "HG205",
        path,
        what: "value",
        message: `${name} cannot be ${quote(error.data)}.`,
        fix: formOf(parent, params),
      };
    }
    default:
      return { code: "HG206", path, what: "value", ...rangeWords(error.keyword, params, name) };
  }
}

/** A key of an open mapping (a header, an operation, a group's name) that is not what keys must be there. */
function wordName(error: ErrorObject, path: Path): Violation {
  const key = error.propertyName ?? "";
  const params = error.params as Readonly<Record<string, unknown>>;
  const allowed = ((params.allowedValues ?? []) as unknown[]).map(String);
  return {
    code: error.keyword === "enum" ? "HG204" : "HG205",
    path: [...path, key],
    what: "key",
    message: `${quote(key)} cannot be a key here.`,
    fix:
      error.keyword === "enum"
        ? didYouMean(key, allowed, `Use one of ${listOf(allowed)}.`)
        : formOf((error.parentSchema ?? {}) as Readonly<Record<string, unknown>>, params),
  };
}

/** What a pattern demands, in the schema's own words, which editors show as well. */
const formOf = (
  { patternErrorMessage: words }: Readonly<Record<string, unknown>>,
  { pattern }: Readonly<Record<string, unknown>>,
): string => (typeof words === "string" ? words : `Write a text that matches ${String(pattern)}.`);

function rangeWords(keyword: string, params: Readonly<Record<string, unknown>>, name: string) {
  const limit = String(params.limit ?? params.multipleOf ?? "");
  switch (keyword) {
    case "minimum":
      return { message: `${name} must be at least ${limit}.` };
    case "maximum":
      return { message: `${name} must be at most ${limit}.` };
    case "exclusiveMinimum":
      return { message: `${name} must be more than ${limit}.` };
    case "minLength":
      return {
        message: `${name} is too short: it needs at least ${limit} character${limit === "1" ? "" : "s"}.`,
      };
    case "maxLength":
      return { message: `${name} is too long: at most ${limit} characters.` };
    case "minItems":
    case "minProperties":
      return { message: `${name} is empty: it needs at least ${limit} entr${limit === "1" ? "y" : "ies"}.` };
    case "uniqueItems":
      return { message: `${name} lists the same entry twice.`, fix: "Keep one of the two." };
    default:
      return { message: `${name} breaks the schema's rule \`${keyword}\`.` };
  }
}

/** The keys of which an `anyOf` of the schemas requires one. */
const alternativesOf = ({ anyOf }: Readonly<Record<string, unknown>>): string[] =>
  (Array.isArray(anyOf) ? (anyOf as readonly { readonly required?: readonly string[] }[]) : []).flatMap(
    ({ required = [] }) => required.map((key) => `\`${key}\``),
  );

const concernsUnit = ({ instancePath, params }: ErrorObject): boolean =>
  instancePath.endsWith("/unit") || (params as { missingProperty?: unknown }).missingProperty === "unit";

/** JSON Pointer (RFC 6901) to a path. A key made of digits reads as an index too; the locator takes either. */
function pathOf(pointer: string): Path {
  if (pointer === "") return [];
  return pointer
    .slice(1)
    .split("/")
    .map((step) => {
      const text = step.replaceAll("~1", "/").replaceAll("~0", "~");
      return /^(0|[1-9][0-9]*)$/.test(text) ? Number(text) : text;
    });
}

/** `models[2].tier`, in backticks. */
export function label(path: Path): string {
  const text = path.reduce<string>(
    (sofar, step) =>
      typeof step === "number" ? `${sofar}[${step}]` : sofar === "" ? step : `${sofar}.${step}`,
    "",
  );
  return quote(text);
}

const typesOf = (type: unknown): string =>
  (Array.isArray(type) ? type : [type]).map((one) => TYPES[String(one)] ?? String(one)).join(" or ");

function kindOf(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  return `the ${typeof value === "string" ? "text" : typeof value} ${quote(value)}`;
}

function exampleOf(parent: Readonly<Record<string, unknown>>, missing: string): string | undefined {
  const properties = parent.properties as Readonly<Record<string, { examples?: unknown[] }>> | undefined;
  const example = properties?.[missing]?.examples?.[0];
  return typeof example === "string" || typeof example === "number"
    ? `\`${missing}: ${example}\``
    : undefined;
}
