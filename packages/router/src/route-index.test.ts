import type { Route, RoutingTable } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { learnedSpec } from "./limits/meter-specs.ts";
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

describe("a table made ready for look-ups", () => {
  const KEYED = tableOf(
    [
      { alias: "a", provider: "p", upstream: "x", capabilities: ["vision", "tools"], chain: ["b"] },
      { alias: "b", provider: "q", upstream: "y", contextChain: ["a"] },
    ],
    { p: ["K", "K_2"] },
  );
  const indexed = (table: RoutingTable = KEYED) =>
    indexTable(table, new Memory(), (variable) => `digest of ${variable}`);

  it("has a candidate for each key of a model, and one where there is none", () => {
    const { deployments } = indexed();
    expect(deployments.map(({ candidates }) => candidates.map(({ id, key }) => [id, key]))).toEqual([
      [
        ["p@digest of K/x", 0],
        ["p@digest of K_2/x", 1],
      ],
      [["q@/y", -1]],
    ]);
    expect(deployments.map(({ capabilities, nextKey }) => [capabilities, nextKey])).toEqual([
      [3, 0],
      [0, 0],
    ]);
  });

  it("shares the limits of keys that belong to one account, learned ones included, and not their cooldowns", () => {
    const [p, q] = KEYED.providers;
    if (p === undefined || q === undefined) throw new Error("the table has both");
    const limits = [{ scope: "account", unit: "requests", window: "day", amount: 50 } as const];
    const candidatesOf = (accounts?: readonly number[]) => {
      const provider = { ...p, limits, ...(accounts === undefined ? {} : { accounts }) };
      const [first, second] =
        indexed({ ...KEYED, providers: [provider, q] }).deployments[0]?.candidates ?? [];
      if (first === undefined || second === undefined) throw new Error("two keys were meant");
      return [first, second] as const;
    };
    const [one, other] = candidatesOf([0, 0]);
    expect(other.meters()).toBe(one.meters());
    other.addLearnedMeter(learnedSpec(other.limitsId, "concurrency"));
    expect(one.meters().map(({ unit }) => unit)).toContain("concurrency");
    expect(other.keyCooldown).not.toBe(one.keyCooldown);
    const [own, apart] = candidatesOf();
    expect(apart.meters()[0]).not.toBe(own.meters()[0]);
  });

  it("names the identities whose cooldowns are to be kept", () => {
    expect([...indexed().identities].sort()).toEqual(
      [
        "p",
        "p@digest of K",
        "p@digest of K/x",
        "p@digest of K_2",
        "p@digest of K_2/x",
        "q",
        "q@",
        "q@/y",
      ].sort(),
    );
  });

  it("refuses a table that names what is not there", () => {
    const [deployment] = KEYED.deployments;
    const [route] = KEYED.routes;
    if (deployment === undefined || route === undefined) throw new Error("the table has both");
    expect(() => indexed({ ...KEYED, deployments: [{ ...deployment, provider: 7 }] })).toThrow(
      /a names provider 7/,
    );
    expect(() => indexed({ ...KEYED, routes: [{ ...route, chain: [9] }] })).toThrow(/deployment 9/);
  });

  it("keeps of a route what it has, and no more", () => {
    const [route] = KEYED.routes;
    if (route === undefined) throw new Error("the table has one");
    const { find, deployments } = indexed();
    expect(find("a")).toStrictEqual({
      name: "a",
      kind: "alias",
      operation: "chat",
      chain: deployments.slice(0, 2),
      contextChain: [],
      windows: [],
      severalKeys: true,
    });
    expect(find("b")).toMatchObject({ severalKeys: false, contextChain: [deployments[0]] });
    const rich: Route = { ...route, strategy: "weighted", weights: [1, 2], target: "t", policy: {} };
    expect(indexed({ ...KEYED, routes: [rich] }).find("a")).toMatchObject({
      strategy: "weighted",
      weights: [1, 2],
      target: "t",
      policy: {},
    });
    expect(indexed({ ...KEYED, routes: [{ ...route, strategy: "priority" }] }).find("a")).not.toHaveProperty(
      "strategy",
    );
  });

  it("finds a model by its provider and upstream id, with the alias's chain", () => {
    const { find, deployments } = indexed();
    expect(find("p/x")).toMatchObject({ name: "p/x", kind: "direct", chain: deployments.slice(0, 2) });
    expect(find("q/x")).toBeUndefined();
  });

  it("finds every provider of an upstream id, of one operation and in tier order", () => {
    const several = tableOf([
      { alias: "paid", provider: "a", upstream: "u", tier: "paid" },
      { alias: "local", provider: "b", upstream: "u", tier: "local" },
      { alias: "free", provider: "c", upstream: "u", tier: "free" },
      { alias: "image", provider: "d", upstream: "u" },
    ]);
    const deployments = several.deployments.map((one) =>
      one.alias === "image" ? { ...one, operation: "image" as const } : one,
    );
    const { find } = indexed({ ...several, deployments });
    const found = find("u");
    expect(found?.chain.map(({ deployment }) => deployment.alias)).toEqual(["free", "paid", "local"]);
    expect(found).toMatchObject({
      kind: "upstream",
      operation: "chat",
      contextChain: [],
      severalKeys: false,
    });
    expect(found).not.toHaveProperty("policy");
  });

  it("knows every chat model's window for a prompt that fits none of the chain, by tier and then by size", () => {
    const several = tableOf([
      { alias: "paid", provider: "a", tier: "paid", contextTokens: 1_000, upstream: "u" },
      { alias: "large", provider: "b", contextTokens: 9_000 },
      { alias: "small", provider: "b", contextTokens: 3_000 },
      { alias: "unknown", provider: "b" },
      { alias: "image", provider: "c", contextTokens: 5_000, upstream: "v" },
    ]);
    const imageOnly = (one: { readonly alias: string }): object =>
      one.alias === "image" ? { operation: "image" } : {};
    const { find } = indexed({
      ...several,
      deployments: several.deployments.map((one) => ({ ...one, ...imageOnly(one) })),
      routes: [
        ...several.routes.map((one) => ({ ...one, ...imageOnly({ alias: one.name }) })),
        { name: "only-large", kind: "single", operation: "chat", chain: [1], contextChain: [] },
      ],
    });
    const windows = (name: string) => find(name)?.windows?.map(({ deployment }) => deployment.alias);
    for (const name of ["paid", "a/u", "u", "unknown"])
      expect(windows(name), name).toEqual(["small", "large", "paid"]);
    // A name for one model alone means this one, and no other model can take another operation's place.
    for (const name of ["only-large", "image", "c/v", "v"]) {
      expect(find(name), name).toBeDefined();
      expect(find(name), name).not.toHaveProperty("windows");
    }
  });

  it("lets a name of the table mean what the table says, before provider and upstream ids", () => {
    const several = tableOf([
      { alias: "p/x", provider: "q", upstream: "y" },
      { alias: "b", provider: "p", upstream: "x" },
      { alias: "y", provider: "r", upstream: "z" },
    ]);
    const { find } = indexed(several);
    const first = (name: string) => find(name)?.chain[0]?.deployment.alias;
    expect([first("p/x"), find("p/x")?.kind]).toEqual(["p/x", "alias"]);
    expect([first("y"), find("y")?.kind]).toEqual(["y", "alias"]);
    expect([first("x"), first("q/y"), first("z")]).toEqual(["b", "p/x", "y"]);
  });

  it("gives an upstream id that several serve the policy of the first by tier, and says which has several keys", () => {
    const several = tableOf(
      [
        { alias: "paid", provider: "a", upstream: "u", tier: "paid" },
        { alias: "free", provider: "b", upstream: "u", tier: "free" },
      ],
      { a: ["K", "K_2"] },
    );
    const policies = { paid: { midstream: "continue" }, free: { midstream: "error" } } as const;
    const { find } = indexed({
      ...several,
      routes: several.routes.map((one) => ({ ...one, policy: policies[one.name as "paid" | "free"] })),
    });
    expect(find("u")?.policy).toBe(policies.free);
    expect([find("u"), find("paid"), find("free")].map((one) => one?.severalKeys)).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("lists the groups that order their members, for those who watch them", () => {
    const group = (name: string, more: Partial<Route> = {}): Route => ({
      name,
      kind: "group",
      operation: "chat",
      chain: [0],
      contextChain: [],
      ...more,
    });
    const [alias] = KEYED.routes;
    if (alias === undefined) throw new Error("the table has one");
    const routes = [
      group("plain"),
      group("first", { strategy: "priority" }),
      group("fast", { strategy: "fastest" }),
      { ...alias, strategy: "fastest" as const },
    ];
    expect(indexed({ ...KEYED, routes }).strategic.map(({ name }) => name)).toEqual(["fast"]);
  });

  it("orders a name otherwise where a strategy follows it after a colon", () => {
    const { find } = indexed();
    expect(find("a:fastest")).toMatchObject({ name: "a:fastest", kind: "alias", strategy: "fastest" });
    expect(find("p/x:weighted")).toMatchObject({ kind: "direct", strategy: "weighted" });
    for (const name of ["a:quickest", "a:", ":fastest", "fastest", "none:fastest", "a:fastest:x"])
      expect(find(name), name).toBeUndefined();
  });
});
