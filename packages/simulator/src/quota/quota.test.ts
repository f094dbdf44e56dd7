import { readFileSync } from "node:fs";
import type { Catalog } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { backgroundFigures } from "./background.ts";
import { barsOf } from "./bars.ts";
import { perform, type Task } from "./compare.ts";
import { Network } from "./flow.ts";
import { headgate } from "./policies/headgate.ts";
import { type Counts, run } from "./run.ts";
import { SCENARIOS } from "./scenarios.ts";
import { BucketLimit, PeriodLimit, RollingLimit } from "./truth.ts";
import { worldOf } from "./world.ts";

const catalog = JSON.parse(
  readFileSync(new URL("../../../../generated/catalog.json", import.meta.url), "utf8"),
) as Catalog;
const START_MS = Date.UTC(2026, 10, 23);
const task = (of: Pick<Task, "scenario" | "policy">): Task => ({
  ...of,
  seed: 1,
  hours: 2,
  startMs: START_MS,
});

// All computation: a busy machine takes ten times the time.
describe("two simulated hours", { timeout: 180_000 }, () => {
  it("waste few calls, need few attempts and beat a chain with a cooldown", () => {
    const ours = perform(catalog, task({ scenario: "true", policy: "headgate" }));
    const chain = perform(catalog, task({ scenario: "true", policy: "chain" }));
    // The first minutes, when nothing is learned yet, weigh twelve times as much as in a day.
    expect(ours.figures.wastedShare).toBeLessThanOrEqual(0.012);
    expect(ours.figures.attemptsP99).toBeLessThanOrEqual(2);
    expect(ours.figures.ofBound).toBeGreaterThan(0.9);
    expect(ours.figures.ofBound).toBeLessThanOrEqual(1);
    expect(ours.figures.served).toBeGreaterThan(chain.figures.served);
    expect(chain.figures.wastedShare).toBeGreaterThan(0.1);
  });

  it("hold the bars where limits are wrong", () => {
    const { figures } = perform(catalog, task({ scenario: "wrong", policy: "headgate" }));
    // Two hours hold all of the learning and a twelfth of the day.
    expect(figures.wastedShare).toBeLessThanOrEqual(0.015);
    expect(figures.attemptsP99).toBeLessThanOrEqual(2);
  });

  it("serve all requests of several replicas when there is enough, with shared limits", () => {
    const { figures } = perform(catalog, task({ scenario: "calm", policy: "replicas" }));
    expect(figures.ofBound).toBeGreaterThan(0.99);
    expect(figures.roundTrips).toBeGreaterThan(0);
  });

  it.each(["stray", "waits", "overload", "refused"] as const)(
    "with refusals that no limit explains (%s) go on as before after each of them",
    (scenario) => {
      const { figures } = perform(catalog, task({ scenario, policy: "headgate" }));
      expect(figures.heldBack).toBe(0);
      expect(figures.ofBound).toBeGreaterThan(0.98);
      if (scenario === "stray" || scenario === "waits") expect(figures.strays).toBeGreaterThan(20);
    },
  );

  it("are the same every time", () => {
    const calm = task({ scenario: "calm", policy: "headgate" });
    expect(perform(catalog, calm)).toEqual(perform(catalog, calm));
  });
});

describe("two keys of one account", () => {
  const options = { seed: 1, startMs: START_MS, hours: 2 };
  const openrouter = { ...catalog, providers: catalog.providers.filter(({ id }) => id === "openrouter") };
  /** @param stated false: .env does not tell the router that the keys belong together */
  const hoursWith = (stated: boolean): Counts => {
    const oneAccount = new Set(["openrouter"]);
    const world = worldOf(openrouter, { ...options, wrongShare: 0, outages: false, oneAccount });
    const providers = world.table.providers.map(({ accounts, ...provider }) => {
      expect(accounts).toEqual([0, 0]);
      return provider;
    });
    const table = stated ? world.table : { ...world.table, providers };
    const policy = headgate(table, 1);
    return run({
      world: { ...world, table },
      policy,
      demand: { ...options, perHour: 600 },
      weightOf: () => 1,
    });
  };

  it("share its 50 requests a day, and the router does not count the second key's as 50 more", () => {
    const [stated, unstated] = [hoursWith(true), hoursWith(false)];
    expect(stated.calls).toBeLessThanOrEqual(50);
    // The provider's hidden limit a minute refuses one.
    expect(stated.refused).toBeLessThanOrEqual(1);
    expect(unstated.calls).toBeGreaterThan(50);
    expect(unstated.refused).toBeGreaterThan(stated.refused);
    expect(stated.served).toBeGreaterThan(unstated.served);
  });
});

