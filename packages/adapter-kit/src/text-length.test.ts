import fc from "fast-check";
import { expect, it } from "vitest";
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
