import { expect, it } from "vitest";
import { textSeal } from "./seal.ts";

const seal = textSeal("a secret", "one purpose");

it("opens what it closed, and holds no clear text", () => {
  const sealed = seal.close("gsk_example", "GROQ_API_KEY");
  expect(seal.open(sealed, "GROQ_API_KEY")).toBe("gsk_example");
  expect(Buffer.from(sealed).toString("latin1")).not.toContain("gsk_example");
  expect(seal.close("gsk_example", "GROQ_API_KEY")).not.toEqual(sealed);
});

it("opens nothing of another secret, purpose or label, and nothing that was changed or cut", () => {
  const sealed = seal.close("text", "label");
  expect(textSeal("another", "one purpose").open(sealed, "label")).toBeUndefined();
  expect(textSeal("a secret", "another").open(sealed, "label")).toBeUndefined();
  expect(seal.open(sealed, "other")).toBeUndefined();
  const changed = Uint8Array.from(sealed, (byte, at) => (at === sealed.length - 1 ? byte ^ 1 : byte));
  expect(seal.open(changed, "label")).toBeUndefined();
  for (const length of [0, 5, 12, 20]) expect(seal.open(sealed.subarray(0, length), "label")).toBeUndefined();
});
