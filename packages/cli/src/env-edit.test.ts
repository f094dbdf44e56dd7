import { parse } from "dotenv";
import { expect, it } from "vitest";
import { setVariables } from "./env-edit.ts";

const text = "# Groq\nGROQ=0\nGROQ_API_KEY=\n# GROQ_BASE_URL=https://old\n\nOTHER=1 # kept\n";

it("changes the variable's own line and keeps every other", () => {
  expect(setVariables(text, { GROQ: "1", GROQ_API_KEY: "gsk_x" })).toBe(
    "# Groq\nGROQ=1\nGROQ_API_KEY=gsk_x\n# GROQ_BASE_URL=https://old\n\nOTHER=1 # kept\n",
  );
});

it("uses the commented line of a variable, and adds one that is nowhere", () => {
  expect(setVariables(text, { GROQ_BASE_URL: "https://new", NEW: "a" })).toBe(
    "# Groq\nGROQ=0\nGROQ_API_KEY=\nGROQ_BASE_URL=https://new\n\nOTHER=1 # kept\nNEW=a\n",
  );
  expect(setVariables("", { A: "b" })).toBe("A=b\n");
});

it("changes the line that counts where a variable is set twice, and empties the other", () => {
  expect(setVariables("A=old\nA=older\n", { A: "" })).toBe("A=\nA=\n");
});

it("writes values that the reader takes back unchanged, and keeps CRLF", () => {
  for (const value of ["plain", "with blank", "a#b", "it's", 'say "x"', "$HOME", "a=b"])
    expect(parse(setVariables("X=1\r\nA=\r\n", { A: value }))).toEqual({ X: "1", A: value });
  expect(setVariables("X=1\r\n", { X: "2" })).toBe("X=2\r\n");
});
