/**
 * One request from plan to settlement: one candidate after another, until one commits or none is left.
 * The steps are plan → attempt → commit → relay → settle; none is repeated after a commit.
 */
import { refusesShape } from "@headgate/adapter-kit";
import { type Failure, movesOn, present } from "@headgate/contract";
import {
  type Candidate,
  type IndexedRoute,
  nextCandidate,
  type Plan,
  plan,
  planLarger,
} from "@headgate/router";
import type { AnswerSink, ClientEnd } from "../http/client-sink.ts";
import { type Outcome, observed } from "../upstream/outcome.ts";
import { attemptCandidate, attemptsLeft } from "./candidate.ts";
import { continuationOf } from "./continuation/continuation.ts";
import { brokenStream, continueStream, SPLICED } from "./continue-stream.ts";
import {
  type AttemptResult,
  type ExchangeContext,
  type ExchangeRequest,
  type ExchangeState,
  via,
} from "./exchange-state.ts";
import { hedgeAfterMs, race, takeOther } from "./hedge.ts";
import type { FailedAttempt } from "./prospects.ts";
import type { Trace } from "./trace.ts";
import { type ExchangeEnd, namedBy, usdOf } from "./usage-record.ts";
import { allFailed, clientFailure } from "./verdict.ts";

const trailOf = (failedAttempts: readonly FailedAttempt[]): string =>
  failedAttempts
    .map((one) => `${one.via}:${one.failure.class}`)
    .join(",")
    .replaceAll(/[^\x20-\x7e]/g, "?");

/**
 * Runs the request to its end. When it resolves, the client has an answer or a broken stream's error, or is gone.
 * @throws {ClientError} while nothing has reached the client.
 */
