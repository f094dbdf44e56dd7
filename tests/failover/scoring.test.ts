/** The judge's rules: every check has what meets it and what misses it. */
import { describe, expect, it } from "vitest";
import {
  advisory,
  aliveAfter,
  answeredWhole,
  type Check,
  elapsedAtMost,
  ended,
  everyRequestEnded,
  fallbackTried,
  fewProbes,
  firstGapAtLeast,
  judge,
  noPrefillMasking,
  noTruncatedSuccess,
  noted,
  type Observed,
  primaryAttemptsAtLeast,
  primaryAttemptsAtMost,
  primaryAttemptsExactly,
  primaryAttemptsWithin,
  promptShrinks,
  recoveredWithin,
  reportsFallback,
  required,
  type SequenceObserved,
  servedDuringOutage,
  usageReported,
  verdictOf,
} from "./scoring.ts";

const GOOD: Observed = {
  outcome: "answer",
  complete: true,
  words: 60,
  elapsedS: 1,
  reportedModel: "steady",
  hasUsage: true,
  fallbackModel: "steady",
  primaryAtS: [0],
  fallbackAtS: [1],
  primaryPromptTokens: [21],
  prefillRefusals: 0,
};
const SEQUENCE: SequenceObserved = {
  requests: 20,
  hangs: 0,
  duringOutage: 15,
  answeredDuringOutage: 15,
  primaryAttemptsDuringOutage: 15,
  recoveredAfterS: 4,
};
const observed = (changes: Partial<Observed> = {}): Observed => ({ ...GOOD, ...changes });
const sequence = (changes: Partial<SequenceObserved> = {}): Observed =>
  observed({ sequence: { ...SEQUENCE, ...changes } });

const CUT = observed({ complete: false, words: 40 });
const ERROR = observed({ outcome: "error", complete: false, words: 0, error: "HTTP 503: overloaded" });
const HANG = observed({ outcome: "hang", complete: false, words: 0 });

describe("a check", () => {
  const cases: readonly [string, Check["judge"], Observed, Observed][] = [
    ["ended", ended, ERROR, HANG],
    ["answered whole", answeredWhole, GOOD, CUT],
    ["answered whole, against an error", answeredWhole, GOOD, { ...ERROR, complete: true }],
    ["no truncated success", noTruncatedSuccess, GOOD, CUT],
    ["no truncated success, where no success is claimed", noTruncatedSuccess, ERROR, CUT],
    ["attempts at least", primaryAttemptsAtLeast(2), observed({ primaryAtS: [0, 2] }), GOOD],
    [
      "attempts at most",
      primaryAttemptsAtMost(2),
      observed({ primaryAtS: [0, 1] }),
      observed({ primaryAtS: [0, 1, 2] }),
    ],
    ["attempts exactly, none", primaryAttemptsExactly(1), GOOD, observed({ primaryAtS: [] })],
    ["attempts exactly, two", primaryAttemptsExactly(1), GOOD, observed({ primaryAtS: [0, 1] })],
    [
      "attempts within a window from the first one",
      primaryAttemptsWithin(1.5, 2),
      observed({ primaryAtS: [5, 5.1, 6.5] }),
      observed({ primaryAtS: [5, 5.1, 6.4] }),
    ],
    [
      "first gap",
      firstGapAtLeast(1.8),
      observed({ primaryAtS: [0, 1.8] }),
      observed({ primaryAtS: [0, 1.7] }),
    ],
    ["first gap without a second attempt", firstGapAtLeast(1.8), observed({ primaryAtS: [1, 3] }), GOOD],
    ["elapsed", elapsedAtMost(8), observed({ elapsedS: 8 }), observed({ elapsedS: 8.1 })],
    ["elapsed, against a hang", elapsedAtMost(8), GOOD, HANG],
    ["alive after", aliveAfter, GOOD, observed({ deadAfter: "HTTP 500" })],
    ["fallback tried", fallbackTried, GOOD, observed({ fallbackAtS: [] })],
    ["usage reported", usageReported, GOOD, observed({ hasUsage: false })],
    [
      "reports the fallback",
      reportsFallback,
      observed({ reportedModel: "org/custom-2-steady" }),
      observed({ reportedModel: "s16-overload-always" }),
    ],
    [
      "reports the fallback, not by a path before its name",
      reportsFallback,
      GOOD,
      observed({ reportedModel: "steady/other" }),
    ],
    [
      "prompt shrinks",
      promptShrinks,
      observed({ primaryPromptTokens: [21, 20] }),
      observed({ primaryPromptTokens: [21, 21] }),
    ],
    [
      "no prefill masking",
      noPrefillMasking,
      observed({ prefillRefusals: 1 }),
      { ...ERROR, prefillRefusals: 1 },
    ],
    ["every request ended", everyRequestEnded, sequence(), sequence({ hangs: 1 })],
    ["served during the outage", servedDuringOutage, sequence(), sequence({ answeredDuringOutage: 14 })],
    [
      "served during an outage that had requests",
      servedDuringOutage,
      sequence(),
      sequence({ duringOutage: 0, answeredDuringOutage: 0 }),
    ],
    [
      "recovered within",
      recoveredWithin(30),
      sequence({ recoveredAfterS: 30 }),
      sequence({ recoveredAfterS: 30.1 }),
    ],
    ["few probes", fewProbes, sequence(), sequence({ primaryAttemptsDuringOutage: 16 })],
  ];

  it.each(cases)("is met and missed: %s", (_, rule, met, missed) => {
    expect([rule(met).met, rule(missed).met]).toEqual([true, false]);
  });

  it("is missed by a primary that never answers again", () => {
    const { recoveredAfterS: _, ...never } = SEQUENCE;
    expect(recoveredWithin(30)(observed({ sequence: never })).met).toBe(false);
  });

  it("about the reported model does not apply where the fallback was not tried", () => {
    const checks = [required("reports", reportsFallback)];
    const results = judge(checks, observed({ fallbackAtS: [], reportedModel: "s16-overload-always" }));
    expect(results.map(({ status }) => status)).toEqual(["not applicable"]);
    expect(verdictOf("answer", GOOD, results).verdict).toBe("pass");
  });
});

