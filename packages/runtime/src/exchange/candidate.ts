/**
 * The attempts of one candidate, from reservation to settlement: admission, encoding, dispatch, and what is learned. The
 * exchange, a hedge and a continuation all try candidates through this function.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type EncodedRequest, EncodeError, type Target } from "@headgate/adapter-kit";
import {
  DEFAULT_TIMEOUTS,
  DRIVERS,
  type Failure,
  LOCAL_WAIT_MS,
  present,
  statedMs,
} from "@headgate/contract";
import type { LeaseOutcome } from "@headgate/resources";
import { admit, type Candidate, firstTokenP95Ms, type RequestFacts, type Result } from "@headgate/router";
import { type AnyRequest, exchangeCodecFor, isChat } from "../codec/any-request.ts";
import type { ExchangeCodec } from "../codec/exchange-codec.ts";
import type { AnswerSink } from "../http/client-sink.ts";
import { newSpanId, type SpanContext, traceparentOf } from "../http/traceparent.ts";
import type { LiveTable } from "../upstream/live-table.ts";
import { failed, isMemoryUsedUp, type Outcome, observed, timeUsedUp } from "../upstream/outcome.ts";
import { Attempt, type AttemptLimits } from "./attempt.ts";
import { type AttemptResult, type ExchangeContext, type ExchangeState, via } from "./exchange-state.ts";
import { withHandoff } from "./handoff.ts";
import { answerInProcess } from "./in-process.ts";
import { learnsFrom, mended } from "./mend.ts";
import type { FailedAttempt } from "./prospects.ts";
import { firstContentMs, isStale, secondTryAfterMs } from "./second-try.ts";
import { usdOf } from "./usage-record.ts";

const UNUSED: Result = { unused: true };

/**
 * Tries a candidate, and a second time where the rules of second tries say so.
 * @param first the next candidate; shared limits may choose a later one instead
 * @throws {ClientError} for a request that no candidate of another wire can express
 */
export async function attemptCandidate(
  state: ExchangeState,
  first: Candidate,
  sink: AnswerSink,
): Promise<AttemptResult> {
  const one = await attemptMended(state, first, state.queue(), sink);
  const pauseMs = sink.gone ? undefined : pauseBeforeSecond(state, one);
  if (pauseMs === undefined || one.outcome.kind !== "failed") return one;
  await pause(pauseMs, one.candidate, state.context.nowMs, sink);
  if (sink.gone) return { candidate: one.candidate, outcome: { kind: "aborted" } };
  state.failedAttempts.push({ via: via(one.candidate), failure: one.outcome.failure });
  return attemptMended(state, one.candidate, [], sink);
}

/** One attempt, and at once another one without what the candidate refused. */
async function attemptMended(
  state: ExchangeState,
  first: Candidate,
  queue: Candidate[],
  sink: AnswerSink,
): Promise<AttemptResult> {
  const one = await attemptFresh(state, first, queue, sink);
  const { candidate, outcome } = one;
  if (outcome.kind !== "failed" || outcome.seen === undefined || sink.gone || !attemptsLeft(state))
    return one;
  const { failure } = outcome;
  if (failure.class !== "bad_request") return one;
  // As it was sent: what was learned before is left out in it too.
  const prepared = prepareFor(state, candidate);
  if (prepared instanceof EncodeError || prepared.exchangeCodec === undefined) return one;
  const { exchangeCodec, endpoint } = prepared;
  if (!learnsFrom(state, { candidate, failure }, exchangeCodec.encoded, endpoint.adapter)) return one;
  state.failedAttempts.push({ via: via(candidate), failure });
  return attemptFresh(state, candidate, [], sink);
}

/** One attempt, and at once another one if its connection was stale: that one taught nothing of the candidate. */
async function attemptFresh(
  state: ExchangeState,
  first: Candidate,
  queue: Candidate[],
  sink: AnswerSink,
): Promise<AttemptResult> {
  const one = await attemptOnce(state, first, queue, sink);
  const { outcome } = one;
  const again = outcome.kind === "failed" && wasStale(outcome) && !sink.gone && attemptsLeft(state);
  return again ? attemptOnce(state, one.candidate, [], sink) : one;
}

