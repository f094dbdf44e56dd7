import type { Limit } from "./fragment.ts";

/** What an upstream says about one of its limits, in a header or in the text of an error. */
export interface LimitReading {
  readonly unit: Limit["unit"];
  /** Absent where it does not say which. */
  readonly window?: NonNullable<Limit["window"]>;
  readonly limit?: number;
  /** What is left, this call counted. */
  readonly remaining?: number;
  /** Until something comes back, from now. */
  readonly resetMs?: number;
  readonly from: "header" | "message";
}
