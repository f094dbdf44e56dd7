/** Every name that older configurations send is answered by something that lists still have, where every provider is on. */
import { readFileSync } from "node:fs";
import { type Catalog, resolve } from "@headgate/contract";
import { indexTable, Memory } from "@headgate/router";
import { expect, it } from "vitest";

const read = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));
const catalog = read("generated/catalog.json") as Catalog;
const names = read("tests/support/older-names.json") as Readonly<
  Record<"aliases" | "litellm" | "proxy", readonly string[]>
>;
/** Switches everything on; `account:token` is a key of every scheme. */
const everything = Object.fromEntries(
  catalog.providers.flatMap(({ flag, auth, baseUrl }) => [
    [flag, "1"],
    ...(auth === undefined ? [] : [[auth.env, "account:token"]]),
    ...(baseUrl === undefined || baseUrl.default !== undefined ? [] : [[baseUrl.env, "http://127.0.0.1:1"]]),
  ]),
);
const index = indexTable(resolve(catalog, everything).table, new Memory(), (variable) => variable);
/** Names that mean the retired model itself, at its provider. */
const OWN = new Set(["deepseek-chat-direct", "nvidia-deepseek-v4-pro", "openrouter-ring-1t"]);

it.each([...names.aliases, ...names.litellm, ...names.proxy])("%s is answered", (name) => {
  const route = index.find(name);
  const first = route?.chain[0]?.deployment;
  expect(first).toBeDefined();
  if (OWN.has(name)) expect(route?.retired).toMatch(/^2026-/);
  else expect(first).not.toHaveProperty("retired");
});

it("no chain and no group leads to a retired model", () => {
  const retired = new Set(
    catalog.providers.flatMap(({ models }) =>
      models.flatMap((model) => (model.retired ? [model.alias] : [])),
    ),
  );
  const lists = [
    ...Object.entries(catalog.chains),
    ...Object.entries(catalog.contextWindow),
    ...catalog.groups.map(({ name, members }) => [name, members] as const),
  ];
  expect(retired.size).toBeGreaterThan(0);
  expect(lists.filter(([, targets]) => targets.some((alias) => retired.has(alias)))).toEqual([]);
});

it("every paid model has a price, or says why not", () => {
  const paid = catalog.providers.flatMap(({ models }) => models).filter(({ tier }) => tier === "paid");
  expect(
    paid
      .filter(({ price, priceUnknown, retired }) => !price && !priceUnknown && !retired)
      .map(({ alias }) => alias),
  ).toEqual([]);
});
