import fc from "fast-check";
import { expect, it } from "vitest";
import { KeyChecker } from "./auth.ts";
import { ClientError } from "./client-error.ts";

const passes = (key: string, given: string): boolean => {
  try {
    new KeyChecker([{ key }], { nowMs: () => 0, client: () => undefined }).check(
      { authorization: `Bearer ${given}` },
      undefined,
    );
    return true;
  } catch (error) {
    if (error instanceof ClientError) return false;
    throw error;
  }
};

it("accepts exactly the key, whatever its characters and length", () => {
  const key = fc.string({ minLength: 1, maxLength: 700 }).map((text) => `k${text.trim()}k`);
  fc.assert(
    fc.property(key, key, (a, b) => {
      expect(passes(a, a)).toBe(true);
      expect(passes(a, b)).toBe(a === b);
      expect(passes(a, `${a}x`)).toBe(false);
      expect(passes(a, a.slice(0, -1))).toBe(false);
      expect(passes(a, `${a}\0`)).toBe(false);
    }),
  );
});

it("refuses a padded key", () => {
  const key = "x".repeat(511);
  expect(passes(key, `${key}${"\0".repeat(3)}`)).toBe(false);
  expect(passes("short", `short${"\0".repeat(600)}`)).toBe(false);
  expect(passes("short", "short\0")).toBe(false);
});
