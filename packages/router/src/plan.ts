/**
 * plan: table + facts + memory → an ordered list of candidates, and for every one left out, why.
 * The gateway and `headgate explain` call the same function. `admit` checks whether a
 * candidate's limits have room only when the candidate is next: a plan may be minutes old by then.
 */
import { type Deployment, type Failure, isPriced, present, type Strategy } from "@headgate/contract";
import type { Candidate } from "./candidate.ts";
import { beingProbed } from "./cooldown.ts";
import { type ClientFacts, needNames, type RequestFacts } from "./facts.ts";
import type { Meter, MeterSpec } from "./limits/meter.ts";
import { type Need, needFor, type Shortage, shortage } from "./limits/reserve.ts";
import type { IndexedDeployment, IndexedRoute } from "./route-index.ts";
import { headroomOf, scoreOf } from "./score.ts";

export type SkipReason =
  | "cooling"
  | "quota"
  | "probing"
  | "capability"
  | "not-served"
  | "window"
  | "price"
  | "data"
  | "retired"
  /** The client's own rules leave it out. */
  | "not_allowed";

export interface Skip {
  readonly deployment: Deployment;
  /** The candidate that is not open; absent where the deployment cannot serve such a request at all. */
  readonly candidate?: Candidate;
  /** The key variable's name, where the reason concerns one key. */
  readonly keyVar?: string;
  readonly reason: SkipReason;
  /** In words, for `explain` and for error messages. */
  readonly detail: string;
  /** When a candidate that is cooling down or has no quota left opens again, in ms since the epoch. */
  readonly untilMs?: number;
  /** The request alone is more than the limit: waiting does not help. */
  readonly never?: true;
}

export interface Plan {
  readonly candidates: readonly Candidate[];
  readonly skipped: readonly Skip[];
  /** The key of the conversation in the sessions; absent where it has none. */
  readonly sessionKey?: string;
  /** The candidate that answered the conversation last: the first of all. */
  readonly keep?: Candidate;
}

/** Dice from 0 up to 1. Without them strategies order by what is expected, as `explain` shows it. */
export type Random = () => number;

/** The moment from which a candidate may be tried; at or before now when it is open. */
export const opensAtMs = (candidate: Candidate): number => candidate.opensAtMs;

/** Why a candidate cools down: the failure of whichever of its cooldowns ends last. */
export function cooldownCause(candidate: Candidate): Failure | undefined {
  const until = candidate.opensAtMs;
  return candidate.cooldowns.find((cooldown) => cooldown.untilMs === until)?.failure;
}

const MEANS_ONE: ReadonlySet<IndexedRoute["kind"]> = new Set(["single", "direct", "upstream"]);

export function plan(route: IndexedRoute, facts: RequestFacts, nowMs: number, random?: Random): Plan {
  const skipped: Skip[] = [];
  // Another name than its alias means this very model, also after its day.
  const named = MEANS_ONE.has(route.kind) ? route.chain[0] : undefined;
  let candidates = planChain(route.chain, facts, nowMs, skipped, named);
  if (facts.promptChars !== undefined && skipped.some(({ reason }) => reason === "window")) {
    const larger = route.contextChain.filter((entry) => !route.chain.includes(entry));
    const added = planChain(larger, facts, nowMs, skipped);
    const firstFits = candidates[0]?.deployment === route.chain[0]?.deployment;
    candidates = firstFits ? [...candidates, ...added] : [...added, ...candidates];
    if (candidates.length === 0) candidates = planWindows(route, facts, 0, nowMs, skipped);
  }
  const strategy = facts.strategy ?? route.strategy;
  if (strategy !== undefined && strategy !== "priority" && candidates.length > 1)
    order(candidates, strategy, route, nowMs, random);
  const sessionKey = sessionKeyOf(route, facts, strategy);
  const keep = sessionKey === undefined ? undefined : preferLast(candidates, sessionKey, nowMs);
  if (route.alone === true) candidates = candidates.slice(0, 1);
  return {
    candidates,
    skipped,
    ...(sessionKey === undefined ? {} : { sessionKey }),
    ...(keep === undefined ? {} : { keep }),
  };
}

/**
 * The plan after a prompt did not fit `failed`: the route's candidates for large prompts, what is left of its chain and is
 * known to be larger, then any other model with a larger window. One of the chains whose window is unknown stays: it may fit.
 */
