/** Readers of a request's typed fields. Each surface words the refusal of a wrong type in its own way. */
import { isObject } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue } from "@headgate/contract";
import { badRequest, type ClientError } from "../http/client-error.ts";
import { isArray } from "../http/json-body.ts";

/** @param kind the type that the field must have, such as "a string" */
export type WrongType = (name: string, kind: string, path: string) => ClientError;

const wrongType: WrongType = (name, kind, path) => badRequest(`\`${name}\` must be ${kind}.`, path);

/** Each reader gives the value, or `undefined` for an absent field and for null. It throws a 400 for another type. */
export function fieldReaders(wrong: WrongType = wrongType) {
  const reader =
    <T extends JsonValue>(is: (value: JsonValue) => value is T, kind: string) =>
    (parent: JsonObject, name: string, path = name): T | undefined => {
      const value = parent[name];
      if (value === undefined || value === null) return undefined;
      if (is(value)) return value;
      throw wrong(name, kind, path);
    };
  return {
    text: reader((value): value is string => typeof value === "string", "a string"),
    number: reader((value): value is number => typeof value === "number", "a number"),
    count: reader(isCount, "a whole number of at least 0"),
    flag: reader((value): value is boolean => typeof value === "boolean", "true or false"),
    object: reader((value): value is JsonObject => isObject(value), "an object"),
    list: reader((value): value is readonly JsonValue[] => isArray(value), "an array"),
  };
}

const isCount = (value: JsonValue): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

export const {
  text: textField,
  number: numberField,
  flag: flagField,
  object: objectField,
  list: listField,
} = fieldReaders();
