import { createColors } from "picocolors";
import { expect, it } from "vitest";
import { fitRows } from "./fit.ts";

const row = "groq  free  off: set GROQ=1 in .env and fill in GROQ_API_KEY";

it("breaks the last cell of a wide row below itself", () => {
  expect(fitRows(`short\n${row}`, 40)).toBe(
    ["short", "groq  free  off: set GROQ=1 in .env and", "            fill in GROQ_API_KEY"].join("\n"),
  );
});

it("counts no colour as room", () => {
  const paint = createColors(true);
  const coloured = `${paint.green("groq")}  ${paint.green("free")}  ${paint.green(row.slice(12))}`;
  expect(fitRows(coloured, row.length)).toBe(coloured);
  const lines = fitRows(coloured, 40).split("\n");
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain("in .env and");
});

it("leaves a line without columns as it is, and one whose last column has no room", () => {
  const command = `curl -s ${"x".repeat(60)} -H a`;
  expect(fitRows(command, 40)).toBe(command);
  expect(fitRows(row, 14)).toBe(row);
});
