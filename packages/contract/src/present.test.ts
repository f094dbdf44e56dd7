import { expect, it } from "vitest";
import { present } from "./present.ts";

it("leaves out the fields that are undefined, keeps every other value, and keeps the order", () => {
  const fields: { a?: number | undefined; b: null; c: string | undefined; d: false } = {
    a: undefined,
    b: null,
    c: "",
    d: false,
  };
  const kept: { a?: number; b: null; c?: string; d: false } = present(fields);
  expect(Object.entries(kept)).toEqual([
    ["b", null],
    ["c", ""],
    ["d", false],
  ]);
});
