/**
 * A slice of `make failover`: the scenarios that need no long wait, through three real gateways. EXPECTED is what is true today;
 * a better gateway raises it. A scenario that fails today is absent until it is at least safe.
 */
import { describe, expect, it } from "vitest";
import { PUBLISHED_TIMINGS } from "./faults.ts";
import { runSetup } from "./run.ts";
import { SCENARIOS } from "./scenarios.ts";
import type { Verdict } from "./scoring.ts";
import { SETUPS, type SetupId } from "./setups.ts";

const EXPECTED: Readonly<Record<SetupId, Readonly<Record<string, Verdict>>>> = {
  fragment: {
    S01: "pass",
    S02: "pass",
    S03: "pass",
    S04: "pass",
    S05: "pass",
    S08: "pass",
    S10: "pass",
    S11: "pass",
    S12: "pass",
    S13: "pass",
    S14: "pass",
    S16: "pass",
  },
  custom: {
    S01: "pass",
    S02: "pass",
    S03: "pass",
    S04: "pass",
    S05: "pass",
    S08: "pass",
    S10: "pass",
    S11: "pass",
    S12: "pass",
    S13: "pass",
    S14: "pass",
    S16: "pass",
  },
  "one-account": {
    S01: "pass",
    S02: "pass",
    S03: "pass",
    S04: "pass",
    S05: "pass",
    S08: "pass",
    S10: "pass",
    S11: "pass",
    S12: "pass",
    S13: "pass",
    S14: "pass",
    S16: "pass",
  },
};

describe.concurrent.each(SETUPS)("with $title", (setup) => {
  it("each quick scenario has its verdict of today", async ({ signal }) => {
    const expected = EXPECTED[setup.id];
    const { results } = await runSetup(
      setup,
      SCENARIOS.filter(({ id }) => id in expected),
      {
        timings: { ...PUBLISHED_TIMINGS, betweenTokensMs: 1 },
        inSequence: false,
        signal,
        onResult() {},
      },
    );
    const reasons = results.map(({ id, verdict, reason }) => `${id} ${verdict}: ${reason}`).join("\n");
    expect(Object.fromEntries(results.map(({ id, verdict }) => [id, verdict])), reasons).toEqual(expected);
  }, 120_000);
});