describe("a bar", () => {
  it("is missed by a router that wastes calls", () => {
    const [scenario] = SCENARIOS;
    if (scenario === undefined) throw new Error("no scenario");
    const { figures } = perform(catalog, { ...task({ scenario: "calm", policy: "headgate" }), hours: 1 });
    const poor = { wastedShare: 0.1, attemptsP99: 3, ofBound: 0.5, overshoot: 0.5, strays: 10, heldBack: 1 };
    const bars = barsOf({ scenario, seed: 1, bound: 1, rows: [{ ...figures, ...poor }] });
    expect(bars).toHaveLength(5);
    expect(bars.every(({ met }) => !met)).toBe(true);
  });
});

describe("what is true upstream", () => {
  const limit = { unit: "requests", window: "minute", amount: 2 } as const;

  it("a rolling window frees each unit a minute after it was taken", () => {
    const rolling = new RollingLimit("r", limit, 60_000);
    rolling.take(1, START_MS);
    rolling.take(1, START_MS + 30_000);
    expect(rolling.fits(1, START_MS + 59_999)).toBe(false);
    expect(rolling.fits(1, START_MS + 60_000)).toBe(true);
    expect(rolling.fits(2, START_MS + 60_000)).toBe(false);
    expect(rolling.waitMs(2, START_MS + 60_000)).toBe(30_000);
  });

  it("a period frees all of them at its end", () => {
    const period = new PeriodLimit("p", limit, (nowMs) => (Math.floor(nowMs / 60_000) + 1) * 60_000);
    period.take(2, START_MS + 59_000);
    expect(period.fits(1, START_MS + 59_999)).toBe(false);
    expect(period.fits(2, START_MS + 60_000)).toBe(true);
    expect(period.mostBetween(START_MS, START_MS + 3_600_000, 2)).toBe(120);
  });

  it("a bucket refills without a pause", () => {
    const bucket = new BucketLimit("b", limit, 60_000);
    bucket.take(2, START_MS);
    expect(bucket.fits(1, START_MS + 29_000)).toBe(false);
    expect(bucket.fits(1, START_MS + 30_000)).toBe(true);
    expect(bucket.mostBetween(START_MS, START_MS + 60_000, 2)).toBe(4);
  });
});

describe("the largest flow", () => {
  it("goes round a full edge and stops at the smallest cut", () => {
    const network = new Network();
    const [source, a, b, sink] = [network.node(), network.node(), network.node(), network.node()] as const;
    network.edge(source, a, 3);
    network.edge(source, b, 2);
    network.edge(a, b, 5);
    network.edge(a, sink, 2);
    network.edge(b, sink, 3.5);
    expect(network.maxFlow(source, sink)).toBeCloseTo(5, 9);
  });
});

describe("a crowd of background clients", () => {
  it("costs interactive requests next to nothing, and gets served beside them", () => {
    const { p95, served, ofLeftOver } = backgroundFigures(catalog, {
      seed: 3,
      hours: 0.05,
      startMs: START_MS,
      perHour: 4_000,
      clients: 10,
    });
    expect(p95).toBeLessThanOrEqual(1.05);
    expect(served).toBeGreaterThan(0.97);
    // In the first minutes the demand is not known yet, and the day's quota is kept for the day.
    expect(ofLeftOver).toBeGreaterThan(0.1);
  }, 60_000);
});
