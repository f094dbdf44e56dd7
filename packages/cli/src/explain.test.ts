import { type Catalog, type CatalogModel, type CatalogProvider, resolve } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { type Explanation, explain, explanationText } from "./explain.ts";

const model = (
  alias: string,
  upstream: string,
  capabilities: CatalogModel["capabilities"],
): CatalogModel => ({
  alias,
  upstream,
  operation: "chat",
  tier: "free",
  served: true,
  capabilities,
  limits: [],
  unverified: [],
});

const provider = (id: string, models: CatalogModel[]): CatalogProvider => ({
  id,
  name: id,
  summary: id,
  flag: id.toUpperCase(),
  tier: "free",
  adapter: "openai-compatible",
  baseUrl: { env: `${id.toUpperCase()}_BASE_URL`, default: `https://${id}.example/v1` },
  auth: { scheme: "bearer", env: `${id.toUpperCase()}_API_KEY`, optional: false, mistaken: [] },
  headers: {},
  dialect: { drop: [], rename: {}, stripToolSchema: [] },
  timeouts: {},
  limits: [],
  errors: [],
  sources: [],
  models,
});

const catalog: Catalog = {
  providers: [
    provider("alpha", [model("alpha-big", "big", ["tools"])]),
    provider("beta", [model("beta-big", "org/big", [])]),
    provider("gamma", [model("gamma-big", "big-2", ["tools"])]),
  ],
  chains: { "alpha-big": ["beta-big", "gamma-big"], "beta-big": [], "gamma-big": [] },
  contextWindow: { "alpha-big": ["beta-big"] },
  groups: [
    { name: "any", description: "all", operation: "chat", members: ["gamma-big", "beta-big"] },
    { name: "own", description: "own", operation: "chat", members: ["alpha-big"], fallback: ["any"] },
  ],
  direct: [
    { name: "alpha-alone", alias: "alpha-big" },
    { name: "gamma-alone", alias: "gamma-big" },
  ],
  modelMap: [
    { pattern: "claude-*", targets: ["gamma-big", "own"] },
    { pattern: "gamma-a*", targets: ["alpha-big"] },
  ],
  policies: {
    "beta-big": { firstTokenMs: 4_000, hedgeAfterMs: 1_500, midstream: "error" },
    "gamma-big": { midstream: "restart" },
  },
};
const { table } = resolve(catalog, {
  ALPHA: "1",
  ALPHA_API_KEY: "a",
  ALPHA_API_KEY_2: "b",
  BETA: "1",
  BETA_API_KEY: "c",
});

const decisions = (name: string) => [{ what: "model", file: `providers/${name}.yaml`, line: 7 }];
const ask = (name: string, needs: string[] = []) =>
  explain(catalog, table, { name, needs, noTraining: false, nowMs: 0, decisions });
const answer = (name: string, needs: string[] = []): Explanation => {
  const explanation = ask(name, needs);
  if (!("candidates" in explanation)) throw new Error(JSON.stringify(explanation));
  return explanation;
};

