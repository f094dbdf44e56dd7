import {
  type Deployment,
  type Failure,
  type FailureClass,
  type Limit,
  present,
  type Strategy,
} from "@headgate/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Candidate } from "./candidate.ts";
import { NEED, type RequestFacts } from "./facts.ts";
import { needFor } from "./limits/reserve.ts";
import { Memory } from "./memory.ts";
import { admit, cooldownCause, nextCandidate, opensAtMs, plan, planLarger, soonestOpenMs } from "./plan.ts";
import { type IndexedRoute, indexTable, type RouteIndex } from "./route-index.ts";
import { begin, settle } from "./settle.ts";
import { candidatesWith, type ModelSketch, tableOf } from "./table.fixture.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const facts = (needs = 0): RequestFacts => ({ model: "a", operation: "chat", needs });
const failure = (
  failureClass: FailureClass,
  scope: Failure["scope"] = "model",
  retryAfterMs?: number,
): Failure => present({ class: failureClass, scope, message: "it failed", retryAfterMs });

/** One attempt and how it ended. */
const record = (candidate: Candidate, why: Failure | undefined, nowMs: number): void => {
  settle(begin(candidate, needFor(candidate, facts()), nowMs), facts(), present({ failure: why }), nowMs);
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

  it("finds no other name", () => {
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
  it("leaves out models that lack what the request needs, and names what is missing", () => {
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
    record(candidate, failure("rate_limit", "model", 2_000), NOW);
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
    record(first, failure("dead_key", "key"), NOW);
    expect(plan(route(table, "a"), facts(), NOW).candidates.map((candidate) => candidate.key)).toEqual([1]);
    expect(plan(route(table, "b"), facts(), NOW).candidates.map((candidate) => candidate.key)).toEqual([1]);
  });

  it("rotates the keys", () => {
    const table = index([{ alias: "a", provider: "p" }], { p: ["K", "K_2", "K_3"] });
    const firsts = [0, 1, 2, 3].map(() => plan(route(table, "a"), facts(), NOW).candidates[0]?.key);
    expect(firsts).toEqual([0, 1, 2, 0]);
  });

  it("never cools anything down for a client's own error", () => {
    const table = index([{ alias: "a", provider: "p" }]);
    for (const kind of ["bad_request", "content_filter", "context_window"] as const) {
      const [candidate] = plan(route(table, "a"), facts(), NOW).candidates;
      if (candidate === undefined) throw new Error("it cools down");
      record(candidate, failure(kind, "request"), NOW);
    }
    expect(plan(route(table, "a"), facts(), NOW).candidates).toHaveLength(1);
  });

  it("forgives a first server error, cools down longer with each further one, and resets the streak on success", () => {
    const table = index([{ alias: "a", provider: "p" }]);
    const [candidate] = plan(route(table, "a"), facts(), NOW).candidates;
    if (candidate === undefined) throw new Error("no candidate");
    let now = NOW;
    const cooldowns: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      record(candidate, failure("server_error"), now);
      cooldowns.push(Math.max(0, opensAtMs(candidate) - now));
      now = Math.max(now, opensAtMs(candidate));
    }
    expect(cooldowns).toEqual([0, 1_000, 2_000, 4_000]);
    record(candidate, undefined, now);
    record(candidate, failure("server_error"), now);
    expect(opensAtMs(candidate)).toBeLessThanOrEqual(now);
  });

  it.each<[FailureClass, number]>([
    ["overloaded", 12_000],
    ["server_error", 12_000],
    ["network", 12_000],
    ["malformed", 12_000],
    ["timeout", 60_000],
    ["rate_limit", 60_000],
  ])("a cooldown after %s lasts at most %i ms, jitter included", (failureClass, mostMs) => {
    const table = index([{ alias: "a", provider: "p" }]);
    const [candidate] = plan(route(table, "a"), facts(), NOW).candidates;
    if (candidate === undefined) throw new Error("no candidate");
    let now = NOW;
    let longestMs = 0;
    for (let round = 0; round < 12; round += 1) {
      const reservation = begin(candidate, needFor(candidate, facts()), now);
      settle(reservation, facts(), { failure: failure(failureClass) }, now, () => 0.999_999);
      longestMs = Math.max(longestMs, opensAtMs(candidate) - now);
      now = Math.max(now, opensAtMs(candidate));
    }
    expect(longestMs).toBeLessThanOrEqual(mostMs);
    expect(longestMs).toBeGreaterThan(mostMs * 0.99);
  });

  it("counts a burst of failures as one trouble", () => {
    const table = index([{ alias: "a", provider: "p" }]);
    const [candidate] = plan(route(table, "a"), facts(), NOW).candidates;
    if (candidate === undefined) throw new Error("no candidate");
    for (let call = 0; call < 32; call += 1) record(candidate, failure("server_error"), NOW);
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
    record(a, failure("daily_quota"), NOW);
    record(b, failure("monthly_quota", "key"), NOW);
    expect(opensAtMs(a)).toBe(Date.UTC(2026, 10, 22));
    expect(opensAtMs(b)).toBe(Date.UTC(2026, 11, 1));
  });

  it("does not end a cooldown by the success of a call that began before it", () => {
    const table = index([{ alias: "a", provider: "p" }]);
    const [candidate] = plan(route(table, "a"), facts(), NOW).candidates;
    if (candidate === undefined) throw new Error("no candidate");
    record(candidate, failure("rate_limit", "model", 60_000), NOW);
    record(candidate, undefined, NOW + 10);
    expect(opensAtMs(candidate)).toBe(NOW + 60_000);
  });

  it("keeps cooldowns over a swap of the table, and drops those of a changed key", () => {
    const memory = new Memory();
    const keys = { p: ["K"] };
    const models = [{ alias: "a", provider: "p" }];
    const before = indexTable(tableOf(models, keys), memory, () => "K:1");
    const [candidate] = plan(route(before, "a"), facts(), NOW).candidates;
    if (candidate === undefined) throw new Error("no candidate");
    record(candidate, failure("dead_key", "key"), NOW);
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
    record(a, failure("rate_limit", "model", 2_000), NOW);
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

const firstOf = (table: RouteIndex, name = "a"): Candidate => {
  const [candidate] = plan(route(table, name), facts(), NOW).candidates;
  if (candidate === undefined) throw new Error("no candidate");
  return candidate;
};

describe("why a candidate is left out", () => {
  it("is said with its key where the reason is of one", () => {
    const table = index([{ alias: "a", provider: "p" }], { p: ["K", "K_2"] });
    const candidate = firstOf(table);
    record(candidate, failure("dead_key", "key"), NOW);
    const { skipped } = plan(route(table, "a"), facts(), NOW + 1);
    expect(skipped).toStrictEqual([
      {
        deployment: table.deployments[0]?.deployment,
        candidate,
        keyVar: "K",
        reason: "cooling",
        detail: "cooling after dead_key",
        untilMs: NOW + 86_400_000,
      },
    ]);
  });

  it("says that waiting does not help where the request alone is more than the limit", () => {
    const [candidate] = candidatesWith([{ scope: "model", unit: "tokens", window: "day", amount: 50 }]);
    const large = { ...facts(), promptTokens: 51 };
    expect(admit(candidate, large, NOW, true).skip).toMatchObject({ reason: "quota", never: true });
    const [busy] = candidatesWith([{ scope: "model", unit: "concurrency", amount: 1 }]);
    begin(busy, admit(busy, facts(), NOW, true).need, NOW);
    const { skip } = admit(busy, facts(), NOW, true);
    expect(skip?.reason).toBe("quota");
    expect(skip).not.toHaveProperty("never");
  });

  it("names the adapter and the operation that it does not serve", () => {
    const table = index([{ alias: "a", provider: "p", served: false }]);
    const [skip] = plan(route(table, "a"), facts(), NOW).skipped;
    expect(skip?.detail).toMatch(/openai-compatible.*chat/);
    expect(skip).not.toHaveProperty("keyVar");
    expect(skip).not.toHaveProperty("untilMs");
  });

  it("is the failure of the cooldown that ends last", () => {
    const table = index([{ alias: "a", provider: "p" }]);
    const candidate = firstOf(table);
    record(candidate, failure("rate_limit", "model", 9_000), NOW);
    record(candidate, failure("out_of_credit", "key", 5_000), NOW);
    expect(cooldownCause(candidate)?.class).toBe("rate_limit");
    record(candidate, failure("overloaded", "provider", 30_000), NOW);
    expect(cooldownCause(candidate)?.class).toBe("overloaded");
    expect(plan(route(table, "a"), facts(), NOW + 1).skipped[0]?.detail).toContain("overloaded");
    delete candidate.providerCooldown.failure;
    expect(plan(route(table, "a"), facts(), NOW + 1).skipped[0]?.detail).toBe("cooling after a failure");
  });

  it("opens soonest when the first of them does, and at no unknown time", () => {
    const skip = { deployment: {} as Deployment, reason: "cooling", detail: "" } as const;
    expect(soonestOpenMs([])).toBeUndefined();
    expect(soonestOpenMs([skip])).toBeUndefined();
    expect(
      soonestOpenMs([{ ...skip, untilMs: 5 }, skip, { ...skip, untilMs: 3 }, { ...skip, untilMs: 4 }]),
    ).toBe(3);
  });
});

describe("a prompt beside the windows of models", () => {
  const table = index([
    { alias: "a", provider: "p", contextTokens: 1_000, chain: ["b", "unknown"], contextChain: ["huge", "b"] },
    { alias: "b", provider: "q", contextTokens: 3_000 },
    { alias: "unknown", provider: "r" },
    { alias: "huge", provider: "s", contextTokens: 1_000_000 },
  ]);
  const planned = (more: Partial<RequestFacts>) => plan(route(table, "a"), { ...facts(), ...more }, NOW);

  it("leaves out a model that it does not fit, to the last token", () => {
    expect(aliases(planned({ promptChars: 4_000 }).candidates)).toEqual(["a", "b", "unknown"]);
    const { candidates, skipped } = planned({ promptChars: 4_001 });
    expect(aliases(candidates)).toEqual(["huge", "b", "unknown"]);
    expect(skipped).toMatchObject([{ reason: "window", detail: expect.stringMatching(/1001.*1000/) }]);
  });

  it("goes by what was counted, and by the characters that a token has, where that is known", () => {
    expect(aliases(planned({ promptChars: 4_001, promptTokens: 1_000 }).candidates)[0]).toBe("a");
    expect(aliases(planned({ promptChars: 1_001, promptTokens: 1_001 }).candidates)[0]).toBe("huge");
    const stats = table.deployments[0]?.candidates[0]?.stats;
    if (stats === undefined) throw new Error("no candidate");
    stats.charsPerToken = 2;
    expect(aliases(planned({ promptChars: 2_001 }).candidates)[0]).toBe("huge");
    expect(aliases(planned({ promptChars: 2_000 }).candidates)[0]).toBe("a");
    stats.charsPerToken = 4;
  });

  it("asks larger models after the first, where that one fits, and before all where it does not", () => {
    expect(aliases(planned({ promptChars: 20_000 }).candidates)).toEqual(["huge", "unknown"]);
    const wide = index([
      { alias: "a", provider: "p", chain: ["b"], contextChain: ["huge", "a"] },
      { alias: "b", provider: "q", contextTokens: 3_000 },
      { alias: "huge", provider: "s", contextTokens: 1_000_000 },
    ]);
    const { candidates } = plan(route(wide, "a"), { ...facts(), promptChars: 20_000 }, NOW);
    expect(aliases(candidates)).toEqual(["a", "huge"]);
  });

  it("that is not measured fits everywhere", () => {
    expect(aliases(planned({}).candidates)).toEqual(["a", "b", "unknown"]);
    expect(aliases(planned({ promptTokens: 9_999 }).candidates)).toEqual(["a", "b", "unknown"]);
  });
});

describe("a strategy", () => {
  const table = index([
    { alias: "a", provider: "p", tier: "paid", chain: ["b", "c"] },
    { alias: "b", provider: "q", tier: "local" },
    { alias: "c", provider: "r", tier: "free" },
  ]);
  const ordered = (strategy: Strategy | undefined, of: Partial<IndexedRoute> = {}, random?: () => number) =>
    aliases(
      plan(
        { ...route(table, "a"), ...of },
        strategy === undefined ? facts() : { ...facts(), strategy },
        NOW,
        random,
      ).candidates,
    );

  it("orders candidates by their scores, and priority and none leave them as they stand", () => {
    expect(ordered("cheapest")).toEqual(["c", "b", "a"]);
    expect(ordered("priority")).toEqual(["a", "b", "c"]);
    expect(ordered(undefined)).toEqual(["a", "b", "c"]);
  });

  it("is the request's before the route's", () => {
    expect(ordered(undefined, { strategy: "cheapest" })).toEqual(["c", "b", "a"]);
    expect(ordered("priority", { strategy: "cheapest" })).toEqual(["a", "b", "c"]);
  });

  it("of shares orders by weight without dice, one where none is stated", () => {
    expect(ordered("weighted", { weights: [1, 5, 3] })).toEqual(["b", "c", "a"]);
    expect(ordered("weighted", { weights: [0.5] })).toEqual(["b", "c", "a"]);
    expect(ordered("weighted")).toEqual(["a", "b", "c"]);
  });

  it("of shares puts each first as often as its weight says", () => {
    let state = 7;
    const random = (): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
    const firsts = { a: 0, b: 0, c: 0 };
    for (let round = 0; round < 3_000; round += 1) {
      const [first] = ordered("weighted", { weights: [1, 3, 6] }, random);
      firsts[first as "a" | "b" | "c"] += 1;
    }
    expect(firsts.a / 3_000).toBeCloseTo(0.1, 1);
    expect(firsts.b / 3_000).toBeCloseTo(0.3, 1);
    expect(firsts.c / 3_000).toBeCloseTo(0.6, 1);
  });
});

describe("a conversation", () => {
  const models: ModelSketch[] = [
    { alias: "a", provider: "p", chain: ["b"] },
    { alias: "b", provider: "q" },
  ];

  it("stays with whichever candidate answered it, while that one is open", () => {
    const table = index(models);
    const asked = { ...facts(), session: "s" };
    const { sessionKey, keep } = plan(route(table, "a"), asked, NOW);
    expect(sessionKey).toBe("a\ns");
    expect(keep).toBeUndefined();
    const b = table.deployments[1]?.candidates[0];
    if (b === undefined || sessionKey === undefined) throw new Error("no candidate");
    b.memory.sessions.set(sessionKey, b.id, NOW);
    const again = plan(route(table, "a"), asked, NOW);
    expect(aliases(again.candidates)).toEqual(["b", "a"]);
    expect(again.keep).toBe(b);
    // Another conversation, and the same one of another route, know nothing of it.
    expect(plan(route(table, "a"), { ...facts(), session: "t" }, NOW).keep).toBeUndefined();
    expect(plan(route(table, "b"), asked, NOW).keep).toBeUndefined();
    record(b, failure("rate_limit", "model", 1_000), NOW);
    const without = plan(route(table, "a"), asked, NOW + 1);
    expect(aliases(without.candidates)).toEqual(["a"]);
    expect(without.keep).toBeUndefined();
  });

  it("is told by how it begins only where several candidates may have it in their cache", () => {
    const asked = (conversation: () => string | undefined): RequestFacts => ({ ...facts(), conversation });
    const several = index(models, { p: ["K", "K_2"] });
    const one = index(models);
    const begins = () => "hello";
    expect(plan(route(several, "a"), asked(begins), NOW).sessionKey).toBe("a\n#hello");
    expect(plan(route(one, "a"), asked(begins), NOW)).not.toHaveProperty("sessionKey");
    expect(
      plan(
        route(several, "a"),
        asked(() => undefined),
        NOW,
      ),
    ).not.toHaveProperty("sessionKey");
    expect(plan({ ...route(one, "a"), strategy: "fastest" }, asked(begins), NOW).sessionKey).toBe(
      "a\n#hello",
    );
    expect(plan(route(one, "a"), facts(), NOW)).not.toHaveProperty("sessionKey");
    expect(plan(route(one, "a"), facts(), NOW)).not.toHaveProperty("keep");
  });
});

describe("the next candidate off the queue", () => {
  const limit: Limit = { scope: "account", unit: "requests", window: "minute", amount: 100 };
  function queued(keys: readonly string[] = ["K", "K_2", "K_3"]): Candidate[] {
    const base = tableOf(
      [
        { alias: "a", provider: "p", chain: ["b"] },
        { alias: "b", provider: "p" },
      ],
      { p: keys },
    );
    const limited = { ...base, providers: base.providers.map((one) => ({ ...one, limits: [limit] })) };
    const table = indexTable(limited, new Memory(), (variable) => variable);
    return [...plan(route(table, "a"), facts(), NOW).candidates];
  }
  const use = (candidate: Candidate | undefined, amount: number): void =>
    candidate
      ?.meters()
      .find(({ spec }) => spec.declared === 100)
      ?.take(amount, NOW);

  it("is of a model's several keys the one with the most room", () => {
    const queue = queued();
    const [first, second, third, ...others] = queue;
    use(first, 50);
    use(second, 20);
    use(third, 90);
    expect(nextCandidate(queue, NOW)).toBe(second);
    expect(queue).toEqual([first, third, ...others]);
    expect(nextCandidate(queue, NOW)).toBe(first);
  });

  it("is the first where their room differs by less than a twentieth", () => {
    const queue = queued();
    const [first, second] = queue;
    use(first, 2);
    expect(nextCandidate(queue, NOW)).toBe(first);
    const uneven = queued();
    use(uneven[0], 10);
    expect(nextCandidate(uneven, NOW)?.key).toBe(1);
    expect(second?.key).toBe(1);
  });

  it("is the one that a conversation stays with, whatever its room", () => {
    const queue = queued();
    const [first] = queue;
    use(first, 99);
    expect(nextCandidate(queue, NOW, first)).toBe(first);
  });

  it("is never of another model than the first, and the first where there is one key", () => {
    const queue = queued();
    const ofA = queue.filter(({ deployment }) => deployment.alias === "a");
    for (const candidate of ofA) use(candidate, 90);
    expect(nextCandidate(queue, NOW)?.deployment.alias).toBe("a");
    const single = queued(["K"]);
    const [first] = single;
    use(first, 99);
    expect(nextCandidate(single, NOW)).toBe(first);
    expect(nextCandidate([], NOW)).toBeUndefined();
  });
});

describe("a candidate whose room only a new minute explains", () => {
  const limit: Limit = { scope: "model", unit: "requests", window: "minute", amount: 4 };
  const MINUTE_MS = 60_000;
  /** The minute after the one at whose end all of `early` were used up. */
  const AT = NOW + MINUTE_MS + 1_000;
  function queued(
    models: readonly ModelSketch[],
    early: readonly string[],
  ): { queue: Candidate[]; of: (alias: string) => Candidate } {
    const base = tableOf(models);
    const limited = { ...base, providers: base.providers.map((one) => ({ ...one, limits: [limit] })) };
    const table = indexTable(limited, new Memory(), (variable) => variable);
    const queue = [...plan(route(table, "a"), facts(), NOW).candidates];
    const all = new Map(queue.map((candidate) => [candidate.deployment.alias, candidate]));
    for (const candidate of queue)
      for (const meter of candidate.meters()) {
        if (meter.spec.declared === undefined) continue;
        meter.period?.prove();
        if (early.includes(candidate.deployment.alias)) meter.take(4, NOW + 50_000);
      }
    return {
      queue,
      of: (alias) => {
        const found = all.get(alias);
        if (found === undefined) throw new Error(`no ${alias}`);
        return found;
      },
    };
  }
  const three: readonly ModelSketch[] = [
    { alias: "a", provider: "p", chain: ["b", "c"] },
    { alias: "b", provider: "q" },
    { alias: "c", provider: "r" },
  ];

  it("comes after one of its tier that has room in any case, and is the next then", () => {
    const { queue, of } = queued(three, ["a"]);
    expect(of("a").isEarly(AT)).toBe(true);
    expect(nextCandidate(queue, AT)).toBe(of("b"));
    expect(nextCandidate(queue.slice(0, 1), AT)).toBe(of("a"));
  });

  it("comes first where the others are early too, or cool down", () => {
    const all = queued(three, ["a", "b", "c"]);
    expect(nextCandidate(all.queue, AT)).toBe(all.of("a"));
    const { queue, of } = queued(three, ["a", "b"]);
    expect(nextCandidate([...queue], AT)).toBe(of("c"));
    record(of("c"), failure("rate_limit", "model", 9_000), AT);
    expect(nextCandidate([...queue], AT + 8_999)).toBe(of("a"));
    expect(nextCandidate([...queue], AT + 9_000)).toBe(of("c"));
  });

  it("never comes after one of another tier, which may cost more", () => {
    const tiers = three.map((one, at) => ({
      ...one,
      tier: (["free", "paid", "free"] as const)[at] ?? "free",
    }));
    const { queue, of } = queued(tiers, ["a"]);
    expect(nextCandidate(queue, AT)).toBe(of("a"));
  });

  it("stays first for the conversation that it answered, and where it has room in any case", () => {
    const { queue, of } = queued(three, ["a"]);
    expect(nextCandidate([...queue], AT, of("a"))).toBe(of("a"));
    // Its window is over.
    expect(nextCandidate([...queue], AT + MINUTE_MS)).toBe(of("a"));
    const unlimited = candidatesWith([]);
    expect(unlimited[0].isEarly(AT)).toBe(false);
    expect(nextCandidate([...unlimited], AT)).toBe(unlimited[0]);
  });
});

describe("whether a candidate may be tried when its turn has come", () => {
  function limited(limits: readonly Limit[]): Candidate {
    const [candidate] = candidatesWith(limits);
    return candidate;
  }
  const asked: RequestFacts = { ...facts(), promptTokens: 100, maxOutputTokens: 0 };

  it("says what it needs, and nothing else where it may", () => {
    expect(admit(limited([]), asked, NOW, false)).toStrictEqual({
      need: { tokens: 0, inputs: 1, images: 1, usd: 0 },
    });
  });

  it("is asked again: a cooldown may have begun since it was planned", () => {
    const candidate = limited([]);
    record(candidate, failure("rate_limit", "model", 2_000), NOW);
    expect(admit(candidate, asked, NOW + 1_999, true).skip).toMatchObject({
      reason: "cooling",
      untilMs: NOW + 2_000,
    });
    expect(admit(candidate, asked, NOW + 2_000, true).skip).toBeUndefined();
  });

  it.each<[string, Limit, RequestFacts, number, string, number | undefined]>([
    [
      "used up until its window is over",
      { scope: "model", unit: "requests", window: "minute", amount: 1, reset: "bucket" },
      asked,
      1,
      "its 1 requests a minute are used",
      NOW + 60_000,
    ],
    [
      "all at work",
      { scope: "model", unit: "concurrency", amount: 1 },
      asked,
      1,
      "its 1 requests at once are used",
      undefined,
    ],
    [
      "too small for the request alone",
      { scope: "model", unit: "tokens", window: "day", amount: 50 },
      asked,
      0,
      "the request alone is more than its 50 tokens a day",
      undefined,
    ],
  ])("is not where its limit is %s", (_, limit, request, calls, detail, untilMs) => {
    const candidate = limited([limit]);
    for (let count = 0; count < calls; count += 1) begin(candidate, needFor(candidate, request), NOW);
    const { skip } = admit(candidate, request, NOW, true);
    expect(skip).toMatchObject({ reason: "quota", detail });
    expect(skip?.untilMs).toBe(untilMs);
  });

  it("waits for a probe of a troubled server, unless it is the last", () => {
    const candidate = limited([]);
    record(candidate, failure("server_error"), NOW);
    record(candidate, failure("server_error"), NOW);
    const laterMs = candidate.opensAtMs;
    begin(candidate, needFor(candidate, asked), laterMs);
    expect(admit(candidate, asked, laterMs, false).skip).toMatchObject({ reason: "probing" });
    expect(admit(candidate, asked, laterMs, false).skip).not.toHaveProperty("untilMs");
    expect(admit(candidate, asked, laterMs, true).skip).toBeUndefined();
    expect(admit(candidate, asked, laterMs + 60_000, false).skip).toBeUndefined();
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
    expect(larger.skipped[0]).toMatchObject({ reason: "window", detail: expect.stringContaining("8000") });
  });

  it("takes any window for larger than one that is unknown, and does not try a candidate twice", () => {
    const table = index([
      { alias: "a", provider: "p", chain: ["b"], contextChain: ["b"] },
      { alias: "b", provider: "q", contextTokens: 1 },
    ]);
    const from = route(table, "a");
    const [a] = plan(from, facts(), NOW).candidates;
    if (a === undefined) throw new Error("no candidate");
    const larger = planLarger(from, facts(), a.deployment, new Set([a]), NOW);
    expect(aliases(larger.candidates)).toEqual(["b"]);
    expect(larger.skipped).toEqual([]);
  });

  const models: readonly ModelSketch[] = [
    { alias: "a", provider: "p", contextTokens: 8_000, chain: ["small"] },
    { alias: "small", provider: "q", contextTokens: 4_000 },
    { alias: "blind", provider: "r", contextTokens: 64_000 },
    { alias: "paid", provider: "r", tier: "paid", contextTokens: 32_000, capabilities: ["vision"] },
    { alias: "huge", provider: "s", contextTokens: 1_000_000, capabilities: ["vision"] },
    { alias: "large", provider: "s", contextTokens: 128_000, capabilities: ["vision"] },
    { alias: "unknown", provider: "s", capabilities: ["vision"] },
  ];

  it("goes on to any larger window that can serve the request, free and small ones first", () => {
    const from = route(index(models), "a");
    const [failed] = plan(from, facts(), NOW).candidates;
    if (failed === undefined) throw new Error("no candidate");
    const larger = (needs: number) => planLarger(from, facts(needs), failed.deployment, new Set(), NOW);
    expect(aliases(larger(0).candidates)).toEqual(["blind", "large", "huge", "paid"]);
    expect(aliases(larger(NEED.vision).candidates)).toEqual(["large", "huge", "paid"]);
  });

  it("a prompt that fits no window of the chain is planned for any larger one that it fits", () => {
    const from = route(index(models), "a");
    const large = { ...facts(), promptChars: 400_000, promptTokens: 100_000 };
    expect(aliases(plan(from, large, NOW).candidates)).toEqual(["large", "huge"]);
    const small = { ...facts(), promptChars: 20_000, promptTokens: 5_000 };
    expect(aliases(plan(from, small, NOW).candidates)).toEqual(["a"]);
  });

  it("stays in the chain where the route must not leave it", () => {
    const { windows: _, ...from } = route(index(models), "a");
    const large = { ...facts(), promptChars: 400_000, promptTokens: 100_000 };
    expect(plan(from, large, NOW).candidates).toEqual([]);
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
        for (const { candidate, failure: event, afterMs, ok } of history) {
          now += afterMs;
          const at = all[candidate % all.length];
          if (at === undefined) throw new Error("no candidate");
          record(at, ok ? undefined : present(event), now);
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
