/** FailoverBench's checks and verdicts (methodology v0.1), in our words; docs/failover.md gives the source and its date. */

export type Verdict = "pass" | "partial" | "safe" | "fail";
export const VERDICTS: readonly Verdict[] = ["pass", "partial", "safe", "fail"];

/** How a call ended for its client. */
export type Outcome = "answer" | "error" | "hang";

/** What the client and the provider saw of one scenario. */
export interface Observed {
  readonly outcome: Outcome;
  /** The text is the expected answer, word for word. */
  readonly complete: boolean;
  readonly words: number;
  readonly error?: string;
  readonly elapsedS: number;
  readonly reportedModel?: string;
  readonly hasUsage: boolean;
  readonly fallbackModel: string;
  /** When the attempts reached the provider, since the scenario's start. */
  readonly primaryAtS: readonly number[];
  readonly fallbackAtS: readonly number[];
  readonly primaryPromptTokens: readonly number[];
  readonly prefillRefusals: number;
  /** Why a healthy call afterwards failed; absent if it succeeded. */
  readonly deadAfter?: string;
  /** Only of a scenario of many requests. */
  readonly sequence?: SequenceObserved;
}

export interface SequenceObserved {
  readonly requests: number;
  readonly hangs: number;
  readonly duringOutage: number;
  readonly answeredDuringOutage: number;
  readonly primaryAttemptsDuringOutage: number;
  /** From the outage's end to the primary's first answer; absent if it gave none. */
  readonly recoveredAfterS?: number;
}

/** `undefined`: the check does not apply to what happened. */
interface Judgement {
  readonly met: boolean | undefined;
  readonly detail: string;
}

export interface Check {
  readonly id: string;
  /** Required: a miss is a failure. Advisory: a miss makes a pass partial. Noted: a miss changes nothing. */
  readonly weight: "required" | "advisory" | "noted";
  judge(observed: Observed): Judgement;
}

export interface CheckResult {
  readonly id: string;
  readonly weight: Check["weight"];
  readonly status: "met" | "missed" | "not applicable";
  readonly detail: string;
}

type Rule = Check["judge"];

export const required = (id: string, judge: Rule): Check => ({ id, weight: "required", judge });
export const advisory = (id: string, judge: Rule): Check => ({ id, weight: "advisory", judge });
export const noted = (id: string, judge: Rule): Check => ({ id, weight: "noted", judge });

const attempts = (times: readonly number[], met: boolean, model: string): Judgement => ({
  met,
  detail: `${times.length} attempt(s) on the ${model}`,
});

/** The call ended before its bound. */
export const ended: Rule = ({ outcome, elapsedS }) => ({
  met: outcome !== "hang",
  detail: `${outcome} after ${elapsedS.toFixed(1)} s`,
});

/** The client has the whole answer. */
export const answeredWhole: Rule = ({ outcome, complete, words }) => ({
  met: outcome === "answer" && complete,
  detail: outcome === "answer" ? `${words} words` : outcome,
});

/** No part of the answer is presented as all of it. */
export const noTruncatedSuccess: Rule = ({ outcome, complete, words }) => ({
  met: outcome !== "answer" || complete,
  detail: outcome === "answer" ? `an answer of ${words} words` : outcome,
});

export const primaryAttemptsAtLeast =
  (least: number): Rule =>
  ({ primaryAtS }) =>
    attempts(primaryAtS, primaryAtS.length >= least, "primary");

export const primaryAttemptsAtMost =
  (most: number): Rule =>
  ({ primaryAtS }) =>
    attempts(primaryAtS, primaryAtS.length <= most, "primary");

export const primaryAttemptsExactly =
  (count: number): Rule =>
  ({ primaryAtS }) =>
    attempts(primaryAtS, primaryAtS.length === count, "primary");

/** At most so many attempts on the primary in the first seconds after the first of them. */
export const primaryAttemptsWithin =
  (windowS: number, most: number): Rule =>
  ({ primaryAtS }) => {
    const [first = 0] = primaryAtS;
    const count = primaryAtS.filter((atS) => atS - first < windowS).length;
    return { met: count <= most, detail: `${count} attempt(s) within ${windowS} s` };
  };

/** Seconds between the first two attempts on the primary. */
export function firstGapS({ primaryAtS: [first, second] }: Observed): number | undefined {
  return first === undefined || second === undefined ? undefined : second - first;
}

export const firstGapAtLeast =
  (leastS: number): Rule =>
  (observed) => {
    const gapS = firstGapS(observed);
    return gapS === undefined
      ? { met: false, detail: "no second attempt on the primary" }
      : { met: gapS >= leastS, detail: `${gapS.toFixed(2)} s between the first two` };
  };

export const elapsedAtMost =
  (mostS: number): Rule =>
  ({ outcome, elapsedS }) => ({
    met: outcome !== "hang" && elapsedS <= mostS,
    detail: `${elapsedS.toFixed(1)} s`,
  });

