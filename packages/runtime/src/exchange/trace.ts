/** What a request leaves behind while it runs: references only, so that it costs little; the usage record is made of it. */
import type { IncomingHttpHeaders } from "node:http";
import type { Usage, UsageRecord } from "@headgate/contract";
import type { Candidate, IndexedRoute, Plan, RequestFacts, Skip } from "@headgate/router";
import type { SpanContext } from "../http/traceparent.ts";
import type { Outcome } from "../upstream/outcome.ts";

export interface TracedAttempt {
  readonly candidate: Candidate;
  readonly outcome: Outcome;
  /** From the request's start, in ms. */
  readonly beganMs: number;
  readonly ms: number;
  /** Where the request is traced. */
  readonly spanId?: string;
}

/** A candidate that could not be tried for this request. */
export interface Unfit {
  readonly candidate: Candidate;
  /** It cannot express a parameter, or the request's time is used up. */
  readonly reason: "parameter" | "time";
  readonly detail: string;
}

/** Where OpenTelemetry spans go. */
export interface Traces {
  /** The request's span; undefined: it is not traced. */
  begin(headers: IncomingHttpHeaders): SpanContext | undefined;
  end(span: SpanContext, trace: Trace, record: UsageRecord): void;
}

/** What the cache gave of an answer, and what that took when it was made. */
export interface CachedPart {
  readonly how: NonNullable<UsageRecord["cache"]>;
  readonly tokens: number;
  readonly listNanoUsd: number;
}

export class Trace {
  /** Ms since the epoch. */
  readonly atMs: number;
  /** On the monotonic clock. */
  readonly startedAtMs = performance.now();
  /** How long a background request waited for its turn, which is not part of its timeouts. */
  waitedMs = 0;
  readonly attempts: TracedAttempt[] = [];
  /** Candidates that their limits did not admit, besides those that the plan left out. */
  readonly skipped: Skip[] = [];
  readonly unfit: Unfit[] = [];
  /** Where the request is traced. */
  span: SpanContext | undefined;
  facts: RequestFacts | undefined;
  stream = false;
  route: IndexedRoute | undefined;
  plan: Plan | undefined;
  /** What came from the cache. */
  cache: CachedPart | undefined;

  constructor(atMs: number) {
    this.atMs = atMs;
  }

  elapsedMs(): number {
    return performance.now() - this.startedAtMs;
  }
}

export function sumOf(usages: Iterable<Usage | undefined>): Usage | undefined {
  let sum: { -readonly [Name in keyof Usage]: Usage[Name] } | undefined;
  for (const usage of usages) {
    if (usage === undefined) continue;
    if (sum === undefined) {
      sum = { ...usage };
      continue;
    }
    for (const name in usage) {
      const kind = name as keyof Usage;
      sum[kind] = (sum[kind] ?? 0) + (usage[kind] ?? 0);
    }
  }
  return sum;
}
