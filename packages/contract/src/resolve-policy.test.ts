import { expect, it } from "vitest";
import { resolve } from "./resolve.ts";
import { policyFor } from "./resolve-policy.ts";
import { sampleCatalog, sampleModel, sampleProvider } from "./testing/catalog.ts";

const POLICIES = {
  "*": { hedgeAfterMs: 900, midstream: "error" },
  calm: { hedgeAfterMs: 0, midstream: "continue" },
  quick: { firstTokenMs: 2_000 },
} as const;

it("a name's own policy fields override those of all names, field by field", () => {
  expect(policyFor(POLICIES, "other")).toEqual({ hedgeAfterMs: 900, midstream: "error" });
  expect(policyFor(POLICIES, "quick")).toEqual({
    firstTokenMs: 2_000,
    hedgeAfterMs: 900,
    midstream: "error",
  });
});

it("is absent where every field is the default", () => {
  expect(policyFor(POLICIES, "calm")).toBeUndefined();
  expect(policyFor(undefined, "calm")).toBeUndefined();
  expect(policyFor({}, "constructor")).toBeUndefined();
});

it("applies to the route of an alias, a group, a direct name, and a pattern of the model map", () => {
  const catalog = sampleCatalog([sampleProvider("p", { models: [sampleModel("m")] })], {
    groups: [{ name: "all", description: "all", operation: "chat", members: ["m"] }],
    direct: [{ name: "alone", alias: "m" }],
    modelMap: [{ pattern: "gpt-*", targets: ["all"] }],
    policies: { "*": { firstTokenMs: 7 }, all: { midstream: "restart" }, m: { hedgeAfterMs: 3 } },
  });
  const { table } = resolve(catalog, { P: "1" });
  expect(Object.fromEntries(table.routes.map(({ name, policy }) => [name, policy]))).toEqual({
    all: { firstTokenMs: 7, midstream: "restart" },
    alone: { firstTokenMs: 7 },
    "gpt-*": { firstTokenMs: 7, midstream: "restart" },
    m: { firstTokenMs: 7, hedgeAfterMs: 3 },
  });
});

it("is a first-token deadline alone where that is all that is said", () => {
  expect(policyFor({ x: { firstTokenMs: 5 } }, "x")).toStrictEqual({ firstTokenMs: 5 });
  expect(policyFor({ x: { midstream: "restart" } }, "x")).toStrictEqual({ midstream: "restart" });
  expect(policyFor({ x: { hedgeAfterMs: 1 } }, "x")).toStrictEqual({ hedgeAfterMs: 1 });
});
