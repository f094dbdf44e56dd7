/** Top-level fields: refused, refused but for some values, refused together, closed lists. Any wire. */
import { asObject, isObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { Check } from "../rule.ts";

const present = (body: JsonObject, name: string): boolean => body[name] !== undefined;

/** The value of a path such as `thinking.type`. */
export function valueAt(body: JsonObject, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = body;
  for (const name of path.split(".")) value = asObject(value)[name];
  return value;
}

export const shown = (value: JsonValue | undefined): string =>
  typeof value === "string" ? value : (JSON.stringify(value) ?? "");

/** A field that the provider does not take, whatever its value. */
export const field =
  (...names: readonly string[]): Check =>
  (body) => {
    const at = names.find((name) => present(body, name));
    return at === undefined ? undefined : { at, value: shown(body[at]) };
  };

/** A field, by its path, that takes only these values; absent is fine. */
export const onlyValues =
  (path: string, allowed: readonly JsonValue[]): Check =>
  (body) => {
    const value = valueAt(body, path);
    if (value === undefined || allowed.includes(value)) return undefined;
    return { at: path, value: shown(value) };
  };

/** A field, by its path, that refuses these values. */
export const notValues =
  (path: string, refused: readonly JsonValue[]): Check =>
  (body) => {
    const value = valueAt(body, path);
    return value !== undefined && refused.includes(value) ? { at: path, value: shown(value) } : undefined;
  };

/** A field of the wrong type; absent is fine. */
export const notObject =
  (name: string): Check =>
  (body) =>
    present(body, name) && !isObject(body[name]) ? { at: name, value: shown(body[name]) } : undefined;

/** Fields that exclude each other. */
export const together =
  (...names: readonly string[]): Check =>
  (body) =>
    names.every((name) => present(body, name)) ? { at: names[0] ?? "", value: names.join(", ") } : undefined;

/** A closed list of top-level fields. */
export function closed(names: readonly string[]): Check {
  const known = new Set(names);
  return (body) => {
    const at = Object.keys(body).find((name) => present(body, name) && !known.has(name));
    return at === undefined ? undefined : { at, value: shown(body[at]) };
  };
}

/** A number above its bound. */
export const above =
  (path: string, most: number): Check =>
  (body) => {
    const value = valueAt(body, path);
    return typeof value === "number" && value > most ? { at: path, value: shown(value) } : undefined;
  };

/** A lone UTF-16 surrogate in any text: such a body is not valid JSON for a strict reader. */
export const loneSurrogate: Check = (body) => {
  const at = findText(body, "", (text) => !text.isWellFormed());
  return at === undefined ? undefined : { at };
};

function findText(
  value: JsonValue | undefined,
  at: string,
  test: (text: string) => boolean,
): string | undefined {
  if (typeof value === "string") return test(value) ? at : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, child] of Object.entries(value)) {
    const found = findText(child, at === "" ? key : `${at}.${key}`, test);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `response_format` json_object while no message contains the word. */
export const jsonWordMissing: Check = (body) => {
  if (valueAt(body, "response_format.type") !== "json_object") return undefined;
  const said = findText(body.messages, "messages", (text) => /json/i.test(text));
  return said === undefined ? { at: "messages" } : undefined;
};
