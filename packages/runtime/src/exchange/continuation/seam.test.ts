import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lastWord, Seam } from "./seam.ts";

/** `before` and what a client sees of `pieces` behind it. */
function join(before: string, pieces: readonly string[], beginsWithWord = true): string {
  const seam = new Seam(before, beginsWithWord);
  return before + pieces.map((piece) => seam.push(piece)).join("") + seam.flush();
}

describe("text that is repeated at a seam appears once", () => {
  it.each([
    ["the last word", "The quick brown", "brown fox", "The quick brown fox"],
    ["a word that was cut", "The quick bro", "brown fox", "The quick brown fox"],
    ["a word that was cut, with a space before it", "The quick bro", " brown fox", "The quick brown fox"],
    ["the last word with its full stop", "So ends the dog.", "dog. The cat", "So ends the dog. The cat"],
    ["words before a space", "So ends the dog. ", "dog. The cat", "So ends the dog. The cat"],
    [
      "a line",
      "One.\nThe gate was opened at",
      "The gate was opened at noon.",
      "One.\nThe gate was opened at noon.",
    ],
    ["nothing but the last word", "The end", "end", "The end"],
    ["words without spaces", "東京は日本の", "東京は日本の首都です", "東京は日本の首都です"],
    ["a list's new line", "- one\n- two", "two\n- three", "- one\n- two\n- three"],
  ])("%s", (_, before, after, whole) => {
    expect(join(before, [after])).toBe(whole);
    expect(join(before, [...after])).toBe(whole);
  });

  it.each([
    ["a word that goes on", "The quick bro", "wn fox", "The quick brown fox"],
    ["a space", "The quick", " brown", "The quick brown"],
    ["one letter that is the same by chance", "I saw a", "apple", "I saw aapple"],
    ["a rule of dashes", "----------------", "--------------------", "-".repeat(36)],
    ["a doubled space", "The quick ", " brown", "The quick brown"],
    ["an empty line", "One.\n", "\nTwo.", "One.\nTwo."],
  ])("%s stays, without space that the client has", (_, before, after, whole) => {
    expect(join(before, [after], false)).toBe(whole);
  });

  it("counts the last word as repeated only where the model was told to begin with it", () => {
    expect(join("very", ["very good"], true)).toBe("very good");
    expect(join("very", ["very good"], false)).toBe("veryvery good");
  });
});

it("adds nothing, removes only what is repeated, and does not depend on how the text is cut", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", " ", "\n", ".", "ü", "🌍"), maxLength: 40 });
  fc.assert(
    fc.property(
      text,
      text,
      fc.array(fc.nat(40), { maxLength: 6 }),
      fc.boolean(),
      (before, after, cuts, beginsWithWord) => {
        const whole = join(before, [after], beginsWithWord);
        expect(whole.startsWith(before)).toBe(true);
        expect(after.endsWith(whole.slice(before.length))).toBe(true);
        const positions = [0, ...cuts.sort((a, b) => a - b), after.length];
        const pieces = positions.slice(1).map((end, at) => after.slice(positions[at], end));
        expect(join(before, pieces, beginsWithWord)).toBe(whole);
      },
    ),
    { numRuns: 500 },
  );
});

it("finds every repetition of a long enough end, wherever it begins", () => {
  const sent = "It was the best of times, it was the worst of times, it was the age of wisdom";
  for (let from = 0; from < sent.length - 20; from += 1) {
    expect(join(sent, [`${sent.slice(from)}, it was`], false)).toBe(`${sent}, it was`);
  }
});

it("names the last word, and of a long one its end without half a character", () => {
  expect(lastWord("one two  ")).toBe("two");
  expect(lastWord("   ")).toBe("");
  expect(lastWord("🌍".repeat(40))).toBe("🌍".repeat(12));
  expect(lastWord(`a${"🌍".repeat(40)}b`).isWellFormed()).toBe(true);
});
