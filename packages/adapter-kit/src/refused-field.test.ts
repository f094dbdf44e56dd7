import { describe, expect, it } from "vitest";
import { refusedField, withoutField } from "./refused-field.ts";

describe("the field that a refusal names", () => {
  it.each([
    ["Unknown parameter: 'foo'.", ["foo"]],
    ["Unknown parameter: 'input[0].foo'.", ["input", "foo"]],
    ["Unrecognized request argument supplied: foo", ["foo"]],
    ["Unsupported parameter: 'logit_bias' is not supported with this model.", ["logit_bias"]],
    ["Argument not supported on this model: stop", ["stop"]],
    ["invalid request: unknown field: parameter 'foo' is not a valid field", ["foo"]],
    ["unknown field `foo`, expected one of `model`, `messages` at line 1 column 9", ["foo"]],
    ["messages.0.content.1.text.foo: Extra inputs are not permitted", ["messages", "content", "text", "foo"]],
    ["foo: Extra inputs are not permitted", ["foo"]],
    [
      "'messages.2' : for 'role:assistant' the following must be satisfied[('messages.2' : property 'refusal' is unsupported)]",
      ["messages", "refusal"],
    ],
    ["property 'foo' is unsupported", ["foo"]],
    ['"llama3.3" does not support thinking', ["think"]],
    [
      `Invalid JSON payload received. Unknown name "foo" at 'generation_config': Cannot find field.`,
      ["generation_config", "foo"],
    ],
    [`Invalid JSON payload received. Unknown name "foo": Cannot find field.`, ["foo"]],
    [
      `[{"type":"extra_forbidden","loc":["body","messages",2,"assistant","refusal"],"msg":"Extra inputs are not permitted"}]`,
      ["messages", "assistant", "refusal"],
    ],
  ])("%s", (message, path) => {
    expect(refusedField(message)).toEqual(path);
  });

  it.each([
    "Unknown parameter: 'messages'.",
    "Unsupported parameter: 'response_format'",
    "messages.0.content: Extra inputs are not permitted",
    "The model is overloaded",
    "Invalid value for 'temperature'",
    "[{",
  ])("is none, or one that matters: %s", (message) => {
    expect(refusedField(message)).toBeUndefined();
  });
});

describe("a body without a field", () => {
  const without = (text: string, path: readonly string[]) =>
    withoutField({ bytes: Buffer.from(text), json: JSON.parse(text) }, path)?.toString();

  it("keeps every other byte where the field is the request's own", () => {
    expect(without(`{ "a": 1.50, "foo":{},  "b":2 }`, ["foo"])).toBe(`{"a": 1.50,"b":2}`);
  });

  it("has it nowhere in its lists, and keeps long integers", () => {
    const text = `{"messages":[{"a":2512292042121000001,"refusal":null},{"content":[{"type":"text","foo":1}]}],"x":1.50}`;
    expect(without(text, ["messages", "assistant", "refusal"])).toBe(
      `{"messages":[{"a":2512292042121000001},{"content":[{"type":"text","foo":1}]}],"x":1.50}`,
    );
    expect(without(text, ["messages", "content", "text", "foo"])).toContain(`{"content":[{"type":"text"}]}`);
  });

  it("knows Google's two spellings", () => {
    expect(without(`{"generationConfig":{"fooBar":1,"b":2}}`, ["generation_config", "foo_bar"])).toBe(
      `{"generationConfig":{"b":2}}`,
    );
  });

  it("is none where it has no such field", () => {
    expect(without(`{"a":1,"messages":[{"b":2}]}`, ["foo"])).toBeUndefined();
    expect(without(`{"a":1,"messages":[{"b":2}]}`, ["messages", "foo"])).toBeUndefined();
  });
});
