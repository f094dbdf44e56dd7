/**
 * A request's walk from plan to settle: one candidate after another, until one commits or none is left.
 * See the architecture notes: plan → attempt → commit → relay → settle, no turning back.
 */
import { EncodeError, type Target } from "@headgate/adapter-kit";
import { type Failure, movesOn, type Options, type Usage } from "@headgate/contract";
import {
  admit,
  begin,
  type IndexedRoute,
  nextCandidate,
  type Plan,
  plan,
  planLarger,
  type RequestFacts,
  type Result,
  type Skip,
  type Slot,
  settle,
} from "@headgate/router";
import type { Answerer } from "./answerer.ts";
import { type AnyRequest, answererFor, isChat } from "./any-request.ts";
import { Attempt } from "./attempt.ts";
import { ClientError } from "./client-error.ts";
import type { ClientSink } from "./client-sink.ts";
import { answerInProcess } from "./in-process.ts";
import type { LiveTable } from "./live-table.ts";
import { failed, type Outcome, observed } from "./outcome.ts";
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

export interface AttemptRecord {
  readonly slot: Slot;
  readonly failure?: Failure;
}

export interface ExchangeContext {
  readonly live: LiveTable;
  readonly options: Options;
  readonly nowMs: () => number;
  /** Dice from 0 up to 1. */
  readonly random: () => number;
  /** Called once per attempt, after it is over. */
  readonly onAttempt: (record: AttemptRecord) => void;
}

const via = ({ provider, deployment }: Slot): string => `${provider.id}/${deployment.upstream}`;

const trailOf = (tried: readonly Tried[]): string =>
  tried
    .map((one) => `${one.via}:${one.failure.class}`)
    .join(",")
    .replaceAll(/[^\x20-\x7e]/g, "?");

/** One request: what its surface made of it, and what routing knows of it. */
export interface Asked {
  readonly request: AnyRequest;
  readonly facts: RequestFacts;
  /** The client's own bound for the whole request. */
  readonly timeoutMs: number | undefined;
}

/**
 * Runs the request to its end. The client has been answered, told of an error, or is gone when it resolves.
 * @throws {ClientError} while nothing has reached the client.
 */