const wasStale = ({ reset }: Extract<Outcome, { kind: "failed" }>): boolean =>
  reset !== undefined && isStale(reset);

/** True while the request may make another attempt. */
export const attemptsLeft = ({ attempts, context }: ExchangeState): boolean =>
  attempts.made < context.options.maxAttempts;

function pauseBeforeSecond(state: ExchangeState, { candidate, outcome }: AttemptResult): number | undefined {
  // Only an attempt over HTTP has seen anything.
  if (outcome.kind !== "failed" || outcome.seen === undefined || !attemptsLeft(state)) return undefined;
  const { incoming, named, context } = state;
  const { failure, reset } = outcome;
  const open = state.queue().filter((other) => isOpen(state, other));
  const pauseMs = secondTryAfterMs(
    {
      operation: incoming.facts.operation,
      failure,
      reset: reset !== undefined,
      otherOpen: open.length > 0,
      named: candidate.deployment === named && open.every(({ deployment }) => deployment !== named),
    },
    context.random(),
  );
  // A stated wait may be a cooldown of its own; any other cooldown that outlasts the pause counts.
  const lastMs = Math.max(pauseMs ?? 0, failure.retryAfterMs ?? 0);
  if (pauseMs === undefined || candidate.opensAtMs - context.nowMs() > lastMs) return undefined;
  return pauseMs < remainingMsOf(state, candidate) ? pauseMs : undefined;
}

/** True for a candidate that would be admitted now. */
const isOpen = ({ incoming, context }: ExchangeState, candidate: Candidate): boolean =>
  admit(candidate, incoming.facts, context.nowMs(), false).skip === undefined;

/** Ends when the pause is over and the candidate's cooldown with it, or when the client goes away. */
async function pause(ms: number, candidate: Candidate, nowMs: () => number, sink: AnswerSink): Promise<void> {
  const leaving = new AbortController();
  sink.onGone = () => leaving.abort();
  try {
    await delay(ms, undefined, { signal: leaving.signal });
    // A timer may fire a fraction of a millisecond before the wall clock says so.
    const leftMs = candidate.opensAtMs - nowMs();
    if (leftMs > 0 && leftMs < EARLY_MS) await delay(leftMs, undefined, { signal: leaving.signal });
  } catch (error) {
    if (!leaving.signal.aborted) throw error;
  } finally {
    sink.onGone = undefined;
  }
}

/** How early a timer may fire, by the wall clock. */
const EARLY_MS = 50;

