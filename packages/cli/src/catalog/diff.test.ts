import type { Catalog, CatalogModel } from "@headgate/contract";
import { expect, it } from "vitest";
import { agedFacts, agedText, dueBy } from "./age.ts";
import { diffCatalogs, diffText } from "./diff.ts";

const model = (alias: string, more: Partial<CatalogModel> = {}): CatalogModel => ({
  alias,
  upstream: alias,
  operation: "chat",
  tier: "free",
  served: true,
  capabilities: [],
  limits: [],
  unverified: [],
  ...more,
});
const price = (input: number, output: number, date = "2026-11-20") => ({
  input,
  output,
  date,
  source: "its list",
});
const requestsADay = (amount: number) =>
  [{ scope: "model", unit: "requests", window: "day", amount }] as const;

function catalog(models: CatalogModel[], more: Partial<Catalog> = {}): Catalog {
  const group = { name: "free-mode", description: "free", operation: "chat" as const };
  return {
    providers: [
      {
        id: "acme",
        name: "Acme",
        summary: "a provider",
        flag: "ACME",
        tier: "free",
        adapter: "openai-compatible",
        headers: {},
        dialect: { drop: [], rename: {}, stripToolSchema: [] },
        timeouts: {},
        limits: [],
        errors: [],
        sources: [{ what: "ids", from: "its list", date: "2026-01-01" }],
        models,
      },
    ],
    chains: Object.fromEntries(models.map(({ alias }) => [alias, []])),
    contextWindow: {},
    groups: [{ ...group, members: models.filter(({ retired }) => !retired).map(({ alias }) => alias) }],
    ...more,
  };
}

const BEFORE = catalog([
  model("gone", { limits: requestsADay(100) }),
  model("kept", { contextTokens: 8000, limits: requestsADay(50) }),
  model("dear", { tier: "paid", price: price(1, 2) }),
]);
const AFTER = catalog(
  [
    model("gone", { retired: "2026-11-20", replacedBy: "kept", limits: requestsADay(100) }),
    model("kept", { contextTokens: 128_000, capabilities: ["vision"], limits: requestsADay(50) }),
    model("dear", { tier: "paid", price: price(2, 4) }),
    model("fresh", { limits: requestsADay(20) }),
  ],
  { chains: { gone: ["kept"], kept: ["fresh"], dear: [], fresh: [] } },
);

it("a change is told by what it means, one line for each model, chain and group", () => {
  expect(diffText(diffCatalogs(BEFORE, AFTER), true)).toMatchInlineSnapshot(`
    "Models added (1)
      + fresh (acme/fresh, free)

    Models retired (1)
      - gone since 2026-11-20; kept answers

    Prices (1)
      ~ dear: $1/$2 → $2/$4

    Windows, answers, capabilities and ids (1)
      ~ kept: window 8000 → 128000; +vision

    Names that answer from elsewhere (1)
      ~ gone: gone → kept

    Chains (1)
      ~ kept: +fresh

    Groups (1)
      ~ free-mode: +fresh -gone
        a day, free: 150 → 70 requests, 0 → 0 tokens"
  `);
});

it("a summary shows the first lines of each kind, and counts the others", () => {
  const many = catalog(Array.from({ length: 9 }, (_, at) => model(`m${at}`)));
  const text = diffText(diffCatalogs(catalog([]), many), false);
  expect(text).toContain("Models added (9)\n  + m0 (acme/m0, free)");
  expect(text).toContain("  and 4 more: --all");
  expect(text).not.toContain("m5 (acme");
  expect(diffText(diffCatalogs(BEFORE, BEFORE), false)).toBe("Nothing that a client could notice.");
});

it("facts that were read more than 180 days ago are listed, the oldest first", () => {
  const old = catalog([
    model("dear", { price: price(1, 2, "2026-03-01") }),
    model("gone", { price: price(1, 2, "2020-01-01"), retired: "2026-01-01" }),
  ]);
  const now = Date.UTC(2026, 11, 1);
  expect(
    agedText(agedFacts(old, now))
      .split("\n")
      .map((line) => line.trim().split(/\s+/)),
  ).toEqual([
    ["PROVIDER", "READ", "ON", "DAYS", "FACT"],
    ["acme", "2026-01-01", "334", "ids"],
    ["acme", "2026-03-01", "275", "price", "of", "dear"],
  ]);
  expect(agedText(agedFacts(old, Date.UTC(2026, 2, 2)))).toBe("No fact is older than 180 days.");
});

it("an announced end is due from its day on, until the model is retired", () => {
  const ends = catalog([
    model("a", { retires: "2026-12-01" }),
    model("b", { retires: "2026-12-01", retired: "2026-11-30" }),
  ]);
  expect(dueBy(ends, "2026-11-30")).toEqual([]);
  expect(dueBy(ends, "2026-12-01")).toEqual([{ alias: "a", provider: "acme", retires: "2026-12-01" }]);
});
