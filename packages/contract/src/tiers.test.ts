import { expect, it } from "vitest";
import type { Operation, Tier } from "./fragment.ts";
import { TIER_ORDER, tierRank } from "./tiers.ts";

it.each<[Operation, Tier[]]>([
  ["chat", ["free", "subscription", "paid", "local"]],
  ["embedding", ["free", "subscription", "paid", "local"]],
  ["rerank", ["free", "subscription", "paid", "local"]],
  ["moderation", ["free", "subscription", "paid", "local"]],
  ["image", ["free", "subscription", "local", "paid"]],
  ["speech", ["free", "subscription", "local", "paid"]],
  ["transcription", ["free", "subscription", "local", "paid"]],
])("%s is tried in the order %j", (operation, order) => {
  expect(TIER_ORDER[operation]).toEqual(order);
  const tiers: Tier[] = ["paid", "local", "free", "subscription"];
  expect(tiers.sort((a, b) => tierRank(operation, a) - tierRank(operation, b))).toEqual(order);
});
