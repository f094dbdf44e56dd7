/** The error for a client when no candidate answered: what the candidates wait for decides it, and when the first opens. */
import { type Failure, present } from "@headgate/contract";
import { type IndexedRoute, type Skip, soonestOpenMs } from "@headgate/router";
import { ClientError } from "../http/client-error.ts";
import { noMemory } from "../http/memory-budget.ts";
import { isMemoryUsedUp, isTimeUsedUp } from "../upstream/outcome.ts";
import {
  type FailedAttempt,
  type Prospect,
  type ProspectKind,
  prospectsOf,
  type Unanswered,
} from "./prospects.ts";

/** The first kind that any candidate has decides: what passes by itself, then what the client can change, then the operator. */
const ORDER: readonly ProspectKind[] = ["trouble", "limit", "size", "oversized", "operator", "request"];

/** The shortest retry delay, where a candidate is open already. */
const SOONEST_MS = 1_000;
/** More remedies do not help. */
const MAX_REMEDIES = 3;

/** Failures that end a request at once: the same request would fail at every candidate. */
export function clientFailure(via: string, failure: Failure): ClientError {
  const filtered = failure.class === "content_filter";
  return new ClientError({
    status: 400,
    type: "invalid_request_error",
    code: filtered ? "content_filter" : (failure.code ?? "bad_request"),
    ...present({ reason: filtered ? failure.code : undefined }),
    message: `${via} refused the request: ${failure.message}`,
  });
}

export function allFailed(route: IndexedRoute, unanswered: Unanswered): ClientError {
  const { failedAttempts, skipped, nowMs } = unanswered;
  const last = failedAttempts.at(-1);
  if (last !== undefined && isTimeUsedUp(last.failure)) return outOfTime(failedAttempts, last);
  if (last !== undefined && isMemoryUsedUp(last.failure)) return noMemory();
  const prospects = prospectsOf(unanswered);
  const kind = ORDER.find((one) => prospects.some((prospect) => prospect.kind === one));
  const same = prospects.filter((prospect) => prospect.kind === kind);
  const shown = same.find(({ attempt }) => attempt !== undefined) ?? soonest(same);
  if (kind === undefined || shown === undefined) return cannotServe(route, skipped);
  const opens = soonestOpenMs(prospects);
  const retryAfterMs = opens === undefined ? undefined : Math.max(SOONEST_MS, opens - nowMs);
  const message =
    shown.attempt === undefined ? undefined : `${toldOf(shown.attempt)}${tailOf(failedAttempts)}`;
  const decided = { route, shown, prospects, failedAttempts, message, retryAfterMs };
  return answerTo(kind, decided);
}

interface Decided {
  readonly route: IndexedRoute;
  /** The candidate that the message is about. */
  readonly shown: Prospect;
  readonly prospects: readonly Prospect[];
  readonly failedAttempts: readonly FailedAttempt[];
  /** What its attempt ended with; undefined where it was not tried. */
  readonly message: string | undefined;
  readonly retryAfterMs: number | undefined;
}

function answerTo(kind: ProspectKind, decided: Decided): ClientError {
  const { route, shown, message, retryAfterMs } = decided;
  switch (kind) {
    case "limit":
      return limited(limitMessage(decided), retryAfterMs);
    case "oversized":
      return limited(
        `No candidate for ${route.name} can take this request: ${shown.name}: ${shown.detail}.`,
        undefined,
      );
    case "size":
      return new ClientError({
        status: 400,
        type: "invalid_request_error",
        code: "context_length_exceeded",
        message: `The prompt does not fit${message === undefined ? ` ${route.name}: ${shown.name}: ${shown.detail}.` : `: ${message}`}`,
        ...present({ contextTokens: shown.attempt?.candidate?.deployment.contextTokens }),
      });
    case "operator":
      // Nothing else can serve the model: it is not there, as its provider says.
      if (decided.prospects.every(isGone)) return gone(decided);
      return unavailable(shown, operatorMessage(decided), undefined);
    case "request":
      return refused(shown);
    default:
      return unavailable(shown, message ?? waiting(decided), retryAfterMs);
  }
}