export function planLarger(
  route: IndexedRoute,
  facts: RequestFacts,
  failed: Deployment,
  tried: ReadonlySet<Candidate>,
  nowMs: number,
): Plan {
  const windowTokens = failed.contextTokens ?? 0;
  const chain = [...new Set([...route.contextChain, ...route.chain])];
  const skipped: Skip[] = [];
  const larger = chain.filter((entry) => {
    const has = entry.deployment.contextTokens;
    if (has === undefined || has > windowTokens) return true;
    skipped.push({
      deployment: entry.deployment,
      reason: "window",
      detail: `its window of ${has} tokens is not larger`,
    });
    return false;
  });
  const candidates = [
    ...planChain(larger, facts, nowMs, skipped),
    ...planWindows(route, facts, windowTokens, nowMs, skipped),
  ];
  return { candidates: candidates.filter((candidate) => !tried.has(candidate)), skipped };
}

/** Candidates beside the route's chains whose window is larger than `tokens` and fits the prompt. */
function planWindows(
  { chain, contextChain, windows = [] }: IndexedRoute,
  facts: RequestFacts,
  tokens: number,
  nowMs: number,
  skipped: Skip[],
): Candidate[] {
  const others = windows.filter(
    (entry) =>
      (entry.deployment.contextTokens ?? 0) > tokens &&
      !chain.includes(entry) &&
      !contextChain.includes(entry),
  );
  const left: Skip[] = [];
  const candidates = planChain(others, facts, nowMs, left);
  // Only a cooldown passes: what else is wrong with models beside the chains helps no client.
  skipped.push(...left.filter(({ reason }) => reason === "cooling"));
  return candidates;
}

function planChain(
  chain: readonly IndexedDeployment[],
  facts: RequestFacts,
  nowMs: number,
  skipped: Skip[],
  named?: IndexedDeployment,
): Candidate[] {
  const candidates: Candidate[] = [];
  for (const entry of chain) {
    const left = unfit(entry, facts, nowMs, entry === named);
    if (left !== undefined) {
      skipped.push(left);
      continue;
    }
    const keyed = entry.candidates;
    const count = keyed.length;
    const first = entry.nextKey;
    if (count > 1) entry.nextKey = (first + 1) % count;
    for (let offset = 0; offset < count; offset += 1) {
      const candidate = keyed[(first + offset) % count];
      if (candidate === undefined) continue;
      const untilMs = candidate.opensAtMs;
      if (untilMs <= nowMs) candidates.push(candidate);
      else skipped.push(cooling(candidate, untilMs));
    }
  }
  return candidates;
}

/** Why a deployment cannot serve such a request at all. */
function unfit(
  { deployment, provider, capabilities, candidates, retiresAtMs }: IndexedDeployment,
  facts: RequestFacts,
  nowMs: number,
  named: boolean,
): Skip | undefined {
  if (!deployment.served) {
    return {
      deployment,
      reason: "not-served",
      detail: `the ${provider.adapter} adapter does not serve ${deployment.operation} yet`,
    };
  }
  const barred = notAllowed(facts.client, { deployment, provider });
  if (barred !== undefined) return { deployment, reason: "not_allowed", detail: barred };
  const missing = facts.needs & ~capabilities;
  if (missing !== 0)
    return { deployment, reason: "capability", detail: `it lacks ${needNames(missing).join(" and ")}` };
  if (facts.noTraining === true && provider.trains !== false)
    return { deployment, reason: "data", detail: trainingOf(provider) };
  // Its own names reach a model that no list has any more.
  if (nowMs >= retiresAtMs && !named)
    return { deployment, reason: "retired", detail: `it is retired since ${deployment.retires}` };
  const { contextTokens } = deployment;
  const [candidate] = candidates;
  const ceiling = spendLimitOver(candidate, facts);
  if (ceiling !== undefined && !isPriced(deployment.price, deployment.operation))
    return {
      deployment,
      reason: "price",
      detail: `it has no known price, and ${ceiling} allows only paid models that have one`,
    };
  // Almost every prompt is far smaller than almost every window: nothing is reckoned for those.
  if (contextTokens === undefined || candidate === undefined || (facts.promptChars ?? 0) <= contextTokens)
    return undefined;
  const tokens = Math.ceil(facts.promptTokens ?? (facts.promptChars ?? 0) / candidate.stats.charsPerToken);
  if (tokens <= contextTokens) return undefined;
  return {
    deployment,
    reason: "window",
    detail: `about ${tokens} tokens do not fit its window of ${contextTokens}`,
  };
}

