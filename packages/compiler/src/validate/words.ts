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

/** What a pattern of the schemas demands, by the pattern. */
const FORMS: Readonly<Record<string, string>> = {
  "^(rolling|bucket|unknown|(1st )?00:00 (UTC|[A-Z][A-Za-z_]+(/[A-Z][A-Za-z_+-]+)+))$":
    "`rolling`, `bucket`, `unknown`, or the midnight it comes back at, such as `00:00 UTC`, `00:00 America/Los_Angeles` or `1st 00:00 UTC`",
  "^[A-Z][A-Z0-9_]*$":
    "capital letters, digits and underscores, starting with a letter, such as `GROQ_API_KEY`",
  "^[A-Z][A-Z0-9_]*_BASE_URL$":
    "a variable name in capitals that ends in `_BASE_URL`, such as `GROQ_BASE_URL`",
  "^[a-z][a-z0-9-]*$": "lower-case letters, digits and hyphens, starting with a letter",
  "^[a-z0-9][a-z0-9._-]*$": "lower-case letters, digits, dots, hyphens and underscores",
  "^[A-Za-z0-9][A-Za-z0-9._:-]*$":
    "letters, digits, dots, colons, hyphens and underscores, without spaces or slashes",
  "^(\\*|[A-Za-z0-9][A-Za-z0-9._:-]*)$":
    "`*`, or letters, digits, dots, colons, hyphens and underscores, without spaces or slashes",
  "^https://[^\\s]+$": "an address that starts with https://",
  "^https?://[^\\s?#]+[^\\s?#/]$": "an http(s):// address without a trailing slash, query or fragment",
  "^/[^\\s?#]*$": "a path that starts with a slash",
  "^20[0-9]{2}-[01][0-9]-[0-3][0-9]$": "a date as YYYY-MM-DD",
  "^[0-9]+(\\.[0-9]+)? ?(MB|GB|MiB|GiB)$": "a number with a unit: MB, GB, MiB or GiB, such as `5 GB`",
  "^[0-9]+(\\.[0-9]+)? ?(kB|MB|KiB|MiB)$": "a number with a unit: kB, MB, KiB or MiB, such as `144 KiB`",
  "^[0-9]+(\\.[0-9]+)? ?(ms|s|m|h)$": "a duration: a number with ms, s, m or h, such as `30s`",
  "^[A-Z][A-Z0-9_]*_BRING_UP$":
    "a variable name in capitals that ends in `_BRING_UP`, such as `OLLAMA_BRING_UP`",
  "^[^\\s*,|]*\\*?[^\\s*,|]*$": "a model name with at most one `*`, without spaces, commas or `|`",
  "^[^\\s\\u0000-\\u001f]+$": "an id without spaces or control characters",
};

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
      const form = FORMS[String(params.pattern)] ?? `a text that matches ${String(params.pattern)}`;
      return {
        code: "HG205",
        path,
        what: "value",
        message: `${name} cannot be ${quote(error.data)}.`,
        fix: `Write ${form}.`,
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
        : `Write ${FORMS[String(params.pattern)] ?? `a name that matches ${String(params.pattern)}`}.`,
  };
}

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