describe("an explanation", () => {
  it("names the files that decide what a name means, by the alias behind it", () => {
    expect(answer("alpha-big").decidedBy).toEqual(decisions("alpha-big"));
    expect(answer("claude-x").decidedBy).toEqual(decisions("own"));
    expect(explanationText(answer("alpha-big"), false)).toContain(
      "Decided by:\n  model  providers/alpha-big.yaml:7",
    );
  });

  it("lists the candidates in order, with the variables of their keys and never a key", () => {
    const { kind, candidates, leftOut, contextWindow } = answer("alpha-big");
    expect(kind).toBe("alias");
    expect(candidates.map(({ alias, keyVar }) => [alias, keyVar])).toEqual([
      ["alpha-big", "ALPHA_API_KEY"],
      ["alpha-big", "ALPHA_API_KEY_2"],
      ["beta-big", "BETA_API_KEY"],
    ]);
    expect(leftOut).toEqual([
      {
        alias: "gamma-big",
        provider: "gamma",
        upstream: "big-2",
        reason: "inactive",
        detail: "set GAMMA=1 in .env and fill in GAMMA_API_KEY",
      },
    ]);
    expect(contextWindow).toEqual(["beta-big"]);
  });

  it("leaves out candidates without a needed capability", () => {
    const { candidates, leftOut } = answer("alpha-big", ["tools"]);
    expect(candidates.map(({ alias }) => alias)).toEqual(["alpha-big", "alpha-big"]);
    expect(leftOut[0]).toMatchObject({ alias: "beta-big", reason: "capability", detail: "it lacks tools" });
  });

  it("resolves groups, direct names and upstream ids", () => {
    expect(answer("any")).toMatchObject({ kind: "group", candidates: [{ alias: "beta-big" }] });
    expect(answer("any").leftOut).toMatchObject([{ alias: "gamma-big" }]);
    expect(answer("alpha/big")).toMatchObject({ kind: "direct", leftOut: [{ alias: "gamma-big" }] });
    expect(answer("org/big")).toMatchObject({
      kind: "upstream",
      candidates: [{ provider: "beta" }],
      leftOut: [],
    });
  });

  it("follows a group's fallbacks, and nothing after a direct name", () => {
    const own = answer("own");
    expect(own.candidates.map(({ alias }) => alias)).toEqual(["alpha-big", "alpha-big", "beta-big"]);
    expect(own.leftOut).toMatchObject([{ alias: "gamma-big", reason: "inactive" }]);
    const alone = answer("alpha-alone");
    expect(alone).toMatchObject({ kind: "single", leftOut: [] });
    expect(alone.candidates.map(({ alias }) => alias)).toEqual(["alpha-big", "alpha-big"]);
    expect(answer("gamma-alone")).toMatchObject({
      kind: "inactive",
      candidates: [],
      leftOut: [{ alias: "gamma-big", detail: "set GAMMA=1 in .env and fill in GAMMA_API_KEY" }],
    });
  });

  it("names the target of a model map, and keeps inactive direct names inactive", () => {
    const mapped = answer("claude-opus-9");
    expect(mapped).toMatchObject({ name: "claude-opus-9", kind: "map", mapsTo: "own" });
    expect(mapped.candidates.at(-1)?.alias).toBe("beta-big");
    expect(mapped.leftOut).toMatchObject([{ alias: "gamma-big" }]);
    expect(explanationText(mapped, false)).toContain("claude-opus-9 (maps to own, chat)");
    expect(answer("gamma-alone")).toMatchObject({ kind: "inactive" });
    expect(answer("gamma-a9")).toMatchObject({ kind: "map", mapsTo: "alpha-big" });
  });

  it("states how to switch an inactive model on", () => {
    expect(answer("gamma-big")).toMatchObject({ kind: "inactive", operation: "chat", candidates: [] });
    expect(ask("gamma/big-2")).toEqual({
      unknown: "gamma/big-2 is switched off: set GAMMA=1 in .env and fill in GAMMA_API_KEY",
    });
  });

  it("suggests the nearest name for an unknown one, and refuses unknown needs", () => {
    expect(ask("alfa-big")).toEqual({ unknown: "no model is called alfa-big; did you mean alpha-big?" });
    expect(ask("something-else-entirely")).toEqual({ unknown: "no model is called something-else-entirely" });
    expect(ask("alpha-big", ["wings"])).toHaveProperty("usage");
    expect(ask("alpha-big", ["toString"])).toHaveProperty("usage");
  });

  it("states a policy for slow and broken candidates where it differs from the default", () => {
    expect(answer("alpha-big").policy).toBeUndefined();
    expect(answer("beta-big").policy).toEqual({
      firstTokenMs: 4_000,
      hedgeAfterMs: 1_500,
      midstream: "error",
    });
    expect(answer("gamma-big").policy).toEqual({ midstream: "restart" });
    expect(explanationText(answer("beta-big"), false).split("\n").slice(-6, -3)).toEqual([
      "When a candidate is slow: the next one is tried besides after 1500 ms.",
      "When a candidate sends nothing: the next one is tried instead after 4000 ms.",
      "When a stream breaks: it ends with an error frame.",
    ]);
  });

  it("prints as aligned text", () => {
    expect(explanationText(answer("alpha-big", ["tools"]), false)).toBe(
      [
        "alpha-big (alias, chat, needs tools)",
        "",
        "Tried in this order:",
        "  1.  alpha-big  alpha/big  free  ALPHA_API_KEY    training unknown",
        "  2.  alpha-big  alpha/big  free  ALPHA_API_KEY_2  training unknown",
        "",
        "Left out:",
        "  -  beta-big   beta   it lacks tools",
        "  -  gamma-big  gamma  set GAMMA=1 in .env and fill in GAMMA_API_KEY",
        "",
        "When the prompt is too long: beta-big",
        "",
        "Decided by:",
        "  model  providers/alpha-big.yaml:7",
      ].join("\n"),
    );
    expect(explanationText(answer("gamma-big"), false)).toContain("No candidate answers it now.");
  });
});
