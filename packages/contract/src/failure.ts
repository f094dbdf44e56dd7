/**
 * Failures of an attempt. One classifier (adapter-kit) makes them, the router enforces them, and a surface
 * reports them to the client.
 */
import type { ErrorRule } from "./fragment.ts";

export type FailureClass = ErrorRule["class"];

/** What a failure affects, and so what cools down after it. */
export type FailureScope = "request" | "key" | "model" | "provider";

export interface Failure {
  readonly class: FailureClass;
  readonly scope: FailureScope;
  /** Safe to show to a client: bounded, one line, without secrets. */
  readonly message: string;
  /** The upstream's HTTP status, where there was one. */
  readonly status?: number;
  /** The upstream's own error code, where there was one. */
  readonly code?: string;
  /** From Retry-After or a similar header, in milliseconds from now. */
  readonly retryAfterMs?: number;
}

/** True when the same request may succeed elsewhere, so the next candidate is tried. */
export const movesOn = (failure: Failure): boolean =>
  failure.class !== "bad_request" && failure.class !== "content_filter";