export async function exchange(
  context: ExchangeContext,
  route: IndexedRoute,
  { request, facts, timeoutMs }: Asked,
  sink: ClientSink,
  requestId: string,
): Promise<Settlement> {
  const { nowMs, options } = context;
  // Durations are measured on a clock that never jumps; the wall clock is for rests.
  const startedAtMs = performance.now();
  const tried: Tried[] = [];
  const seen = new Set<Slot>();
  let planned: Plan = plan(route, facts, nowMs(), context.random);
  let queue = [...planned.candidates];
  const { sessionKey, keep } = planned;
  const passed: Skip[] = [];

  const settlement = (
    outcome: Settlement["outcome"],
    status: number,
    slot?: Slot,
    usage?: Usage,
  ): Settlement => ({
    requestId,
    model: facts.model,
    stream: request.stream,
    ...(slot === undefined ? {} : { via: via(slot) }),
    outcome,
    status,
    tried,
    ...(usage === undefined ? {} : { usage }),
    durationMs: Math.round(performance.now() - startedAtMs),
  });

  if (request.mockFallback) queue = mockFirstFailure(route, queue, tried);

  const next = (): Slot | undefined => nextCandidate(queue, nowMs(), keep);
  for (let slot = next(); slot !== undefined; slot = next()) {
    if (sink.gone) return settlement("aborted", 499, slot);
    seen.add(slot);
    const { need, skip } = admit(slot, facts, nowMs(), queue.length === 0);
    if (skip !== undefined) {
      passed.push(skip);
      continue;
    }
    const limits = limitsFor(slot, options, performance.now() - startedAtMs, timeoutMs);
    if (limits === undefined) {
      tried.push({
        via: via(slot),
        failure: observed("timeout", "the request's time is used up", "request"),
      });
      break;
    }
    const prepared = prepare(context.live, slot, request, Math.floor(nowMs() / 1000));
    if (prepared instanceof EncodeError) {
      tried.push({
        via: via(slot),
        failure: observed("bad_request", prepared.message, "request"),
        param: prepared.param,
      });
      continue;
    }
    announce(sink, slot, tried, droppedBy(prepared, request));
    const reservation = begin(slot, need, nowMs());
    const begunAtMs = performance.now();
    let outcome = await attempt(context, slot, prepared, request, sink, limits);
    // Once: the upstream never saw the request, and the next connection is a fresh one.
    if (outcome.kind === "failed" && outcome.stale)
      outcome = await attempt(context, slot, prepared, request, sink, limits);

    const failure = "failure" in outcome ? outcome.failure : undefined;
    settle(reservation, facts, resultOf(outcome, performance.now() - begunAtMs), nowMs(), context.random);
    if (outcome.kind === "answered" && sessionKey !== undefined)
      slot.memory.sessions.set(sessionKey, slot.id, nowMs());
    context.onAttempt({ slot, ...(failure === undefined ? {} : { failure }) });

    switch (outcome.kind) {
      case "answered":
        return settlement("answered", 200, slot, outcome.usage);
      case "aborted":
        return settlement("aborted", 499, slot);
      case "broken":
        tried.push({ via: via(slot), failure: outcome.failure });
        sink.end(request.errorFrame(brokenStream(slot, outcome.failure)));
        return settlement("broken", 200, slot, outcome.usage);
      case "failed":
        tried.push({ via: via(slot), failure: outcome.failure });
        if (!movesOn(outcome.failure)) {
          sink.header("x-headgate-trail", trailOf(tried));
          throw clientFailure(via(slot), outcome.failure);
        }
        if (outcome.failure.class === "context_window") {
          planned = planLarger(route, facts, slot.deployment, seen, nowMs());
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

interface Prepared {
  readonly target: Target;
  readonly endpoint: ReturnType<LiveTable["endpoint"]>;
  readonly answerer?: Answerer;
}

/** Puts the request into the candidate's wire, before anything is sent. */
function prepare(live: LiveTable, slot: Slot, request: AnyRequest, nowS: number): Prepared | EncodeError {
  const endpoint = live.endpoint(slot);
  const target = { provider: slot.provider, deployment: slot.deployment };
  const { adapter } = endpoint;
  try {
    if (adapter.answer !== undefined) {
      // What the canonical form cannot say shows here, not in mid-attempt.
      if (isChat(request)) request.canonical();
      return { target, endpoint };
    }
    const answerer = answererFor(request, adapter, target, nowS);
    return { target, endpoint, ...(answerer === undefined ? {} : { answerer }) };
  } catch (error) {
    if (error instanceof EncodeError) return error;
    throw error;
  }
}

function attempt(
  context: ExchangeContext,
  slot: Slot,
  { endpoint, answerer, target }: Prepared,
  request: AnyRequest,
  sink: ClientSink,
  limits: NonNullable<ReturnType<typeof limitsFor>>,
): Promise<Outcome> {
  const { adapter, http } = endpoint;
  const nowMs = context.nowMs;
  if (adapter.answer !== undefined && isChat(request))
    return answerInProcess(adapter.answer, target, request, sink, nowMs());
  if (http === undefined || answerer === undefined) {
    const { operation } = request.facts;
    return Promise.resolve(
      failed(observed("server_error", `the ${adapter.id} adapter does not serve ${operation}`)),
    );
  }
  return new Attempt({ slot, answerer, http, sink, limits, nowMs }).run();
}

/** Fields of the request that this candidate is asked without. */
const droppedBy = ({ answerer }: Prepared, request: AnyRequest): readonly string[] =>
  answerer?.encoded.dropped ?? (isChat(request) ? request.dropped : undefined) ?? [];

/** Headers that say who is answering; overwritten by the next candidate while nothing has been sent. */
function announce(sink: ClientSink, slot: Slot, tried: readonly Tried[], dropped: readonly string[]): void {
  sink.header("x-routed-via", via(slot));
  if (tried.length > 0) sink.header("x-fallback-attempts", String(tried.length));
  if (dropped.length > 0) sink.header("x-headgate-dropped-params", dropped.join(","));
  else sink.removeHeader("x-headgate-dropped-params");
}

/** The attempt's timeouts: the provider's own where it has them. `undefined`: the request's time is used up. */
function limitsFor(
  { provider: { timeouts } }: Slot,
  options: Options,
  elapsedMs: number,
  clientsMs = Number.POSITIVE_INFINITY,
) {
  // A provider that needs longer than the gateway allows, as an agent does, stretches the whole request.
  const own = timeouts.requestMs ?? options.requestTimeoutMs;
  const wholeMs = Math.min(clientsMs, Math.max(own, options.requestTimeoutMs));
  const remainingMs = Math.min(own, wholeMs - elapsedMs);
  if (remainingMs <= 0) return undefined;
  return {
    firstTokenMs: timeouts.firstTokenMs ?? options.firstTokenTimeoutMs,
    streamIdleMs: timeouts.streamIdleMs ?? options.streamIdleTimeoutMs,
    remainingMs,
    maxResponseBytes: options.maxResponseBytes,
  };
}

/** What an attempt's end means for limits, rests and what is learned. */
function resultOf(outcome: Outcome, durationMs: number): Result {
  const { seen } = outcome;
  const failure = "failure" in outcome ? outcome.failure : undefined;
  const usage = "usage" in outcome ? outcome.usage : undefined;
  return {
    durationMs,
    ...(failure === undefined ? {} : { failure }),
    ...(usage === undefined ? {} : { usage }),
    ...(outcome.kind === "aborted" ? { cancelled: true } : {}),
    ...(seen === undefined ? {} : seen),
  };
}

/** `mock_testing_fallbacks`: the named model is taken to have failed; what follows is real. */
function mockFirstFailure(route: IndexedRoute, queue: Slot[], tried: Tried[]): Slot[] {
  const primary = route.chain[0]?.deployment;
  const slot = route.chain[0]?.slots[0];
  if (primary === undefined || slot === undefined) return queue;
  tried.push({
    via: via(slot),
    failure: observed("server_error", "a failure mocked by mock_testing_fallbacks", "request"),
  });
  return queue.filter((candidate) => candidate.deployment !== primary);
}

const brokenStream = (slot: Slot, failure: Failure): ClientError =>
  new ClientError({
    status: failure.class === "timeout" ? 504 : 502,
    type: "upstream_error",
    code: failure.class,
    message: `${via(slot)} broke off in mid-stream: ${failure.message}`,
  });
