import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pruneFallbacks } from "./fallbacks.ts";

const CHAINS = "fallbacks/fallbacks.json";
const GROUPS = "fallbacks/groups.json";
const MAP = "fallbacks/model-map.json";
const POLICIES = "fallbacks/policies.json";
const prune = (files: Record<string, string>, ...gone: string[]) =>
  pruneFallbacks(new Map(Object.entries(files)), new Set(gone));

describe("pruneFallbacks", () => {
  it("takes names out of chains and keeps the formatting of the rest", () => {
    const text = `{
  "chains": {
    "a": ["x",   "b", "y"],
    "b": [
      "x"
    ],
    "c": [
      "b"
    ],
    "d": [ "y", "b" ]
  },
  "default": { "chat": ["b"] },
  "context_window": { "a": ["b"], "b": ["y"], "c": ["b", "y"] }
}
`;
    const pruned = prune({ [CHAINS]: text }, "b");
    expect(pruned?.texts.get(CHAINS)).toBe(`{
  "chains": {
    "a": ["x",   "y"],
    "c": [],
    "d": [ "y" ]
  },
  "default": { "chat": [] },
  "context_window": { "c": ["y"] }
}
`);
    expect(pruned?.pruned).toContainEqual({ file: CHAINS, section: "chains", entry: "a", name: "b" });
    expect(pruned?.pruned).toContainEqual({ file: CHAINS, section: "chains", entry: "b", name: "b" });
    expect(pruned?.pruned).toHaveLength(8);
  });

  it("drops a group that has no member left, and what names it", () => {
    const groups = JSON.stringify({
      groups: {
        one: { description: "", operation: "chat", members: ["b"] },
        two: {
          description: "",
          operation: "chat",
          members: ["a", "b"],
          weights: { b: 2, a: 3 },
          fallback: ["one"],
        },
        three: { description: "", operation: "chat", members: ["a"], fallback: ["two", "one"] },
      },
      direct: { only: { alias: "b" }, other: { alias: "a" } },
    });
    const map = '{ "map": { "m*": ["one"], "n*": ["a", "only", "b"], "o*": ["two"] } }';
    const pruned = prune({ [GROUPS]: groups, [MAP]: map }, "b");
    expect(JSON.parse(pruned?.texts.get(GROUPS) ?? "")).toEqual({
      groups: {
        two: { description: "", operation: "chat", members: ["a"], weights: { a: 3 } },
        three: { description: "", operation: "chat", members: ["a"], fallback: ["two"] },
      },
      direct: { other: { alias: "a" } },
    });
    expect(pruned?.texts.get(MAP)).toBe('{ "map": { "n*": ["a"], "o*": ["two"] } }');
  });

  it("drops the policies of names that go, groups and direct names included", () => {
    const groups = JSON.stringify({
      groups: { one: { description: "", operation: "chat", members: ["b"] } },
      direct: { only: { alias: "b" } },
    });
    const policy = '{ "first_token_ms": 9 }';
    const text = `{ "policies": { "*": ${policy}, "b": ${policy}, "one": ${policy}, "a": ${policy}, "only": ${policy} } }`;
    const pruned = prune({ [GROUPS]: groups, [POLICIES]: text }, "b");
    expect(pruned?.texts.get(POLICIES)).toBe(`{ "policies": { "*": ${policy}, "a": ${policy} } }`);
    expect(pruned?.pruned).toContainEqual({ file: POLICIES, section: "policies", entry: "one", name: "one" });
  });

  it("changes no file that names nothing of it, and refuses one that is broken", () => {
    expect(prune({ [CHAINS]: '{ "chains": {} }' }, "b")?.texts.size).toBe(0);
    expect(prune({ [CHAINS]: '{ "chains": ' }, "b")).toBeUndefined();
    expect(prune({ [CHAINS]: "[]" }, "b")).toBeUndefined();
  });

  it("agrees with filtering the values, however the text is laid out", () => {
    const name = fc.constantFrom("a", "b", "c", "d", "e", "__proto__", "constructor");
    const lists = fc.dictionary(name, fc.uniqueArray(name), { noNullPrototype: true });
    const filtered = (map: Record<string, string[]>, gone: Set<string>, drop: boolean) =>
      Object.fromEntries(
        Object.entries(map)
          .map(([key, list]) => [key, list.filter((item) => !gone.has(item)), list] as const)
          .filter(([key, left, list]) => !gone.has(key) && !(drop && left.length === 0 && list.length > 0))
          .map(([key, left]) => [key, left]),
      );
    fc.assert(
      fc.property(
        lists,
        lists,
        fc.uniqueArray(name),
        fc.constantFrom(0, 1, 2, "\t"),
        (chains, windows, gone, space) => {
          const text = JSON.stringify({ chains, context_window: windows }, null, space);
          const pruned = prune({ [CHAINS]: text }, ...gone);
          expect(JSON.parse(pruned?.texts.get(CHAINS) ?? text)).toEqual({
            chains: filtered(chains, new Set(gone), false),
            context_window: filtered(windows, new Set(gone), true),
          });
        },
      ),
    );
  });
});
