import { expect, it } from "vitest";
import { type CatalogGroup, groupChain } from "./catalog.ts";

const group = (name: string, members: readonly string[], fallback?: readonly string[]): CatalogGroup => ({
  name,
  description: name,
  operation: "chat",
  members,
  ...(fallback === undefined ? {} : { fallback }),
});

it("a group tries its members, then those of its fallbacks, one step deep and each once", () => {
  const groups = [
    group("a", ["1", "2"], ["b", "c", "unknown"]),
    group("b", ["3", "1"], ["d"]),
    group("c", ["4", "3"]),
    group("d", ["5"]),
  ];
  expect(groups.map((one) => groupChain(one, groups))).toEqual([
    ["1", "2", "3", "4"],
    ["3", "1", "5"],
    ["4", "3"],
    ["5"],
  ]);
});
