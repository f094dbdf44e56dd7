/** HG37x: exchanges that prove a fragment's rules. */
import type { CodeEntry } from "./entry.ts";

export const PROOF_CODES = {
  HG370: {
    slug: "unproven-error-rule",
    severity: "warning",
    title: "No exchange proves an error rule",
    why: "A rule that no answer has shown may match nothing, and its provider's failure is then taken for another one.",
    fix: "Add an answer that this rule decides to the provider's fixtures/exchanges.json.",
    example: {
      prose: "A fragment has `errors: [{ status: 402, … }]`, and its exchanges.json has no answer with 402.",
    },
  },
  HG371: {
    slug: "unproven-dialect",
    severity: "warning",
    title: "No exchange proves a rule of a dialect",
    why: "A rule whose effect no request shows can be lost unseen, and the provider then refuses requests.",
    fix: "Add a request that is sent otherwise without the rule to the provider's fixtures/exchanges.json.",
    example: {
      prose:
        "A fragment has `dialect: { drop: [logprobs] }`, and no request of its exchanges.json has `proves: [drop]`.",
    },
  },
  HG372: {
    slug: "exchange-at-odds",
    severity: "warning",
    title: "An exchange contradicts its fragment",
    why: "One of the two is wrong, and the tests fail.",
    fix: "Correct the exchange or the rule.",
    example: {
      prose:
        "An answer of exchanges.json says `class: dead_key`, and the fragment's rule for it says `rate_limit`.",
    },
  },
} as const satisfies Record<string, CodeEntry>;
