/**
 * How long a candidate may produce nothing, when it is tried again, and when the client may try again: the rules that
 * docs/routing.md states under "Second tries and time limits". The random number is passed in.
 */
import { type Failure, HEDGED, type Operation, type ProviderTimeouts, statedMs } from "@headgate/contract";
import type { ClientError } from "../http/client-error.ts";
import type { Reset } from "../upstream/outcome.ts";

/** A connection that is closed later than this after sending was not stale: the upstream had the request. */
const STALE_MS = 1_000;
/** The longest stated wait that is waited for. */
const MAX_WAIT_MS = 3_000;
const MIN_PAUSE_MS = 150;
const PAUSE_SPREAD_MS = 100;

/** The upstream has not seen the request: its kept connection was closed just as it was used (RFC 9112, section 9.3.1). */
export const isStale = ({ beforeAnyByte, kept, sinceSentMs }: Reset): boolean =>
  beforeAnyByte && kept && sinceSentMs <= STALE_MS;

/** The first try of a candidate, after it failed. */
export interface FirstTry {
  readonly operation: Operation;
  readonly failure: Failure;
  /** The connection was reset or closed before any content. */
  readonly reset: boolean;
  /** Another candidate is open. */
  readonly otherOpen: boolean;
  /** The client named this model, and no other key of it is open. */
  readonly named: boolean;
}

/** The pause before the second try, in ms; undefined: there is none. @param random from 0 up to 1 */
export function secondTryAfterMs(first: FirstTry, random: number): number | undefined {
  const { retryAfterMs } = first.failure;
  // A second call for an image, speech or an upload costs more than a prompt.
  if (!HEDGED.has(first.operation) || (retryAfterMs ?? 0) > MAX_WAIT_MS) return undefined;
  return deservesSecond(first) ? (retryAfterMs ?? MIN_PAUSE_MS + random * PAUSE_SPREAD_MS) : undefined;
}

function deservesSecond({ failure, reset, otherOpen, named }: FirstTry): boolean {
  const { status, retryAfterMs } = failure;
  switch (failure.class) {
    case "rate_limit":
      // So short a wait is better than another model in place of the one that the client named.
      return retryAfterMs !== undefined && (!otherOpen || named);
    case "server_error":
      return status === 500 || (!otherOpen && isServerStatus(status));
    case "overloaded":
      return !otherOpen;
    case "timeout":
      // An upstream's own 504. After the gateway's limit a second try would cost the limit again.
      return !otherOpen && status !== undefined && isServerStatus(status);
    case "network":
      return reset && !otherOpen;
    default:
      return false;
  }
}

/** Inside a stream an error may have no status. */
const isServerStatus = (status: number | undefined): boolean => status === undefined || status >= 500;

/** Of a whole answer, and of the last candidate's stream. */
const LAST_MS = 120_000;
const MIN_FIRST_TOKEN_MS = 10_000;
const MAX_FIRST_TOKEN_MS = 60_000;
/** A first token may come so many times later than the 95th percentile. */
const P95_FACTOR = 3;
/** A whole answer comes at once, so it gets longer than a stated time to a stream's first token. */
const WHOLE_ANSWER_FACTOR = 5;

export interface Expected {
  readonly streams: boolean;
  readonly otherOpen: boolean;
  /** The model may work for long before its first content: it reasons, or it is no chat model. */
  readonly reasons: boolean;
  /** The model's own time to first token, 95th percentile; undefined while too few are known. */
  readonly p95Ms: number | undefined;
  /** The route's or the request's own limit while another candidate is open. */
  readonly policyMs: number | undefined;
  readonly operatorsMs: number | undefined;
  readonly timeouts: ProviderTimeouts;
}

/** How long a candidate may produce nothing, in ms. */
export function firstContentMs(expected: Expected): number {
  const { streams, otherOpen, reasons, p95Ms, policyMs, operatorsMs, timeouts } = expected;
  const factor = streams ? 1 : WHOLE_ANSWER_FACTOR;
  if (policyMs !== undefined && otherOpen) return policyMs * factor;
  if (timeouts.why !== undefined || operatorsMs !== undefined) {
    const stated = statedMs(operatorsMs, timeouts, "firstTokenMs");
    if (stated !== undefined) return stated * factor;
  }
  if (!streams || !otherOpen) return Math.max(LAST_MS, timeouts.firstTokenMs ?? 0);
  if (p95Ms !== undefined)
    return Math.min(MAX_FIRST_TOKEN_MS, Math.max(MIN_FIRST_TOKEN_MS, P95_FACTOR * p95Ms));
  return reasons ? MAX_FIRST_TOKEN_MS : MIN_FIRST_TOKEN_MS;
}

/** 501: no candidate serves the operation. */
const FINAL_STATUSES: ReadonlySet<number> = new Set([400, 401, 403, 404, 413, 422, 501]);
/** Only the operator can mend these. */
const FINAL_CODES: ReadonlySet<string> = new Set(["dead_key", "out_of_credit"]);
const ENOUGH_ATTEMPTS = 2;

/** True: a retry of the client gains nothing, so `x-should-retry: false` prevents it. Else the SDKs decide. */
export const retryIsFutile = ({
  status,
  code,
  attempts,
}: Pick<ClientError, "status" | "code" | "attempts">): boolean =>
  FINAL_STATUSES.has(status) || (code !== undefined && FINAL_CODES.has(code)) || attempts >= ENOUGH_ATTEMPTS;
