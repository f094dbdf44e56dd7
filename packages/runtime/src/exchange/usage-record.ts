/** The usage record of a finished request, made of its trace. */
import { hash } from "node:crypto";
import {
  type ChargedUnits,
  type Deployment,
  listNanoUsd,
  type RecordedAttempt,
  type RecordedCandidate,
  type RecordedSkip,
  type RequestOutcome,
  type Usage,
  type UsageRecord,
} from "@headgate/contract";
import type { Candidate, IndexedRoute, Plan, RequestFacts, Skip } from "@headgate/router";
import type { KeptAnswer } from "../codec/kept-answer.ts";
import type { Outcome } from "../upstream/outcome.ts";
import { costNanoUsd, usdText } from "./cost.ts";
import { sumOf, type Trace, type TracedAttempt } from "./trace.ts";

/** How the exchange ended for the client. */
export interface ExchangeEnd {
  readonly outcome: RequestOutcome;
  readonly status: number;
  /** Who answered, or whose stream broke. */
  readonly candidate?: Candidate;
  /** Of a refused request: what the client was told. */
  readonly error?: { readonly code?: string; readonly message: string };
  /** The answer's events, where they are kept. */
  readonly kept?: KeptAnswer;
}

/** Who asked. */
export interface Caller {
  readonly uid: string;
  readonly id: string;
  readonly client: string;
  readonly surface: string;
  readonly userAgent: string | undefined;
}

const MAX_NAME_CHARS = 256;
const MAX_MESSAGE_CHARS = 500;
const MAX_PLAN = 32;
/** Characters of English text per token, where no count is known. */
const CHARS_PER_TOKEN = 4;

export function usageRecordOf(
  trace: Trace,
  { outcome, status, candidate, error }: ExchangeEnd,
  caller: Caller,
): UsageRecord {
  const { facts, route, plan, stream } = trace;
  const attempts = trace.attempts.map((attempt) => recordedAttempt(attempt, facts));
  const usage = sumOf(attempts.map((one) => one.usage));
  const answer = trace.attempts.find(({ outcome: { kind } }) => kind === "answered" || kind === "broken");
  const firstMs = answer?.outcome.seen?.firstTokenMs;
  const estimated = answer?.outcome.kind === "answered" && answer.outcome.usage === undefined;
  const asked = route && namedBy(route);
  const { uid, id, client, surface, userAgent } = caller;
  return {
    uid,
    id,
    atMs: Math.round(trace.atMs),
    client,
    program: userAgent && programOf(userAgent),
    surface,
    operation: facts?.operation,
    model: (facts?.model ?? "").slice(0, MAX_NAME_CHARS),
    route: route?.name,
    strategy: facts?.strategy ?? route?.strategy,
    stream,
    session: plan?.sessionKey && hash("sha256", plan.sessionKey).slice(0, 16),
    outcome,
    status,
    error: error && { ...error, message: error.message.slice(0, MAX_MESSAGE_CHARS) },
    served: candidate && recordedCandidate(candidate),
    attempts,
    skipped: skipsOf(trace),
    plan: plan === undefined ? [] : recordedPlan(plan),
    firstTokenMs: firstMs === undefined ? undefined : tenths((answer?.beganMs ?? 0) + firstMs),
    durationMs: tenths(trace.elapsedMs()),
    usage,
    counted: usage && (estimated ? "estimated" : "upstream"),
    listNanoUsd: total(attempts.map((one) => one.listNanoUsd)),
    costNanoUsd: total(attempts.map((one) => one.costNanoUsd)),
    askedNanoUsd: asked && (usage ?? facts?.units) && listNanoUsd(asked.price, usage, facts?.units),
    cache: trace.cache?.how,
    saved: trace.cache && { tokens: trace.cache.tokens, listNanoUsd: trace.cache.listNanoUsd },
  };
}

/**
 * The cost of a request for its headers: what its attempts cost, and the one that answers now.
 * @returns undefined where a part is unknown
 */
export function usdOf(
  { attempts, facts }: Trace,
  now?: { readonly candidate: Candidate; readonly outcome: Outcome },
): string | undefined {
  let sum = 0;
  for (const { candidate, outcome } of now === undefined ? attempts : [...attempts, now]) {
    const { deployment } = candidate;
    if (deployment.tier !== "paid") continue;
    const usage = usageOf(outcome, facts);
    const cost = isCharged(outcome, usage) ? costNanoUsd(deployment, usage, facts?.units) : 0;
    if (cost === undefined) return undefined;
    sum += cost;
  }
  return usdText(sum);
}

