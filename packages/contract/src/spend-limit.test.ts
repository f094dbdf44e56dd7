import { expect, it } from "vitest";
import { parseSpendLimit } from "./spend-limit.ts";

it("reads an amount and a window", () => {
  expect(parseSpendLimit("5usd/day")).toEqual({ usd: 5, window: "day" });
  expect(parseSpendLimit("0.25 USD/hour")).toEqual({ usd: 0.25, window: "hour" });
  expect(parseSpendLimit("100usd/month")).toEqual({ usd: 100, window: "month" });
});

it("takes nothing else", () => {
  for (const text of [
    "5",
    "5usd",
    "5eur/day",
    "0usd/day",
    "-1usd/day",
    "5usd/week",
    "usd/day",
    "5usd/day please",
    "",
  ])
    expect(parseSpendLimit(text), text).toBeUndefined();
});
