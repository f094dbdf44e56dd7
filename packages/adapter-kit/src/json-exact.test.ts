import { expect, it } from "vitest";
import { exactBody, isExactInteger, parseExact } from "./json-exact.ts";
import { isObject } from "./json-read.ts";

const LONG = "2512292042121000001";

it.each([
  `{"a":${LONG}}`,
  `[-${LONG}]`,
  `{"a":{"b":[1,{"c":${LONG}}]},"d":9007199254740991,"e":1.5,"f":"${LONG}"}`,
  '{"a":1e400}',
])("keeps every digit of %s", (text) => {
  const digits = (json: string): string[] => json.match(/[0-9]{16,}/g) ?? [];
  expect(digits(JSON.stringify(parseExact(text)))).toEqual(digits(text));
});

it("leaves other numbers as they are", () => {
  expect(parseExact('{"a":1,"b":1234567890123456,"c":0.1234567890123456}')).toEqual({
    a: 1,
    b: 1234567890123456,
    c: 0.1234567890123456,
  });
  expect(parseExact("{")).toBeUndefined();
});

it("is no object where an object is read", () => {
  const value = parseExact(`{"a":${LONG}}`);
  const held = isObject(value) ? value.a : undefined;
  expect([isExactInteger(held), isObject(held), isExactInteger({ rawJSON: "1" })]).toEqual([
    true,
    false,
    false,
  ]);
});

it("is kept in a body's lists, and a number in its parameters", () => {
  const text = `{"seed":${LONG},"options":{"n":${LONG}},"messages":[{"input":{"id":${LONG}}}]}`;
  const json = exactBody({ bytes: Buffer.from(text), json: JSON.parse(text) });
  expect([typeof json.seed, typeof (isObject(json.options) ? json.options.n : undefined)]).toEqual([
    "number",
    "number",
  ]);
  expect(JSON.stringify(json.messages)).toBe(`[{"input":{"id":${LONG}}}]`);
});
