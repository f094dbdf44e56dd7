/** One policy's day: requests come, attempts are made, answers return, and everything is counted. */
import { classify, limitInText, limitReadings } from "@headgate/adapter-kit";
import type { Failure, Priority, RoutingTable } from "@headgate/contract";
import { Agenda } from "./agenda.ts";
import { type DemandOptions, demandOf, drawer, type SimRequest } from "./demand.ts";
import type { Call, Ended, Policy, Walk } from "./policy.ts";
import { type Dice, diceFor } from "./random.ts";
import type { Reply, Upstream } from "./upstream.ts";
import type { WeightOf } from "./weight.ts";
import type { World } from "./world.ts";

export interface Counts {
  asked: number;
  served: number;
  /** The same, weighed as the bound is; see weight.ts. */
  value: number;
  calls: number;
  /** Calls that a limit refused. */
  refused: number;
  /** Unanswered requests although some candidate had had room for a second. */
  overlooked: number;
  /** Stray refusals, and those after whose wait a cooldown or a false limit still kept calls away. */
  strays: number;
  heldBack: number;
  /** How many requests took so many attempts. */
  readonly attempts: number[];
  /** Of the crowd; its requests count in none of the other figures but `calls` and `refused`. */
  crowdServed: number;
  /** From a request's arrival to its answer. */
  readonly durationsMs: number[];
}

/** To the upstream, one way. */
const LINE_MS = { least: 8, spread: 30 };
/** The gateway's patience where the provider has none of its own. */
const FIRST_TOKEN_MS = 30_000;
/** Refusals whose text may state a limit. */
const REFUSALS: ReadonlySet<Failure["class"]> = new Set(["rate_limit", "daily_quota", "monthly_quota"]);

export interface RunOptions {
  readonly world: World;
  readonly policy: Policy;
  readonly demand: DemandOptions;
  readonly weightOf: WeightOf;
  /** Clients that always have one more request, and try again while it finds no room. */
  readonly crowd?: Crowd;
}

export interface Crowd {
  readonly clients: number;
  readonly priority: Priority;
}

/** How long a request of the crowd waits for its next try. */
const AGAIN_MS = 2_000;

export function run({ world, policy, demand, weightOf, crowd }: RunOptions): Counts {
  const counts: Counts = {
    asked: 0,
    served: 0,
    value: 0,
    calls: 0,
    refused: 0,
    overlooked: 0,
    strays: 0,
    heldBack: 0,
    attempts: [],
    crowdServed: 0,
    durationsMs: [],
  };
  const agenda = new Agenda();
  const dice = diceFor(demand.seed, "line");
  const chains = chainsOf(world.table);
  for (const { atMs, limit, amount } of world.changes)
    agenda.at(atMs, () => {
      limit.amount = amount;
    });

  const endMs = demand.startMs + demand.hours * 3_600_000;
  if (crowd !== undefined) {
    const draw = drawer(world.table, diceFor(demand.seed, "crowd"));
    const send = (nowMs: number): void => {
      if (nowMs >= endMs) return;
      const request = { ...draw(nowMs), priority: crowd.priority };
      const context = { request, policy, world, counts, agenda, dice, chains, weightOf };
      new Journey({ ...context, crowd: { endMs, over: (overMs) => send(overMs) } }).begin(nowMs);
    };
    for (let client = 0; client < crowd.clients; client += 1)
      agenda.at(demand.startMs + client, (nowMs) => send(nowMs));
  }
  for (const request of demandOf(world.table, demand)) {
    while (agenda.nextMs <= request.atMs) agenda.step();
    counts.asked += 1;
    new Journey({ request, policy, world, counts, agenda, dice, chains, weightOf }).begin(request.atMs);
  }
  while (agenda.step());
  return counts;
}

interface Context {
  readonly request: SimRequest;
  readonly policy: Policy;
  readonly world: World;
  readonly counts: Counts;
  readonly agenda: Agenda;
  readonly dice: Dice;
  readonly chains: ReadonlyMap<string, readonly number[]>;
  readonly weightOf: WeightOf;
  /** Of a request of the crowd: when it gives up, and what comes after it. */
  readonly crowd?: { readonly endMs: number; readonly over: (nowMs: number) => void };
}

class Journey {
  readonly #of: Context;
  #walk: Walk | undefined;
  #attempts = 0;

  constructor(context: Context) {
    this.#of = context;
  }

  begin(nowMs: number): void {
    this.#walk = this.#of.policy.walk(this.#of.request, nowMs);
    this.#next(nowMs);
  }

  #next(nowMs: number): void {
    const call = this.#walk?.next(nowMs);
    if (call === undefined) {
      const { crowd } = this.#of;
      if (crowd !== undefined && nowMs < crowd.endMs) {
        this.#of.agenda.at(nowMs + AGAIN_MS, (atMs) => this.begin(atMs));
        return;
      }
      this.#unserved(nowMs);
      return;
    }
    const { agenda, dice } = this.#of;
    const lineMs = LINE_MS.least + LINE_MS.spread * dice();
    const sentMs = Math.max(nowMs, call.notBeforeMs ?? nowMs);
    agenda.at(sentMs + lineMs, (atMs) => this.#arrive(call, sentMs, lineMs, atMs));
  }

