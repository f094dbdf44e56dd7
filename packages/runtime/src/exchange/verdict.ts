/** The error for a client when no candidate answered: the failure that helps most, not simply the last one. */
import { type Failure, type FailureClass, present } from "@headgate/contract";
import { type IndexedRoute, type Skip, soonestOpenMs } from "@headgate/router";
import { ClientError } from "../http/client-error.ts";

/** One candidate that was tried and failed. */
export interface FailedAttempt {
  /** `<provider>/<upstream model>`. */
  readonly via: string;
  readonly failure: Failure;
  /** The field that the candidate's wire could not express. */
  readonly param?: string;
  /** A local model: the client may wait in its queue. */
  readonly local?: true;
}

/** The retry delay for a full queue of a local model, where no better one is known. */
const LOCAL_QUEUE_MS = 2_000;

/**
 * How useful a failure is to the client, most useful first: wait, try again, send less, and last what only the gateway's
 * operator can fix. Among equals the first candidate's counts: it is the requested one.
 */
const RANK: Readonly<Record<FailureClass, number>> = {
  rate_limit: 5,
  daily_quota: 5,
  monthly_quota: 5,
  overloaded: 4,
  server_error: 4,
  timeout: 4,
  network: 4,
  malformed: 4,
  context_window: 3,
  out_of_credit: 2,
  dead_key: 2,
  permission: 2,
  model_gone: 2,
  content_filter: 1,
  bad_request: 1,
};

const LIMIT_RANK = RANK.rate_limit;

/** The failure that helps the client most. */
export const mostUseful = (failedAttempts: readonly [FailedAttempt, ...FailedAttempt[]]): FailedAttempt =>
  failedAttempts.reduce((best, one) => (RANK[one.failure.class] > RANK[best.failure.class] ? one : best));

/** Failures that end a request at once: the same request would fail at every candidate. */
export function clientFailure(via: string, failure: Failure): ClientError {
  const filtered = failure.class === "content_filter";
  return new ClientError({
    status: 400,
    type: "invalid_request_error",
    code: filtered ? "content_filter" : (failure.code ?? "bad_request"),
    message: `${via} refused the request: ${failure.message}`,
  });
}

export function allFailed(
  route: IndexedRoute,
  failedAttempts: readonly FailedAttempt[],
  skipped: readonly Skip[],
  nowMs: number,
): ClientError {
  const [first, ...others] = failedAttempts;
  if (first === undefined) return noneCould(route, skipped, nowMs);
  const shown = mostUseful([first, ...others]);
  const { via, failure, param } = shown;
  const message = `${via}: ${failure.message}${tail(failedAttempts)}`;
  if (RANK[failure.class] === LIMIT_RANK) {
    const every = failedAttempts.every((one) => RANK[one.failure.class] === LIMIT_RANK);
    const wait = waitMs(failedAttempts, skipped, nowMs);
    return limited(
      every ? `Every candidate for ${route.name} is at its limit. First: ${message}` : message,
      wait,
    );
  }
  // The queue of a local model is full: the client can wait.
  if (failure.class === "overloaded" && shown.local === true)
    return limited(message, waitMs(failedAttempts, skipped, nowMs) ?? LOCAL_QUEUE_MS);
  switch (failure.class) {
    case "context_window":
      return new ClientError({
        status: 400,
        type: "invalid_request_error",
        code: "context_length_exceeded",
        message: `The prompt does not fit: ${message}`,
      });
    case "bad_request":
      return new ClientError({
        status: 400,
        type: "invalid_request_error",
        code: "unsupported_parameter",
        message: failure.message,
        ...present({ param }),
      });
    case "content_filter":
      return clientFailure(via, failure);
    case "timeout":
      return new ClientError({ status: 504, type: "timeout_error", code: failure.class, message });
    default: {
      const retryAfterMs =
        RANK[failure.class] < RANK.context_window ? undefined : waitMs(failedAttempts, skipped, nowMs);
      return new ClientError({
        status: 503,
        type: "upstream_error",
        code: failure.class,
        message,
        ...present({ retryAfterMs }),
      });
    }
  }
}

const tail = (failedAttempts: readonly FailedAttempt[]): string =>
  failedAttempts.length === 1
    ? ""
    : `. ${failedAttempts.length - 1} more failed too; see the x-headgate-trail header.`;

function waitMs(
  failedAttempts: readonly FailedAttempt[],
  skipped: readonly Skip[],
  nowMs: number,
): number | undefined {
  const stated = failedAttempts.flatMap(({ failure }) => failure.retryAfterMs ?? []);
  const opens = soonestOpenMs(skipped);
  if (opens !== undefined) stated.push(Math.max(0, opens - nowMs));
  return stated.length === 0 ? undefined : Math.min(...stated);
}

const limited = (message: string, retryAfterMs: number | undefined): ClientError =>
  new ClientError({
    status: 429,
    type: "rate_limit_error",
    code: "rate_limit_exceeded",
    message,
    ...present({ retryAfterMs }),
  });

/** No candidate was tried: each was skipped. */
function noneCould(route: IndexedRoute, skipped: readonly Skip[], nowMs: number): ClientError {
  const opens = soonestOpenMs(skipped);
  if (opens !== undefined) {
    const because = skipped.find(({ untilMs }) => untilMs === opens);
    const retryAfterMs = Math.max(0, opens - nowMs);
    return limited(
      `Every candidate for ${route.name} is cooling or at its limit (${because?.deployment.alias ?? "one"}: ${because?.detail ?? "after a failure"}). The first opens in ${Math.ceil(retryAfterMs / 1000)} s.`,
      retryAfterMs,
    );
  }
  const small = skipped.find(({ reason }) => reason === "window");
  if (small !== undefined) {
    return new ClientError({
      status: 400,
      type: "invalid_request_error",
      code: "context_length_exceeded",
      message: `The prompt does not fit ${route.name}: ${small.deployment.alias}: ${small.detail}.`,
    });
  }
  const oversized = skipped.find(({ reason }) => reason === "quota");
  if (oversized !== undefined) {
    return limited(
      `No candidate for ${route.name} can take this request: ${oversized.deployment.alias}: ${oversized.detail}.`,
      undefined,
    );
  }
  const unserved = skipped.find((skip) => skip.reason === "not-served");
  if (unserved !== undefined && skipped.every((skip) => skip.reason === "not-served")) {
    return new ClientError({
      status: 501,
      type: "not_implemented_error",
      code: "operation_not_served",
      message: `${route.name} is in the catalogue, but ${unserved.detail}.`,
    });
  }
  return new ClientError({
    status: 422,
    type: "invalid_request_error",
    code: "capability_missing",
    message: `No active candidate for ${route.name} can do this: ${skipped.map((skip) => `${skip.deployment.alias}: ${skip.detail}`).join("; ") || "none is left"}.`,
  });
}
