/** One provider in the report. */
import type { Failure } from "@headgate/contract";
import type { LeftOut } from "./compare.ts";
import type { Added } from "./edits.ts";
import type { KnownFailure } from "./failure-cache.ts";

export interface NamedReason {
  readonly alias: string;
  readonly upstream: string;
  readonly reason: string;
}

/** As `--json` prints it. */
export interface Outcome {
  readonly provider: string;
  /** `failed`: nothing was learned, and its fragment is left alone. */
  readonly state: "ok" | "failed";
  /** Why it failed, and what to do where that is known. */
  readonly trouble?: string;
  /** How many models it lists. */
  readonly listed: number;
  readonly unchanged: number;
  readonly added: readonly Omit<Added, "provider">[];
  readonly gone: readonly NamedReason[];
  readonly kept: readonly NamedReason[];
  readonly failed: readonly {
    readonly upstream: string;
    readonly class: Failure["class"];
    readonly message: string;
    readonly remembered: boolean;
  }[];
  /** Failed before and skipped. */
  readonly known: readonly ({ readonly upstream: string } & KnownFailure)[];
  readonly untried: readonly string[];
  /** Why those were not tried. */
  readonly stopped?: string;
  readonly leftOut: readonly LeftOut[];
  /** How many entries of its list name no model. */
  readonly unreadable: number;
}
