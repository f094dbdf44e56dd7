/** What resolving an environment gives: the table, and what is odd about the environment. */
import type { BringUpWay, ProviderCondition } from "./fragment.ts";
import type { RoutingTable } from "./routing.ts";

export interface ProviderStatus {
  readonly id: string;
  readonly flag: string;
  readonly active: boolean;
  /** How many keys were found. */
  readonly keys: number;
  /** Why it is not active, and the fix, in a sentence without a full stop; empty when active. */
  readonly reason: string;
  /** Models that are switched on. */
  readonly models: number;
  /** What the fragment knows to be wrong with it, active or not. */
  readonly condition?: ProviderCondition;
}

/** What is odd about an environment. The compiler words these as diagnostics. */
export type ResolveIssue =
  | {
      readonly kind: "flag-without-key";
      readonly provider: string;
      readonly flag: string;
      readonly variable: string;
    }
  | {
      readonly kind: "key-without-flag";
      readonly provider: string;
      readonly flag: string;
      readonly variable: string;
    }
  | {
      readonly kind: "mistaken-variable";
      readonly provider: string;
      readonly variable: string;
      readonly expected: string;
    }
  | { readonly kind: "flag-value"; readonly provider: string; readonly flag: string }
  | {
      readonly kind: "unusable";
      readonly provider: string;
      readonly flag: string;
      readonly reason: string;
    }
  | { readonly kind: "key-without-account"; readonly provider: string; readonly variable: string }
  | {
      readonly kind: "base-url";
      readonly provider: string;
      readonly variable: string;
      readonly why: "missing" | "not-a-url" | "not-https";
    }
  | {
      readonly kind: "unknown-model";
      readonly provider: string;
      readonly variable: string;
      readonly model: string;
    }
  | {
      readonly kind: "instance";
      readonly provider: string;
      /** One that is set, of the same instance; the flag when there is none. */
      readonly variable: string;
      readonly missing: readonly string[];
    }
  | {
      readonly kind: "model-map";
      readonly variable: string;
      /** The entry as it stands, or its pattern. */
      readonly entry: string;
      /** The name that nothing bears; absent when the entry cannot be read. */
      readonly target?: string;
    }
  | { readonly kind: "instance-memory"; readonly provider: string; readonly variable: string }
  | {
      readonly kind: "bring-up";
      readonly provider: string;
      readonly variable: string;
      /** What it may be. */
      readonly ways: readonly BringUpWay[];
    }
  | { readonly kind: "chain-empty"; readonly alias: string }
  | { readonly kind: "group-empty"; readonly group: string }
  | { readonly kind: "nothing-active" };

export interface Resolution {
  /** `fingerprint` is left empty: hashing is the caller's (it needs a digest, which is I/O-free but not ours). */
  readonly table: RoutingTable;
  readonly providers: readonly ProviderStatus[];
  readonly issues: readonly ResolveIssue[];
}