/** A failed call without tokens costs nothing; an answer without them, such as a picture, may be charged by other units. */
const isCharged = ({ kind }: Outcome, usage: Usage | undefined): boolean =>
  kind === "answered" || usage !== undefined;

/** The model that a name means alone; undefined for a group and for an id that several providers serve. */
export const namedBy = ({ kind, chain }: IndexedRoute): Deployment | undefined =>
  kind === "alias" || kind === "single" || kind === "direct" ? chain[0]?.deployment : undefined;

/** A candidate's names, made once: it is in the plan of many requests. */
const recorded = new WeakMap<Candidate, RecordedCandidate>();

function recordedCandidate(candidate: Candidate): RecordedCandidate {
  let names = recorded.get(candidate);
  if (names === undefined) {
    const { provider, deployment, key } = candidate;
    const { alias: model, upstream } = deployment;
    names = { provider: provider.id, model, upstream, key: provider.keyVars[key] };
    recorded.set(candidate, names);
  }
  return names;
}

const recordedPlan = ({ candidates }: Plan): RecordedCandidate[] =>
  (candidates.length > MAX_PLAN ? candidates.slice(0, MAX_PLAN) : candidates).map(recordedCandidate);

function recordedAttempt(
  { candidate, outcome, ms }: TracedAttempt,
  facts: RequestFacts | undefined,
): RecordedAttempt {
  const { deployment } = candidate;
  const failure = "failure" in outcome ? outcome.failure : undefined;
  const usage = usageOf(outcome, facts);
  const charged = isCharged(outcome, usage);
  const units: ChargedUnits | undefined = facts?.units;
  const { provider, model, upstream, key } = recordedCandidate(candidate);
  const firstTokenMs = outcome.seen?.firstTokenMs;
  return {
    provider,
    model,
    upstream,
    key,
    outcome: outcome.kind === "aborted" ? "cancelled" : outcome.kind,
    class: failure?.class,
    message: failure?.message.slice(0, MAX_MESSAGE_CHARS),
    status: failure?.status,
    ms: tenths(ms),
    firstTokenMs: firstTokenMs && tenths(firstTokenMs),
    usage,
    listNanoUsd: charged ? listNanoUsd(deployment.price, usage, units) : 0,
    costNanoUsd: charged ? costNanoUsd(deployment, usage, units) : 0,
  };
}

/** What the upstream counted; else an estimate for an answer of text. */
function usageOf(outcome: Outcome, facts: RequestFacts | undefined): Usage | undefined {
  if ("usage" in outcome && outcome.usage !== undefined) return outcome.usage;
  if (outcome.kind !== "answered" || facts?.operation !== "chat") return undefined;
  const inputTokens = facts.promptTokens ?? Math.ceil((facts.promptChars ?? 0) / CHARS_PER_TOKEN);
  return { inputTokens, outputTokens: outcome.seen?.outputTokens ?? 0 };
}

const NO_SKIPS: readonly RecordedSkip[] = [];

const skipsOf = ({ plan, skipped, unfit }: Trace): readonly RecordedSkip[] => {
  if (unfit.length + skipped.length + (plan?.skipped.length ?? 0) === 0) return NO_SKIPS;
  return [
    ...unfit.map(({ candidate: { provider, deployment, key }, reason, detail }) => ({
      model: deployment.alias,
      reason,
      detail: detail.slice(0, MAX_MESSAGE_CHARS),
      key: provider.keyVars[key],
    })),
    ...skipped.map(recordedSkip),
    ...(plan?.skipped ?? []).map(recordedSkip),
  ].slice(0, MAX_PLAN);
};

const recordedSkip = ({ deployment, keyVar, reason, detail, untilMs }: Skip): RecordedSkip => ({
  model: deployment.alias,
  reason,
  detail,
  key: keyVar,
  untilMs,
});

/** Unknown as soon as a part is. */
function total(parts: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const part of parts) {
    if (part === undefined) return undefined;
    sum += part;
  }
  return sum;
}

const tenths = (ms: number): number => Math.round(ms * 10) / 10;

/** The first product of a User-Agent, such as `openai-python/1.2.3`. */
function programOf(userAgent: string): string {
  const [product] = /^[A-Za-z0-9._+@/ -]{1,64}/.exec(userAgent) ?? [];
  return (product?.split(" (")[0] ?? "unknown").split(" ")[0] ?? "unknown";
}
