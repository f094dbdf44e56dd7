/** What each candidate of a request waits for after all attempts, and when it opens. */
import type { Failure, FailureClass } from "@headgate/contract";
import { admit, type Candidate, type Cooldown, type RequestFacts, type Skip } from "@headgate/router";

/** One candidate that was tried and failed. */
export interface FailedAttempt {
  /** `<provider>/<upstream model>`. */
  readonly via: string;
  /** Absent for a mocked failure, and where another attempt of the same candidate follows. */
  readonly candidate?: Candidate;
  readonly failure: Failure;
  /** The field that the candidate's wire could not express. */
  readonly param?: string;
  /** A local model: the client may wait in its queue. */
  readonly local?: true;
}

/** How a request ended that no candidate answered. */
export interface Unanswered {
  readonly facts: RequestFacts;
  readonly failedAttempts: readonly FailedAttempt[];
  readonly skipped: readonly Skip[];
  /** Candidates that are left, because the request's time or its attempts were used up. */
  readonly untried: readonly Candidate[];
  readonly nowMs: number;
}

/**
 * `trouble` passes by itself at an unknown moment, `limit` at a known one; `size` needs a shorter prompt and `oversized` a
 * smaller request; `operator` needs a person; `request` is the client's own fault; `open` may be tried.
 */
export type ProspectKind = "trouble" | "limit" | "size" | "oversized" | "operator" | "request" | "open";

export interface Prospect {
  readonly kind: ProspectKind;
  /** When it opens, ms since the epoch; absent where waiting does not help. */
  readonly untilMs?: number;
  /** The alias, or `<provider>/<upstream model>` of a failed attempt. */
  readonly name: string;
  readonly detail: string;
  /** Absent where no failure is known. */
  readonly failureClass?: FailureClass;
  /** What an operator must do. */
  readonly remedy?: string;
  /** Its last attempt, where that failed for this reason. */
  readonly attempt?: FailedAttempt;
}

/** The retry delay for a full queue of a local model, where no better one is known. */
const LOCAL_QUEUE_MS = 2_000;
/** Calls in flight end at an unknown moment, and soon. */
const IN_FLIGHT_MS = 1_000;

const KIND: Readonly<Record<FailureClass, ProspectKind>> = {
  overloaded: "trouble",
  server_error: "trouble",
  timeout: "trouble",
  network: "trouble",
  malformed: "trouble",
  rate_limit: "limit",
  daily_quota: "limit",
  monthly_quota: "limit",
  context_window: "size",
  out_of_credit: "operator",
  dead_key: "operator",
  permission: "operator",
  model_gone: "operator",
  content_filter: "request",
  bad_request: "request",
};

const passes = (kind: ProspectKind): boolean => kind === "trouble" || kind === "limit";

/** A full queue of a local model is a limit, whatever its server's status is. */
const kindOf = ({ failure, local }: FailedAttempt): ProspectKind =>
  failure.class === "overloaded" && local === true ? "limit" : KIND[failure.class];

/** Those that were tried come first, in the order of their attempts. */
export function prospectsOf({ facts, failedAttempts, skipped, untried, nowMs }: Unanswered): Prospect[] {
  const attempts = new Map<Candidate, FailedAttempt>();
  const skips = new Map<Candidate, Skip>();
  for (const one of failedAttempts) if (one.candidate !== undefined) attempts.set(one.candidate, one);
  for (const one of skipped) if (one.candidate !== undefined) skips.set(one.candidate, one);
  const candidates = new Set([...attempts.keys(), ...skips.keys(), ...untried]);
  const mocked = failedAttempts.filter(
    ({ via, candidate }) =>
      candidate === undefined &&
      !failedAttempts.some((other) => other.via === via && other.candidate !== undefined),
  );
  const tooSmall = skipped.filter(({ reason }) => reason === "window");
  return [
    ...mocked.map((attempt) => afterAttempt(attempt, undefined, nowMs)),
    ...[...candidates].map((candidate) => {
      const closed = admit(candidate, facts, nowMs, true).skip;
      return prospectOf(candidate, attempts.get(candidate), closed ?? skips.get(candidate), nowMs);
    }),
    ...tooSmall.map(({ deployment, detail }): Prospect => ({ kind: "size", name: deployment.alias, detail })),
  ];
}

