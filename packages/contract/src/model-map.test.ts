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