const trainingOf = ({ trains }: IndexedDeployment["provider"]): string =>
  trains === true
    ? "its provider may train on prompts, and the request allows none that does"
    : "whether its provider trains on prompts is not known, and the request allows only those that do not";

/** The name of a ceiling over what the candidate costs. */
function spendLimitOver(candidate: Candidate | undefined, { client }: RequestFacts): string | undefined {
  if (candidate?.underSpendLimit === true) return "HEADGATE_SPEND_LIMIT";
  if (client?.spend === undefined || candidate?.deployment.tier !== "paid") return undefined;
  return `the spend limit of the client ${client.name}`;
}

/** Why the client's own rules leave a deployment out. */
export function notAllowed(
  client: ClientFacts | undefined,
  { deployment: { tier }, provider }: Pick<IndexedDeployment, "deployment" | "provider">,
): string | undefined {
  if (client === undefined) return undefined;
  const { name, tiers, noTraining } = client;
  if (tiers?.has(tier) === false)
    return `it is ${tier}, and the client ${name} is limited to models that are ${[...tiers].join(" or ")} (--tier)`;
  if (noTraining !== true || provider.trains === false) return undefined;
  const trains = provider.trains === true ? "may train on prompts" : "is not known to train on no prompts";
  return `${provider.id} ${trains}, and the client ${name} allows only providers that do not (--no-training)`;
}

function order(
  candidates: Candidate[],
  strategy: Strategy,
  route: IndexedRoute,
  nowMs: number,
  random?: Random,
): void {
  const worth = new Map<Candidate, number>();
  for (const candidate of candidates) {
    if (strategy === "weighted") worth.set(candidate, shareOf(candidate, route, random));
    else if (strategy !== "priority") worth.set(candidate, scoreOf(candidate, strategy, nowMs, random).total);
  }
  candidates.sort((a, b) => (worth.get(b) ?? 0) - (worth.get(a) ?? 0));
}

/** Drawn so that each comes first in proportion to its weight (Efraimidis and Spirakis, 2006). */
function shareOf(candidate: Candidate, { chain, weights }: IndexedRoute, random: Random | undefined): number {
  const weight = weights?.[chain.findIndex(({ deployment }) => deployment === candidate.deployment)] ?? 1;
  return random === undefined ? weight : (1 - random()) ** (1 / weight);
}

function sessionKeyOf(
  route: IndexedRoute,
  facts: RequestFacts,
  strategy: Strategy | undefined,
): string | undefined {
  if (facts.session !== undefined) return `${route.name}\n${facts.session}`;
  if (facts.conversation === undefined || (strategy === undefined && !route.severalKeys)) return undefined;
  const begins = facts.conversation();
  return begins === undefined ? undefined : `${route.name}\n#${begins}`;
}

/** Puts the candidate first that answered the conversation last, while it is open. */
function preferLast(candidates: Candidate[], sessionKey: string, nowMs: number): Candidate | undefined {
  const last = candidates[0]?.memory.sessions.get(sessionKey, nowMs);
  if (last === undefined) return undefined;
  const candidate = candidates.find(({ id }) => id === last);
  if (candidate === undefined) return undefined;
  candidates.splice(candidates.indexOf(candidate), 1);
  candidates.unshift(candidate);
  return candidate;
}

/** Keys whose room differs by less than a twentieth are rotated. */
const ROOM_STEPS = 20;

/**
 * Takes the next candidate off the queue. Of several keys of one model it is the one with the most room
 * now; `keep` is the candidate that a conversation stays with.
 */
export function nextCandidate(queue: Candidate[], nowMs: number, keep?: Candidate): Candidate | undefined {
  deferEarly(queue, nowMs, keep);
  const [first] = queue;
  if (first === undefined || first === keep || first.provider.keyVars.length < 2) return queue.shift();
  let best = 0;
  let most = -1;
  for (let at = 0; at < queue.length; at += 1) {
    const candidate = queue[at];
    if (candidate?.deployment !== first.deployment) continue;
    const room = Math.round(headroomOf(candidate, nowMs) * ROOM_STEPS);
    if (room > most) {
      most = room;
      best = at;
    }
  }
  return queue.splice(best, 1)[0];
}

