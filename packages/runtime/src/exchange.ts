/**
 * A request's walk from plan to settle: one candidate after another, until one commits or none is left.
 * See the architecture notes: plan → attempt → commit → relay → settle, no turning back.
 */
import { movesOn, type Options, type RoutePolicy, type Usage } from "@headgate/contract";
import {
  type Candidate,
  type IndexedRoute,
  nextCandidate,
  type Plan,
  plan,
  planLarger,
  type RequestFacts,
  type Skip,
} from "@headgate/router";
import type { AnyRequest } from "./any-request.ts";
import { type AttemptRecord, type Try, tryCandidate, via, type Walk } from "./candidate.ts";
import type { AnswerSink, ClientSink } from "./client-sink.ts";
import { hedgeAfterMs, race, takeOther } from "./hedge.ts";
import type { Ledger } from "./ledger.ts";
import type { LiveTable } from "./live-table.ts";
import type { Leases } from "./local/leases.ts";
import { brokenStream, resume, SPLICED } from "./midstream/resume.ts";
import { spliceOf } from "./midstream/splice.ts";
import { type Outcome, observed } from "./outcome.ts";
import { allFailed, clientFailure, type Tried } from "./verdict.ts";

/** What is known when an exchange is over: for the log, the health page and the metrics. */
export interface Settlement {
  readonly requestId: string;
  readonly model: string;
  readonly stream: boolean;
  /** `<provider>/<upstream model>` of the candidate that answered or broke. */
  readonly via?: string;
  readonly outcome: "answered" | "broken" | "aborted" | "refused";
  readonly status: number;
  readonly tried: readonly Tried[];
  readonly usage?: Usage;
  readonly durationMs: number;
}

export interface ExchangeContext {
  readonly live: LiveTable;
  readonly options: Options;
  readonly nowMs: () => number;
  /** Dice from 0 up to 1. */
  readonly random: () => number;
  readonly ledger: Ledger;
  readonly leases: Leases;
  /** Called once per attempt, after it is over. */
  readonly onAttempt: (record: AttemptRecord) => void;
}

const trailOf = (tried: readonly Tried[]): string =>
  tried
    .map((one) => `${one.via}:${one.failure.class}`)
    .join(",")
    .replaceAll(/[^\x20-\x7e]/g, "?");

/** One request: what its surface made of it, and what routing knows of it. */
export interface Asked {
  readonly request: AnyRequest;
  readonly facts: RequestFacts;
  readonly policy: RoutePolicy | undefined;
  /** The client's own bound for the whole request. */
  readonly timeoutMs: number | undefined;
  /** A prompt that one provider's content filter refuses goes to the next. */
  readonly pastFilter: boolean;
}

/**
 * Runs the request to its end. The client has been answered, told of an error, or is gone when it resolves.
 * @throws {ClientError} while nothing has reached the client.
 */
