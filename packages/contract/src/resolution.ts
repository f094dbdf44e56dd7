/** The result of resolving an environment: the table, and the issues of the environment. */
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
  /** A known fault of the provider, from its fragment; active or not. */
  readonly condition?: ProviderCondition;
}

/** An issue of an environment. The compiler turns each into a diagnostic. */
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
      /** A variable of the same instance that is set; the flag when there is none. */
      readonly variable: string;
      readonly missing: readonly string[];
    }
  | {
      readonly kind: "model-map";
      readonly variable: string;
      /** The entry as written, or its pattern. */
      readonly entry: string;
      /** The unknown name; absent when the entry cannot be read. */
      readonly target?: string;
    }
  | {
      readonly kind: "plan";
      readonly provider: string;
      readonly variable: string;
      /** The provider's plans. */
      readonly choices: readonly string[];
    }
  | { readonly kind: "instance-memory"; readonly provider: string; readonly variable: string }
  | {
      readonly kind: "bring-up";
      readonly provider: string;
      readonly variable: string;
      /** The valid values. */
      readonly ways: readonly BringUpWay[];
    }
  | { readonly kind: "chain-empty"; readonly alias: string }
  | { readonly kind: "group-empty"; readonly group: string }
  | { readonly kind: "nothing-active" };

export interface Resolution {
  /** `fingerprint` is empty: the caller computes the digest. */
  readonly table: RoutingTable;
  readonly providers: readonly ProviderStatus[];
  readonly issues: readonly ResolveIssue[];
}
