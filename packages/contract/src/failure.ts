/**
 * Failures of an attempt. One classifier (adapter-kit) makes them, the router enforces them, and a surface
 * words them for the client.
 */
import type { ErrorRule } from "./fragment.ts";

export type FailureClass = ErrorRule["class"];

/** What a failure says something about, and so what must cool down because of it. */
export type FailureScope = "request" | "key" | "model" | "provider";

export interface Failure {
  readonly class: FailureClass;
  readonly scope: FailureScope;
  /** Safe to show to a client: bounded, one line, without secrets. */
  readonly message: string;
  /** The upstream's HTTP status, where there was one. */
  readonly status?: number;
  /** The upstream's own error code, where it gave one. */
  readonly code?: string;
  /** What the upstream said in Retry-After (or its family), in milliseconds from now. */
  readonly retryAfterMs?: number;
}

/** True when the same request may succeed elsewhere, so the next candidate is tried. */
export const movesOn = (failure: Failure): boolean =>
  failure.class !== "bad_request" && failure.class !== "content_filter";
