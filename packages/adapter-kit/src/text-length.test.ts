import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byteOfCharacter, characterOfByte, countCharacters, sliceCharacters } from "./text-length.ts";

const texts = fc.string({ unit: "binary" });

it("counts and slices by Unicode code points", () => {
  fc.assert(
    fc.property(texts, fc.nat(20), fc.nat(20), (text, start, length) => {
      const characters = [...text];
      expect(countCharacters(text)).toBe(characters.length);
      expect(sliceCharacters(text, start, start + length)).toBe(
        characters.slice(start, start + length).join(""),
      );
      expect(sliceCharacters(text, start)).toBe(characters.slice(start).join(""));
    }),
  );
});

it("counts a character that is split over two pieces once", () => {
  expect(countCharacters("a\ud83e") + countCharacters("\udd86b")).toBe(3);
});

it("finds a character's byte, and the character of a byte", () => {
  fc.assert(
    fc.property(texts, fc.nat(20), (text, character) => {
      const known = Math.min(character, countCharacters(text));
      expect(characterOfByte(Buffer.from(text), byteOfCharacter(text, character))).toBe(known);
    }),
  );
  expect(byteOfCharacter("Grüße 🦆: x", 9)).toBe(14);
});

describe("characters at the edges of what two units make", () => {
  const [LEAST, MOST] = ["\ud800\udc00", "\udbff\udfff"];

  it("count once", () => {
    expect([LEAST, MOST, "\udbff", "\ue000", `${LEAST}${MOST}`].map(countCharacters)).toEqual([
      1, 1, 1, 1, 2,
    ]);
    expect(countCharacters("")).toBe(0);
  });

  it("are not cut in two", () => {
    const text = `a${LEAST}b${MOST}\ue000c`;
    expect([0, 1, 2, 3, 4, 5].map((at) => sliceCharacters(text, at, at + 1))).toEqual([
      "a",
      LEAST,
      "b",
      MOST,
      "\ue000",
      "c",
    ]);
  });

  it("begin at the text's beginning where none is meant, and end at its end", () => {
    expect(sliceCharacters("abc", -1)).toBe("abc");
    expect(sliceCharacters("abc", 0)).toBe("abc");
    expect(sliceCharacters("abc", 3)).toBe("");
    expect(sliceCharacters("abc", 9)).toBe("");
    expect(sliceCharacters("abc", 1, 1)).toBe("");
    expect(byteOfCharacter("abc", -1)).toBe(0);
    expect(characterOfByte(Buffer.from("abc"), -2)).toBe(0);
  });
});
