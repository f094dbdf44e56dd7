/** The demand: a day's curve with bursts, heavy-tailed prompts and answers, conversations. */
import type { Operation, Priority, RoutingTable } from "@headgate/contract";
import { type Dice, diceFor, exponential, lognormal, pick } from "./random.ts";

/** One request of a client. */
export interface SimRequest {
  readonly atMs: number;
  /** The requested name. */
  readonly model: string;
  readonly operation: Operation;
  readonly promptChars: number;
  readonly promptTokens: number;
  /** What the answer will have; no policy sees it beforehand. */
  readonly outputTokens: number;
  readonly maxOutputTokens?: number;
  readonly session?: string;
  readonly priority?: Priority;
}

export interface DemandOptions {
  readonly seed: number;
  readonly startMs: number;
  readonly hours: number;
  /** Requests an hour, averaged over a day. */
  readonly perHour: number;
}

const HOUR_MS = 3_600_000;
/** Shares of requests by what they name; the rest names a single alias. */
const GROUPS: readonly (readonly [name: string, share: number])[] = [
  ["free-mode", 0.62],
  ["auto", 0.2],
];
/** Of requests for an alias, those that are no chat. */
const OTHER_SHARE = 0.1;
const SESSION_SHARE = 0.25;
const SESSIONS = 400;

const PROMPT_TOKENS = { median: 260, sigma: 1.1, most: 24_000 };
const OUTPUT_TOKENS = { median: 160, sigma: 0.8, most: 4_000 };

/** By the hour of the users' day, as a share of the average. Quiet nights, two humps. */
const CURVE = [
  0.82, 0.8, 0.79, 0.79, 0.8, 0.82, 0.87, 0.95, 1.05, 1.14, 1.18, 1.17, 1.12, 1.12, 1.17, 1.2, 1.19, 1.15,
  1.1, 1.06, 1.02, 0.97, 0.91, 0.86,
];

/** The clients' day is nine hours ahead of UTC: most daily quotas come back when their day begins. */
const AHEAD_HOURS = 9;

function curveAt(nowMs: number): number {
  const hour = (nowMs / HOUR_MS + AHEAD_HOURS) % 24;
  const from = CURVE[Math.floor(hour)] ?? 1;
  const to = CURVE[(Math.floor(hour) + 1) % 24] ?? 1;
  return from + (to - from) * (hour % 1);
}

/** Draws requests as clients of this table send them, one after another, without an end. */
export function drawer(table: RoutingTable, dice: Dice): (atMs: number) => SimRequest {
  const chat: string[] = [];
  const other: RoutingTable["deployments"][number][] = [];
  for (const deployment of table.deployments) {
    if (!deployment.served) continue;
    if (deployment.operation === "chat") chat.push(deployment.alias);
    else other.push(deployment);
  }
  const groups = GROUPS.filter(([name]) => table.routes.some((route) => route.name === name));
  return (atMs) => request(dice, atMs, groups, chat, other);
}

/** Requests in the order in which they come. */
export function* demandOf(table: RoutingTable, options: DemandOptions): Generator<SimRequest> {
  const dice = diceFor(options.seed, "demand");
  const bursts = burstsOf(options);
  const endMs = options.startMs + options.hours * HOUR_MS;
  const draw = drawer(table, dice);
  const highest = Math.max(...CURVE) * Math.max(1, ...bursts.map(({ times }) => times));
  let atMs = options.startMs;
  for (;;) {
    // Thinning (Lewis and Shedler, 1979): steps of the highest rate, of which the curve keeps its share.
    atMs += exponential(dice, HOUR_MS / (options.perHour * highest));
    if (atMs >= endMs) return;
    const burst = bursts.find(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs)?.times ?? 1;
    if (dice() * highest > curveAt(atMs) * burst) continue;
    yield draw(atMs);
  }
}

function request(
  dice: Dice,
  atMs: number,
  groups: readonly (readonly [string, number])[],
  chat: readonly string[],
  other: RoutingTable["deployments"],
): SimRequest {
  let share = dice();
  const group = groups.find(([, part]) => {
    share -= part;
    return share < 0;
  });
  const single =
    group === undefined && other.length > 0 && dice() < OTHER_SHARE ? pick(dice, other) : undefined;
  const operation = single?.operation ?? "chat";
  const promptTokens = Math.ceil(
    Math.min(PROMPT_TOKENS.most, 12 + lognormal(dice, PROMPT_TOKENS.median, PROMPT_TOKENS.sigma)),
  );
  const outputTokens =
    operation === "chat"
      ? Math.ceil(Math.min(OUTPUT_TOKENS.most, lognormal(dice, OUTPUT_TOKENS.median, OUTPUT_TOKENS.sigma)))
      : 0;
  // Languages and code differ in how many characters a token holds.
  const promptChars = Math.round(promptTokens * (3.6 + 0.8 * dice()));
  const bounded = operation === "chat" && dice() < 0.4;
  return {
    atMs,
    model: group?.[0] ?? single?.alias ?? pick(dice, chat),
    operation,
    promptChars,
    promptTokens,
    outputTokens: bounded ? Math.min(outputTokens, 1_024) : outputTokens,
    ...(bounded ? { maxOutputTokens: 1_024 } : {}),
    ...(dice() < SESSION_SHARE ? { session: `s${Math.floor(dice() * SESSIONS)}` } : {}),
  };
}

interface Burst {
  readonly fromMs: number;
  readonly toMs: number;
  readonly times: number;
}

/** Every other hour or so, for a minute to five: an agent that fans out, a batch job. */
function burstsOf({ seed, startMs, hours }: DemandOptions): readonly Burst[] {
  const dice = diceFor(seed, "bursts");
  const bursts: Burst[] = [];
  let atMs = startMs;
  for (;;) {
    atMs += exponential(dice, 1.5 * HOUR_MS);
    if (atMs >= startMs + hours * HOUR_MS) return bursts;
    const lastsMs = (1 + 4 * dice()) * 60_000;
    bursts.push({ fromMs: atMs, toMs: atMs + lastsMs, times: 2 + 2 * dice() });
    atMs += lastsMs;
  }
}
