import type { Failure, FailureClass, Limit, LimitReading } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import type { Candidate } from "./candidate.ts";
import type { RequestFacts } from "./facts.ts";
import { needFor, type Reservation } from "./limits/reserve.ts";
import { Memory } from "./memory.ts";
import { begin, type Result, settle } from "./settle.ts";
import { candidatesWith } from "./table.fixture.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const FACTS: RequestFacts = { model: "a", operation: "chat", needs: 0, promptChars: 1_000 };
const failure = (failureClass: FailureClass, scope: Failure["scope"] = "model"): Failure => ({
  class: failureClass,
  scope,
  message: "it failed",
});
const start = (candidate: Candidate): Reservation => begin(candidate, needFor(candidate, FACTS), NOW);
const call = (candidate: Candidate, result: Result, facts = FACTS, random?: () => number) =>
  settle(start(candidate), facts, result, NOW, random);

describe("what a failure starts a cooldown of", () => {
  it.each([
    ["model", [0, 15_000, 0]],
    ["key", [15_000, 0, 0]],
    ["provider", [0, 0, 15_000]],
    ["request", [0, 0, 0]],
  ] as const)("the %s that it is of: key, model, provider %j", (scope, expected) => {
    const [candidate] = candidatesWith([]);
    call(candidate, { failure: failure("rate_limit", scope) });
    expect(candidate.cooldowns.map(({ untilMs }) => Math.max(0, untilMs - NOW))).toEqual(expected);
  });

  it("is written to the store, and nothing is where no cooldown began", () => {
    const memory = new Memory();
    const [candidate] = candidatesWith([], memory);
    call(candidate, { failure: failure("bad_request", "request") });
    call(candidate, { failure: failure("server_error") });
    expect(memory.hasChangedCooldowns).toBe(false);
    call(candidate, { failure: failure("rate_limit") });
    expect(memory.changedCooldowns().map(({ id }) => id)).toEqual(["p@/a"]);
  });

  it("spreads the return to a troubled server by the dice that are passed in", () => {
    const [candidate] = candidatesWith([]);
    candidate.modelCooldown.streak = 1;
    call(candidate, { failure: failure("server_error") }, FACTS, () => 0.5);
    expect(candidate.modelCooldown.untilMs).toBe(NOW + 1_100);
  });

  it("ends when the refused limit opens, where that is known", () => {
    const limit: Limit = { scope: "model", unit: "requests", window: "minute", amount: 1, reset: "bucket" };
    const [candidate] = candidatesWith([limit]);
    call(candidate, {});
    call(candidate, { failure: failure("rate_limit") });
    expect(candidate.modelCooldown.untilMs).toBe(NOW + 60_000);
  });
});

describe("what an end teaches of the model", () => {
  it.each<[string, Result, number, number]>([
    ["a success", {}, 2, 1],
    ["a failure of the model", { failure: failure("server_error") }, 1, 2],
    ["a failure of the key", { failure: failure("dead_key", "key") }, 1, 2],
    ["a client's own error", { failure: failure("bad_request", "request") }, 1, 1],
    ["an attempt that was cancelled", { cancelled: true }, 1, 1],
    ["a failure after it was cancelled", { cancelled: true, failure: failure("server_error") }, 1, 1],
    ["one that was never sent", { unused: true }, 1, 1],
  ])("%s", (_, result, successes, failures) => {
    const memory = new Memory();
    const [candidate] = candidatesWith([], memory);
    call(candidate, result);
    expect(candidate.stats).toMatchObject({ successes, failures });
    const written = memory.changedMeters(NOW).filter(({ id }) => id.includes("p/a"));
    expect(written).toHaveLength(successes + failures > 2 ? 1 : 0);
  });

  it("is shared by all keys of the model, not by other models", () => {
    const [a, b] = candidatesWith([]);
    call(a, {});
    expect([a.statsId, b.statsId]).toEqual(["p/a", "p/b"]);
    expect(b.stats.successes).toBe(1);
  });

  it("is how long its answers and its tokens are", () => {
    const [candidate] = candidatesWith([]);
    const usage = { inputTokens: 500, outputTokens: 40 };
    call(candidate, { usage, firstTokenMs: 100, durationMs: 500 });
    expect(candidate.stats).toMatchObject({ outputTokens: 40, firstTokenMs: 100, tokensPerS: 100 });
    expect(candidate.stats.charsPerToken).toBeCloseTo(3.8, 9);
  });

  it.each<[string, Partial<RequestFacts>, number]>([
    ["pictures in the prompt", { media: 1 }, 500],
    ["a prompt that is not measured", { promptChars: 0 }, 500],
    ["a prompt too short to teach anything", {}, 49],
  ])("is nothing of its tokens' length with %s", (_, more, inputTokens) => {
    const [candidate] = candidatesWith([]);
    const { promptChars: chars, ...rest } = { ...FACTS, ...more };
    const facts = chars === 0 ? rest : { ...rest, promptChars: 1_000 };
    call(candidate, { usage: { inputTokens, outputTokens: 40 } }, facts);
    expect(candidate.stats.charsPerToken).toBe(4);
  });

  it("is learned from fifty tokens of a prompt on", () => {
    const [candidate] = candidatesWith([]);
    call(candidate, { usage: { inputTokens: 50, outputTokens: 1 } });
    expect(candidate.stats.charsPerToken).toBeCloseTo(4.4, 9);
  });
});

