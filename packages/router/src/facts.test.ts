import { expect, it } from "vitest";
import { capabilityBits, NEED, needBits, needNames } from "./facts.ts";

it("needs are bits, and have their names", () => {
  expect(NEED).toEqual({ vision: 1, tools: 2, json: 4, "audio-input": 8, search: 16 });
  expect(needNames(0)).toEqual([]);
  expect(needNames(NEED.tools | NEED["audio-input"])).toEqual(["tools", "audio-input"]);
  expect(needBits(["vision", "json", "vision"])).toStrictEqual({ bits: 5 });
  expect(needBits([])).toStrictEqual({ bits: 0 });
});

it("the first name that is no need is told, names that every object has among them", () => {
  expect(needBits(["tools", "speed", "sound"])).toStrictEqual({ bits: 2, unknown: "speed" });
  expect(needBits(["constructor"])).toStrictEqual({ bits: 0, unknown: "constructor" });
});

it("capabilities that no request can need are no bits", () => {
  expect(capabilityBits(["vision", "reasoning", "tools"])).toBe(3);
  expect(capabilityBits([])).toBe(0);
});
