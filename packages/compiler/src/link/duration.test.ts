import { expect, it } from "vitest";
import { durationOf } from "./duration.ts";

it.each([
  ["250ms", 250],
  ["30s", 30_000],
  ["1.5 m", 90_000],
  ["2h", 7_200_000],
])("reads %s as milliseconds", (text, ms) => {
  expect(durationOf(text)).toBe(ms);
});

it("reads nothing else", () => {
  for (const text of ["30", "s", "30 days", ""]) expect(durationOf(text)).toBeNaN();
});
