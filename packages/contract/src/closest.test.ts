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