async function attemptOnce(
  state: ExchangeState,
  first: Candidate,
  queue: Candidate[],
  sink: AnswerSink,
): Promise<AttemptResult> {
  const { context, incoming, failedAttempts, sessionKey } = state;
  const { nowMs, reservations } = context;
  const { facts } = incoming;
  const admitting = reservations.admit(first, queue, facts, state.skipped);
  // Only shared limits are asynchronous.
  const admitted = admitting instanceof Promise ? await admitting : admitting;
  if ("skip" in admitted) return { candidate: first, outcome: { kind: "skipped", skip: admitted.skip } };
  const { candidate } = admitted;
  if (sink.gone) {
    reservations.settle(admitted, facts, UNUSED);
    return { candidate, outcome: { kind: "aborted" } };
  }
  const remainingMs = remainingMsOf(state, candidate);
  if (remainingMs <= 0) {
    reservations.settle(admitted, facts, UNUSED);
    const failure = timeUsedUp("request");
    state.trace.unfit.push({ candidate, reason: "time", detail: failure.message });
    return { candidate, outcome: failed(failure), late: true };
  }
  const request = withHandoff(incoming.request, candidate, state.lastAnswered);
  const prepared = prepare(state, request, candidate, Math.floor(nowMs() / 1000));
  if (prepared instanceof EncodeError) {
    reservations.settle(admitted, facts, UNUSED);
    if (prepared.tooLong) {
      const outcome = failed(observed("context_window", prepared.message, "request"));
      return { candidate, outcome };
    }
    const failure = observed("bad_request", prepared.message, "request");
    state.trace.unfit.push({ candidate, reason: "parameter", detail: prepared.message });
    return { candidate, outcome: failed(failure), param: prepared.param };
  }
  const span = state.trace.span && { ...state.trace.span, spanId: newSpanId() };
  const limits = limitsFor(state, candidate, remainingMs, prepared.exchangeCodec?.streams === true);
  setHeaders(sink, candidate, failedAttempts, droppedBy(prepared, request));
  state.attempts.made += 1;
  const startedAtMs = performance.now();
  const outcome = context.leases.needs(candidate)
    ? await leased(state, candidate, sink, limits.remainingMs, chosenIn(prepared), (leftMs) =>
        attempt(state, candidate, prepared, request, sink, { ...limits, remainingMs: leftMs }, span),
      )
    : await attempt(state, candidate, prepared, request, sink, limits, span);

  const { exchangeCodec } = prepared;
  if (outcome.kind !== "broken") exchangeCodec?.forget?.();
  const ended: AttemptResult = {
    candidate,
    outcome,
    errorFrame: (error) => exchangeCodec?.errorFrame?.(error),
    ...present({ kept: exchangeCodec?.kept }),
    ...(outcome.kind === "failed" && isMemoryUsedUp(outcome.failure) ? { late: true as const } : {}),
  };
  if (outcome.kind === "failed" && wasStale(outcome)) {
    reservations.settle(admitted, facts, UNUSED);
    return ended;
  }
  if (outcome.kind === "failed" && outcome.empty) state.emptyFrom.add(candidate.deployment.upstream);
  const ms = performance.now() - startedAtMs;
  const result = resultOf(outcome, ms);
  const beganMs = startedAtMs - state.trace.startedAtMs;
  state.trace.attempts.push({ candidate, outcome, beganMs, ms, ...(span && { spanId: span.spanId }) });
  reservations.settle(admitted, facts, result);
  if (outcome.kind === "answered" && sessionKey !== undefined)
    candidate.memory.sessions.set(sessionKey, candidate.id, nowMs());
  const { failure, cancelled, usage } = result;
  context.onAttempt({
    candidate,
    ...present({ failure }),
    ...(cancelled === true ? { cancelled } : {}),
    ...present({ usage }),
  });
  return ended;
}

/** Runs an attempt under a lease of its local model. The lease is always released. */
async function leased(
  state: ExchangeState,
  candidate: Candidate,
  sink: AnswerSink,
  remainingMs: number,
  { chosen, grown }: Pick<EncodedRequest, "chosen" | "grown">,
  run: (leftMs: number) => Promise<Outcome>,
): Promise<Outcome> {
  const { leases } = state.context;
  const startedAtMs = performance.now();
  const leaving = new AbortController();
  sink.onGone = () => leaving.abort();
  const waits = {
    waitMs: remainingMs,
    startWaitMs: localWaitMs(state),
    background: state.incoming.facts.priority === "background",
  };
  let lease: Awaited<ReturnType<ExchangeContext["leases"]["acquire"]>>;
  try {
    lease = await leases.acquire(candidate, leaving.signal, waits, chosen, (place) => sink.waits(place));
  } catch (error) {
    if (leaving.signal.aborted) return { kind: "aborted" };
    throw error;
  } finally {
    sink.onGone = undefined;
    sink.waits(undefined);
  }
  if (!("granted" in lease))
    return failed(grown === true && lease.class === "model_gone" ? tooLarge(lease) : lease);
  if (grown) leases.grew(candidate.deployment, chosen?.num_ctx);
  let ended: LeaseOutcome = "failed";
  try {
    if (sink.gone) return { kind: "aborted" };
    const leftMs = remainingMs - (performance.now() - startedAtMs);
    if (leftMs <= 0) return failed(timeUsedUp("request"));
    const outcome = await run(leftMs);
    ended = endOf(outcome);
    return outcome;
  } finally {
    lease.release(ended);
  }
}

