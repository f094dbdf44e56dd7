import type { Limit } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { tableOf } from "../table.fixture.ts";
import { meterId, meterSpecs } from "./meter-specs.ts";

const ACCOUNT = "p@K";
const limit = (more: Partial<Limit> = {}): Limit => ({
  scope: "account",
  unit: "tokens",
  window: "day",
  amount: 5,
  ...more,
});

function specsOf(ofProvider: readonly Limit[], ofModel: readonly Limit[] = []) {
  const { providers, deployments } = tableOf([{ alias: "a", provider: "p", upstream: "llama-8b" }]);
  const [provider] = providers;
  const [deployment] = deployments;
  if (provider === undefined || deployment === undefined) throw new Error("the table has both");
  return meterSpecs({ ...provider, limits: ofProvider }, { ...deployment, limits: ofModel }, ACCOUNT);
}
const statedIds = (ofProvider: readonly Limit[], ofModel: readonly Limit[] = []): string[] =>
  specsOf(ofProvider, ofModel).flatMap(({ id, declared }) => (declared === undefined ? [] : [id]));

describe("what a provider's limit is counted per", () => {
  it.each<[Partial<Limit>, string]>([
    [{ scope: "account" }, "p@K|tokens/day"],
    [{ scope: "model" }, "p@K/llama-8b|tokens/day"],
    [{ scope: "ip" }, "p|tokens/day"],
    [{ scope: "ip-model" }, "p/llama-8b|tokens/day"],
    [{ scope: "account", models: ["llama-*"] }, "p@K~llama-*|tokens/day"],
    [{ scope: "account", models: ["llama-*", "x"] }, "p@K~llama-*+x|tokens/day"],
    [{ scope: "ip", operations: ["chat"] }, "p~chat|tokens/day"],
    [{ scope: "ip", models: ["*"], operations: ["chat", "embedding"] }, "p~*#chat+embedding|tokens/day"],
    [{ scope: "model", models: ["llama-*"] }, "p@K/llama-8b|tokens/day"],
  ])("%j: %s", (more, id) => {
    expect(statedIds([limit(more)])).toEqual([id]);
  });

  it("is counted for the models and operations that it is of alone", () => {
    for (const more of [{ models: ["gpt-*"] }, { models: [] }, { operations: ["image"] }] as Partial<Limit>[])
      expect(statedIds([limit(more)])).toEqual([]);
    expect(statedIds([limit({ models: ["gpt-*", "llama-8b"] })])).toHaveLength(1);
    expect(statedIds([limit({ operations: ["image", "chat"] })])).toHaveLength(1);
  });

  it("is not counted where what it is of shows only afterwards", () => {
    const units = ["requests", "tokens", "concurrency", "usd", "inputs", "images", "neurons"] as const;
    const counted = units.filter((unit) => statedIds([limit({ unit })]).length === 1);
    expect(counted).toEqual(["requests", "tokens", "concurrency", "usd", "inputs", "images"]);
    expect(statedIds([], [limit({ unit: "neurons" })])).toEqual([]);
  });
});

describe("a model's own limit", () => {
  it("is that model's, under the key or the address that its scope says", () => {
    const ids = (["account", "model", "ip", "ip-model"] as const).map(
      (scope) => statedIds([], [limit({ scope })])[0],
    );
    expect(ids).toEqual([
      "p@K/llama-8b|tokens/day",
      "p@K/llama-8b|tokens/day",
      "p/llama-8b|tokens/day",
      "p/llama-8b|tokens/day",
    ]);
  });

  it("replaces the provider's for the same unit, window and scope, and stands beside others", () => {
    const specs = specsOf(
      [limit({ scope: "model", amount: 5 }), limit({ scope: "account", amount: 50 })],
      [limit({ scope: "model", amount: 7 })],
    ).filter(({ declared }) => declared !== undefined);
    expect(specs.map(({ id, declared }) => [id, declared])).toEqual([
      ["p@K/llama-8b|tokens/day", 7],
      ["p@K|tokens/day", 50],
    ]);
  });
});

describe("a limit as a meter", () => {
  it("has all that the fragment says", () => {
    const [spec] = specsOf([
      limit({ unit: "requests", window: "minute", verified: false, counts_failed: true, reset: "bucket" }),
    ]);
    expect(spec).toStrictEqual({
      id: "p@K|requests/minute",
      unit: "requests",
      window: "minute",
      shape: { kind: "bucket", windowMs: 60_000 },
      declared: 5,
      countsFailed: true,
      verified: false,
    });
  });

  it("is taken for certain, and for one that counts no failed calls, where the fragment does not say", () => {
    const { window: _, ...atOnce } = limit({ unit: "concurrency" });
    expect(specsOf([atOnce])[0]).toStrictEqual({
      id: "p@K|concurrency",
      unit: "concurrency",
      shape: { kind: "concurrency" },
      declared: 5,
      verified: true,
    });
    expect(meterId("x", { unit: "usd", window: "month" })).toBe("x|usd/month");
  });
});

describe("what is counted although no limit is stated", () => {
  const unstated = (ofProvider: readonly Limit[], ofModel: readonly Limit[] = []) =>
    specsOf(ofProvider, ofModel)
      .filter(({ declared }) => declared === undefined)
      .map(({ id, ofAccount }) => (ofAccount === true ? `${id} of the account` : id));
  const MINUTE = "p@K/llama-8b|requests/minute";
  const DAY = "p@K/llama-8b|requests/day";
  const WHOLE = "p@K|requests/minute of the account";

  it("is the model's requests a minute and a day, and the account's a minute", () => {
    expect(unstated([])).toEqual([MINUTE, DAY, WHOLE]);
    expect(specsOf([])[0]).toStrictEqual({
      id: MINUTE,
      unit: "requests",
      window: "minute",
      shape: { kind: "sliding", windowMs: 60_000, slices: 240 },
      verified: false,
    });
    expect(specsOf([])[2]).toMatchObject({ ofAccount: true, verified: false, unit: "requests" });
  });

  it("is not counted twice where some limit on requests in that window is stated", () => {
    const requests = (window: "minute" | "day", scope: Limit["scope"]) =>
      limit({ unit: "requests", window, scope });
    expect(unstated([requests("minute", "model")])).toEqual([DAY, WHOLE]);
    expect(unstated([requests("day", "account")])).toEqual([MINUTE, WHOLE]);
    expect(unstated([requests("minute", "account")])).toEqual([DAY]);
    expect(unstated([], [requests("day", "model")])).toEqual([MINUTE, WHOLE]);
    expect(unstated([limit({ unit: "tokens", window: "minute" })])).toEqual([MINUTE, DAY, WHOLE]);
  });
});
