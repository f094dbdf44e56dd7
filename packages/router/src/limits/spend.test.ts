/** The operator's ceiling over everything that costs. */
import type { RoutingTable } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import type { RequestFacts } from "../facts.ts";
import { Memory } from "../memory.ts";
import { admit, plan } from "../plan.ts";
import { indexTable } from "../route-index.ts";
import { begin, settle } from "../settle.ts";
import { tableOf } from "../table.fixture.ts";
import { spendSpec } from "./meter-specs.ts";

const NOON_MS = Date.UTC(2026, 10, 21, 12);
const PRICE = { input: 1, output: 10 };

function rig(usd: number, price: typeof PRICE | null = PRICE) {
  const memory = new Memory();
  memory.spendLimit = spendSpec({ usd, window: "day" });
  const table = tableOf([
    { alias: "a", provider: "p", tier: "paid", chain: ["free"] },
    { alias: "b", provider: "q", tier: "paid" },
    { alias: "free", provider: "r" },
  ]);
  const priced: RoutingTable = {
    ...table,
    deployments: table.deployments.map((deployment) =>
      deployment.tier === "paid" && price !== null ? { ...deployment, price } : deployment,
    ),
  };
  const index = indexTable(priced, memory, (variable) => variable);
  const candidateOf = (alias: string) => {
    const [found] = index.deployments.find(({ deployment }) => deployment.alias === alias)?.candidates ?? [];
    if (found === undefined) throw new Error(`no ${alias}`);
    return found;
  };
  return { index, candidateOf };
}

const facts = (maxOutputTokens?: number): RequestFacts => ({
  model: "a",
  operation: "chat",
  needs: 0,
  promptTokens: 100,
  ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
});

describe("a spend limit", () => {
  it("holds over all paid models with 10,000 requests at once, and what they leave is given back", () => {
    const { candidateOf } = rig(1);
    const candidates = [candidateOf("a"), candidateOf("b")];
    const open = [];
    let refused = 0;
    for (let number = 0; number < 10_000; number += 1) {
      const candidate = candidates[number % 2] ?? candidateOf("a");
      const { need, skip } = admit(candidate, facts(1_000), NOON_MS, true);
      if (skip === undefined) open.push(begin(candidate, need, NOON_MS));
      else refused += 1;
    }
    // Each reserves 150 tokens in and 1,000 out: $0.01015.
    expect([open.length, refused]).toEqual([98, 9_902]);
    for (const reservation of open)
      settle(reservation, facts(1_000), { usage: { inputTokens: 100, outputTokens: 90 } }, NOON_MS);
    const after = admit(candidateOf("b"), facts(1_000), NOON_MS, true);
    expect(after.skip).toBeUndefined();
    expect(
      candidateOf("a")
        .meters()
        .find(({ spec }) => spec.id === "spend|usd/day")
        ?.used(NOON_MS),
    ).toBeCloseTo(0.098, 9);
  });

  it("reserves a long answer where neither the request nor the model states one", () => {
    expect(admit(rig(1).candidateOf("a"), facts(), NOON_MS, true).need.usd).toBeCloseTo(0.08207, 6);
  });

  it("begins anew at 00:00 UTC", () => {
    const { candidateOf } = rig(0.02);
    const candidate = candidateOf("a");
    const { need } = admit(candidate, facts(1_900), NOON_MS, true);
    settle(
      begin(candidate, need, NOON_MS),
      facts(1_900),
      { usage: { inputTokens: 100, outputTokens: 1_900 } },
      NOON_MS,
    );
    const { skip } = admit(candidate, facts(1_900), NOON_MS, true);
    expect(skip).toMatchObject({
      reason: "quota",
      untilMs: Date.UTC(2026, 10, 22),
      detail: "its 0.02 usd a day are used",
    });
    expect(admit(candidate, facts(1_900), Date.UTC(2026, 10, 22), true).skip).toBeUndefined();
  });

  it("leaves free models alone, and paid ones without a price out, by name", () => {
    const { index, candidateOf } = rig(0.000_001, null);
    const route = index.find("a");
    if (route === undefined) throw new Error("no route");
    const { candidates, skipped } = plan(route, facts(), NOON_MS);
    expect(candidates.map(({ deployment }) => deployment.alias)).toEqual(["free"]);
    expect(skipped).toMatchObject([
      {
        deployment: { alias: "a" },
        reason: "price",
        detail: expect.stringContaining("HEADGATE_SPEND_LIMIT"),
      },
    ]);
    expect(admit(candidateOf("free"), facts(), NOON_MS, true).skip).toBeUndefined();
  });
});
