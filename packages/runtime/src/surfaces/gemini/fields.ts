/** Reading proto JSON: both spellings of every name, null as absent. https://protobuf.dev/programming-guides/json/ */
import { EncodeError, isObject } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue } from "@headgate/contract";
import { badRequest } from "../../http/client-error.ts";
import { isArray } from "../../http/json-body.ts";
import { textField } from "../field-readers.ts";

/** The fields of a body that other wires cannot express. Upstreams of Gemini's wire get them unchanged. */
export class Notes {
  /** Hints that may be left out, by the client's names. */
  readonly leftOut = new Set<string>();
  #refusal: EncodeError | undefined;

  /** The first refusal is the one that is reported. */
  refuse(what: string, path: string): void {
    this.#refusal ??= new EncodeError(`${what} reaches models of Gemini's wire only`, path);
  }

  /** @throws {EncodeError} */
  check(): void {
    if (this.#refusal !== undefined) throw this.#refusal;
  }
}

const camel = (name: string): string =>
  name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** A message of the API with its fields' camelCase names. @throws {ClientError} */
export function message(value: JsonValue | undefined, path: string): JsonObject {
  if (!isObject(value)) throw badRequest("It must be an object.", path);
  const fields = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(fields.map(([name, field]) => [camel(name), field]));
}

export const optionalMessage = (parent: JsonObject, name: string, path: string): JsonObject | undefined =>
  parent[name] === undefined ? undefined : message(parent[name], path);

/** Where a list is meant, Google takes a single value too. */
export function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  if (value === undefined || value === null) return [];
  return isArray(value) ? value : [value];
}

export function requiredText(parent: JsonObject, name: string, path: string): string {
  const value = textField(parent, name, path);
  if (value === undefined || value === "") throw badRequest(`\`${name}\` is missing.`, path);
  return value;
}

export function textList(parent: JsonObject, name: string, path: string): readonly string[] | undefined {
  if (parent[name] === undefined) return undefined;
  return listOf(parent[name]).map((entry, at) => {
    if (typeof entry === "string") return entry;
    throw badRequest(`\`${name}\` must be a list of strings.`, `${path}[${at}]`);
  });
}