describe("a probe of a troubled server", () => {
  const troubled = (): Candidate => {
    const [candidate] = candidatesWith([]);
    for (const cooldown of candidate.cooldowns)
      Object.assign(cooldown, { streak: 2, untilMs: NOW, failure: failure("server_error") });
    return candidate;
  };
  const probes = (candidate: Candidate): number[] => candidate.cooldowns.map(({ probeAtMs }) => probeAtMs);

  it("begins with the attempt, at each door that is half open", () => {
    const candidate = troubled();
    candidate.keyCooldown.streak = 1;
    start(candidate);
    expect(probes(candidate)).toEqual([0, NOW, NOW]);
  });

  it.each<[string, Result]>([
    ["answered", {}],
    ["cancelled", { cancelled: true }],
    ["never sent", { unused: true }],
    ["refused for the key's sake", { failure: failure("dead_key", "key") }],
    ["refused for the request's sake", { failure: failure("bad_request", "request") }],
    ["failed again", { failure: failure("server_error") }],
  ])("ends with the attempt: %s", (_, result) => {
    const candidate = troubled();
    call(candidate, result);
    expect(probes(candidate)).toEqual([0, 0, 0]);
  });

  it("that was cancelled leaves the streak as it was, and a success ends it", () => {
    const candidate = troubled();
    call(candidate, { cancelled: true });
    expect(candidate.modelCooldown.streak).toBe(2);
    call(candidate, {});
    expect(candidate.cooldowns.map(({ streak }) => streak)).toEqual([0, 0, 0]);
  });
});

describe("an upstream's own figures", () => {
  const readings: readonly LimitReading[] = [
    { unit: "requests", window: "minute", limit: 20, remaining: 5, from: "header" },
  ];

  it("correct a meter, whatever became of the attempt, and it is told which", () => {
    for (const result of [{}, { cancelled: true }, { failure: failure("server_error") }] as Result[]) {
      const [candidate] = candidatesWith([]);
      const corrected = call(candidate, { ...result, readings });
      expect(corrected.map(({ spec, amount }) => [spec.id, amount])).toEqual([["p@/a|requests/minute", 20]]);
    }
    const [candidate] = candidatesWith([]);
    expect(call(candidate, {})).toEqual([]);
  });

  it("are taken over once: a second end of the same attempt changes nothing", () => {
    const [candidate] = candidatesWith([]);
    const reservation = start(candidate);
    settle(reservation, FACTS, {}, NOW);
    expect(settle(reservation, FACTS, { readings, failure: failure("rate_limit") }, NOW)).toEqual([]);
    expect(candidate.stats).toMatchObject({ successes: 2, failures: 1 });
    expect(candidate.opensAtMs).toBe(0);
  });

  it("are as old as the rest of the answer took", () => {
    const limit: Limit = { scope: "model", unit: "requests", window: "minute", amount: 60, reset: "bucket" };
    const used = (result: Result): number => {
      const [candidate] = candidatesWith([limit]);
      const reading: LimitReading = { unit: "requests", limit: 60, remaining: 30, from: "header" };
      settle(start(candidate), FACTS, { ...result, readings: [reading] }, NOW);
      return (
        candidate
          .meters()
          .find(({ spec }) => spec.declared === 60)
          ?.used(NOW) ?? Number.NaN
      );
    };
    expect(used({})).toBe(30);
    expect(used({ firstTokenMs: 1_000, durationMs: 6_000 })).toBe(25);
    expect(used({ firstTokenMs: 6_000, durationMs: 1_000 })).toBe(30);
    expect(used({ durationMs: 6_000 })).toBe(30);
  });

  it("of a refusal that states no figure are not what was used when it came", () => {
    const [candidate] = candidatesWith([]);
    for (let count = 0; count < 6; count += 1) call(candidate, {});
    call(candidate, { failure: failure("rate_limit"), readings });
    const minute = candidate.meters().find(({ spec }) => spec.id === "p@/a|requests/minute");
    expect(minute).toMatchObject({ amount: 20, learned: { from: "header" } });
  });

  it("of calls at once open the door again half a second later, unless a figure comes with them", () => {
    const opensAfterMs = (reading: LimitReading): number => {
      const [candidate] = candidatesWith([]);
      start(candidate);
      call(candidate, { failure: failure("rate_limit"), readings: [reading] });
      return candidate.opensAtMs - NOW;
    };
    expect(opensAfterMs({ unit: "concurrency", from: "message" })).toBe(500);
    expect(opensAfterMs({ unit: "concurrency", limit: 3, from: "message" })).not.toBe(500);
    expect(opensAfterMs({ unit: "requests", from: "message" })).not.toBe(500);
  });
});
