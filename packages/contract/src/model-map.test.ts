import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { comparePatterns, matchesPattern, mergeModelMap, parseModelMap, patternsClash } from "./model-map.ts";

const pattern = fc
  .tuple(
    fc.string({ unit: fc.constantFrom("a", "b", "-"), maxLength: 4 }),
    fc.boolean(),
    fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 3 }),
  )
  .map(([start, star, end]) => `${start}${star ? "*" : ""}${end}`)
  .filter((text) => text !== "");

describe("a pattern", () => {
  it("matches any text for its star, and itself without one", () => {
    expect(matchesPattern("claude-*", "claude-opus-4-1")).toBe(true);
    expect(matchesPattern("claude-*", "claude-")).toBe(true);
    expect(matchesPattern("gpt-*-mini", "gpt-5-mini")).toBe(true);
    expect(matchesPattern("gpt-*-mini", "gpt-5")).toBe(false);
    expect(matchesPattern("o3", "o3-mini")).toBe(false);
    expect(matchesPattern("ab*ba", "aba")).toBe(false);
  });

  it("comes before others when it is exact, then when it is longer", () => {
    const sorted = ["*", "gpt-*", "gpt-4o", "gpt-*-mini", "b*", "a*"].sort(comparePatterns);
    expect(sorted).toEqual(["gpt-4o", "gpt-*-mini", "gpt-*", "a*", "b*", "*"]);
  });

  it("clashes with another of its length exactly when a name can match both", () => {
    expect(patternsClash("a*bc", "ab*c")).toBe(true);
    expect(patternsClash("gpt-*", "*-gpt")).toBe(true);
    expect(patternsClash("gpt-*", "gem-*")).toBe(false);
    expect(patternsClash("gpt-*", "gpt-4*")).toBe(false);
    expect(patternsClash("gpt-4", "gpt-*")).toBe(false);
    fc.assert(
      fc.property(
        pattern,
        pattern,
        fc.string({ unit: fc.constantFrom("a", "b", "-"), maxLength: 8 }),
        (a, b, name) => {
          const both = a !== b && a.length === b.length && a.includes("*") && b.includes("*");
          if (both && matchesPattern(a, name) && matchesPattern(b, name))
            expect(patternsClash(a, b)).toBe(true);
        },
      ),
    );
  });
});

describe("HEADGATE_MODEL_MAP", () => {
  it("lists patterns and targets; the last colon divides them", () => {
    expect(
      parseModelMap("claude-*:free-mode, gpt-4o:openai-gpt-4o|auto,llama3.2:3b:auto,gemini-*:,"),
    ).toEqual({
      entries: [
        { pattern: "claude-*", targets: ["free-mode"] },
        { pattern: "gpt-4o", targets: ["openai-gpt-4o", "auto"] },
        { pattern: "llama3.2:3b", targets: ["auto"] },
        { pattern: "gemini-*", targets: [] },
      ],
      unreadable: [],
    });
  });

  it("takes targets with colons after `=`, and the older form beside it", () => {
    expect(
      parseModelMap("gpt-4o=auto:fastest|custom-1/hermes3:8b,llama3.2:3b=auto,llama3.2:1b:auto,a*="),
    ).toEqual({
      entries: [
        { pattern: "gpt-4o", targets: ["auto:fastest", "custom-1/hermes3:8b"] },
        { pattern: "llama3.2:3b", targets: ["auto"] },
        { pattern: "llama3.2:1b", targets: ["auto"] },
        { pattern: "a*", targets: [] },
      ],
      unreadable: [],
    });
    expect(parseModelMap("=auto,a=b||c").unreadable).toEqual(["=auto", "a=b||c"]);
  });

  it("returns the entries that cannot be read", () => {
    expect(parseModelMap("claude,:auto,a*b*:auto,a:b||c").unreadable).toEqual([
      "claude",
      ":auto",
      "a*b*:auto",
      "a:b||c",
    ]);
  });

  it("replaces the catalogue's entries that it covers, adds others, and removes those without targets", () => {
    const base = [
      { pattern: "claude-*", targets: ["auto"] },
      { pattern: "claude-opus-*", targets: ["auto"] },
      { pattern: "gemini-*", targets: ["auto"] },
      { pattern: "gpt-*", targets: ["auto"] },
    ];
    const over = parseModelMap("claude-*:free-mode,gemini-*:,gpt-4o:auto").entries;
    expect(mergeModelMap(base, over)).toEqual([
      { pattern: "gpt-4o", targets: ["auto"] },
      { pattern: "claude-*", targets: ["free-mode"] },
      { pattern: "gpt-*", targets: ["auto"] },
    ]);
  });

  it("keeps the catalogue's own entries as they are without it", () => {
    const base = [{ pattern: "gpt-*", targets: ["auto"] }];
    expect(mergeModelMap(base, [])).toEqual(base);
    expect(mergeModelMap(base, parseModelMap("a:b,a:c").entries)[0]).toEqual({
      pattern: "a",
      targets: ["c"],
    });
  });
});

describe("the form of a pattern", () => {
  const readable = (pattern: string): boolean => parseModelMap(`${pattern}:auto`).entries.length === 1;

  it("has at most one star, and no space or divider in it", () => {
    expect(["a", "*", "*a", "a*", "a*b", "a:b", "a/b.c", "x".repeat(128)].filter(readable)).toHaveLength(8);
    expect(["**", "a*b*", "a b", "a|b", "* *", "a\tb", "x".repeat(129)].filter(readable)).toEqual([]);
  });

  it("is read without space around it and around its targets", () => {
    expect(parseModelMap(" a* : b | c ,, d:e ").entries).toEqual([
      { pattern: "a*", targets: ["b", "c"] },
      { pattern: "d", targets: ["e"] },
    ]);
    expect(parseModelMap("a: ").entries).toEqual([{ pattern: "a", targets: [] }]);
    expect(parseModelMap("")).toEqual({ entries: [], unreadable: [] });
    expect(parseModelMap("a:|,b:c|,d:|c").unreadable).toEqual(["a:|", "b:c|", "d:|c"]);
  });
});

describe("the order of patterns", () => {
  it("never depends on that of a file", () => {
    const patterns = ["b*", "a*", "exact", "*", "aa*", "other"];
    fc.assert(
      fc.property(fc.shuffledSubarray(patterns, { minLength: patterns.length }), (shuffled) => {
        expect(shuffled.sort(comparePatterns)).toEqual(["exact", "other", "aa*", "a*", "b*", "*"]);
      }),
    );
    expect(comparePatterns("a*", "a*")).toBe(0);
  });
});

describe("a clash of two patterns", () => {
  it.each([
    ["a*", "*a", true],
    ["a*b", "a*c", false],
    ["ab*", "ac*", false],
    ["*ab", "*cb", false],
    ["a*bc", "ab*c", true],
    ["a*bc", "ab*d", false],
    ["a*", "a*", false],
    ["a*", "ab*", false],
    ["abc", "ab*", false],
    ["ab*", "abc", false],
    ["abc", "abd", false],
  ])("%s and %s: %s, either way round", (a, b, clash) => {
    expect([patternsClash(a, b), patternsClash(b, a)]).toEqual([clash, clash]);
  });
});

describe("a pattern's match", () => {
  it.each([
    ["a*c", "ac", true],
    ["a*c", "abc", true],
    ["a*c", "a", false],
    ["a*c", "xabc", false],
    ["a*c", "abcx", false],
    ["*", "", true],
    ["", "", true],
    ["a", "ab", false],
  ])("%s and %j: %s", (text, name, matches) => {
    expect(matchesPattern(text, name)).toBe(matches);
  });
});
