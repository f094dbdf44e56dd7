/** What is compared: something that picks an upstream for a request, one attempt after another. */
import type { Failure, LimitReading, Usage } from "@headgate/contract";
import type { SimRequest } from "./demand.ts";

/** One attempt: which deployment of the table, under which of its keys. */
export interface Call {
  readonly deployment: number;
  readonly key: number;
  /** No call before this moment. */
  readonly notBeforeMs?: number;
}

/** How a call ended, as the gateway's own classifier and readers make it out. */
export interface Ended {
  readonly failure?: Failure;
  readonly usage?: Usage;
  readonly readings: readonly LimitReading[];
  readonly firstTokenMs?: number;
  readonly durationMs: number;
}

/** One request on its way. */
export interface Walk {
  /** The next attempt; undefined: none is left, the client is answered 429 or 503. */
  next(nowMs: number): Call | undefined;
  /** @returns whether another candidate may be tried */
  ended(call: Call, how: Ended, nowMs: number): boolean;
}

export interface Policy {
  readonly name: string;
  walk(request: SimRequest, nowMs: number): Walk;
  /**
   * Whether calls to this upstream go on after a failure: no cooldown that it began, and no full limit that was inferred from
   * refusals. Absent for policies that infer none.
   */
  goesOn?(call: Call, after: Failure, nowMs: number): boolean;
  /** Trips to a shared store, where there is one. */
  readonly roundTrips?: number;
}
