import { describe, expect, it } from "vitest";
import { setJson, setModelOff } from "./overlay.ts";

describe("an entry of a JSON file", () => {
  it("is made where there is no file, and goes again", () => {
    const made = setJson(undefined, ["chains", "a"], ["b", "c"]);
    expect(JSON.parse(made ?? "")).toEqual({ chains: { a: ["b", "c"] } });
    expect(JSON.parse(setJson(made, ["chains", "a"], undefined) ?? "")).toEqual({ chains: {} });
  });

  it("replaces only itself: every other byte stays", () => {
    const text = '{\n\t"chains": {\n\t\t"x" : [ "1","2" ],\n\t\t"a": ["b"]\n\t},\n\t"groups":{}\n}\n';
    expect(setJson(text, ["chains", "a"], ["c"])).toBe(text.replace('["b"]', '[\n      "c"\n    ]'));
    expect(setJson(text, ["chains", "x"], undefined)).toBe(
      '{\n\t"chains": {\n\t\t"a": ["b"]\n\t},\n\t"groups":{}\n}\n',
    );
    expect(JSON.parse(setJson(text, ["chains", "new"], []) ?? "")).toEqual({
      chains: { x: ["1", "2"], a: ["b"], new: [] },
      groups: {},
    });
    expect(setJson(text, ["chains", "none"], undefined)).toBe(text);
  });

  it.each(["[]", "{", '{"chains": []}', '{"a": 1, "a": 2}'])("is refused in %s", (text) => {
    expect(setJson(text, ["chains", "a"], ["b"])).toBeUndefined();
  });
});

describe("a model of the overlay", () => {
  it("is switched off and on again, and comments stay", () => {
    const off = setModelOff(undefined, "groq-llama-3.1-8b", true);
    expect(off).toBe("models:\n  groq-llama-3.1-8b: null\n");
    expect(setModelOff(off, "groq-llama-3.1-8b", false)).toBe("");
    const text = "# mine\nmodels:\n  a: { context_tokens: 5 } # why\n";
    expect(setModelOff(text, "b", true)).toBe(
      "# mine\nmodels:\n  a: { context_tokens: 5 } # why\n  b: null\n",
    );
    expect(setModelOff("notes: x\nmodels:\n  a: null\n", "a", false)).toBe("notes: x\n");
  });

  it.each(["models: [a]\n", "a: [", "- a\n"])("is refused in %j", (text) => {
    expect(setModelOff(text, "a", true)).toBeUndefined();
  });
});
