import { parse } from "dotenv";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyVariables, setVariable, setVariables } from "./env-text.ts";

describe("a variable of .env", () => {
  it.each([
    ["A=\nB=2\n", "A", "1", "A=1\nB=2\n"],
    ["# c\r\nA = old # why\r\nB=2\r\n", "A", "new", "# c\r\nA = new # why\r\nB=2\r\n"],
    ["export A='x # y'\nB=1", "A", "z", "export A=z\nB=1"],
    ["A=1\nA=2\n", "A", "3", "A=1\nA=3\n"],
    ["A=1", "B", "2", "A=1\nB=2\n"],
    ["A=1\r\n", "B", "2", "A=1\r\nB=2\r\n"],
    ["", "B", "a b#c", "B='a b#c'\n"],
    ["A=1\n", "A", null, "A=\n"],
    ["A=1\n", "B", null, "A=1\n"],
    ["#A=1\n", "A", "2", "#A=1\nA=2\n"],
    ['A="x\ny"\nB=2\n', "A", "1", "A=1\nB=2\n"],
    ["AA=1\nA=2\n", "A", "3", "AA=1\nA=3\n"],
  ])("in %j: %s=%j", (text, name, value, expected) => {
    expect(setVariable(text, name, value)).toBe(expected);
  });

  it.each(["a\nb", " a", "a ", "a\0b", `'"${"`"}`])("refuses a value that no line can hold: %j", (value) => {
    expect(setVariable("A=1\n", "A", value)).toBeUndefined();
  });

  it("is read back as it was set, and no other variable changes, whatever the file holds", () => {
    const name = fc.constantFrom("A", "B", "GROQ_API_KEY", "X_1");
    const line = fc.oneof(
      fc.tuple(name, fc.stringMatching(/^[ -~]{0,12}$/)).map(([key, value]) => `${key}=${value}`),
      fc.constantFrom("", "# a comment", "export B='q'", "  A = 1  # x", 'B="two words"', "junk"),
    );
    fc.assert(
      fc.property(
        fc.array(line),
        fc.constantFrom("\n", "\r\n"),
        name,
        fc.stringMatching(/^[!-~]{1,20}$/),
        (lines, eol, key, value) => {
          const text = lines.join(eol);
          const edited = setVariable(text, key, value);
          if (edited === undefined) return;
          const [before, after] = [parse(text), parse(edited)];
          expect(after[key]).toBe(value);
          for (const other of Object.keys({ ...before, ...after }))
            if (other !== key) expect(after[other]).toBe(before[other]);
        },
      ),
    );
  });
});

it("empties every line of a variable, and keeps comments and the others", () => {
  const text = "A=one # mine\nB=2\r\nexport A='two'\n";
  expect(emptyVariables(text, ["A"])).toBe("A= # mine\nB=2\r\nexport A=\n");
});

it("says which variable no line can hold", () => {
  expect(() => setVariables("", { A: "1", B: "a\nb" })).toThrow("the value of B");
});