/** The model cannot be loaded with the context that the prompt needs. */
const tooLarge = ({ message }: Failure): Failure => observed("context_window", message, "request");

/** The longest wait for a local model whose load has not begun. */
function localWaitMs(state: ExchangeState): number {
  const { otherOpen, last } = LOCAL_WAIT_MS;
  const stated = state.incoming.policy?.localWaitMs;
  return stated ?? (state.queue().some((other) => isOpen(state, other)) ? otherOpen : last);
}

/** An attempt that failed with a network error makes the manager check the backend. */
function endOf(outcome: Outcome): LeaseOutcome {
  if (outcome.kind === "answered" || outcome.kind === "aborted") return "done";
  return outcome.failure.class === "network" ? "unreachable" : "failed";
}

/** An attempt's outcome, as limits, cooldowns and model stats take it. */
function resultOf(outcome: Outcome, durationMs: number): Result & { readonly cancelled?: true } {
  const { seen } = outcome;
  const failure = "failure" in outcome ? outcome.failure : undefined;
  const usage = "usage" in outcome ? outcome.usage : undefined;
  return {
    durationMs,
    ...present({ failure, usage }),
    ...(outcome.kind === "aborted" ? { cancelled: true as const } : {}),
    ...seen,
  };
}

interface Prepared {
  readonly target: Target;
  readonly endpoint: ReturnType<LiveTable["endpoint"]>;
  readonly exchangeCodec?: ExchangeCodec;
}

/** What the context must hold, where it is a load option of the candidate's. */
function sizeFor(
  { leases }: ExchangeContext,
  { provider: { local }, deployment, stats }: Candidate,
  facts: RequestFacts,
): Target["size"] {
  const { memory, operation } = deployment;
  if (memory === undefined || operation !== "chat" || local === undefined) return undefined;
  if (DRIVERS[local.driver].contextTokens === undefined) return undefined;
  const promptTokens = facts.promptTokens ?? (facts.promptChars ?? 0) / stats.charsPerToken;
  const grownTokens = leases.grownTokens(deployment);
  return { promptTokens, answerTokens: facts.maxOutputTokens, grownTokens };
}

const prepareFor = (state: ExchangeState, candidate: Candidate): Prepared | EncodeError =>
  prepare(
    state,
    withHandoff(state.incoming.request, candidate, state.lastAnswered),
    candidate,
    Math.floor(state.context.nowMs() / 1000),
  );

/** Encodes the request for the candidate's wire, before anything is sent. */
function prepare(
  state: ExchangeState,
  request: AnyRequest,
  candidate: Candidate,
  nowS: number,
): Prepared | EncodeError {
  const { context, continuation } = state;
  const { facts } = state.incoming;
  const endpoint = context.live.endpoint(candidate);
  const { provider, deployment } = candidate;
  const target = { provider, deployment, ...present({ size: sizeFor(context, candidate, facts) }) };
  const { adapter } = endpoint;
  try {
    if (adapter.answer !== undefined) {
      // A request without a canonical form fails here, not during the attempt.
      if (isChat(request)) request.canonical();
      return { target, endpoint };
    }
    const exchangeCodec =
      continuation !== undefined && adapter.chat !== undefined && isChat(request)
        ? continuation.exchangeCodec(request, { chat: adapter.chat, second: adapter.second }, target, nowS)
        : exchangeCodecFor(request, adapter, target, nowS);
    if (exchangeCodec === undefined) return { target, endpoint };
    const encoded = mended(state, candidate, exchangeCodec.encoded, adapter);
    return {
      target,
      endpoint,
      exchangeCodec: encoded === exchangeCodec.encoded ? exchangeCodec : { ...exchangeCodec, encoded },
    };
  } catch (error) {
    if (error instanceof EncodeError) return error;
    throw error;
  }
}

