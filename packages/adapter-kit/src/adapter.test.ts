import { describe, expect, it } from "vitest";
import { type Adapter, defineAdapter, EncodeError } from "./adapter.ts";

const listing = {
  path: () => "models",
  page: () => "models",
  read: () => undefined,
} satisfies Adapter["listing"];

describe("defining an adapter", () => {
  it("gives back one that answers", () => {
    const adapter = { id: "x", answer: () => [] };
    expect(defineAdapter(adapter)).toBe(adapter);
  });

  it("refuses one that could never answer, by its name; a listing alone is no answer", () => {
    expect(() => defineAdapter({ id: "hollow" })).toThrow(/adapter hollow/);
    expect(() => defineAdapter({ id: "hollow", listing })).toThrow(/adapter hollow/);
  });
});

it("an encode error names the field in the client's words", () => {
  const error = new EncodeError("no audio here", "messages[2].content[0]");
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({
    name: "EncodeError",
    message: "no audio here",
    param: "messages[2].content[0]",
  });
});
