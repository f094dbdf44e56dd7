/**
 * Several gateways behind one balancer: each the real router with its own memory, all with shared limits (the rules that
 * the stores of packages/state count by). As in the runtime, one question names up to eight candidates; cooldowns that one
 * replica sees reach the others at once.
 */
import type { RoutingTable } from "@headgate/contract";
import {
  admit,
  begin,
  type Candidate,
  claimOf,
  countsOf,
  endOf,
  type Meter,
  nextCandidate,
  settlementsOf,
} from "@headgate/router";
import { SharedLimitsCore } from "@headgate/state";
import type { SimRequest } from "../demand.ts";
import type { Call, Ended, Policy } from "../policy.ts";
import { HeadgateWalk, Replica } from "./headgate.ts";

const ASKED_AT_ONCE = 8;
/** A lease whose gateway ended is free again after this time. */
const LEASE_MS = 15 * 60_000;

class Fleet {
  readonly replicas: readonly Replica[];
  readonly limits: SharedLimitsCore;
  readonly #untilMs = new Map<string, number>();
  roundTrips = 0;
  #tickets = 0;

  constructor(table: RoutingTable, seed: number, count: number) {
    this.replicas = Array.from({ length: count }, (_, at) => new Replica(table, seed, `replica ${at}`));
    this.limits = new SharedLimitsCore({
      leaseMs: LEASE_MS,
      untilMs: (cooldown) => this.#untilMs.get(cooldown) ?? 0,
    });
  }

  ticket(): string {
    this.roundTrips += 1;
    this.#tickets += 1;
    return `t${this.#tickets}`;
  }

  spread(from: Replica, nowMs: number): void {
    if (!from.memory.hasChangedCooldowns) return;
    const records = from.memory.changedCooldowns();
    for (const record of records) this.#untilMs.set(record.id, record.untilMs);
    for (const other of this.replicas) if (other !== from) other.memory.applyCooldowns(records, nowMs);
  }
}

export function replicas(table: RoutingTable, seed: number, count: number): Policy {
  const fleet = new Fleet(table, seed, count);
  let index = 0;
  return {
    name: `headgate, ${count} replicas`,
    walk: (request, nowMs) => {
      index = (index + 1) % count;
      const replica = fleet.replicas[index];
      if (replica === undefined) throw new Error("a fleet of none");
      return new ReplicaWalk(fleet, replica, request, nowMs);
    },
    goesOn: (call, after, nowMs) => fleet.replicas.every((replica) => replica.goesOn(call, after, nowMs)),
    get roundTrips() {
      return fleet.roundTrips;
    },
  };
}

class ReplicaWalk extends HeadgateWalk {
  readonly #fleet: Fleet;
  #ticket = "";

  constructor(fleet: Fleet, replica: Replica, request: SimRequest, nowMs: number) {
    super(replica, request, nowMs);
    this.#fleet = fleet;
  }

  override next(nowMs: number): Call | undefined {
    for (;;) {
      const admitted = this.#admitted(nowMs);
      if (admitted.length === 0) return undefined;
      const claims = admitted.map(({ candidate, need }) => claimOf(candidate, need, nowMs));
      const ticket = this.#fleet.ticket();
      const { index, counted = [] } = this.#fleet.limits.reserve(ticket, claims, nowMs);
      const chosen = admitted[index];
      const claim = claims[index];
      if (chosen === undefined || claim === undefined) continue;
      // Those after the chosen one are still to come.
      this.queue.unshift(...admitted.slice(index + 1).map(({ candidate }) => candidate));
      this.#ticket = ticket;
      return this.begin(
        chosen.candidate,
        begin(chosen.candidate, chosen.need, nowMs, countsOf(claim, counted)),
      );
    }
  }

  #admitted(nowMs: number): { candidate: Candidate; need: ReturnType<typeof admit>["need"] }[] {
    const admitted = [];
    while (admitted.length < ASKED_AT_ONCE) {
      const candidate = nextCandidate(this.queue, nowMs, this.planned?.keep);
      if (candidate === undefined) break;
      const { need, skip } = admit(candidate, this.facts, nowMs, this.queue.length === 0);
      if (skip === undefined) admitted.push({ candidate, need });
    }
    return admitted;
  }

  override ended(call: Call, how: Ended, nowMs: number): boolean {
    const goesOn = super.ended(call, how, nowMs);
    this.#fleet.spread(this.replica, nowMs);
    return goesOn;
  }

  protected override settled(
    reservation: Parameters<typeof settlementsOf>[0],
    how: Ended,
    corrected: readonly Meter[],
    nowMs: number,
  ): void {
    const { limits } = this.#fleet;
    limits.settle(this.#ticket, settlementsOf(reservation, how), nowMs);
    if (corrected.length === 0 || how.failure === undefined) return;
    const corrections = corrected.map((meter) => ({
      id: meter.spec.id,
      shape: meter.spec.shape,
      used: meter.used(nowMs),
      ...endOf(meter, nowMs),
    }));
    limits.correct(corrections, nowMs);
  }
}