/** The request's own time is used up, so no candidate's state explains the failure. */
function outOfTime(failedAttempts: readonly FailedAttempt[], last: FailedAttempt): ClientError {
  const shown = failedAttempts.find(({ failure }) => failure.class === "timeout") ?? last;
  const message = `${toldOf(shown)}${tailOf(failedAttempts)}`;
  return new ClientError({ status: 504, type: "timeout_error", code: "timeout", message });
}

/** The memory of one's own machine may lack too, which is another thing. */
const isGone = ({ failureClass, attempt }: Prospect): boolean =>
  failureClass === "model_gone" && (attempt?.local !== true || attempt.failure.status === 404);

const gone = (decided: Decided): ClientError =>
  new ClientError({
    status: 404,
    type: "invalid_request_error",
    code: "model_not_found",
    param: "model",
    message: operatorMessage(decided),
  });

const unavailable = (shown: Prospect, message: string, retryAfterMs: number | undefined): ClientError =>
  new ClientError({
    status: 503,
    type: "upstream_error",
    message,
    ...present({ code: shown.failureClass, retryAfterMs }),
  });

const limited = (message: string, retryAfterMs: number | undefined): ClientError =>
  new ClientError({
    status: 429,
    type: "rate_limit_error",
    code: "rate_limit_exceeded",
    message,
    ...present({ retryAfterMs }),
  });

function refused({ attempt, detail }: Prospect): ClientError {
  // An upstream's own refusal keeps its words; the others are the gateway's.
  const own = attempt?.param === undefined && attempt?.failure.status !== undefined;
  if (attempt !== undefined && (own || attempt.failure.class === "content_filter"))
    return clientFailure(attempt.via, attempt.failure);
  return new ClientError({
    status: 400,
    type: "invalid_request_error",
    code: "unsupported_parameter",
    message: detail,
    ...present({ param: attempt?.param }),
  });
}

function limitMessage(decided: Decided): string {
  const { route, message, failedAttempts } = decided;
  if (message === undefined) return waiting(decided);
  const every = failedAttempts.every(({ failure }) => LIMITS.has(failure.class));
  return every ? `Every candidate for ${route.name} is at its limit. First: ${message}` : message;
}

const LIMITS: ReadonlySet<Failure["class"]> = new Set(["rate_limit", "daily_quota", "monthly_quota"]);

function operatorMessage({ route, shown, prospects, message }: Decided): string {
  const remedies = [...new Set(prospects.flatMap(({ remedy }) => remedy ?? []))].slice(0, MAX_REMEDIES);
  const reason = message ?? `No candidate for ${route.name} works: ${shown.name}: ${shown.detail}`;
  if (remedies.length === 0) return reason;
  return `${reason.replace(/\.$/, "")}. Remedy: ${remedies.join("; ")}.`;
}

function waiting({ route, prospects, retryAfterMs = SOONEST_MS }: Decided): string {
  const first = soonest(prospects);
  return `Every candidate for ${route.name} is cooling or at its limit (${first?.name}: ${first?.detail}). The first opens in ${Math.ceil(retryAfterMs / 1000)} s.`;
}

const soonest = (prospects: readonly Prospect[]): Prospect | undefined =>
  prospects.toSorted((a, b) => (a.untilMs ?? Infinity) - (b.untilMs ?? Infinity))[0];

const toldOf = ({ via, failure }: FailedAttempt): string => `${via}: ${failure.message}`;

const tailOf = (failedAttempts: readonly FailedAttempt[]): string =>
  failedAttempts.length <= 1
    ? ""
    : `. ${failedAttempts.length - 1} more failed too; see the x-headgate-trail header.`;

/** No candidate can serve such a request, now or later. */
function cannotServe(route: IndexedRoute, skipped: readonly Skip[]): ClientError {
  const barred = skipped.filter((skip) => skip.reason === "not_allowed");
  if (barred.length > 0) {
    const reasons = barred.map(({ deployment, detail }) => `${deployment.alias}: ${detail}`);
    return new ClientError({
      status: 403,
      type: "permission_error",
      code: "not_allowed",
      message: `No candidate for ${route.name} may serve this client: ${reasons.slice(0, MAX_REMEDIES).join("; ")}.`,
    });
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