  #arrive(call: Call, sentMs: number, lineMs: number, nowMs: number): void {
    const { request, agenda, counts, world } = this.#of;
    const upstream = world.upstreams[call.deployment]?.[call.key];
    if (upstream === undefined) throw new Error(`no upstream is called ${call.deployment}/${call.key}`);
    this.#attempts += 1;
    counts.calls += 1;
    const reply = upstream.call(request, nowMs);
    if (reply.kind === "error" && reply.refused) counts.refused += 1;
    const patienceMs = world.table.providers[upstream.deployment.provider]?.timeouts.firstTokenMs;
    const tookMs =
      reply.kind === "answer" ? reply.durationMs : Math.min(reply.afterMs, patienceMs ?? FIRST_TOKEN_MS);
    if (reply.kind === "answer") agenda.at(nowMs + tookMs, reply.over);
    agenda.at(nowMs + tookMs + lineMs, (atMs) => this.#end(call, upstream, reply, sentMs, atMs));
  }

  #end(call: Call, upstream: Upstream, reply: Reply, sentMs: number, nowMs: number): void {
    const { request, counts, weightOf, world } = this.#of;
    const how = endedOf(reply, upstream, world.table, request, nowMs - sentMs, nowMs);
    const mayGoOn = this.#walk?.ended(call, how, nowMs) ?? false;
    if (reply.kind === "error" && reply.stray === true) this.#noteStray(call, upstream, how, nowMs);
    const { crowd } = this.#of;
    if (crowd !== undefined) {
      if (how.failure === undefined) {
        counts.crowdServed += 1;
        crowd.over(nowMs);
      } else if (mayGoOn) this.#next(nowMs);
      else this.#of.agenda.at(nowMs + AGAIN_MS, (atMs) => this.begin(atMs));
    } else if (how.failure === undefined) {
      counts.durationsMs.push(nowMs - request.atMs);
      counts.served += 1;
      counts.value += weightOf(upstream, request, reply.kind === "answer" ? reply.durationMs : 0);
      this.#count();
    } else if (mayGoOn) this.#next(nowMs);
    else this.#unserved(nowMs);
  }

  /** After the wait that it stated, calls go on as before, where the upstream has room. */
  #noteStray(call: Call, upstream: Upstream, { failure }: Ended, nowMs: number): void {
    const { request, counts, agenda, policy } = this.#of;
    if (failure?.retryAfterMs === undefined) return;
    agenda.at(nowMs + failure.retryAfterMs + 1, (atMs) => {
      if (!upstream.hasRoom(request, atMs)) return;
      counts.strays += 1;
      if (policy.goesOn?.(call, failure, atMs) === false) counts.heldBack += 1;
    });
  }

  #unserved(nowMs: number): void {
    const { request, counts, chains, world, crowd } = this.#of;
    if (crowd !== undefined) return;
    this.#count();
    const chain = chains.get(request.model) ?? [];
    const room = chain.some((index) => {
      const { contextTokens, served } = world.table.deployments[index] ?? { served: false };
      if (!served || (contextTokens ?? Number.POSITIVE_INFINITY) < request.promptTokens * 1.2) return false;
      return world.upstreams[index]?.some((upstream) => upstream.hasRoom(request, nowMs)) ?? false;
    });
    if (room) counts.overlooked += 1;
  }

  #count(): void {
    const { attempts } = this.#of.counts;
    attempts[this.#attempts] = (attempts[this.#attempts] ?? 0) + 1;
  }
}

/** What the gateway makes of a reply. */
function endedOf(
  reply: Reply,
  upstream: Upstream,
  table: RoutingTable,
  request: SimRequest,
  durationMs: number,
  nowMs: number,
): Ended {
  switch (reply.kind) {
    case "answer":
      return {
        usage: { inputTokens: request.promptTokens, outputTokens: request.outputTokens },
        readings: limitReadings(reply.headers, nowMs),
        firstTokenMs: reply.firstTokenMs,
        durationMs,
      };
    case "network":
      return {
        failure: { class: "network", scope: "model", message: "connection refused" },
        readings: [],
        durationMs,
      };
    case "silence":
      return {
        failure: { class: "timeout", scope: "model", message: "no answer in time" },
        readings: [],
        durationMs,
      };
    case "error": {
      const rules = table.providers[upstream.deployment.provider]?.errors ?? [];
      const failure = classify(reply.answer, rules, nowMs);
      const stated = REFUSALS.has(failure.class) ? limitInText(reply.answer.body) : [];
      return { failure, readings: [...limitReadings(reply.answer.headers, nowMs), ...stated], durationMs };
    }
  }
}

export function chainsOf(table: RoutingTable): Map<string, readonly number[]> {
  return new Map(
    table.routes.map(({ name, chain, contextChain }) => [name, [...new Set([...chain, ...contextChain])]]),
  );
}
