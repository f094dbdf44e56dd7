import { expect, it } from "vitest";
import { percent, sizeOf } from "./size.ts";

it("formats sizes in powers of ten", () => {
  expect([0, 999, 1000, 570e6, 2.64e9, 24e9].map(sizeOf)).toEqual([
    "0 bytes",
    "999 bytes",
    "1.0 kB",
    "570 MB",
    "2.6 GB",
    "24 GB",
  ]);
});

it("never rounds up to 100 %", () => {
  expect([percent(0, 7), percent(999, 1000), percent(7, 7)]).toEqual(["  0 %", " 99 %", "100 %"]);
});
