/** Limits in this process's memory, by the rules: what the in-process store and the workers' host count with. */
import {
  type Claim,
  COUNTED_ONLY,
  type CountedBefore,
  type MeterClaim,
  type MeterCorrection,
  type MeterSettlement,
  present,
  type SharedGrant,
  shiftCounter,
} from "@headgate/contract";
import { shiftLeases } from "./leases.ts";
import * as rules from "./rules.ts";

/** What a ticket reserved, kept until it is settled. */
interface Taken {
  readonly meters: readonly MeterClaim[];
  readonly takenAtMs: number;
}

/** The granted claim's index in the list, or when the first may be granted. */
export interface Verdict {
  readonly index: number;
  /** Where a claim is granted. */
  readonly counted?: readonly CountedBefore[];
  /** Only where the index is -1. */
  readonly opensAtMs?: number;
}

/** A ticket that never settles is dropped after this time. */
const TICKET_MS = 24 * 60 * 60 * 1000;
const SWEEP_EVERY = 10_000;

export class SharedLimitsCore {
  readonly #states = new Map<string, rules.MeterState>();
  readonly #tickets = new Map<string, Taken>();
  /** After the clock was set: when what a calendar counted before comes back at the latest. */
  readonly #heldUntilMs = new Map<string, number>();
  readonly #untilMs: (cooldown: string) => number;
  readonly #leaseMs: number;
  readonly #changed: (id: string) => void;
  #sweepAt = SWEEP_EVERY;

  constructor(options: {
    readonly leaseMs: number;
    /** Until when an identity cools down, ms since the epoch; 0 when it does not. */
    readonly untilMs: (cooldown: string) => number;
    readonly changed?: (id: string) => void;
  }) {
    this.#leaseMs = options.leaseMs;
    this.#untilMs = options.untilMs;
    this.#changed = options.changed ?? (() => {});
  }

  reserve(ticket: string, claims: readonly Claim[], nowMs: number): Verdict {
    const sights = new Map<string, rules.Sight>();
    let firstMs = Number.POSITIVE_INFINITY;
    for (const [index, claim] of claims.entries()) {
      const opensAtMs = this.#opensAtMs(claim, sights, nowMs);
      if (opensAtMs === undefined) {
        const counted = claim.meters.map((meter) =>
          rules.countedBefore(this.#sightOf(meter, sights, nowMs).state, meter),
        );
        this.#take(ticket, claim, sights);
        this.#tickets.set(ticket, { meters: claim.meters, takenAtMs: nowMs });
        if (this.#tickets.size >= this.#sweepAt) this.#sweep(nowMs);
        return { index, counted };
      }
      firstMs = Math.min(firstMs, opensAtMs);
    }
    return firstMs === Number.POSITIVE_INFINITY ? { index: -1 } : { index: -1, opensAtMs: firstMs };
  }

  /** Undefined when the claim is open; else when it may be, Infinity where that is not known. */
  #opensAtMs(claim: Claim, sights: Map<string, rules.Sight>, nowMs: number): number | undefined {
    let latestMs: number | undefined;
    const wait = (untilMs: number): void => {
      latestMs = Math.max(latestMs ?? 0, untilMs);
    };
    for (const cooldown of claim.cooldowns) {
      const untilMs = this.#untilMs(cooldown);
      if (untilMs > nowMs) wait(untilMs);
    }
    const wanted = new Map<string, number>();
    for (const meter of claim.meters) {
      if (meter.amount >= COUNTED_ONLY) continue;
      const sight = this.#sightOf(meter, sights, nowMs);
      const need = (wanted.get(meter.id) ?? 0) + meter.need;
      wanted.set(meter.id, need);
      const opensAtMs = rules.opensAtMs(sight, meter, need);
      if (opensAtMs > sight.nowMs) wait(opensAtMs);
    }
    return latestMs;
  }

  #sightOf(meter: MeterClaim, sights: Map<string, rules.Sight>, nowMs: number): rules.Sight {
    let sight = sights.get(meter.id);
    if (sight === undefined) {
      sight = this.#look(meter, nowMs, true);
      if (sight.jumped) this.#keep(meter.id, sight.state);
      sights.set(meter.id, sight);
    }
    return sight;
  }

  #take(ticket: string, { meters }: Claim, sights: ReadonlyMap<string, rules.Sight>): void {
    for (const { id, need } of meters) {
      const sight = sights.get(id);
      if (sight === undefined) throw new Error(`the claim's meter ${id} was not looked at`);
      rules.take(sight, need, ticket, this.#leaseMs);
      this.#keep(id, sight.state);
    }
  }

  /** False when the ticket was settled before, or was never given. */
  settle(ticket: string, meters: readonly MeterSettlement[], nowMs: number): boolean {
    const taken = this.#tickets.get(ticket);
    if (taken === undefined) return false;
    this.#tickets.delete(ticket);
    for (const meter of meters) this.#settle(ticket, meter, nowMs);
    // A settlement that leaves a meter out still ends its lease.
    const named = new Set(meters.map(({ id }) => id));
    for (const meter of taken.meters) {
      if (meter.shape.kind === "concurrency" && !named.has(meter.id)) this.#giveBack(ticket, meter, 0, nowMs);
    }
    return true;
  }