export async function exchange(
  context: ExchangeContext,
  route: IndexedRoute,
  asked: Asked,
  sink: ClientSink,
  requestId: string,
): Promise<Settlement> {
  const { nowMs } = context;
  const { request, facts } = asked;
  // Durations are measured on a clock that never jumps; the wall clock is for cooldowns.
  const startedAtMs = performance.now();
  const tried: Tried[] = [];
  const passed: Skip[] = [];
  const seen = new Set<Candidate>();
  let planned: Plan = plan(route, facts, nowMs(), context.random);
  let queue = [...planned.candidates];
  const { sessionKey, keep } = planned;
  const splice = spliceOf(request, asked.policy);
  if (splice !== undefined) sink.announceTrailer(SPLICED);
  const walk: Walk = {
    context,
    asked,
    splice,
    sessionKey,
    startedAtMs,
    tried,
    passed,
    queue: () => queue,
    lastAnswered: lastAnswered(context, planned),
  };
  let hedgeMs = hedgeAfterMs(walk);

  const settlement = (
    outcome: Settlement["outcome"],
    status: number,
    candidate?: Candidate,
    usage?: Usage,
  ): Settlement => ({
    requestId,
    model: facts.model,
    stream: request.stream,
    ...(candidate === undefined ? {} : { via: via(candidate) }),
    outcome,
    status,
    tried,
    ...(usage === undefined ? {} : { usage }),
    durationMs: Math.round(performance.now() - startedAtMs),
  });

  const next = (candidate = nextCandidate(queue, nowMs(), keep)): Candidate | undefined => {
    if (candidate !== undefined) seen.add(candidate);
    return candidate;
  };
  const tryOne = async (candidate: Candidate, to: AnswerSink): Promise<Try> => {
    const one = await tryCandidate(walk, candidate, to);
    seen.add(one.candidate);
    return one;
  };
  /** Tries one candidate, or two of them at once. */
  const tryNext = async (candidate: Candidate): Promise<readonly Try[]> => {
    if (hedgeMs === undefined) return [await tryOne(candidate, sink)];
    return race(sink, candidate, hedgeMs, tryOne, () => {
      const other = takeOther(queue, candidate);
      if (other === undefined) return undefined;
      // One extra call for a request.
      hedgeMs = undefined;
      return next(other);
    });
  };

  if (request.mockFallback) queue = mockFirstFailure(route, queue, tried);

  walking: for (let candidate = next(); candidate !== undefined; candidate = next()) {
    if (sink.gone) return settlement("aborted", 499, candidate);
    const tries = await tryNext(candidate);
    const failures = tries.filter(isFailed);
    for (const { candidate: at, outcome, param } of failures)
      tried.push({
        via: via(at),
        failure: outcome.failure,
        ...(param === undefined ? {} : { param }),
        ...(at.provider.local === undefined ? {} : { local: true as const }),
      });

    for (const one of tries) {
      const { outcome } = one;
      switch (outcome.kind) {
        case "answered":
          return settlement("answered", 200, one.candidate, outcome.usage);
        case "aborted":
          return settlement("aborted", 499, one.candidate);
        case "skipped":
          passed.push(outcome.skip);
          break;
        case "broken": {
          tried.push({ via: via(one.candidate), failure: outcome.failure });
          if (splice !== undefined) {
            const end = await resume(walk, splice, sink, { candidate: one.candidate, outcome }, next, tryOne);
            return settlement(end.outcome, end.outcome === "aborted" ? 499 : 200, end.candidate, end.usage);
          }
          const error = brokenStream(one.candidate, outcome.failure);
          sink.end(one.errorFrame?.(error) ?? request.errorFrame(error));
          return settlement("broken", 200, one.candidate, outcome.usage);
        }
      }
    }
    for (const { candidate: at, outcome, param, late } of failures) {
      if (late === true) break walking;
      if (param !== undefined) continue;
      if (!movesOn(outcome.failure) && !(asked.pastFilter && outcome.failure.class === "content_filter")) {
        sink.header("x-headgate-trail", trailOf(tried));
        throw clientFailure(via(at), outcome.failure);
      }
      if (outcome.failure.class === "context_window") {
        planned = planLarger(route, facts, at.deployment, seen, nowMs());
        queue = [...planned.candidates];
      }
    }
  }
  if (tried.length > 0) {
    sink.header("x-headgate-trail", trailOf(tried));
    sink.header("x-fallback-attempts", String(tried.length - 1));
  }
  throw allFailed(route, tried, [...planned.skipped, ...passed], nowMs());
}

/** Looked up only where a model that takes over is to be told. */
function lastAnswered(
  { options, nowMs }: ExchangeContext,
  { sessionKey, candidates }: Plan,
): string | undefined {
  if (options.contextHandoff === "off" || sessionKey === undefined) return undefined;
  return candidates[0]?.memory.sessions.get(sessionKey, nowMs());
}

type FailedTry = Try & { readonly outcome: Extract<Outcome, { kind: "failed" }> };

const isFailed = (one: Try): one is FailedTry => one.outcome.kind === "failed";

/** `mock_testing_fallbacks`: the named model is taken to have failed; what follows is real. */
function mockFirstFailure(route: IndexedRoute, queue: Candidate[], tried: Tried[]): Candidate[] {
  const primary = route.chain[0]?.deployment;
  const candidate = route.chain[0]?.candidates[0];
  if (primary === undefined || candidate === undefined) return queue;
  tried.push({
    via: via(candidate),
    failure: observed("server_error", "a failure mocked by mock_testing_fallbacks", "request"),
  });
  return queue.filter((candidate) => candidate.deployment !== primary);
}
