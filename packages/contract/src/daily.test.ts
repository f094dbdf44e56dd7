import { expect, it } from "vitest";
import { dailyOf } from "./daily.ts";
import type { Limit } from "./fragment.ts";
import { sampleCatalog, sampleModel, sampleProvider } from "./testing/catalog.ts";

const limit = (more: Partial<Limit>): Limit => ({
  scope: "model",
  unit: "requests",
  amount: 1,
  window: "day",
  ...more,
});

it("what free models allow in a day is their own stated limits, within those that they share", () => {
  const limits = [
    limit({ amount: 100 }),
    limit({ unit: "tokens", amount: 1000, window: "hour" }),
    limit({ amount: 9, window: "minute" }),
  ];
  const models = [sampleModel("a", { limits }), sampleModel("b", { limits }), sampleModel("unstated")];
  expect(dailyOf(sampleCatalog([sampleProvider("own", { models })]))).toEqual({
    requests: 200,
    tokens: 48_000,
  });
  const shared = sampleProvider("shared", { models, limits: [limit({ scope: "account", amount: 150 })] });
  expect(dailyOf(sampleCatalog([shared])).requests).toBe(150);
  expect(dailyOf(sampleCatalog([shared]), new Set(["a"])).requests).toBe(100);
});

it("what costs money, is retired or deprecated, or stands at a provider that cannot be used is not counted", () => {
  const limits = [limit({ amount: 100 })];
  const models = [
    sampleModel("paid", { limits, tier: "paid" }),
    sampleModel("gone", { limits, retired: "2026-11-20" }),
    sampleModel("late", { limits, deprecated: "2026-11-20" }),
  ];
  const status = { state: "unusable", reason: "it closed", since: "2026-07-30" } as const;
  const closed = sampleProvider("closed", { status, models: [sampleModel("a", { limits })] });
  expect(dailyOf(sampleCatalog([sampleProvider("own", { models }), closed]))).toEqual({
    requests: 0,
    tokens: 0,
  });
});
