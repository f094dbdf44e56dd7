import { describe, expect, it } from "vitest";
import { merge, type PlainMap } from "./merge.ts";
import type { Path } from "./tree.ts";

const byAlias = (path: Path): string | undefined => (path.join() === "models" ? "alias" : undefined);
const CATALOGUE: PlainMap = {
  name: "Groq",
  timeouts: { connect_ms: 1, request_ms: 2 },
  limits: [{ amount: 30 }],
  models: [
    { alias: "a", context_tokens: 1, capabilities: ["tools"] },
    { alias: "b", context_tokens: 2 },
  ],
};
const laidOver = (over: PlainMap) => merge(CATALOGUE, over, byAlias);
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("merge", () => {
  it("goes key by key, and leaves what is not named as it is", () => {
    const { value, problems } = laidOver({ timeouts: { request_ms: 9, stream_idle_ms: 3 }, notes: "mine" });
    expect(problems).toEqual([]);
    expect(plain(value)).toEqual({
      ...CATALOGUE,
      timeouts: { connect_ms: 1, request_ms: 9, stream_idle_ms: 3 },
      notes: "mine",
    });
  });

  it("replaces a list by a list, and adds what is under `append`", () => {
    expect(plain(laidOver({ limits: [{ amount: 5 }] }).value)).toMatchObject({ limits: [{ amount: 5 }] });
    expect(plain(laidOver({ limits: { append: [{ amount: 5 }] } }).value)).toMatchObject({
      limits: [{ amount: 30 }, { amount: 5 }],
    });
    expect(plain(laidOver({ errors: { append: [{ status: 1 }] } }).value)).toMatchObject({
      errors: [{ status: 1 }],
    });
  });

  it("changes an item by its name, and adds and replaces inside it", () => {
    const { value, problems } = laidOver({
      models: { b: { context_tokens: 8, capabilities: { append: ["vision"] } }, append: [{ alias: "c" }] },
    });
    expect(problems).toEqual([]);
    expect(plain(value)).toMatchObject({
      models: [
        { alias: "a", context_tokens: 1 },
        { alias: "b", context_tokens: 8, capabilities: ["vision"] },
        { alias: "c" },
      ],
    });
  });

  it("removes a key by null, and names the item that null switches off", () => {
    const { value, removed } = laidOver({ timeouts: null, models: { a: null, b: { context_tokens: null } } });
    expect(Object.keys(value)).toEqual(["name", "limits", "models"]);
    expect(plain(value.models)).toEqual([
      { alias: "a", context_tokens: 1, capabilities: ["tools"] },
      { alias: "b" },
    ]);
    expect(removed).toEqual([{ name: "a", at: ["models", "a"] }]);
  });

  it("leaves the value below as it was", () => {
    const before = JSON.stringify(CATALOGUE);
    laidOver({ timeouts: { connect_ms: null }, models: { a: { alias: "z" }, append: [{}] }, limits: null });
    expect(JSON.stringify(CATALOGUE)).toBe(before);
  });

  it.each<[PlainMap, string, string]>([
    [{ timeuts: null }, "HG601", "timeouts"],
    [{ models: { bb: { context_tokens: 1 } } }, "HG601", "b"],
    [{ models: { unheard: { tier: "paid" } } }, "HG601", "append"],
    [{ limits: { append: 3 } }, "HG602", "list"],
    [{ limits: { "0": { amount: 3 } } }, "HG602", "append"],
  ])("refuses %j", (over, code, words) => {
    const { problems } = laidOver(over);
    expect(problems.map((problem) => problem.code)).toEqual([code]);
    expect(problems[0]?.fix).toContain(words);
  });

  it("tells of each change where it was written", () => {
    expect(
      laidOver({ name: "x", models: { b: { context_tokens: 8 }, append: [{ alias: "c" }] } }).laid,
    ).toEqual([
      { path: ["name"], at: ["name"] },
      { path: ["models", 1, "context_tokens"], at: ["models", "b", "context_tokens"] },
      { path: ["models", 2], at: ["models", "append", 0] },
    ]);
  });
});
