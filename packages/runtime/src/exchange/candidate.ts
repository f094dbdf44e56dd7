/**
 * One attempt of one candidate, from reservation to settlement: admission, encoding, dispatch, and what is learned. The
 * exchange, a hedge and a continuation all try candidates through this function.
 */
import { EncodeError, type LoadOptions, type Target } from "@headgate/adapter-kit";
import { present } from "@headgate/contract";
import type { LeaseOutcome } from "@headgate/resources";
import type { Candidate, Result } from "@headgate/router";
import { type AnyRequest, exchangeCodecFor, isChat } from "../codec/any-request.ts";
import type { ExchangeCodec } from "../codec/exchange-codec.ts";
import type { AnswerSink } from "../http/client-sink.ts";
import type { LiveTable } from "../upstream/live-table.ts";
import { failed, type Outcome, observed, timeUsedUp } from "../upstream/outcome.ts";
import { Attempt, type AttemptLimits } from "./attempt.ts";
import { type AttemptResult, type ExchangeContext, type ExchangeState, via } from "./exchange-state.ts";
import { withHandoff } from "./handoff.ts";
import { answerInProcess } from "./in-process.ts";
import type { FailedAttempt } from "./prospects.ts";

const UNUSED: Result = { unused: true };

/**
 * @param first the next candidate; shared limits may choose a later one instead
 * @throws {ClientError} for a request that no candidate of another wire can express
 */
export async function attemptCandidate(
  state: ExchangeState,
  first: Candidate,
  sink: AnswerSink,
): Promise<AttemptResult> {
  const { context, incoming, failedAttempts, sessionKey } = state;
  const { nowMs, reservations } = context;
  const { facts } = incoming;
  const admitting = reservations.admit(first, state.queue(), facts, state.skipped);
  // Only shared limits are asynchronous.
  const admitted = admitting instanceof Promise ? await admitting : admitting;
  if ("skip" in admitted) return { candidate: first, outcome: { kind: "skipped", skip: admitted.skip } };
  const { candidate } = admitted;
  if (sink.gone) {
    reservations.settle(admitted, facts, UNUSED);
    return { candidate, outcome: { kind: "aborted" } };
  }
  const limits = limitsFor(state, candidate, state.queue().length === 0);
  if (limits === undefined) {
    reservations.settle(admitted, facts, UNUSED);
    const failure = timeUsedUp("request");
    return { candidate, outcome: failed(failure), late: true };
  }
  const request = withHandoff(incoming.request, candidate, state.lastAnswered);
  const prepared = prepare(state, request, candidate, Math.floor(nowMs() / 1000));
  if (prepared instanceof EncodeError) {
    reservations.settle(admitted, facts, UNUSED);
    const failure = observed("bad_request", prepared.message, "request");
    return { candidate, outcome: failed(failure), param: prepared.param };
  }
  setHeaders(sink, candidate, failedAttempts, droppedBy(prepared, request));
  const startedAtMs = performance.now();
  const outcome = context.leases.needs(candidate)
    ? await leased(context.leases, candidate, sink, limits.remainingMs, chosenIn(prepared), (leftMs) =>
        attemptTwice(context, candidate, prepared, request, sink, { ...limits, remainingMs: leftMs }),
      )
    : await attemptTwice(context, candidate, prepared, request, sink, limits);

  const result = resultOf(outcome, performance.now() - startedAtMs);
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
  const { exchangeCodec } = prepared;
  if (outcome.kind !== "broken") exchangeCodec?.forget?.();
  return { candidate, outcome, errorFrame: (error) => exchangeCodec?.errorFrame?.(error) };
}