/** @param closed why it is not open now, else why it was skipped */
function prospectOf(
  candidate: Candidate,
  attempt: FailedAttempt | undefined,
  closed: Skip | undefined,
  nowMs: number,
): Prospect {
  const name = candidate.deployment.alias;
  const cooling = candidate.cooldowns.filter(({ untilMs }) => untilMs > nowMs);
  const mended = cooling.find(({ failure }) => failure !== undefined && KIND[failure.class] === "operator");
  if (mended?.failure !== undefined) {
    const { class: failureClass, message: detail } = mended.failure;
    const remedy = remedyOf(candidate, mended, failureClass);
    const own = attempt?.failure.class === failureClass ? { attempt } : {};
    return { kind: "operator", name, detail, failureClass, remedy, ...own };
  }
  // A request that is at fault itself fails again, however open the candidate is.
  if (attempt !== undefined && (cooling.length === 0 || !passes(kindOf(attempt))))
    return afterAttempt(attempt, closed, nowMs);
  if (closed === undefined) return { kind: "open", name, detail: "it was not tried", untilMs: nowMs };
  if (closed.reason === "quota") return atLimit(closed, nowMs);
  const failureClass = causeOf(cooling.length === 0 ? candidate.cooldowns : cooling)?.class ?? "overloaded";
  const untilMs = Math.max(candidate.opensAtMs, nowMs);
  const prospect = { name, detail: closed.detail, failureClass, untilMs };
  if (attempt === undefined) return { kind: KIND[failureClass], ...prospect };
  const kind = attempt.failure.class === failureClass ? kindOf(attempt) : KIND[failureClass];
  return { kind, ...prospect, ...(kindOf(attempt) === kind ? { attempt } : {}) };
}

/** @param closed its limit, where that keeps a candidate that does not cool down from being tried again */
function afterAttempt(attempt: FailedAttempt, closed: Skip | undefined, nowMs: number): Prospect {
  const { via: name, failure, local } = attempt;
  const kind = kindOf(attempt);
  const prospect = { kind, name, detail: failure.message, failureClass: failure.class, attempt };
  if (!passes(kind)) return prospect;
  const unstatedMs = local === true && kind === "limit" ? LOCAL_QUEUE_MS : 0;
  const untilMs = nowMs + (failure.retryAfterMs ?? unstatedMs);
  if (closed?.reason !== "quota") return { ...prospect, untilMs };
  const limit = atLimit(closed, nowMs);
  return limit.untilMs === undefined ? prospect : { ...prospect, untilMs: Math.max(untilMs, limit.untilMs) };
}

function atLimit({ deployment, detail, untilMs, never }: Skip, nowMs: number): Prospect {
  const name = deployment.alias;
  if (never === true) return { kind: "oversized", name, detail };
  return { kind: "limit", name, detail, untilMs: untilMs ?? nowMs + IN_FLIGHT_MS };
}

/** The failure of whichever cooldown ends last. */
const causeOf = (cooldowns: readonly Cooldown[]): Failure | undefined =>
  cooldowns.toSorted((a, b) => b.untilMs - a.untilMs).find(({ failure }) => failure !== undefined)?.failure;

function remedyOf(
  { provider, deployment, key }: Candidate,
  cooldown: Cooldown,
  failureClass: FailureClass,
): string {
  const variable = provider.keyVars[key] ?? "the key";
  // A new key is another identity, which does not cool down.
  if (failureClass === "dead_key") return `put a working key of ${provider.id} into ${variable} in .env`;
  const whole = cooldown.id === provider.id || failureClass === "out_of_credit";
  const after = `then run headgate clear ${whole ? provider.id : deployment.alias}`;
  if (failureClass === "out_of_credit") return `add credit at ${provider.id}, ${after}`;
  if (failureClass === "permission") return `give ${variable} the permission that the answer names, ${after}`;
  return `correct or remove ${deployment.upstream} in the fragment of ${provider.id}, ${after}`;
}
