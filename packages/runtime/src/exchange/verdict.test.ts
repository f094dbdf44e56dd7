import type { Failure, FailureClass, Limit } from "@headgate/contract";
import {
  applyFailure,
  begin,
  type Candidate,
  type IndexedRoute,
  needFor,
  type RequestFacts,
  type Skip,
} from "@headgate/router";
import { describe, expect, it } from "vitest";
import { candidatesOf } from "../testing/candidates.ts";
import { timeUsedUp } from "../upstream/outcome.ts";
import type { FailedAttempt, Unanswered } from "./prospects.ts";
import { allFailed } from "./verdict.ts";

const ROUTE = { name: "a" } as IndexedRoute;
const NOW_MS = Date.UTC(2026, 10, 21, 12);
const FACTS: RequestFacts = { model: "a", operation: "chat", needs: 0 };
const DAY_MS = 86_400_000;

const failureOf = (kind: FailureClass, message: string, retryAfterMs?: number): Failure => ({
  class: kind,
  scope: "model",
  message,
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

/** Each candidate fails in its class, and cools down as it would after an attempt. */
function failedAttempts(...classes: readonly (FailureClass | Failure)[]): FailedAttempt[] {
  const candidates = candidatesOf(classes.length);
  return classes.map((one, at) => {
    const candidate = candidates[at];
    if (candidate === undefined) throw new Error("no candidate");
    const failure = typeof one === "string" ? failureOf(one, `${one} of ${at}`) : one;
    const cooldown = failure.class === "dead_key" ? candidate.keyCooldown : candidate.modelCooldown;
    applyFailure(cooldown, failure, NOW_MS);
    return { via: `p${at}/m`, candidate, failure };
  });
}

const cooling = (candidate: Candidate | undefined, kind: FailureClass, forMs: number): Skip => {
  if (candidate === undefined) throw new Error("no candidate");
  applyFailure(candidate.modelCooldown, failureOf(kind, `${kind} before`, forMs), NOW_MS);
  const { deployment } = candidate;
  return { deployment, candidate, reason: "cooling", detail: `cooling after ${kind}`, untilMs: NOW_MS + 1 };
};

const errorOf = (attempts: readonly FailedAttempt[], more: Partial<Unanswered> = {}) =>
  allFailed(ROUTE, {
    facts: FACTS,
    failedAttempts: attempts,
    skipped: [],
    untried: [],
    nowMs: NOW_MS,
    ...more,
  });

describe("when all fail", () => {
  it.each<[FailureClass[], number, string, number]>([
    [["rate_limit", "server_error"], 503, "server_error", 1],
    [["rate_limit", "timeout"], 503, "timeout", 1],
    [["network", "rate_limit"], 503, "network", 0],
    [["rate_limit", "daily_quota"], 429, "rate_limit_exceeded", 0],
    [["dead_key", "rate_limit"], 429, "rate_limit_exceeded", 1],
    [["out_of_credit", "monthly_quota"], 429, "rate_limit_exceeded", 1],
    [["dead_key", "overloaded", "network"], 503, "overloaded", 1],
    [["context_window", "server_error"], 503, "server_error", 1],
    [["context_window", "rate_limit"], 429, "rate_limit_exceeded", 1],
    [["dead_key", "context_window"], 400, "context_length_exceeded", 1],
    [["model_gone", "dead_key"], 503, "model_gone", 0],
    [["timeout", "server_error"], 503, "timeout", 0],
    [["content_filter", "dead_key"], 503, "dead_key", 1],
    [["content_filter", "bad_request"], 400, "content_filter", 0],
  ])("%j gives %i %s", (classes, status, code, from) => {
    const error = errorOf(failedAttempts(...classes));
    expect(error).toMatchObject({ status, code });
    expect(error.message).toContain(`p${from}/m`);
    if (code !== "content_filter") expect(error.message).toContain("more failed too");
  });

  it("a field that no candidate's wire can express is named", () => {
    const [refused] = failedAttempts("bad_request");
    if (refused === undefined) throw new Error("none");
    const error = errorOf([{ ...refused, param: "logprobs" }]);
    expect(error).toMatchObject({ status: 400, code: "unsupported_parameter", param: "logprobs" });
    expect(error.message).toBe("bad_request of 0");
  });

  it("counts a candidate once, by its last attempt", () => {
    const [last] = failedAttempts("rate_limit");
    if (last === undefined) throw new Error("none");
    const before = failureOf("server_error", "at first");
    const { candidate: _, ...unnamed } = { ...last, failure: before };
    for (const first of [unnamed, { ...last, failure: before }])
      expect(errorOf([first, last])).toMatchObject({ status: 429 });
    expect(errorOf([unnamed])).toMatchObject({ status: 503, retryAfterMs: 1_000 });
  });

  it("in the request's own time it is a 504, whatever the candidates wait for", () => {
    const [slow, late] = failedAttempts("timeout", timeUsedUp("request"));
    if (slow === undefined || late === undefined) throw new Error("none");
    expect(errorOf([slow, late])).toMatchObject({ status: 504, code: "timeout" });
    expect(errorOf([late, slow])).toMatchObject({ status: 503, code: "timeout" });
  });

  it("a full queue of a local model is a 429 with a retry time", () => {
    const [busy] = failedAttempts("overloaded");
    if (busy === undefined) throw new Error("none");
    expect(errorOf([{ ...busy, local: true }])).toMatchObject({ status: 429, retryAfterMs: 2_000 });
    expect(errorOf([busy])).toMatchObject({ status: 503 });
  });
});

describe("Retry-After", () => {
  it("is the soonest moment that any candidate opens, tried or not, cooldowns of a moment ago included", () => {
    const [tried, other] = failedAttempts(
      failureOf("rate_limit", "slow down", 9_000),
      failureOf("server_error", "broken", 7_000),
    );
    if (tried === undefined || other === undefined) throw new Error("none");
    expect(errorOf([tried]).retryAfterMs).toBe(9_000);
    expect(errorOf([tried, other])).toMatchObject({ status: 503, retryAfterMs: 7_000 });
    const [spare] = candidatesOf(1);
    const skipped = [cooling(spare, "rate_limit", 4_000)];
    expect(errorOf([tried, other], { skipped })).toMatchObject({ status: 503, retryAfterMs: 4_000 });
    expect(errorOf([tried], { skipped })).toMatchObject({ status: 429, retryAfterMs: 4_000 });
  });

  it("of a candidate is the end of its last cooldown, whichever request began it", () => {
    const [tried] = failedAttempts(failureOf("rate_limit", "slow down", 3_000));
    if (tried?.candidate === undefined) throw new Error("none");
    applyFailure(tried.candidate.providerCooldown, failureOf("server_error", "down", 20_000), NOW_MS);
    expect(errorOf([tried])).toMatchObject({ status: 503, code: "server_error", retryAfterMs: 20_000 });
  });

  it("waits for a used limit as well as for the cooldown", () => {
    const limit: Limit = { scope: "model", unit: "requests", window: "minute", amount: 1 };
    const [candidate] = candidatesOf(1, [limit]);
    if (candidate === undefined) throw new Error("none");
    begin(candidate, needFor(candidate, FACTS), NOW_MS);
    const attempt = { via: "p0/m", candidate, failure: failureOf("server_error", "once") };
    expect(errorOf([attempt]).retryAfterMs).toBeGreaterThan(59_000);
    const skip: Skip = { deployment: candidate.deployment, candidate, reason: "quota", detail: "used" };
    expect(errorOf([], { skipped: [skip] })).toMatchObject({ status: 429 });
    expect(errorOf([], { skipped: [skip] }).message).toContain("its 1 requests a minute are used");
  });

  it("is a second where a candidate is open again or was never tried, or calls in flight must end", () => {
    expect(errorOf(failedAttempts("server_error")).retryAfterMs).toBe(1_000);
    const [untried, busy] = candidatesOf(2, [{ scope: "model", unit: "concurrency", amount: 1 }]);
    if (untried === undefined || busy === undefined) throw new Error("none");
    const limited = failedAttempts(failureOf("rate_limit", "slow", 30_000));
    expect(errorOf(limited, { untried: [untried] }).retryAfterMs).toBe(1_000);
    begin(busy, needFor(busy, FACTS), NOW_MS);
    const skip: Skip = { deployment: busy.deployment, candidate: busy, reason: "quota", detail: "used" };
    expect(errorOf([], { skipped: [skip] })).toMatchObject({ status: 429, retryAfterMs: 1_000 });
  });

  it("is the moment that shared limits name, where this process has room", () => {
    const [candidate] = candidatesOf(1);
    if (candidate === undefined) throw new Error("none");
    const { deployment } = candidate;
    const skip: Skip = { deployment, candidate, reason: "quota", detail: "used", untilMs: NOW_MS + 8_000 };
    expect(errorOf([], { skipped: [skip] })).toMatchObject({ status: 429, retryAfterMs: 8_000 });
  });

  it.each<FailureClass>(["dead_key", "out_of_credit", "permission", "model_gone"])(
    "is never set by %s, neither by a new one nor by one of before",
    (kind) => {
      const [tried] = failedAttempts(failureOf(kind, "no", 5_000));
      const [spare, other] = candidatesOf(2);
      const skipped = [cooling(spare, kind, 5_000)];
      const [status, code] = kind === "model_gone" ? [404, "model_not_found"] : [503, kind];
      expect(errorOf([tried].flatMap((one) => one ?? []))).toMatchObject({ status, code });
      for (const error of [
        errorOf(
          [tried].flatMap((one) => one ?? []),
          { skipped },
        ),
        errorOf([], { skipped }),
      ])
        expect([error.status, error.retryAfterMs]).toEqual([status, undefined]);
      skipped.push(cooling(other, "daily_quota", DAY_MS / 2));
      expect(errorOf([], { skipped })).toMatchObject({ status: 429, retryAfterMs: DAY_MS / 2 });
      expect(errorOf([], { skipped }).message).not.toContain(`cooling after ${kind}`);
    },
  );
});

describe("when no candidate was tried", () => {
  it("one that cools down after a server's failure makes it a 503", () => {
    const [limit, trouble] = candidatesOf(2);
    const skipped = [cooling(limit, "rate_limit", 3_000), cooling(trouble, "timeout", 9_000)];
    const error = errorOf([], { skipped });
    expect(error).toMatchObject({ status: 503, code: "timeout", retryAfterMs: 3_000 });
    expect(error.message).toBe(
      "Every candidate for a is cooling or at its limit (m0: cooling after rate_limit). The first opens in 3 s.",
    );
  });

  it("one that another request probes makes it a 503", () => {
    const [candidate] = candidatesOf(1);
    if (candidate === undefined) throw new Error("none");
    applyFailure(candidate.modelCooldown, failureOf("network", "gone", 0), NOW_MS);
    const { deployment } = candidate;
    const skip: Skip = { deployment, candidate, reason: "probing", detail: "being probed" };
    expect(errorOf([], { skipped: [skip] })).toMatchObject({ status: 503, code: "network" });
  });

  it("and only dead keys are left, the answer names the remedy of each", () => {
    const [first, second, third] = candidatesOf(3);
    if (first === undefined) throw new Error("none");
    applyFailure(first.keyCooldown, failureOf("dead_key", "Invalid key."), NOW_MS);
    const skipped = [
      { ...cooling(first, "rate_limit", 1), detail: "" },
      cooling(second, "out_of_credit", 9),
      cooling(third, "permission", 9),
    ];
    const error = errorOf([], { skipped });
    expect(error).toMatchObject({ status: 503, code: "dead_key", retryAfterMs: undefined });
    expect(error.message).toBe(
      "No candidate for a works: m0: Invalid key. Remedy: put a working key of p0 into P0_API_KEY in .env; " +
        "add credit at p1, then run headgate clear p1; " +
        "give P2_API_KEY the permission that the answer names, then run headgate clear m2.",
    );
    const gone = candidatesOf(1);
    expect(errorOf([], { skipped: [cooling(gone[0], "model_gone", 9)] }).message).toContain(
      "correct or remove org/m0 in the fragment of p0, then run headgate clear m0.",
    );
  });

  it("a prompt that fits no window is told so, also beside a dead key", () => {
    const [small, dead] = candidatesOf(2);
    if (small === undefined) throw new Error("none");
    const window: Skip = { deployment: small.deployment, reason: "window", detail: "it is too small" };
    expect(errorOf([], { skipped: [cooling(dead, "dead_key", 9), window] })).toMatchObject({
      status: 400,
      code: "context_length_exceeded",
      message: "The prompt does not fit a: m0: it is too small.",
    });
  });

  it("a request that alone is more than a limit gets a 429 without a retry time", () => {
    const [candidate] = candidatesOf(1, [{ scope: "model", unit: "tokens", window: "minute", amount: 5 }]);
    if (candidate === undefined) throw new Error("none");
    const { deployment } = candidate;
    const skip: Skip = { deployment, candidate, reason: "quota", detail: "it is too much", never: true };
    const facts = { ...FACTS, promptTokens: 90 };
    const error = errorOf([], { skipped: [skip], facts });
    expect(error).toMatchObject({ status: 429, retryAfterMs: undefined });
    expect(error.message).toMatch(/^No candidate for a can take this request: m0: the request alone is more/);
  });

  it("what no candidate can do is named", () => {
    const [one] = candidatesOf(1);
    if (one === undefined) throw new Error("none");
    const skip = { deployment: one.deployment, detail: "it lacks vision" };
    expect(errorOf([], { skipped: [{ ...skip, reason: "capability" }] })).toMatchObject({ status: 422 });
    expect(errorOf([], { skipped: [{ ...skip, reason: "not-served" }] })).toMatchObject({ status: 501 });
  });
});