export async function exchange(
  context: ExchangeContext,
  route: IndexedRoute,
  incoming: ExchangeRequest,
  sink: ClientEnd,
  trace: Trace,
): Promise<ExchangeEnd> {
  const { nowMs } = context;
  const { request, facts } = incoming;
  const failedAttempts: FailedAttempt[] = [];
  const { skipped } = trace;
  const seen = new Set<Candidate>();
  let planned: Plan = plan(route, facts, nowMs(), context.random);
  trace.plan = planned;
  trace.route = route;
  let queue = [...planned.candidates];
  const { sessionKey, keep } = planned;
  if (route.retired !== undefined) sink.header("x-headgate-retired", route.retired);
  const continuation = continuationOf(request, incoming.policy);
  if (continuation !== undefined) sink.announceTrailer(SPLICED);
  const state: ExchangeState = {
    context,
    incoming,
    continuation,
    sessionKey,
    trace,
    failedAttempts,
    skipped,
    attempts: { made: 0 },
    emptyFrom: new Set(),
    unsealed: new Set(),
    named: namedBy(route),
    queue: () => queue,
    lastAnswered: lastAnswered(context, planned),
  };
  let hedgeMs = hedgeAfterMs(state);

  const next = (
    candidate = attemptsLeft(state) ? nextCandidate(queue, nowMs(), keep) : undefined,
  ): Candidate | undefined => {
    if (candidate !== undefined) seen.add(candidate);
    return candidate;
  };
  const attemptOne = async (candidate: Candidate, to: AnswerSink): Promise<AttemptResult> => {
    const one = await attemptCandidate(state, candidate, to);
    seen.add(one.candidate);
    return one;
  };
  /** Tries one candidate, or two of them at once. */
  const attemptNext = async (candidate: Candidate): Promise<readonly AttemptResult[]> => {
    if (hedgeMs === undefined) return [await attemptOne(candidate, sink)];
    return race(sink, candidate, hedgeMs, attemptOne, () => {
      const other = attemptsLeft(state) ? takeOther(queue, candidate) : undefined;
      if (other === undefined) return undefined;
      // At most one hedge per request.
      hedgeMs = undefined;
      return next(other);
    });
  };

  if (request.mockFallback) queue = mockFirstFailure(route, queue, failedAttempts);

  candidates: for (let candidate = next(); candidate !== undefined; candidate = next()) {
    if (sink.gone) return { outcome: "aborted", status: 499 };
    const results = await attemptNext(candidate);
    const failures = results.filter(isFailed);
    for (const { candidate: at, outcome, param } of failures)
      failedAttempts.push({
        via: via(at),
        candidate: at,
        failure: outcome.failure,
        ...present({ param }),
        ...(at.provider.local !== undefined && { local: true as const }),
      });

    for (const one of results) {
      const { outcome } = one;
      switch (outcome.kind) {
        case "answered":
          return {
            outcome: "answered",
            status: 200,
            candidate: one.candidate,
            ...present({ kept: one.kept }),
          };
        case "aborted":
          return { outcome: "aborted", status: 499, candidate: one.candidate };
        case "skipped":
          skipped.push(outcome.skip);
          break;
        case "broken": {
          failedAttempts.push({ via: via(one.candidate), failure: outcome.failure });
          if (continuation !== undefined) {
            const end = await continueStream(
              state,
              continuation,
              sink,
              { candidate: one.candidate, outcome },
              next,
              attemptOne,
            );
            return { ...end, status: end.outcome === "aborted" ? 499 : 200 };
          }
          const error = brokenStream(one.candidate, outcome.failure);
          sink.charge(usdOf(trace));
          sink.end(one.errorFrame?.(error) ?? request.errorFrame(error));
          return { outcome: "broken", status: 200, candidate: one.candidate };
        }
      }
    }
    for (const { candidate: at, outcome, param, late } of failures) {
      if (late === true) break candidates;
      if (param !== undefined) continue;
      const { failure } = outcome;
      const elsewhere = isOfProvider(failure) && queue.some(({ provider }) => provider !== at.provider);
      if (!movesOn(failure) && !elsewhere && !(incoming.pastFilter && failure.class === "content_filter")) {
        sink.header("x-headgate-trail", trailOf(failedAttempts));
        throw clientFailure(via(at), failure);
      }
      if (failure.class === "context_window") {
        planned = planLarger(route, facts, at.deployment, seen, nowMs());
        trace.plan = joined(trace.plan, planned);
        queue = [...planned.candidates];
      }
    }
  }
  if (failedAttempts.length > 0) {
    sink.header("x-headgate-trail", trailOf(failedAttempts));
    sink.header("x-fallback-attempts", String(failedAttempts.length - 1));
  }
  const error = allFailed(route, {
    facts,
    failedAttempts,
    skipped: [...planned.skipped, ...skipped],
    untried: queue,
    nowMs: nowMs(),
  });
  error.attempts = state.attempts.made;
  throw error;
}

/** For the usage record: a prompt that did not fit is planned anew. */
const joined = (before: Plan | undefined, after: Plan): Plan => ({
  ...after,
  candidates: [...new Set([...(before?.candidates ?? []), ...after.candidates])],
});

/** Looked up only where a handoff note may be sent. */
function lastAnswered(
  { options, nowMs }: ExchangeContext,
  { sessionKey, candidates }: Plan,
): string | undefined {
  if (options.contextHandoff === "off" || sessionKey === undefined) return undefined;
  return candidates[0]?.memory.sessions.get(sessionKey, nowMs());
}

/** One provider refuses the form of a conversation that another takes: that is not the client's fault. */
const isOfProvider = (failure: Failure): boolean =>
  failure.class === "bad_request" && refusesShape(failure.message);

type FailedResult = AttemptResult & { readonly outcome: Extract<Outcome, { kind: "failed" }> };

const isFailed = (one: AttemptResult): one is FailedResult => one.outcome.kind === "failed";

/** `mock_testing_fallbacks`: the named model counts as failed, and the fallbacks are tried. */
function mockFirstFailure(
  route: IndexedRoute,
  queue: Candidate[],
  failedAttempts: FailedAttempt[],
): Candidate[] {
  const primary = route.chain[0]?.deployment;
  const candidate = route.chain[0]?.candidates[0];
  if (primary === undefined || candidate === undefined) return queue;
  failedAttempts.push({
    via: via(candidate),
    failure: observed("server_error", "a failure mocked by mock_testing_fallbacks", "request"),
  });
  return queue.filter((candidate) => candidate.deployment !== primary);
}