/** Runs an attempt under a lease of its local model. The lease is always released. */
async function leased(
  leases: ExchangeContext["leases"],
  candidate: Candidate,
  sink: AnswerSink,
  remainingMs: number,
  chosen: LoadOptions | undefined,
  run: (leftMs: number) => Promise<Outcome>,
): Promise<Outcome> {
  const startedAtMs = performance.now();
  const leaving = new AbortController();
  sink.onGone = () => leaving.abort();
  let lease: Awaited<ReturnType<ExchangeContext["leases"]["acquire"]>>;
  try {
    lease = await leases.acquire(candidate, leaving.signal, remainingMs, chosen);
  } catch (error) {
    if (leaving.signal.aborted) return { kind: "aborted" };
    throw error;
  } finally {
    sink.onGone = undefined;
  }
  if (!("granted" in lease)) return failed(lease);
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

/** Encodes the request for the candidate's wire, before anything is sent. */
function prepare(
  { context, continuation }: ExchangeState,
  request: AnyRequest,
  candidate: Candidate,
  nowS: number,
): Prepared | EncodeError {
  const endpoint = context.live.endpoint(candidate);
  const target = { provider: candidate.provider, deployment: candidate.deployment };
  const { adapter } = endpoint;
  try {
    if (adapter.answer !== undefined) {
      // A request without a canonical form fails here, not during the attempt.
      if (isChat(request)) request.canonical();
      return { target, endpoint };
    }
    const exchangeCodec =
      continuation !== undefined && adapter.chat !== undefined && isChat(request)
        ? continuation.exchangeCodec(
            request,
            { chat: adapter.chat, responses: adapter.responses },
            target,
            nowS,
          )
        : exchangeCodecFor(request, adapter, target, nowS);
    return { target, endpoint, ...present({ exchangeCodec }) };
  } catch (error) {
    if (error instanceof EncodeError) return error;
    throw error;
  }
}

/** An attempt, and a second one if the upstream has not seen the request: its connection was stale. */
async function attemptTwice(...args: Parameters<typeof attempt>): Promise<Outcome> {
  const outcome = await attempt(...args);
  const [, , , , sink] = args;
  return outcome.kind === "failed" && outcome.stale && !sink.gone ? attempt(...args) : outcome;
}

function attempt(
  context: ExchangeContext,
  candidate: Candidate,
  { endpoint, exchangeCodec, target }: Prepared,
  request: AnyRequest,
  sink: AnswerSink,
  limits: AttemptLimits,
): Promise<Outcome> {
  const { adapter, http } = endpoint;
  const nowMs = context.nowMs;
  if (adapter.answer !== undefined && isChat(request))
    return answerInProcess(adapter.answer, target, request, sink, nowMs());
  if (http === undefined || exchangeCodec === undefined) {
    const { operation } = request.facts;
    return Promise.resolve(
      failed(observed("server_error", `the ${adapter.id} adapter does not serve ${operation}`)),
    );
  }
  return new Attempt({ candidate, exchangeCodec, http, sink, limits, nowMs }).run();
}

/** Fields of the request that are not sent to this candidate. */
const droppedBy = ({ exchangeCodec }: Prepared, request: AnyRequest): readonly string[] =>
  exchangeCodec?.encoded.dropped ?? (isChat(request) ? request.dropped : undefined) ?? [];

/** Load options that the client chose and that are sent to this candidate. */
const chosenIn = ({ exchangeCodec }: Prepared): LoadOptions | undefined => exchangeCodec?.encoded.chosen;

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

/** The attempt's timeouts: the route's, else the provider's, else the gateway's. `undefined`: the request's time is used up. */
function limitsFor(
  {
    context: { options },
    incoming: { policy, timeoutMs = Number.POSITIVE_INFINITY },
    startedAtMs,
  }: ExchangeState,
  { provider: { timeouts } }: Candidate,
  last: boolean,
): AttemptLimits | undefined {
  // A provider with a longer request timeout than the gateway's, such as an agent, extends the whole request.
  const own = timeouts.requestMs ?? options.requestTimeoutMs;
  const wholeMs = Math.min(timeoutMs, Math.max(own, options.requestTimeoutMs));
  const remainingMs = Math.min(own, wholeMs - (performance.now() - startedAtMs));
  if (remainingMs <= 0) return undefined;
  const usualMs = timeouts.firstTokenMs ?? options.firstTokenTimeoutMs;
  return {
    // The last candidate keeps its normal timeout: often it is a local model that must be loaded first.
    firstTokenMs: last ? usualMs : (policy?.firstTokenMs ?? usualMs),
    streamIdleMs: timeouts.streamIdleMs ?? options.streamIdleTimeoutMs,
    remainingMs,
    maxResponseBytes: options.maxResponseBytes,
  };
}
