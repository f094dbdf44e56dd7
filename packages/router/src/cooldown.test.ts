import type { Failure, FailureClass } from "@headgate/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applyFailure,
  applySuccess,
  beingProbed,
  type Cooldown,
  endCooldown,
  halfOpen,
  MAX_COOLDOWN_MS,
  openCooldown,
} from "./cooldown.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 21, 12);

const fresh = (): Cooldown => openCooldown("p@K/m");
const failure = (failureClass: FailureClass, retryAfterMs?: number): Failure => ({
  class: failureClass,
  scope: "model",
  message: "it failed",
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

/** How long each of several failures in a row cools down; each comes when the cooldown before it is over. */
function inARow(failureClass: FailureClass, times: number): number[] {
  const cooldown = fresh();
  let nowMs = NOW;
  return Array.from({ length: times }, () => {
    applyFailure(cooldown, failure(failureClass), nowMs);
    const forMs = Math.max(0, cooldown.untilMs - nowMs);
    nowMs += forMs;
    return forMs;
  });
}

describe("how long a cooldown is when the upstream does not say", () => {
  it.each<[FailureClass, number[]]>([
    ["rate_limit", [15, 30, 60, 60, 60].map((seconds) => seconds * SECOND_MS)],
    ["out_of_credit", [1, 2, 4, 6, 6].map((hours) => hours * HOUR_MS)],
    ["permission", [10, 20, 40, 80, 160, 320, 360, 360].map((minutes) => minutes * MINUTE_MS)],
    ["model_gone", [10, 20, 40, 80, 160, 320, 360, 360].map((minutes) => minutes * MINUTE_MS)],
    ["dead_key", [DAY_MS, DAY_MS]],
    // With jitter it is at most 12 s.
    ...(["overloaded", "server_error", "network", "malformed"] as const).map(
      (kind): [FailureClass, number[]] => [
        kind,
        [0, 1, 2, 4, 8, 10, 10].map((seconds) => seconds * SECOND_MS),
      ],
    ),
    // With jitter it is at most a minute.
    ["timeout", [0, 1, 2, 4, 8, 16, 32, 50, 50].map((seconds) => seconds * SECOND_MS)],
    ["context_window", [0, 0]],
    ["content_filter", [0, 0]],
    ["bad_request", [0, 0]],
  ])("%s: %j", (failureClass, expected) => {
    expect(inARow(failureClass, expected.length)).toEqual(expected);
  });

  it("a daily quota is back at midnight UTC, a monthly one on the first of the next month", () => {
    const [day, month] = [fresh(), fresh()];
    applyFailure(day, failure("daily_quota"), Date.UTC(2026, 11, 31, 23, 59, 59, 999));
    expect(day.untilMs).toBe(Date.UTC(2027, 0, 1));
    applyFailure(month, failure("monthly_quota"), Date.UTC(2026, 11, 2, 5));
    expect(month.untilMs).toBe(Date.UTC(2027, 0, 1));
  });

  it("a streak without end is capped, not overflowed", () => {
    const cooldown = { ...fresh(), streak: 5_000 };
    applyFailure(cooldown, failure("rate_limit"), NOW);
    expect(cooldown.untilMs - NOW).toBe(MINUTE_MS);
  });

  it("troubles of a server are spread by up to a fifth, so that not all requests return at once", () => {
    const cooling = (failureClass: FailureClass, random: number): number => {
      const cooldown = { ...fresh(), streak: 3 };
      applyFailure(cooldown, failure(failureClass), NOW, { random });
      return cooldown.untilMs - NOW;
    };
    for (const trouble of ["overloaded", "server_error", "timeout", "network", "malformed"] as const)
      expect([cooling(trouble, 0), cooling(trouble, 0.5), cooling(trouble, 1)]).toEqual([
        4_000, 4_400, 4_800,
      ]);
    expect(cooling("out_of_credit", 1)).toBe(6 * HOUR_MS);
    expect(cooling("permission", 1)).toBe(80 * MINUTE_MS);
  });
});

describe("what the upstream says of the wait", () => {
  it("holds in place of the class's own rule, longer or shorter", () => {
    for (const statedMs of [1, 2_000, 3 * DAY_MS]) {
      const cooldown = fresh();
      expect(applyFailure(cooldown, failure("rate_limit", statedMs), NOW)).toBe(true);
      expect(cooldown.untilMs).toBe(NOW + statedMs);
    }
  });

  it("weighs more than when the refused limit opens, which weighs more than the rule", () => {
    const both = fresh();
    applyFailure(both, failure("rate_limit", 2_000), NOW, { opensAtMs: NOW + 9_000 });
    expect(both.untilMs).toBe(NOW + 2_000);
    const limit = fresh();
    applyFailure(limit, failure("rate_limit"), NOW, { opensAtMs: NOW + 9_000 });
    expect(limit.untilMs).toBe(NOW + 9_000);
  });

  it("is cut to 31 days: a wrong clock upstream closes nothing for good", () => {
    const cooldown = fresh();
    applyFailure(cooldown, failure("rate_limit", 400 * DAY_MS), NOW);
    expect(cooldown.untilMs - NOW).toBe(31 * DAY_MS);
    expect(MAX_COOLDOWN_MS).toBe(31 * DAY_MS);
  });

  it("may be that it can be asked again at once: nothing cools down", () => {
    const cooldown = fresh();
    expect(applyFailure(cooldown, failure("rate_limit", 0), NOW)).toBe(false);
    expect(cooldown.untilMs).toBe(0);
  });
});

describe("a second failure while a cooldown lasts", () => {
  it("does not shorten it, and does not replace its reason", () => {
    const cooldown = fresh();
    applyFailure(cooldown, failure("out_of_credit"), NOW);
    const { hits: _, ...before } = cooldown;
    expect(applyFailure(cooldown, failure("rate_limit", 2_000), NOW + 1)).toBe(false);
    expect(applyFailure(cooldown, failure("rate_limit"), NOW + 2)).toBe(false);
    expect(applyFailure(cooldown, failure("server_error"), NOW + 3)).toBe(false);
    expect(applyFailure(cooldown, failure("rate_limit"), NOW + 4, { opensAtMs: NOW + 50 })).toBe(false);
    expect(cooldown).toEqual({ ...before, hits: 5 });
  });

  it("lengthens it where it lasts longer, and gives it its reason", () => {
    const cooldown = fresh();
    applyFailure(cooldown, failure("rate_limit", 2_000), NOW);
    expect(applyFailure(cooldown, failure("daily_quota"), NOW + 1)).toBe(true);
    expect(cooldown).toMatchObject({ untilMs: Date.UTC(2026, 10, 22), failure: { class: "daily_quota" } });
  });

  it("lengthens it where an upstream states a later moment, although the class is the same", () => {
    const cooldown = fresh();
    applyFailure(cooldown, failure("rate_limit", 2_000), NOW);
    expect(applyFailure(cooldown, failure("rate_limit", 5_000), NOW + 1_000)).toBe(true);
    expect(cooldown.untilMs).toBe(NOW + 6_000);
  });

  it("of the same class adds nothing: a burst of failures is one trouble", () => {
    const cooldown = fresh();
    applyFailure(cooldown, failure("rate_limit"), NOW);
    for (let call = 1; call < 30; call += 1)
      expect(applyFailure(cooldown, failure("rate_limit"), NOW + 14 * SECOND_MS)).toBe(false);
    expect(cooldown).toMatchObject({ untilMs: NOW + 15 * SECOND_MS, streak: 1 });
  });

  it("gives its reason to one that another process began without telling why", () => {
    const cooldown: Cooldown = { ...fresh(), untilMs: NOW + 1_000, streak: 1 };
    expect(applyFailure(cooldown, failure("rate_limit"), NOW)).toBe(true);
    expect(cooldown).toMatchObject({ untilMs: NOW + 15 * SECOND_MS, failure: { class: "rate_limit" } });
  });

  it("is the next of a row only once the cooldown is over, to the millisecond", () => {
    const early = fresh();
    applyFailure(early, failure("rate_limit"), NOW);
    applyFailure(early, failure("rate_limit"), early.untilMs - 1);
    expect(early.streak).toBe(1);
    applyFailure(early, failure("rate_limit"), early.untilMs);
    expect(early.streak).toBe(2);
  });

  it("never moves the end of a cooldown that lasts to an earlier moment, whatever comes", () => {
    const step = fc.record({
      kind: fc.constantFrom<FailureClass>(
        "rate_limit",
        "daily_quota",
        "dead_key",
        "server_error",
        "bad_request",
      ),
      retryAfterMs: fc.option(fc.integer({ min: 0, max: 10 ** 9 }), { nil: undefined }),
      opensInMs: fc.option(fc.integer({ min: -1_000, max: 10 ** 8 }), { nil: undefined }),
      afterMs: fc.integer({ min: 0, max: 30_000 }),
      succeeds: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const cooldown = fresh();
        let nowMs = NOW;
        for (const { kind, retryAfterMs, opensInMs, afterMs, succeeds } of steps) {
          nowMs += afterMs;
          const beforeMs = cooldown.untilMs;
          if (succeeds) applySuccess(cooldown);
          else
            applyFailure(cooldown, failure(kind, retryAfterMs), nowMs, {
              opensAtMs: opensInMs === undefined ? undefined : nowMs + opensInMs,
            });
          if (beforeMs > nowMs) expect(cooldown.untilMs).toBeGreaterThanOrEqual(beforeMs);
        }
      }),
    );
  });
});

describe("since when, and how often", () => {
  it("is counted from the first failure after a success, through every cooldown of the row", () => {
    const cooldown = fresh();
    applyFailure(cooldown, failure("server_error"), NOW);
    expect(cooldown).toMatchObject({ sinceMs: NOW, hits: 1, untilMs: 0 });
    applyFailure(cooldown, failure("server_error"), NOW + 5);
    applyFailure(cooldown, failure("server_error"), NOW + 6);
    applyFailure(cooldown, failure("server_error"), cooldown.untilMs + 9);
    expect(cooldown).toMatchObject({ sinceMs: NOW, hits: 4, streak: 3 });
    applySuccess(cooldown);
    const laterMs = cooldown.untilMs + 60_000;
    applyFailure(cooldown, failure("rate_limit"), laterMs);
    expect(cooldown).toMatchObject({ sinceMs: laterMs, hits: 1 });
  });

  it("stays as it is when a call that began before the cooldown succeeds in it", () => {
    const cooldown = fresh();
    applyFailure(cooldown, failure("rate_limit"), NOW);
    applySuccess(cooldown);
    applyFailure(cooldown, failure("rate_limit"), NOW + 1);
    expect(cooldown).toMatchObject({ sinceMs: NOW, hits: 2 });
  });

  it("is not changed by a client's own error", () => {
    const cooldown = fresh();
    applyFailure(cooldown, failure("bad_request"), NOW);
    expect(cooldown).toMatchObject({ sinceMs: 0, hits: 0 });
  });
});

describe("a cooldown that is ended", () => {
  it("is as if nothing had failed", () => {
    const cooldown = fresh();
    for (const afterMs of [0, 1]) applyFailure(cooldown, failure("dead_key"), NOW + afterMs);
    endCooldown(cooldown);
    expect(cooldown).toStrictEqual(fresh());
  });
});

describe("a client's own error", () => {
  it.each(["bad_request", "content_filter", "context_window"] as const)(
    "%s changes neither the streak nor a cooldown that lasts",
    (failureClass) => {
      const cooldown = fresh();
      applyFailure(cooldown, failure("rate_limit"), NOW);
      const before = { ...cooldown };
      expect(applyFailure(cooldown, failure(failureClass, 60_000), NOW + 1)).toBe(false);
      expect(cooldown).toEqual(before);
    },
  );
});

describe("a success", () => {
  it("ends the streak and the probe, not the cooldown", () => {
    const cooldown: Cooldown = { ...fresh(), untilMs: NOW + 5, streak: 4, probeAtMs: NOW };
    applySuccess(cooldown);
    expect(cooldown).toMatchObject({ untilMs: NOW + 5, streak: 0, probeAtMs: 0 });
  });
});

describe("one request finds out whether a troubled server works again", () => {
  const troubled = (failureClass: FailureClass, streak: number): Cooldown => ({
    ...fresh(),
    untilMs: NOW,
    streak,
    failure: failure(failureClass),
  });

  it.each(["overloaded", "server_error", "timeout", "network", "malformed"] as const)(
    "after %s twice in a row, once the cooldown is over",
    (failureClass) => {
      expect(halfOpen(troubled(failureClass, 2), NOW)).toBe(true);
      expect(halfOpen(troubled(failureClass, 2), NOW - 1)).toBe(false);
      expect(halfOpen(troubled(failureClass, 1), NOW)).toBe(false);
    },
  );

  it("is not asked where the upstream itself said when it is open again, or nothing failed", () => {
    for (const failureClass of ["rate_limit", "dead_key", "daily_quota", "out_of_credit"] as const)
      expect(halfOpen(troubled(failureClass, 5), NOW)).toBe(false);
    expect(halfOpen({ ...fresh(), streak: 5 }, NOW)).toBe(false);
  });

  it("keeps others away for a minute at most, and not once it is known", () => {
    const cooldown = { ...troubled("server_error", 2), probeAtMs: NOW };
    expect(beingProbed(cooldown, NOW)).toBe(true);
    expect(beingProbed(cooldown, NOW + MINUTE_MS - 1)).toBe(true);
    expect(beingProbed(cooldown, NOW + MINUTE_MS)).toBe(false);
    expect(beingProbed({ ...cooldown, probeAtMs: 0 }, NOW)).toBe(false);
    expect(beingProbed({ ...cooldown, probeAtMs: 0 }, 30)).toBe(false);
    expect(beingProbed({ ...cooldown, failure: failure("rate_limit") }, NOW)).toBe(false);
    applyFailure(cooldown, failure("server_error"), NOW + 1);
    expect(cooldown.probeAtMs).toBe(0);
  });
});