describe("a verdict", () => {
  const never = () => ({ met: false, detail: "never" });
  const verdict = (ideal: "answer" | "error", seen: Observed, checks: readonly Check[] = []): string =>
    verdictOf(ideal, seen, judge(checks, seen)).verdict;

  it("is a pass where the whole answer came and every check is met", () => {
    expect(verdict("answer", GOOD, [required("ends", ended)])).toBe("pass");
  });

  it("is a pass where a refusal is the ideal and an error came", () => {
    expect(verdict("error", ERROR)).toBe("pass");
  });

  it("is partial where only an advisory check is missed", () => {
    expect(verdict("answer", GOOD, [advisory("never", never)])).toBe("partial");
  });

  it("is partial where a refusal is the ideal and an answer came", () => {
    expect(verdict("error", GOOD)).toBe("partial");
  });

  it("is safe where a clean error came in place of the answer, advisory checks missed or not", () => {
    expect(verdict("answer", ERROR, [advisory("never", never)])).toBe("safe");
  });

  it("is a failure where a required check is missed, whatever came", () => {
    const checks = [required("never", never)];
    expect([verdict("answer", GOOD, checks), verdict("answer", ERROR, checks)]).toEqual(["fail", "fail"]);
  });

  it("is a failure where a part is presented as the whole, or a call hangs, without any check", () => {
    expect([verdict("answer", CUT), verdict("answer", HANG), verdict("error", HANG)]).toEqual([
      "fail",
      "fail",
      "fail",
    ]);
  });

  it("does not change with a check that is only noted", () => {
    expect(verdict("answer", GOOD, [noted("never", never)])).toBe("pass");
  });

  it("names the missed checks and what was seen", () => {
    const seen = observed({ outcome: "answer", elapsedS: 21 });
    expect(verdictOf("answer", seen, judge([advisory("within 15 s", elapsedAtMost(15))], seen)).reason).toBe(
      "within 15 s (21.0 s)",
    );
  });
});
