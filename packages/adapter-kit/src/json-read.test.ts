import { describe, expect, it } from "vitest";
import { asArray, asCount, asObject, asText, asVector, isObject, parseJson } from "./json-read.ts";

const VALUES = [undefined, null, true, 0, "", "text", [], {}, { a: 1 }] as const;

describe("readers of another party's JSON", () => {
  it("an object is neither null nor a list", () => {
    expect(VALUES.filter(isObject)).toEqual([{}, { a: 1 }]);
    expect(VALUES.map(asObject).filter((found) => found !== undefined)).toEqual([{}, { a: 1 }]);
  });

  it("a list is a list alone", () => {
    expect(VALUES.map(asArray).filter((found) => found !== undefined)).toEqual([[]]);
  });

  it("a text is not empty", () => {
    expect(VALUES.map(asText).filter((found) => found !== undefined)).toEqual(["text"]);
  });

  it.each([
    [0, 0],
    [7, 7],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    [-1, undefined],
    [0.5, undefined],
    [Number.MAX_SAFE_INTEGER + 1, undefined],
    [Number.NaN, undefined],
    ["7", undefined],
    [null, undefined],
  ])("%j is the count %j", (value, expected) => {
    expect(asCount(value)).toBe(expected);
  });

  it.each([
    [
      [0.5, -1],
      [0.5, -1],
    ],
    [[], undefined],
    [[1, "2"], undefined],
    [["1", 2], undefined],
    [{ length: 1, 0: 1 }, undefined],
    ["12", undefined],
  ])("%j is the vector %j", (value, expected) => {
    expect(asVector(value)).toEqual(expected);
  });

  it("reads JSON, and nothing where it is none", () => {
    expect(parseJson('{"a":[1]}')).toEqual({ a: [1] });
    expect(parseJson("null")).toBeNull();
    expect(parseJson('{"a":')).toBeUndefined();
    expect(parseJson("")).toBeUndefined();
  });
});
