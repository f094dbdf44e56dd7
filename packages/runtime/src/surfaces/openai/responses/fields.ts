import type { JsonObject } from "@headgate/contract";
import { badRequest } from "../../../http/client-error.ts";

/** A string that must be present, and may be empty. */
export function givenText(object: JsonObject, name: string, at: string): string {
  const value = object[name];
  if (typeof value === "string") return value;
  throw badRequest(`\`${name}\` ${value === undefined ? "is missing" : "must be a string"}.`, at + name);
}

/** A string that must be present and not empty. */
export function requiredText(object: JsonObject, name: string, at: string): string {
  const value = object[name];
  if (typeof value === "string" && value !== "") return value;
  const how = value === undefined ? "is missing" : "must be a non-empty string";
  throw badRequest(`\`${name}\` ${how}.`, at + name);
}

export const unsupported = (message: string, param: string) =>
  badRequest(message, param, "unsupported_parameter");
