import type { JsonObject } from "@headgate/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editJson } from "./json-edit.ts";
import { replaceSole } from "./json-splice.ts";

const splice = (text: string, value = '"up"'): string | undefined => {
  const bytes = Buffer.from(text);
  return replaceSole({ bytes, json: JSON.parse(text) as JsonObject }, { model: value })?.toString();
};

describe("replaceSole", () => {
  it("replaces the value and no other byte", () => {
    expect(splice('{ "a":1e400,\n"model" :\t"x", "b":"\\n" }')).toBe(
      '{ "a":1e400,\n"model" :\t"up", "b":"\\n" }',
    );
  });

  it.each([
    ["a second member of that name", '{"model":"a","model":"b"}'],
    ["a second member behind others", '{"model":"a","x":{"model":"b"},"model":"a"}'],
    ["a second member in a nested object", '{"model":"a","x":{"model":"b","model":"c"}}'],
    ["a member between objects", '{"x":{"model":"a"},"model":"b","y":{"a":1}}'],
    ["a key that ends like one", '{"model":"a","x\\"model":{"model":"b"}}'],
    ["an escape that might spell it", '{"x":"\\u0041","model":"a"}'],
    ["the name spelled by escapes", '{"x":{"model":"a"},"mod\\u0065l":"a"}'],
    ["a value that is no text", '{"model":7}'],
    ["a value spelled another way", '{"model":"a\\/b"}'],
    ["no such member", '{"x":"y"}'],
  ])("leaves %s to the scan", (_, text) => {
    expect(splice(text)).toBeUndefined();
  });

  it.each([
    ["first", '{"model":"a","x":[{"model":"b","y":{"model":"c"}}]}'],
    ["last", '{"x":[{"model":"b"}],"model":"a","n":1}'],
    ["as a value before it", '{"role":"model","model":"a"}'],
  ])("finds the member beside other keys and texts of its name: %s", (_, text) => {
    expect(splice(text)).toBe(text.replace('"model":"a"', '"model":"up"'));
  });

  it("ignores text that looks like the member", () => {
    const text = JSON.stringify({ messages: [{ content: '"model":"trap"' }], model: "a" });
    expect(splice(text)).toBe(text.replace(/"a"\}$/, '"up"}'));
  });

  it("agrees with the scan wherever it returns a result", () => {
    const tricky = fc.constantFrom("model", '"model"', '\\"model', "model:", "\\", '"', "é");
    const key = fc.oneof(fc.constant("model"), fc.string(), tricky);
    const value = fc.oneof(fc.string(), tricky, fc.jsonValue({ maxDepth: 3 }));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(key, value), { maxLength: 6 }),
        fc.constantFrom(undefined, 1, "\t"),
        (entries, indent) => {
          const text = JSON.stringify(Object.fromEntries(entries), null, indent);
          const spliced = splice(text);
          if (spliced !== undefined)
            expect(spliced).toBe(editJson(Buffer.from(text), { set: { model: '"up"' } }).bytes.toString());
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe("what is left to the scan", () => {
  const sole = (text: string, set: Record<string, string>): string | undefined =>
    replaceSole({ bytes: Buffer.from(text), json: JSON.parse(text) as JsonObject }, set)?.toString();

  it("is an edit of no member, or of several", () => {
    expect(sole('{"a":"x"}', {})).toBeUndefined();
    expect(sole('{"a":"x","b":"y"}', { a: "1", b: "2" })).toBeUndefined();
  });

  it("is a name that may be spelled in several ways, or that every object has", () => {
    expect(sole('{"a1":"x"}', { a1: "1" })).toBeUndefined();
    expect(sole('{"1a":"x"}', { "1a": "1" })).toBeUndefined();
    expect(sole('{"A":"x"}', { A: "1" })).toBeUndefined();
    expect(sole('{"a":"constructor"}', { constructor: "1" })).toBeUndefined();
    expect(sole('{"a_b":"x"}', { a_b: "1" })).toBe('{"a_b":1}');
  });

  it("is a name whose literal stands where no member is", () => {
    expect(sole('{"x":"model","y":[1,2]}', { model: "1" })).toBeUndefined();
    expect(sole('{"x":{"model":"a"}}', { model: "1" })).toBeUndefined();
  });

  it.each([" ", "\t", "\n", "\r", " \t\n\r "])("is not white space, whichever it is: %j", (space) => {
    expect(sole(`{"model"${space}:${space}"x"}`, { model: '"up"' })).toBe(`{"model"${space}:${space}"up"}`);
  });
});
