/** Typed readers of a request's fields: each gives the value, `undefined` for none or null, or a 400 with the path. */
import type { JsonObject, JsonValue } from "@headgate/contract";
import { badRequest } from "../../../http/client-error.ts";
import { isObject } from "../../../http/json-body.ts";

const reader =
  <T extends JsonValue>(is: (value: JsonValue) => value is T, what: string) =>
  (object: JsonObject, name: string, at = ""): T | undefined => {
    const value = object[name];
    if (value === undefined || value === null) return undefined;
    if (is(value)) return value;
    throw badRequest(`\`${name}\` must be ${what}.`, at + name);
  };

export const textField = reader((value): value is string => typeof value === "string", "a string");
export const numberField = reader((value): value is number => typeof value === "number", "a number");
export const flagField = reader((value): value is boolean => typeof value === "boolean", "true or false");
export const objectField = reader(isObject, "an object");
export const listField = reader((value): value is JsonValue[] => Array.isArray(value), "an array");

/** A string that must be there and say something. */
export function requiredText(object: JsonObject, name: string, at: string): string {
  const value = object[name];
  if (typeof value === "string" && value !== "") return value;
  const how = value === undefined ? "is missing" : "must be a non-empty string";
  throw badRequest(`\`${name}\` ${how}.`, at + name);
}

export const unsupported = (message: string, param: string) =>
  badRequest(message, param, "unsupported_parameter");

/** A value from the client, short enough to quote. */
export const quoted = (value: unknown): string => (JSON.stringify(value) ?? "nothing").slice(0, 60);
