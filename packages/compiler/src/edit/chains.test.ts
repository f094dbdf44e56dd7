import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { insertChain } from "./chains.ts";

describe("a new chain", () => {
  it("is the last of the chains and changes no other line", () => {
    const text = `{
  "$schema": "../schemas/fallbacks.schema.json",
  "chains": {
    "a": ["b", "c"],
    "b": []
  },
  "default": { "chat": ["a"] }
}
`;
    expect(insertChain(text, "new-one")).toBe(text.replace('"b": []\n', '"b": [],\n    "new-one": []\n'));
  });

  it("goes into an empty list of chains", () => {
    expect(insertChain('{\n  "chains": {}\n}\n', "a")).toBe('{\n  "chains": {\n    "a": []\n  }\n}\n');
  });

  it("keeps the text where the alias has a chain", () => {
    const text = '{"chains":{"a":["b"]}}';
    expect(insertChain(text, "a")).toBe(text);
  });

  it.each(["", "[]", "{}", '{"chains":[]}', '{"chains":{}', "null"])("refuses %j", (text) => {
    expect(insertChain(text, "a")).toBeUndefined();
  });

  it("adds exactly one member, whatever else the file holds", () => {
    const names = fc.dictionary(fc.string(), fc.array(fc.string()));
    fc.assert(
      fc.property(names, fc.jsonValue(), fc.nat(4), (chains, other, indent) => {
        const file = { context_window: other, chains, default: other };
        const edited = insertChain(JSON.stringify(file, null, indent), "the-new-alias");
        expect(JSON.parse(edited ?? "")).toEqual({
          ...JSON.parse(JSON.stringify(file)),
          chains: { ...JSON.parse(JSON.stringify(chains)), "the-new-alias": [] },
        });
      }),
    );
  });
});
