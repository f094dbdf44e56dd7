import type { Limit, RoutedProvider, RoutingTable } from "@headgate/contract";
import { type Lab, startLab, status } from "@headgate/upstream-lab";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { surveyModels } from "./refresh-models.ts";

describe("surveyModels", () => {
  let lab: Lab;
  let now = 0;
  const waits: number[] = [];

  beforeEach(async () => {
    lab = await startLab({ models: ["m1", "m2", "m3", "m4", "m5"] });
    now = 0;
    waits.length = 0;
  });
  afterEach(() => lab.close());

  const provider = (id: string, more: Partial<RoutedProvider> = {}): RoutedProvider => ({
    id,
    name: id,
    adapter: "openai-compatible",
    tier: "free",
    baseUrl: lab.baseUrl,
    keyVars: [],
    headers: {},
    dialect: { drop: [], rename: {}, stripToolSchema: [] },
    timeouts: {},
    errors: [],
    limits: [],
    ...more,
  });
  const survey = (...providers: RoutedProvider[]) => {
    const table: RoutingTable = {
      format: 1,
      fingerprint: "",
      providers,
      deployments: [],
      routes: [],
      inactive: [],
    };
    return surveyModels({
      table,
      secrets: { ONE: "test-key", BROKEN: "two words" },
      version: "0.0.0",
      timeoutMs: 5_000,
      nowMs: () => now,
      async wait(ms) {
        waits.push(ms);
        now += ms;
      },
      only: new Set(providers.map(({ id }) => id)),
      choose: (_, models) => models.map(({ id }) => ({ upstream: id, operation: "chat" })),
    });
  };
  const limit = (more: Partial<Limit>): Limit =>
    ({ scope: "account", unit: "requests", window: "minute", amount: 2, ...more }) as Limit;

  it("tries no more models a minute than the provider allows its account", async () => {
    const { surveys } = await survey(provider("acme", { limits: [limit({}), limit({ amount: 90 })] }));
    expect(surveys[0]?.probes.map(({ result }) => result)).toEqual(Array(5).fill("answered"));
    expect(waits).toEqual([60_000, 60_000, 60_000].slice(0, waits.length));
    expect(now).toBeGreaterThanOrEqual(120_000);
  });

  it.each<[string, Partial<Limit>]>([
    ["each model's own", { scope: "model" }],
    ["a day's", { window: "day", amount: 10 }],
    ["tokens'", { unit: "tokens" }],
  ])("is not slowed down by %s limit", async (_, more) => {
    await survey(provider("acme", { limits: [limit(more)] }));
    expect(waits).toEqual([]);
  });

  it("leaves half of an account's daily requests to its users", async () => {
    const { surveys } = await survey(provider("acme", { limits: [limit({ window: "day", amount: 7 })] }));
    expect(surveys[0]?.probes.map(({ candidate }) => candidate.upstream)).toEqual(["m1", "m2", "m3"]);
    expect(surveys[0]?.stopped?.message).toBe("half of the 7 requests a day that the account has");
  });

  it("continues after one model's 429 where each model has its own limit, and stops otherwise", async () => {
    lab.behave("m1", status(429, { message: "slow down" }));
    const tried = async (limits: readonly Limit[]) =>
      (await survey(provider("acme", { tier: "local", limits }))).surveys[0];
    expect((await tried([limit({ scope: "model" })]))?.probes).toHaveLength(5);
    for (const limits of [[], [limit({})]]) {
      const { probes, stopped } = (await tried(limits)) ?? {};
      expect(probes).toMatchObject([{ candidate: { upstream: "m1" } }]);
      expect(stopped).toMatchObject({ class: "rate_limit", message: "slow down" });
    }
  });

  it("stops at a network that fails three times in a row", async () => {
    const cut = { name: "cut", plan: () => [{ kind: "reset" as const }] };
    for (const id of ["m1", "m2", "m3"]) lab.behave(id, cut);
    const { surveys } = await survey(provider("acme", { tier: "local" }));
    expect(surveys[0]?.probes).toHaveLength(3);
    expect(surveys[0]?.stopped).toMatchObject({ class: "network" });
  });

  it("reports a key that cannot be sent, and uses the next", async () => {
    const auth = { scheme: "bearer" } as const;
    const { surveys } = await survey(
      provider("bad", { auth, keyVars: ["BROKEN"] }),
      provider("good", { auth, keyVars: ["BROKEN", "ONE"] }),
    );
    expect(surveys[0]?.listing).toMatchObject({
      class: "permission",
      message: expect.stringContaining("BROKEN"),
    });
    expect(surveys[1]?.probes).toHaveLength(5);
    expect(lab.requests[0]?.headers.authorization).toBe("Bearer test-key");
  });
});
