import type { Limit } from "./fragment.ts";

/** One of an upstream's limits, as a header or the text of an error reports it. */
export interface LimitReading {
  readonly unit: Limit["unit"];
  /** Absent where the report does not name it. */
  readonly window?: NonNullable<Limit["window"]>;
  readonly limit?: number;
  /** What remains, this call counted. */
  readonly remaining?: number;
  /** Time until some of the limit is free again, from now. */
  readonly resetMs?: number;
  readonly from: "header" | "message";
}
