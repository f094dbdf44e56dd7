import type { FailureClass } from "@headgate/contract";
import type { IndexedRoute, Skip } from "@headgate/router";
import { describe, expect, it } from "vitest";
import { allFailed, type FailedAttempt } from "./verdict.ts";

const ROUTE = { name: "a" } as IndexedRoute;
const NOW_MS = 1_000;
const failedAttempts = (...classes: readonly FailureClass[]): FailedAttempt[] =>
  classes.map((kind, at) => ({
    via: `p${at}/m`,
    failure: { class: kind, scope: "model", message: `${kind} of ${at}` },
  }));
const errorOf = (failures: readonly FailedAttempt[], skipped: readonly Skip[] = []) =>
  allFailed(ROUTE, failures, skipped, NOW_MS);

describe("when all fail", () => {
  it.each<[FailureClass[], number, string, number]>([
    [["server_error", "rate_limit"], 429, "rate_limit_exceeded", 1],
    [["dead_key", "overloaded", "network"], 503, "overloaded", 1],
    [["context_window", "server_error"], 503, "server_error", 1],
    [["dead_key", "context_window"], 400, "context_length_exceeded", 1],
    [["model_gone", "dead_key"], 503, "model_gone", 0],
    [["timeout", "server_error"], 504, "timeout", 0],
    [["server_error", "timeout"], 503, "server_error", 0],
  ])("%j gives %i %s", (classes, status, code, from) => {
    const error = errorOf(failedAttempts(...classes));
    expect(error).toMatchObject({ status, code });
    expect(error.message).toContain(`p${from}/m`);
    expect(error.message).toContain("1 more failed too".slice(1));
  });

  it("names the time when the first of its own candidates opens, tried or not", () => {
    const limited: FailedAttempt = {
      via: "p/m",
      failure: { class: "rate_limit", scope: "model", message: "slow down", retryAfterMs: 9_000 },
    };
    expect(errorOf([limited]).retryAfterMs).toBe(9_000);
    const skip = { reason: "quota", detail: "used", untilMs: NOW_MS + 4_000 } as Skip;
    expect(errorOf([limited], [skip]).retryAfterMs).toBe(4_000);
  });

  it("a full queue of a local model is a 429 with a retry time", () => {
    const [busy] = failedAttempts("overloaded");
    if (busy === undefined) throw new Error("none");
    expect(errorOf([{ ...busy, local: true }])).toMatchObject({ status: 429, retryAfterMs: 2_000 });
    expect(errorOf([busy])).toMatchObject({ status: 503 });
  });

  it("a dead key gives no retry time", () => {
    expect(errorOf(failedAttempts("dead_key")).retryAfterMs).toBeUndefined();
  });
});
