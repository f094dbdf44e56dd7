import type { Failure, FailureClass } from "@headgate/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Candidate } from "./candidate.ts";
import { NEED, type RequestFacts } from "./facts.ts";
import { needFor } from "./limits/reserve.ts";
import { Memory } from "./memory.ts";
import { opensAtMs, plan, planLarger, soonestOpenMs } from "./plan.ts";
import { type IndexedRoute, indexTable, type RouteIndex } from "./route-index.ts";
import { begin, settle } from "./settle.ts";
import { type ModelSketch, tableOf } from "./table.fixture.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const facts = (needs = 0): RequestFacts => ({ model: "a", operation: "chat", needs });
const failure = (
  failureClass: FailureClass,
  scope: Failure["scope"] = "model",
  retryAfterMs?: number,
): Failure => ({
  class: failureClass,
  scope,
  message: "it failed",
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

/** One attempt and how it ended. */
const tell = (candidate: Candidate, why: Failure | undefined, nowMs: number): void => {
  settle(
    begin(candidate, needFor(candidate, facts()), nowMs),
    facts(),
    why === undefined ? {} : { failure: why },
    nowMs,
  );
};

const index = (
  models: readonly ModelSketch[],
  keys?: Record<string, readonly string[]>,
  memory = new Memory(),
): RouteIndex => indexTable(tableOf(models, keys), memory, (variable) => variable);

const route = (table: RouteIndex, name: string): IndexedRoute => {
  const found = table.find(name);
  if (found === undefined) throw new Error(`no route ${name}`);
  return found;
};

const aliases = (candidates: readonly { deployment: { alias: string } }[]): string[] =>
  candidates.map((candidate) => candidate.deployment.alias);

describe("names", () => {
  const table = index([
    { alias: "paid-llama", provider: "p", upstream: "llama", tier: "paid" },
    { alias: "free-llama", provider: "f", upstream: "llama", tier: "free", chain: ["local-x"] },
    { alias: "local-x", provider: "l", upstream: "x", tier: "local" },
  ]);

  it("lets an alias mean itself and then its chain", () => {
    expect(aliases(plan(route(table, "free-llama"), facts(), NOW).candidates)).toEqual([
      "free-llama",
      "local-x",
    ]);
  });

  it("takes <provider>/<upstream id> for another spelling of the alias", () => {
    expect(aliases(plan(route(table, "f/llama"), facts(), NOW).candidates)).toEqual([
      "free-llama",
      "local-x",
    ]);
  });

  it("takes an upstream id for every provider that serves it, in tier order", () => {
    expect(aliases(plan(route(table, "llama"), facts(), NOW).candidates)).toEqual([
      "free-llama",
      "paid-llama",
    ]);
  });

  it("knows no other name", () => {
    expect(table.find("p/x")).toBeUndefined();
    expect(table.find("__proto__")).toBeUndefined();
    expect(table.find("")).toBeUndefined();
  });

  it("lets an alias win over an upstream id of the same name", () => {
    const shadow = index([
      { alias: "m", provider: "a", upstream: "other" },
      { alias: "n", provider: "b", upstream: "m" },
    ]);
    expect(aliases(plan(route(shadow, "m"), facts(), NOW).candidates)).toEqual(["m"]);
  });
});

describe("plan", () => {
  it("leaves out models that lack what the request needs, and says what is missing", () => {
    const table = index([
      { alias: "a", provider: "p", chain: ["b"] },
      { alias: "b", provider: "q", capabilities: ["vision", "tools"] },
    ]);
    const made = plan(route(table, "a"), facts(NEED.vision | NEED.tools), NOW);
    expect(aliases(made.candidates)).toEqual(["b"]);
    expect(made.skipped).toMatchObject([{ reason: "capability", detail: "it lacks vision and tools" }]);
  });

  it("leaves out what no adapter serves", () => {
    const table = index([{ alias: "a", provider: "p", served: false }]);
    expect(plan(route(table, "a"), facts(), NOW).skipped).toMatchObject([{ reason: "not-served" }]);
  });

  it("cools down a rate-limited model until Retry-After and not a moment longer", () => {
    const table = index([{ alias: "a", provider: "p" }]);
    const [candidate] = plan(route(table, "a"), facts(), NOW).candidates;
    if (candidate === undefined) throw new Error("no candidate");
    tell(candidate, failure("rate_limit", "model", 2_000), NOW);
    const during = plan(route(table, "a"), facts(), NOW + 1_999);
    expect(during.candidates).toEqual([]);
    expect(soonestOpenMs(during.skipped)).toBe(NOW + 2_000);
    expect(during.skipped[0]?.detail).toContain("rate_limit");
    expect(plan(route(table, "a"), facts(), NOW + 2_000).candidates).toHaveLength(1);
  });

  it("cools down a dead key alone: its sibling serves", () => {
    const table = index(
      [
        { alias: "a", provider: "p" },
        { alias: "b", provider: "p" },
      ],
      { p: ["K", "K_2"] },
    );
    const [first] = plan(route(table, "a"), facts(), NOW).candidates;
    if (first === undefined) throw new Error("no candidate");
    tell(first, failure("dead_key", "key"), NOW);
    expect(plan(route(table, "a"), facts(), NOW).candidates.map((candidate) => candidate.key)).toEqual([1]);
    expect(plan(route(table, "b"), facts(), NOW).candidates.map((candidate) => candidate.key)).toEqual([1]);
  });

  it("lets keys take turns", () => {
    const table = index([{ alias: "a", provider: "p" }], { p: ["K", "K_2", "K_3"] });
    const firsts = [0, 1, 2, 3].map(() => plan(route(table, "a"), facts(), NOW).candidates[0]?.key);
    expect(firsts).toEqual([0, 1, 2, 0]);
  });

  it("never cools anything down for a client's own error", () => {
    const table = index([{ alias: "a", provider: "p" }]);
    for (const kind of ["bad_request", "content_filter", "context_window"] as const) {
      const [candidate] = plan(route(table, "a"), facts(), NOW).candidates;
      if (candidate === undefined) throw new Error("it cools down");
      tell(candidate, failure(kind, "request"), NOW);
    }
    expect(plan(route(table, "a"), facts(), NOW).candidates).toHaveLength(1);
  });

  it("forgives a first server error, cools down longer with each further one, and forgets the streak on success", () => {
    const table = index([{ alias: "a", provider: "p" }]);
    const [candidate] = plan(route(table, "a"), facts(), NOW).candidates;
    if (candidate === undefined) throw new Error("no candidate");
    let now = NOW;
    const cooldowns: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      tell(candidate, failure("server_error"), now);
      cooldowns.push(Math.max(0, opensAtMs(candidate) - now));
      now = Math.max(now, opensAtMs(candidate));
    }
    expect(cooldowns).toEqual([0, 1_000, 2_000, 4_000]);
    tell(candidate, undefined, now);
    tell(candidate, failure("server_error"), now);
    expect(opensAtMs(candidate)).toBeLessThanOrEqual(now);
  });

  it("counts a burst of failures as one trouble", () => {
    const table = index([{ alias: "a", provider: "p" }]);
    const [candidate] = plan(route(table, "a"), facts(), NOW).candidates;
    if (candidate === undefined) throw new Error("no candidate");
    for (let call = 0; call < 32; call += 1) tell(candidate, failure("server_error"), NOW);
    expect(opensAtMs(candidate) - NOW).toBe(1_000);
  });

  it("cools down a spent daily quota until midnight UTC and a monthly one until the first", () => {
    const table = index([
      { alias: "a", provider: "p" },
      { alias: "b", provider: "q" },
    ]);
    const [a] = plan(route(table, "a"), facts(), NOW).candidates;
    const [b] = plan(route(table, "b"), facts(), NOW).candidates;
    if (a === undefined || b === undefined) throw new Error("no candidate");
    tell(a, failure("daily_quota"), NOW);
    tell(b, failure("monthly_quota", "key"), NOW);
    expect(opensAtMs(a)).toBe(Date.UTC(2026, 10, 22));
    expect(opensAtMs(b)).toBe(Date.UTC(2026, 11, 1));
  });

  it("does not let a success that began earlier reopen a door that closed meanwhile", () => {
    const table = index([{ alias: "a", provider: "p" }]);
    const [candidate] = plan(route(table, "a"), facts(), NOW).candidates;
    if (candidate === undefined) throw new Error("no candidate");
    tell(candidate, failure("rate_limit", "model", 60_000), NOW);
    tell(candidate, undefined, NOW + 10);
    expect(opensAtMs(candidate)).toBe(NOW + 60_000);
  });

  it("keeps cooldowns over a swap of the table, and drops those of a changed key", () => {
    const memory = new Memory();
    const keys = { p: ["K"] };
    const models = [{ alias: "a", provider: "p" }];
    const before = indexTable(tableOf(models, keys), memory, () => "K:1");
    const [candidate] = plan(route(before, "a"), facts(), NOW).candidates;
    if (candidate === undefined) throw new Error("no candidate");
    tell(candidate, failure("dead_key", "key"), NOW);
    const same = indexTable(tableOf([...models, { alias: "b", provider: "q" }], keys), memory, () => "K:1");
    expect(plan(route(same, "a"), facts(), NOW).candidates).toEqual([]);
    const changed = indexTable(tableOf(models, keys), memory, () => "K:2");
    expect(plan(route(changed, "a"), facts(), NOW).candidates).toHaveLength(1);
    memory.keepOnly(changed.identities);
    const back = indexTable(tableOf(models, keys), memory, () => "K:1");
    expect(plan(route(back, "a"), facts(), NOW).candidates).toHaveLength(1);
  });
});

describe("a route that tries one candidate alone", () => {
  const models: ModelSketch[] = [
    { alias: "a", provider: "p", chain: ["b", "c"] },
    { alias: "b", provider: "q" },
    { alias: "c", provider: "r" },
  ];
  const alone = (table: RouteIndex): IndexedRoute => ({ ...route(table, "a"), alone: true });

  it("has no fallback, neither to a model of its chain nor to another key", () => {
    const table = index(models, { p: ["K", "K_2"] });
    expect(plan(route(table, "a"), facts(), NOW).candidates).toHaveLength(4);
    const { candidates } = plan(alone(table), facts(), NOW);
    expect(aliases(candidates)).toEqual(["a"]);
  });

  it("tries the first one that is open", () => {
    const table = index(models);
    const [a] = plan(route(table, "a"), facts(), NOW).candidates;
    if (a === undefined) throw new Error("no candidate");
    tell(a, failure("rate_limit", "model", 2_000), NOW);
    expect(aliases(plan(alone(table), facts(), NOW + 1).candidates)).toEqual(["b"]);
  });

  it("tries the one that answered the conversation before", () => {
    const table = index(models);
    const [a] = plan(route(table, "a"), facts(), NOW).candidates;
    const c = table.deployments[2]?.candidates[0];
    if (a === undefined || c === undefined) throw new Error("no candidate");
    const asked: RequestFacts = { ...facts(), session: "s" };
    const { sessionKey } = plan(alone(table), asked, NOW);
    if (sessionKey === undefined) throw new Error("no session");
    a.memory.sessions.set(sessionKey, c.id, NOW);
    expect(aliases(plan(alone(table), asked, NOW).candidates)).toEqual(["c"]);
  });
});

describe("planLarger", () => {
  it("goes to the context chain first and leaves out windows that are not larger", () => {
    const table = index([
      {
        alias: "a",
        provider: "p",
        contextTokens: 8_000,
        chain: ["small", "unknown"],
        contextChain: ["huge"],
      },
      { alias: "small", provider: "q", contextTokens: 8_000 },
      { alias: "unknown", provider: "r" },
      { alias: "huge", provider: "s", contextTokens: 1_000_000 },
    ]);
    const from = route(table, "a");
    const tried = new Set(plan(from, facts(), NOW).candidates.slice(0, 1));
    const [failed] = tried;
    if (failed === undefined) throw new Error("no candidate");
    const larger = planLarger(from, facts(), failed.deployment, tried, NOW);
    expect(aliases(larger.candidates)).toEqual(["huge", "unknown"]);
    expect(larger.skipped.map((skip) => skip.deployment.alias)).toEqual(["a", "small"]);
  });
});

const anyFailure = fc.record({
  candidate: fc.nat(),
  failure: fc.record({
    class: fc.constantFrom<FailureClass>(
      "rate_limit",
      "daily_quota",
      "monthly_quota",
      "out_of_credit",
      "dead_key",
      "permission",
      "model_gone",
      "overloaded",
      "server_error",
      "timeout",
      "network",
      "malformed",
      "bad_request",
    ),
    scope: fc.constantFrom<Failure["scope"]>("request", "key", "model", "provider"),
    message: fc.constant("x"),
    retryAfterMs: fc.option(fc.integer({ min: 0, max: 10 ** 12 }), { nil: undefined }),
  }),
  afterMs: fc.integer({ min: 0, max: 120_000 }),
  ok: fc.boolean(),
});

describe("any history", () => {
  it("loses no candidate, names each once, and cools nothing down for more than 31 days", () => {
    fc.assert(
      fc.property(fc.array(anyFailure, { maxLength: 60 }), (history) => {
        const table = index(
          [
            { alias: "a", provider: "p", chain: ["b", "c"] },
            { alias: "b", provider: "q" },
            { alias: "c", provider: "p" },
          ],
          { p: ["K", "K_2"], q: ["Q"] },
        );
        const all = table.deployments.flatMap((entry) => entry.candidates);
        let now = NOW;
        for (const { candidate, failure: told, afterMs, ok } of history) {
          now += afterMs;
          const at = all[candidate % all.length];
          if (at === undefined) throw new Error("no candidate");
          const { retryAfterMs, ...rest } = told;
          tell(
            at,
            ok ? undefined : { ...rest, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
            now,
          );
          const made = plan(route(table, "a"), facts(), now);
          expect(made.candidates.length + made.skipped.length).toBe(all.length);
          expect(new Set(made.candidates).size).toBe(made.candidates.length);
          for (const candidate of made.candidates) expect(opensAtMs(candidate)).toBeLessThanOrEqual(now);
          for (const skip of made.skipped) {
            expect(skip.untilMs).toBeGreaterThan(now);
            expect(skip.untilMs).toBeLessThanOrEqual(now + 31 * 24 * 3_600_000);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
