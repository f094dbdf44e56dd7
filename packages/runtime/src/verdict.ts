/** What a client is told when no candidate answered: the most telling failure, never simply the last one. */
import type { Failure, FailureClass } from "@headgate/contract";
import { type IndexedRoute, type Skip, soonestOpenMs } from "@headgate/router";
import { ClientError } from "./client-error.ts";

/** One candidate that was tried and failed. */
export interface Tried {
  /** `<provider>/<upstream model>`. */
  readonly via: string;
  readonly failure: Failure;
  /** Set when the request could not be put into the candidate's wire. */
  readonly param?: string;
}

const LIMITS: ReadonlySet<FailureClass> = new Set([
  "rate_limit",
  "daily_quota",
  "monthly_quota",
  "out_of_credit",
]);

/** Failures that end a request at once: the same request would fail anywhere. */
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
  tried: readonly Tried[],
  skipped: readonly Skip[],
  nowMs: number,
): ClientError {
  const [first] = tried;
  if (first === undefined) return noneCould(route, skipped, nowMs);

  const windowed = tried.find(({ failure }) => failure.class === "context_window");
  if (windowed !== undefined) {
    return new ClientError({
      status: 400,
      type: "invalid_request_error",
      code: "context_length_exceeded",
      message: `The prompt does not fit: ${windowed.via}: ${windowed.failure.message}${tail(tried)}`,
    });
  }
  if (tried.every(({ param }) => param !== undefined)) {
    return new ClientError({
      status: 400,
      type: "invalid_request_error",
      code: "unsupported_parameter",
      message: first.failure.message,
      ...(first.param === undefined ? {} : { param: first.param }),
    });
  }
  if (tried.every(({ failure }) => LIMITS.has(failure.class))) {
    return limited(
      `Every candidate for ${route.name} is at its limit. First: ${first.via}: ${first.failure.message}`,
      waitMs(tried, skipped, nowMs),
    );
  }
  const timedOut = tried.every(({ failure }) => failure.class === "timeout");
  return new ClientError({
    status: timedOut ? 504 : 503,
    type: timedOut ? "timeout_error" : "upstream_error",
    code: first.failure.class,
    message: `${first.via}: ${first.failure.message}${tail(tried)}`,
  });
}

const tail = (tried: readonly Tried[]): string =>
  tried.length === 1 ? "" : `. ${tried.length - 1} more failed too; see the x-headgate-trail header.`;

function waitMs(tried: readonly Tried[], skipped: readonly Skip[], nowMs: number): number | undefined {
  const stated = tried.flatMap(({ failure }) => failure.retryAfterMs ?? []);
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
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

/** Nothing was tried: every candidate was left out beforehand. */
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
  const unserved = skipped.find((skip) => skip.reason === "not-served");
  if (unserved !== undefined && skipped.every((skip) => skip.reason === "not-served")) {
    return new ClientError({
      status: 501,
      type: "not_implemented_error",
      code: "operation_not_served",
      message: `${route.name} stands in the catalogue, but ${unserved.detail}.`,
    });
  }
  return new ClientError({
    status: 422,
    type: "invalid_request_error",
    code: "capability_missing",
    message: `No active candidate for ${route.name} can do this: ${skipped.map((skip) => `${skip.deployment.alias}: ${skip.detail}`).join("; ") || "none is left"}.`,
  });
}
