import type { Route, RoutingTable } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { Memory } from "./memory.ts";
import { indexTable } from "./route-index.ts";
import { tableOf } from "./table.fixture.ts";

const map = (name: string, target: string, chain: number[]): Route => ({
  name,
  kind: "map",
  target,
  operation: "chat",
  chain,
  contextChain: [],
});

const base = tableOf([
  { alias: "big", provider: "a", upstream: "gpt-4o" },
  { alias: "small", provider: "b", upstream: "tiny" },
]);
const table: RoutingTable = {
  ...base,
  routes: [
    ...base.routes,
    map("gpt-*", "small", [1]),
    map("gpt-*-mini", "big", [0]),
    map("tiny", "big", [0]),
    map("o3", "big", [0]),
    map("o*", "small", [1]),
  ],
  inactive: [
    { alias: "gpt-alone", provider: "c", alone: true, fix: "set C=1 in .env" },
    { alias: "gpt-off", provider: "c", fix: "set C=1 in .env" },
  ],
};
const index = indexTable(table, new Memory(), (variable) => variable);
const answering = (name: string): string | undefined => index.find(name)?.chain[0]?.deployment.alias;

describe("the model map", () => {
  it("comes after every real name: aliases, upstream ids and their qualified forms", () => {
    expect(index.find("gpt-4o")).toMatchObject({ kind: "upstream" });
    expect(index.find("tiny")).toMatchObject({ kind: "upstream" });
    expect(answering("a/gpt-4o")).toBe("big");
  });

  it("prefers exact patterns to others, and longer to shorter", () => {
    expect(answering("gpt-5")).toBe("small");
    expect(answering("gpt-5-mini")).toBe("big");
    expect(answering("o3")).toBe("big");
    expect(answering("o3-pro")).toBe("small");
    expect(index.find("o3-pro")).toMatchObject({ kind: "map", name: "o*", target: "small" });
  });

  it("finds a pattern by its own text, as lists of models show it", () => {
    expect(index.find("gpt-*")).toMatchObject({ kind: "map", target: "small" });
  });

  it("answers for an alias that is off, and never for a name that means one alias alone", () => {
    expect(answering("gpt-off")).toBe("small");
    expect(index.find("gpt-alone")).toBeUndefined();
    expect(index.find("claude")).toBeUndefined();
  });
});

it("a model has its alias's policy under every name that selects it", () => {
  const policy = { midstream: "continue" } as const;
  const routes = base.routes.map((route) => (route.name === "big" ? { ...route, policy } : route));
  const { find } = indexTable({ ...base, routes }, new Memory(), (variable) => variable);
  for (const name of ["big", "a/gpt-4o", "gpt-4o"]) expect(find(name)?.policy).toBe(policy);
  for (const name of ["small", "b/tiny", "tiny"]) expect(find(name)?.policy).toBeUndefined();
});