/**
 * Room that only a new period explains is used after the others' room: all periods begin at once, and what is open now at a
 * candidate without periods is lost when it is not used. It never goes behind a candidate of another tier, which may cost more.
 */
function deferEarly(queue: Candidate[], nowMs: number, keep: Candidate | undefined): void {
  const [first] = queue;
  if (first === undefined || first === keep || !first.isEarly(nowMs)) return;
  const { tier } = first.deployment;
  for (let at = 1; at < queue.length; at += 1) {
    const other = queue[at];
    if (other === undefined || other.deployment.tier !== tier) return;
    if (other.opensAtMs > nowMs || other.isEarly(nowMs)) continue;
    queue.splice(at, 1);
    queue.unshift(other);
    return;
  }
}

/** Whether a candidate may be tried now, and why not. */
export interface Admission {
  readonly need: Need;
  readonly skip?: Skip;
}

/**
 * @param last true when no candidate follows; then it is tried although another request probes it
 */
export function admit(candidate: Candidate, facts: RequestFacts, nowMs: number, last: boolean): Admission {
  const need = needFor(candidate, facts);
  const untilMs = candidate.opensAtMs;
  if (untilMs > nowMs) return { need, skip: cooling(candidate, untilMs) };
  const short = shortage(candidate, need, nowMs);
  if (short !== undefined) return { need, skip: quota(candidate, short) };
  if (candidate.cooldowns.some((cooldown) => beingProbed(cooldown, nowMs)) && !last) {
    return {
      need,
      skip: {
        ...about(candidate),
        reason: "probing",
        detail: "another request is probing it",
      },
    };
  }
  return { need };
}

function about(candidate: Candidate): Pick<Skip, "deployment" | "candidate" | "keyVar"> {
  const keyVar = candidate.provider.keyVars[candidate.key];
  return present({ deployment: candidate.deployment, candidate, keyVar });
}

function cooling(candidate: Candidate, untilMs: number): Skip {
  const detail = `cooling after ${cooldownCause(candidate)?.class ?? "a failure"}`;
  return { ...about(candidate), reason: "cooling", detail, untilMs };
}

export function quota(candidate: Candidate, { meter, opensAtMs: opens, kept }: Shortage): Skip {
  const { unit, ofClient } = meter.spec;
  const limit = limitText(meter.spec, meter.amount);
  if (kept === true)
    return {
      ...about(candidate),
      reason: "quota",
      detail: `what is left of its ${limit} is kept for interactive requests`,
      untilMs: opens,
    };
  if (ofClient !== undefined) return { ...about(candidate), reason: "quota", ...clientShort(meter, opens) };
  if (opens === Number.POSITIVE_INFINITY && unit !== "concurrency")
    return {
      ...about(candidate),
      reason: "quota",
      detail: `the request alone is more than its ${limit}`,
      never: true,
    };
  return {
    ...about(candidate),
    reason: "quota",
    detail: `its ${limit} are used`,
    ...(opens === Number.POSITIVE_INFINITY ? {} : { untilMs: opens }),
  };
}

/** A limit in words, such as `30 requests a minute`. */
export const limitText = ({ unit, window }: Pick<MeterSpec, "unit" | "window">, amount: number): string => {
  const counted = unit === "concurrency" ? "requests" : unit;
  return `${amount} ${counted}${window === undefined ? " at once" : ` a ${window}`}`;
};

/** A client's own limit that has no room. */
function clientShort({ spec, amount }: Meter, opensAtMs: number): Pick<Skip, "detail" | "untilMs" | "never"> {
  const limit = `the client ${spec.ofClient} has a limit of ${limitText(spec, amount)}`;
  if (opensAtMs === Number.POSITIVE_INFINITY)
    return { detail: `${limit}, and the request alone may need more`, never: true };
  return { detail: `${limit}, which is used`, untilMs: opensAtMs };
}

/** The soonest of the moments at which these open; undefined when none is known to. */
export function soonestOpenMs(skipped: readonly Pick<Skip, "untilMs" | "detail">[]): number | undefined {
  let soonest: number | undefined;
  for (const { untilMs } of skipped) {
    if (untilMs !== undefined && (soonest === undefined || untilMs < soonest)) soonest = untilMs;
  }
  return soonest;
}
