/** The real router: plan, admit, begin, settle, as the runtime's exchange drives them; alone or as several replicas. */
import { type Failure, movesOn, present, type RoutingTable } from "@headgate/contract";
import {
  admit,
  begin,
  type Candidate,
  indexTable,
  Memory,
  type Meter,
  nextCandidate,
  type Plan,
  plan,
  planLarger,
  type RequestFacts,
  type Reservation,
  type RouteIndex,
  settle,
} from "@headgate/router";
import type { SimRequest } from "../demand.ts";
import type { Call, Ended, Policy, Walk } from "../policy.ts";
import { type Dice, diceFor } from "../random.ts";

interface Place {
  readonly deployment: number;
  readonly key: number;
}

export class Replica {
  readonly memory = new Memory();
  readonly index: RouteIndex;
  readonly places = new Map<Candidate, Place>();
  readonly dice: Dice;

  constructor(table: RoutingTable, seed: number, name: string) {
    this.dice = diceFor(seed, name);
    this.index = indexTable(table, this.memory, (variable) => variable);
    for (const [deployment, entry] of this.index.deployments.entries())
      entry.candidates.forEach((candidate, key) => void this.places.set(candidate, { deployment, key }));
  }

  goesOn({ deployment, key }: Call, after: Failure, nowMs: number): boolean {
    const candidate = this.index.deployments[deployment]?.candidates[key];
    if (candidate === undefined) return true;
    if (candidate.cooldowns.some(({ untilMs, failure }) => untilMs > nowMs && failure === after))
      return false;
    return candidate.meters().every((meter) => meter.learned?.from !== "refusals" || meter.fits(1, nowMs));
  }
}

export function headgate(table: RoutingTable, seed: number): Policy {
  const replica = new Replica(table, seed, "headgate");
  return {
    name: "headgate",
    walk: (request, nowMs) => new HeadgateWalk(replica, request, nowMs),
    goesOn: (call, after, nowMs) => replica.goesOn(call, after, nowMs),
  };
}

export const factsOf = (request: SimRequest): RequestFacts =>
  present({
    model: request.model,
    operation: request.operation,
    needs: 0,
    promptChars: request.promptChars,
    maxOutputTokens: request.maxOutputTokens,
    session: request.session,
    priority: request.priority,
  });

export class HeadgateWalk implements Walk {
  protected readonly replica: Replica;
  protected readonly facts: RequestFacts;
  protected queue: Candidate[] = [];
  protected readonly planned: Plan | undefined;
  readonly #seen = new Set<Candidate>();
  readonly #route: ReturnType<RouteIndex["find"]>;
  #candidate: Candidate | undefined;
  #reservation: Reservation | undefined;

  constructor(replica: Replica, request: SimRequest, nowMs: number) {
    this.replica = replica;
    this.facts = factsOf(request);
    this.#route = replica.index.find(request.model);
    if (this.#route === undefined) return;
    this.planned = plan(this.#route, this.facts, nowMs, replica.dice);
    this.queue = [...this.planned.candidates];
  }

  next(nowMs: number): Call | undefined {
    const take = (): Candidate | undefined => nextCandidate(this.queue, nowMs, this.planned?.keep);
    for (let candidate = take(); candidate !== undefined; candidate = take()) {
      const { need, skip } = admit(candidate, this.facts, nowMs, this.queue.length === 0);
      if (skip !== undefined) continue;
      return this.begin(candidate, begin(candidate, need, nowMs));
    }
    return undefined;
  }

  protected begin(candidate: Candidate, reservation: Reservation): Call | undefined {
    this.#seen.add(candidate);
    this.#candidate = candidate;
    this.#reservation = reservation;
    return this.replica.places.get(candidate);
  }

  /** For replicas that share limits. */
  protected settled(_: Reservation, __: Ended, ___: readonly Meter[], ____: number): void {}

  ended(_: Call, how: Ended, nowMs: number): boolean {
    const { failure, usage, readings, firstTokenMs, durationMs } = how;
    const candidate = this.#candidate;
    const reservation = this.#reservation;
    if (candidate === undefined || reservation === undefined) throw new Error("no attempt was begun");
    const result = present({ readings, durationMs, failure, usage, firstTokenMs });
    const corrected = settle(reservation, this.facts, result, nowMs, this.replica.dice);
    this.settled(reservation, how, corrected, nowMs);
    if (failure === undefined) {
      const { sessionKey } = this.planned ?? {};
      if (sessionKey !== undefined) this.replica.memory.sessions.set(sessionKey, candidate.id, nowMs);
      return false;
    }
    if (failure.class === "context_window" && this.#route !== undefined)
      this.queue = [
        ...planLarger(this.#route, this.facts, candidate.deployment, this.#seen, nowMs).candidates,
      ];
    return movesOn(failure);
  }
}
