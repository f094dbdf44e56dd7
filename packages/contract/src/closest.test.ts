import { describe, expect, it } from "vitest";
import { closest } from "./closest.ts";

const known = ["groq-llama-3.3-70b", "groq-llama-3.1-8b", "mistral-small", "demo"];

describe("closest", () => {
  it("finds the name that was meant", () => {
    expect(closest("groq-lama-3.3-70b", known)).toBe("groq-llama-3.3-70b");
    expect(closest("Mistral-Smal", known)).toBe("mistral-small");
    expect(closest("demp", known)).toBe("demo");
  });

  it("is undefined when no name is near", () => {
    expect(closest("gpt-4o", known)).toBeUndefined();
    expect(closest("xy", known)).toBeUndefined();
  });
});

describe("how near is near", () => {
  it.each([
    // A third of the letters, rounded up, and never more than three.
    ["abc", "abX", true],
    ["abc", "aXX", false],
    ["abcd", "abXX", true],
    ["abcd", "aXXX", false],
    ["abcdefg", "abcdXXX", true],
    ["abcdefghijkl", "abcdefghiXXX", true],
    ["abcdefghijkl", "abcdefghXXXX", false],
    ["abcdefghijkl", "abcdefghi", true],
    ["abcdefghijkl", "abcdefgh", false],
    ["abcdefghijkl", "abcdefghijklmno", true],
    ["abcdefghijkl", "abcdefghijklmnop", false],
  ])("%s and %s: %s", (name, other, near) => {
    expect(closest(name, [other])).toBe(near ? other : undefined);
  });

  it("the nearest wins, the first of equals, and case does not count", () => {
    expect(closest("model-a1", ["model-xyz", "model-a22", "model-a2", "model-a3"])).toBe("model-a2");
    expect(closest("model-a1", ["model-a2", "MODEL-A1", "model-a1"])).toBe("MODEL-A1");
    expect(closest("MODEL-A1", ["model-a1"])).toBe("model-a1");
    expect(closest("", ["a"])).toBeUndefined();
  });
});