/** A healthy call through the same gateway succeeds after the scenario. */
export const aliveAfter: Rule = ({ deadAfter }) => ({
  met: deadAfter === undefined,
  detail: deadAfter ?? "a healthy call succeeded",
});

export const fallbackTried: Rule = ({ fallbackAtS }) =>
  attempts(fallbackAtS, fallbackAtS.length > 0, "fallback");

export const usageReported: Rule = ({ hasUsage }) => ({
  met: hasUsage,
  detail: hasUsage ? "a usage block" : "no usage block",
});

/** The answer's `model` contains the fallback's name, whatever path or prefix is in front. */
export const reportsFallback: Rule = ({ reportedModel = "", fallbackModel, fallbackAtS }) => ({
  met:
    fallbackAtS.length === 0
      ? undefined
      : reportedModel
          .slice(reportedModel.lastIndexOf("/") + 1)
          .toLowerCase()
          .includes(fallbackModel),
  detail: `the answer's model is "${reportedModel}"`,
});

/** A prompt that does not fit is sent to the same model again only if it became smaller. */
export const promptShrinks: Rule = ({ primaryPromptTokens: sizes }) => ({
  met: sizes.every((size, index) => index === 0 || size < (sizes[index - 1] ?? 0)),
  detail: `prompts of ${sizes.join(", ")} tokens`,
});

/** A fallback's refusal of a prefill is not what the client gets in place of the failure. */
export const noPrefillMasking: Rule = ({ outcome, prefillRefusals }) => ({
  met: outcome !== "error" || prefillRefusals === 0,
  detail: `${prefillRefusals} prefill(s) refused; ${outcome}`,
});

const ofSequence =
  (judge: (sequence: SequenceObserved) => Judgement): Rule =>
  ({ sequence }) =>
    sequence === undefined ? { met: false, detail: "not a sequence" } : judge(sequence);

export const everyRequestEnded = ofSequence(({ hangs, requests }) => ({
  met: hangs === 0,
  detail: `${hangs} of ${requests} requests hung`,
}));

export const servedDuringOutage = ofSequence(({ duringOutage, answeredDuringOutage }) => ({
  met: duringOutage > 0 && answeredDuringOutage === duringOutage,
  detail: `${answeredDuringOutage} of ${duringOutage} answered during the outage`,
}));

export const recoveredWithin = (mostS: number): Rule =>
  ofSequence(({ recoveredAfterS }) => ({
    met: recoveredAfterS !== undefined && recoveredAfterS <= mostS,
    detail:
      recoveredAfterS === undefined
        ? "the primary never answered again"
        : `the primary answered ${recoveredAfterS.toFixed(1)} s after the outage`,
  }));

export const fewProbes = ofSequence(({ primaryAttemptsDuringOutage, duringOutage }) => ({
  met: primaryAttemptsDuringOutage <= duringOutage,
  detail: `${primaryAttemptsDuringOutage} attempts on the primary for ${duringOutage} requests during the outage`,
}));

export const judge = (checks: readonly Check[], observed: Observed): CheckResult[] =>
  checks.map(({ id, weight, judge: rule }) => {
    const { met, detail } = rule(observed);
    return { id, weight, status: met === undefined ? "not applicable" : met ? "met" : "missed", detail };
  });

/** What the client should get: the whole answer, or the provider's refusal. */
export type Ideal = "answer" | "error";

/**
 * - `pass`: the ideal outcome, and every check met.
 * - `partial`: the ideal outcome, an advisory check missed; or an answer where the ideal is a refusal.
 * - `safe`: another outcome, but a clean error in time and every required check met.
 * - `fail`: a hang, a part presented as the whole answer, or a required check missed.
 */
export function verdictOf(
  ideal: Ideal,
  { outcome, complete, error }: Observed,
  results: readonly CheckResult[],
): { verdict: Verdict; reason: string } {
  const missed = (weight: Check["weight"]): string[] =>
    results.filter((result) => result.weight === weight && result.status === "missed").map(reasonOf);
  if (outcome === "hang") return { verdict: "fail", reason: "hang" };
  if (outcome === "answer" && !complete && ideal === "answer")
    return { verdict: "fail", reason: "a part of the answer presented as the whole" };
  const failures = missed("required");
  if (failures.length > 0) return { verdict: "fail", reason: failures.join("; ") };
  if (ideal === "error" && outcome === "answer")
    return { verdict: "partial", reason: "answered around the refusal" };
  if (outcome !== ideal) return { verdict: "safe", reason: `clean error: ${error ?? "unnamed"}` };
  const blemishes = missed("advisory");
  return blemishes.length > 0
    ? { verdict: "partial", reason: blemishes.join("; ") }
    : { verdict: "pass", reason: "" };
}

const reasonOf = ({ id, detail }: CheckResult): string => `${id} (${detail})`;