  /** Undoes a reservation whose grant came too late to be used. */
  cancel(ticket: string, nowMs: number): void {
    const taken = this.#tickets.get(ticket);
    if (taken === undefined) return;
    this.#tickets.delete(ticket);
    for (const meter of taken.meters) this.#giveBack(ticket, meter, taken.takenAtMs, nowMs);
  }

  /** The holder is gone: its leases end, what it sent upstream stays counted. */
  abandon(ticket: string, nowMs: number): void {
    this.settle(ticket, [], nowMs);
  }

  #giveBack(ticket: string, meter: MeterClaim, takenAtMs: number, nowMs: number): void {
    const { id, shape, need: reserved, endsAtMs } = meter;
    this.#settle(ticket, present({ id, shape, reserved, used: 0, takenAtMs, endsAtMs }), nowMs);
  }

  #settle(ticket: string, meter: MeterSettlement, nowMs: number): void {
    const sight = this.#look(meter, nowMs, false);
    rules.settle(sight, meter, ticket);
    this.#keep(meter.id, sight.state);
  }

  correct(corrections: readonly MeterCorrection[], nowMs: number): void {
    for (const correction of corrections) {
      if (correction.shape.kind === "concurrency") continue;
      const sight = this.#look(correction, nowMs, true);
      rules.correct(sight, correction);
      this.#keep(correction.id, sight.state);
    }
  }

  addUsed(used: readonly MeterSettlement[], nowMs: number): void {
    for (const one of used) {
      if (one.used === 0 || one.shape.kind === "concurrency") continue;
      const sight = this.#look(one, nowMs, false);
      rules.add(sight, one);
      this.#keep(one.id, sight.state);
    }
  }

  #look(meter: rules.MeterFacts & { readonly id: string }, nowMs: number, claims: boolean): rules.Sight {
    return rules.look(
      this.#states.get(meter.id),
      this.#held(meter, nowMs, claims),
      nowMs,
      this.#leaseMs,
      claims,
    );
  }

  #held(meter: rules.MeterFacts & { readonly id: string }, nowMs: number, claims: boolean): rules.MeterFacts {
    const untilMs = this.#heldUntilMs.get(meter.id);
    if (untilMs === undefined) return meter;
    const { endsAtMs = untilMs } = meter;
    if (nowMs < untilMs && untilMs < endsAtMs) return { ...meter, endsAtMs: untilMs };
    // An end in the past is of a claim that left its worker before the clock was set.
    if (claims && nowMs < endsAtMs) {
      // Over, or the calendar's own end is sooner. A refused claim changes no state, so the end is written here.
      this.#heldUntilMs.delete(meter.id);
      const state = this.#states.get(meter.id);
      if (state?.kind === "calendar") state.endsAtMs = Math.min(state.endsAtMs, endsAtMs);
    }
    return meter;
  }

  /** The wall clock was set by `deltaMs` while no time passed: what was counted comes back as much later or earlier. */
  shift(deltaMs: number): void {
    for (const [id, state] of this.#states) {
      if (state.kind === "concurrency") shiftLeases(state, deltaMs);
      else shiftCounter(state, deltaMs);
      if (state.kind === "calendar" && state.endsAtMs !== 0) this.#heldUntilMs.set(id, state.endsAtMs);
      this.#changed(id);
    }
    for (const [ticket, { meters, takenAtMs }] of this.#tickets)
      this.#tickets.set(ticket, {
        meters: meters.map((meter) =>
          meter.endsAtMs === undefined ? meter : { ...meter, endsAtMs: meter.endsAtMs + deltaMs },
        ),
        takenAtMs: takenAtMs + deltaMs,
      });
  }

  #keep(id: string, state: rules.MeterState): void {
    this.#states.set(id, state);
    this.#changed(id);
  }

  #sweep(nowMs: number): void {
    for (const [ticket, { takenAtMs }] of this.#tickets) {
      if (takenAtMs + TICKET_MS <= nowMs) this.#tickets.delete(ticket);
    }
    this.#sweepAt = this.#tickets.size + SWEEP_EVERY;
  }

  forget(ids: readonly string[]): void {
    for (const id of ids) this.#states.delete(id);
  }

  state(id: string): rules.MeterState | undefined {
    return this.#states.get(id);
  }

  restore(id: string, state: rules.MeterState): void {
    this.#states.set(id, state);
  }
}

/** A verdict as the caller gets it. */
export const grantOf = ({ index, opensAtMs, counted = [] }: Verdict, ticket: string): SharedGrant => {
  if (index !== -1) return { index, ticket, counted };
  return present({ index: -1, opensAtMs } as const);
};
