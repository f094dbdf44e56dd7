/**
 * The sixteen scenarios of FailoverBench's catalogue (methodology v0.1), in our words; docs/failover.md gives the source, its
 * date and each scenario's meaning.
 */
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
  type Ideal,
  noPrefillMasking,
  noTruncatedSuccess,
  noted,
  primaryAttemptsAtLeast,
  primaryAttemptsAtMost,
  primaryAttemptsExactly,
  primaryAttemptsWithin,
  promptShrinks,
  recoveredWithin,
  reportsFallback,
  required,
  servedDuringOutage,
  usageReported,
} from "./scoring.ts";

export interface Scenario {
  readonly id: string;
  readonly title: string;
  /** The upstream id of the model that fails. */
  readonly primary: string;
  readonly fallback: string;
  readonly ideal: Ideal;
  /** The client gives up after so long without a byte; of a sequence, for each request. */
  readonly limitS: number;
  /** Many requests in place of one. */
  readonly sequence?: { readonly requests: number; readonly everyMs: number };
  readonly checks: readonly Check[];
}

const FALLBACK = "steady";

export const SCENARIOS: readonly Scenario[] = [
  {
    id: "S01",
    title: "429 once, with Retry-After",
    primary: "s01-rate-limit-once",
    fallback: FALLBACK,
    ideal: "answer",
    limitS: 20,
    checks: [
      advisory("tried again", primaryAttemptsAtLeast(2)),
      advisory("waited as stated", firstGapAtLeast(1.8)),
      required("no hammering", primaryAttemptsWithin(1.5, 2)),
    ],
  },
  {
    id: "S02",
    title: "429 always, no Retry-After",
    primary: "s02-rate-limit-always",
    fallback: FALLBACK,
    ideal: "answer",
    limitS: 40,
    checks: [
      required("no hammering", primaryAttemptsWithin(3, 4)),
      required("bounded attempts", primaryAttemptsAtMost(6)),
      required("ends", ended),
    ],
  },
  {
    id: "S03",
    title: "500 once",
    primary: "s03-error-once",
    fallback: FALLBACK,
    ideal: "answer",
    limitS: 20,
    checks: [required("ends", ended), advisory("tried again", primaryAttemptsAtLeast(2))],
  },
  {
    id: "S04",
    title: "503 always",
    primary: "s04-overload-always",
    fallback: FALLBACK,
    ideal: "answer",
    limitS: 40,
    checks: [required("bounded attempts", primaryAttemptsAtMost(6)), required("ends", ended)],
  },
  {
    id: "S05",
    title: "TCP reset before the headers",
    primary: "s05-reset-once",
    fallback: FALLBACK,
    ideal: "answer",
    limitS: 20,
    checks: [required("ends", ended)],
  },
  {
    id: "S06",
    title: "No response for 120 s",
    primary: "s06-silent",
    fallback: FALLBACK,
    ideal: "answer",
    limitS: 130,
    checks: [
      required("within 100 s", elapsedAtMost(100)),
      required("ends", ended),
      advisory("one attempt on the silent one", primaryAttemptsAtMost(1)),
    ],
  },
  {
    id: "S07",
    title: "First token after 20 s",
    primary: "s07-slow-start",
    fallback: FALLBACK,
    ideal: "answer",
    limitS: 60,
    checks: [required("ends", ended), advisory("within 15 s", elapsedAtMost(15))],
  },
  {
    id: "S08",
    title: "Stream cut after 40 of 60 tokens",
    primary: "s08-cut",
    fallback: FALLBACK,
    ideal: "answer",
    limitS: 40,
    checks: [required("no part as the whole", noTruncatedSuccess), required("ends", ended)],
  },
  {
    id: "S09",
    title: "Stream silent for 30 s after 20",
    primary: "s09-stall",
    fallback: FALLBACK,
    ideal: "answer",
    limitS: 70,
    checks: [
      required("within 45 s", elapsedAtMost(45)),
      required("no part as the whole", noTruncatedSuccess),
      required("alive after", aliveAfter),
      required("ends", ended),
    ],
  },
  {
    id: "S10",
    title: "An event that is not JSON",
    primary: "s10-malformed-event",
    fallback: FALLBACK,
    ideal: "answer",
    limitS: 30,
    checks: [
      required("alive after", aliveAfter),
      required("no part as the whole", noTruncatedSuccess),
      required("ends", ended),
      advisory("recovered", answeredWhole),
    ],
  },
  {
    id: "S11",
    title: "Stream without [DONE]",
    primary: "s11-no-done",
    fallback: FALLBACK,
    ideal: "answer",
    limitS: 30,
    checks: [required("within 8 s", elapsedAtMost(8)), advisory("usage", usageReported)],
  },
  {
    id: "S12",
    title: "Prompt larger than the window",
    primary: "s12-window",
    fallback: FALLBACK,
    ideal: "answer",
    limitS: 20,
    checks: [
      required("never the same prompt again", promptShrinks),
      required("bounded attempts", primaryAttemptsAtMost(2)),
      required("ends", ended),
    ],
  },
  {
    id: "S13",
    title: "Content filter's refusal",
    primary: "s13-filter",
    fallback: FALLBACK,
    ideal: "error",
    limitS: 20,
    checks: [
      required("one attempt", primaryAttemptsExactly(1)),
      required("ends", ended),
      noted("fallback tried", fallbackTried),
    ],
  },
  {
    id: "S14",
    title: "Cut; fallback refuses prefill",
    primary: "s14-cut",
    fallback: "steady-no-prefill",
    ideal: "answer",
    limitS: 40,
    checks: [
      required("prefill's refusal not passed on", noPrefillMasking),
      required("no part as the whole", noTruncatedSuccess),
    ],
  },
  {
    id: "S15",
    title: "Down for 60 s, then healthy",
    primary: "s15-outage",
    fallback: FALLBACK,
    ideal: "answer",
    limitS: 30,
    sequence: { requests: 20, everyMs: 4_000 },
    checks: [
      required("all end", everyRequestEnded),
      required("served during the outage", servedDuringOutage),
      required("back within 30 s", recoveredWithin(30)),
      noted("few probes", fewProbes),
    ],
  },
  {
    id: "S16",
    title: "503 always: the accounting",
    primary: "s16-overload-always",
    fallback: FALLBACK,
    ideal: "answer",
    limitS: 40,
    checks: [
      required("reports the fallback", reportsFallback),
      advisory("usage", usageReported),
      required("bounded attempts", primaryAttemptsAtMost(6)),
    ],
  },
];

export const FALLBACKS: readonly string[] = [...new Set(SCENARIOS.map(({ fallback }) => fallback))];
export const PRIMARIES: readonly string[] = SCENARIOS.map(({ primary }) => primary);