function attempt(
  { context, emptyFrom, trace }: ExchangeState,
  candidate: Candidate,
  { endpoint, exchangeCodec, target }: Prepared,
  request: AnyRequest,
  sink: AnswerSink,
  limits: AttemptLimits,
  span: SpanContext | undefined,
): Promise<Outcome> {
  const { adapter, http } = endpoint;
  const { nowMs, memory } = context;
  if (adapter.answer !== undefined && isChat(request))
    return answerInProcess(adapter.answer, target, request, sink, nowMs());
  if (http === undefined || exchangeCodec === undefined) {
    const { operation } = request.facts;
    return Promise.resolve(
      failed(observed("server_error", `the ${adapter.id} adapter does not serve ${operation}`)),
    );
  }
  const passEmpty = [...emptyFrom].some((upstream) => upstream !== candidate.deployment.upstream);
  const usd = (outcome: Outcome): string | undefined => usdOf(trace, { candidate, outcome });
  const traceparent = span && traceparentOf(span);
  const input = { candidate, exchangeCodec, http, sink, limits, passEmpty, usd, nowMs, memory, traceparent };
  return new Attempt(input).run();
}

/** Fields of the request that are not sent to this candidate. */
const droppedBy = ({ exchangeCodec }: Prepared, request: AnyRequest): readonly string[] =>
  exchangeCodec?.encoded.dropped ?? (isChat(request) ? request.dropped : undefined) ?? [];

/** Load options that are chosen for this request and sent to this candidate. */
const chosenIn = ({ exchangeCodec }: Prepared): Pick<EncodedRequest, "chosen" | "grown"> =>
  exchangeCodec?.encoded ?? {};

/** Headers that name the candidate. The next candidate overwrites them while nothing has been sent. */
function setHeaders(
  sink: AnswerSink,
  candidate: Candidate,
  failedAttempts: readonly FailedAttempt[],
  dropped: readonly string[],
): void {
  sink.header("x-routed-via", via(candidate));
  if (failedAttempts.length > 0) sink.header("x-fallback-attempts", String(failedAttempts.length));
  if (dropped.length > 0) sink.header("x-headgate-dropped-params", dropped.join(","));
  else sink.removeHeader("x-headgate-dropped-params");
}

/** The time until this attempt must end, in ms; 0 or less: it is used up. */
function remainingMsOf(
  { context: { options }, incoming: { timeoutMs = Number.POSITIVE_INFINITY }, trace }: ExchangeState,
  { provider: { timeouts } }: Candidate,
): number {
  // A provider with a longer request timeout than the gateway's, such as an agent, extends the whole request.
  const usualMs = options.requestTimeoutMs ?? DEFAULT_TIMEOUTS.requestMs;
  const own = statedMs(options.requestTimeoutMs, timeouts, "requestMs") ?? usualMs;
  const wholeMs = Math.min(timeoutMs, Math.max(own, usualMs));
  return Math.min(own, wholeMs - (trace.elapsedMs() - trace.waitedMs));
}

/** The attempt's timeouts: the route's, the operator's, the provider's or the gateway's. */
function limitsFor(
  state: ExchangeState,
  { provider: { timeouts }, deployment, stats }: Candidate,
  remainingMs: number,
  streams: boolean,
): AttemptLimits {
  const { options } = state.context;
  const policyMs = state.incoming.policy?.firstTokenMs;
  // A whole answer without a policy has the same time either way, so the other candidates' limits are not read.
  const otherOpen =
    (streams || policyMs !== undefined) && state.queue().some((other) => isOpen(state, other));
  return {
    firstContentMs: firstContentMs({
      streams,
      otherOpen,
      // Speech may come only once all of it is made.
      reasons: deployment.operation !== "chat" || deployment.capabilities.includes("reasoning"),
      p95Ms: streams && otherOpen ? firstTokenP95Ms(stats) : undefined,
      policyMs,
      operatorsMs: options.firstTokenTimeoutMs,
      timeouts,
    }),
    streamIdleMs:
      statedMs(options.streamIdleTimeoutMs, timeouts, "streamIdleMs") ?? DEFAULT_TIMEOUTS.streamIdleMs,
    remainingMs,
    maxResponseBytes: options.maxResponseBytes,
  };
}
