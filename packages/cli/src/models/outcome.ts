/** One provider in the report. */
import { type Failure, present } from "@headgate/contract";
import { isListing, type Survey } from "@headgate/runtime/refresh-models";
import { type FactLine, factLines } from "./changed.ts";
import type { Comparison, LeftOut } from "./compare.ts";
import type { Added, Edits } from "./edits.ts";
import type { KnownFailure } from "./failure-cache.ts";
import type { Reasoned, Verdict } from "./judge.ts";

export interface NamedReason {
  readonly alias: string;
  readonly upstream: string;
  readonly reason: string;
}

/** As `--json` prints it. */
export interface Outcome {
  readonly provider: string;
  /** `failed`: no result is usable, and its fragment is not changed. */
  readonly state: "ok" | "failed";
  /** Why it failed, with the remedy where that is known. */
  readonly trouble?: string;
  /** The number of models that it lists. */
  readonly listed: number;
  readonly unchanged: number;
  readonly added: readonly Omit<Added, "provider">[];
  readonly gone: readonly NamedReason[];
  /** Not listed, by the list alone. */
  readonly deprecated: readonly NamedReason[];
  /** Facts that the list states otherwise. */
  readonly changed: readonly ({ readonly alias: string; readonly upstream: string } & FactLine)[];
  readonly kept: readonly NamedReason[];
  readonly failed: readonly {
    readonly upstream: string;
    readonly class: Failure["class"];
    readonly message: string;
    readonly remembered: boolean;
  }[];
  /** Failed permanently before, and skipped. */
  readonly known: readonly ({ readonly upstream: string } & KnownFailure)[];
  readonly untried: readonly string[];
  /** Why those were not tested. */
  readonly stopped?: string;
  readonly leftOut: readonly LeftOut[];
  /** The number of entries of its list without a model. */
  readonly unreadable: number;
}

/** The results of one provider. */
export interface Judged {
  readonly survey: Survey;
  /** Both absent where its list could not be read. */
  readonly comparison?: Comparison;
  readonly verdict?: Verdict;
}

export function outcomeOf({ survey, comparison, verdict }: Judged, { added, nameless }: Edits): Outcome {
  const { listing } = survey;
  const { id } = survey.provider;
  if (comparison === undefined || verdict === undefined || !isListing(listing)) {
    const why = isListing(listing) ? "it was not compared" : listing.message;
    const trouble = `its list cannot be read: ${why} (headgate keys verify --provider ${id} shows the remedy)`;
    return { ...NOTHING, provider: id, state: "failed", trouble };
  }
  const { trouble } = verdict;
  const reasoned = ({ model: { alias, upstream }, reason }: Reasoned) => ({ alias, upstream, reason });
  return {
    provider: id,
    state: trouble === undefined ? "ok" : "failed",
    ...present({ trouble }),
    listed: listing.models.length,
    unchanged: comparison.unchanged.length,
    added: added
      .filter(({ provider }) => provider === id)
      .map(({ alias, upstream }) => ({ alias, upstream })),
    gone: trouble === undefined ? verdict.gone.map(reasoned) : [],
    deprecated: trouble === undefined ? verdict.deprecate.map(reasoned) : [],
    changed:
      trouble === undefined
        ? verdict.changed.flatMap((one) => {
            const { alias, upstream } = one.model;
            return factLines(one).map((line) => ({ alias, upstream, ...line }));
          })
        : [],
    kept: [...verdict.kept, ...(trouble === undefined ? [] : verdict.gone)].map(reasoned),
    failed: verdict.failed.map(({ upstream, failure, remembered: kept }) => ({
      upstream,
      class: failure.class,
      message: failure.message,
      remembered: kept,
    })),
    known: comparison.known.map(({ upstream, failure }) => ({ upstream, ...failure })),
    untried: verdict.untried,
    ...present({ stopped: survey.stopped?.message }),
    leftOut: [
      ...verdict.leftOut,
      ...nameless
        .filter(({ provider }) => provider === id)
        .map(({ upstream }) => ({ upstream, reason: "no alias can be made of its id; add it by hand" })),
    ],
    unreadable: listing.unreadable,
  };
}

const NOTHING = {
  listed: 0,
  unchanged: 0,
  added: [],
  gone: [],
  deprecated: [],
  changed: [],
  kept: [],
  failed: [],
  known: [],
  untried: [],
  leftOut: [],
  unreadable: 0,
};
