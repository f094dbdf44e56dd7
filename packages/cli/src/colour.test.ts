import { expect, it } from "vitest";
import { wantsColour } from "./colour.ts";

it("colours a terminal only", () => {
  expect(wantsColour({}, true, true)).toBe(true);
  expect(wantsColour({}, false, true)).toBe(false);
  expect(wantsColour({ TERM: "dumb" }, true, true)).toBe(false);
});

it("applies NO_COLOR, --no-color and FORCE_COLOR, the command line first", () => {
  expect(wantsColour({ NO_COLOR: "1" }, true, true)).toBe(false);
  expect(wantsColour({ NO_COLOR: "" }, true, true)).toBe(true);
  expect(wantsColour({ FORCE_COLOR: "1" }, false, true)).toBe(true);
  expect(wantsColour({ FORCE_COLOR: "0" }, true, true)).toBe(false);
  expect(wantsColour({ FORCE_COLOR: "1" }, true, false)).toBe(false);
});
