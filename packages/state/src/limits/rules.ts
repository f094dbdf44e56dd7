/**
 * The rules of limits that several processes share. Counting over time is the contract's `Counter`, which the router uses
 * too. Added here: whose clock counts, leases for what is in flight, and which of a caller's facts hold. `redis/lua.ts`
 * has all of it in Lua; a property test compares every number, so the order of every sum and product is part of the rule.
 *
 * Looking copies. A look becomes the new state only after a reservation, a settlement, a correction, or a clock that was
 * set back.
 */
import {
  addToCounter,
  advanceCounter,
  type CountedBefore,
  type Counter,
  chargeCounter,
  copyCounter,
  correctCounter,
  counterOpensAtMs,
  type MeterClaim,
  type MeterCorrection,
  type MeterSettlement,
  type MeterShape,
  newCounter,
  ROUNDING,
  reshapeCounter,
  setCounterBack,
  usedSince,
} from "@headgate/contract";
import { addLease, type Leases, leased, leasesAt } from "./leases.ts";

/**
 * Largest difference between the clocks of machines that share limits, in ms. A caller that is behind by no more counts
 * at the latest moment seen; one that is further behind shows that the clock was set back.
 */
export const SKEW_MS = 5_000;

export type MeterState = Leases | Counter;

/** A copy of a state, brought to a moment. */
export interface Sight {
  readonly state: MeterState;
  /** The clock of the shared limits. */
  readonly nowMs: number;
  /** The clock was set back: this sight must be kept, so that what was counted comes back one window from now. */
  readonly jumped: boolean;
}

/** What a claim, settlement or correction states of its meter. */
export interface MeterFacts {
  readonly shape: MeterShape;
  readonly amount?: number;
  readonly endsAtMs?: number;
}

/** A calendar claim that states no end of its period: the period never ends. */
const NEVER_MS = Number.MAX_SAFE_INTEGER;

/**
 * The meter at `callerMs`.
 * @param leaseMs how long an attempt in flight is counted without a renewal
 * @param claims the facts are of the present, so their end of the period and their amount hold
 */
export function look(
  state: MeterState | undefined,
  facts: MeterFacts,
  callerMs: number,
  leaseMs: number,
  claims: boolean,
): Sight {
  const { shape } = facts;
  if (shape.kind === "concurrency") {
    const known = state?.kind === "concurrency" ? state : undefined;
    return { ...leasesAt(known, callerMs, leaseMs, callerMs + leaseMs + SKEW_MS), nowMs: callerMs };
  }
  const known = state?.kind === shape.kind;
  const counter = known ? copyCounter(state) : newCounter(shape, callerMs);
  const jumped = callerMs < counter.atMs - SKEW_MS;
  if (jumped) setCounterBack(counter, callerMs);
  reshapeCounter(counter, shape, callerMs);
  const statedMs = facts.endsAtMs ?? NEVER_MS;
  const amount = facts.amount ?? (counter.kind === "bucket" ? counter.amount : 0);
  advanceCounter(counter, { amount, endsAtMs: () => statedMs }, callerMs);
  if (claims && known) {
    // At most one window's worth is missing from a bucket, whatever was corrected or charged.
    if (counter.kind === "bucket") counter.used = Math.min(counter.used, amount);
    // The latest stated end of the period holds; an end in the past is of an earlier period.
    if (counter.kind === "calendar" && statedMs > counter.atMs) counter.endsAtMs = statedMs;
  }
  return { state: counter, nowMs: counter.atMs, jumped };
}

/** What counts as used. */
export const usedOf = (state: MeterState): number =>
  state.kind === "concurrency" ? leased(state) : state.used;

/** What a claim's meter has counted, and of that the units since the claim's period began. */
export function countedBefore(state: MeterState, { periodStartMs }: MeterClaim): CountedBefore {
  if (state.kind !== "sliding") {
    const used = usedOf(state);
    return [used, used];
  }
  // Summed by part, as the scripts sum.
  const used = usedSince(state, 0);
  return [used, periodStartMs === undefined ? used : usedSince(state, periodStartMs)];
}

/**
 * When `wanted` fits, ms since the epoch: the sight's moment where it fits now; Infinity where that is not known (an
 * attempt in flight ends) or it is more than the whole amount.
 */
export function opensAtMs({ state, nowMs }: Sight, claim: MeterClaim, wanted: number): number {
  const { amount, endsAtMs = NEVER_MS } = claim;
  if (claim.byPeriod === true && state.kind === "sliding") {
    if (countedBefore(state, claim)[1] + wanted - amount <= ROUNDING) return nowMs;
    return wanted > amount ? Number.POSITIVE_INFINITY : endsAtMs;
  }
  if (state.kind !== "concurrency") return counterOpensAtMs(state, amount, wanted);
  return leased(state) + wanted <= amount ? nowMs : Number.POSITIVE_INFINITY;
}

/** Takes `need` out of a sight. */
export function take({ state, nowMs }: Sight, need: number, ticket: string, leaseMs: number): void {
  if (state.kind === "concurrency") addLease(state, ticket, need, nowMs + leaseMs);
  else addToCounter(state, need);
}

/** Counts the difference between what was reserved and what was used. */
export function settle({ state }: Sight, settled: MeterSettlement, ticket: string): void {
  if (state.kind === "concurrency") state.leases.delete(ticket);
  else charge(state, settled, settled.used - settled.reserved);
}

/** Adds what was used while the shared limits were out of reach. */
export function add({ state }: Sight, used: MeterSettlement): void {
  if (state.kind === "concurrency") return;
  const before = state.used;
  charge(state, used, used.used);
  // Much of what was used in a long outage has come back by now: at most one window's worth is missing.
  if (state.kind === "bucket" && state.amount !== 0)
    state.used = Math.min(state.used, Math.max(before, state.amount));
}

const charge = (counter: Counter, { takenAtMs, endsAtMs = NEVER_MS }: MeterSettlement, units: number): void =>
  chargeCounter(counter, units, takenAtMs, endsAtMs);

/** Counts the provider's figure as used. What is in flight is known best here, so a figure for it changes nothing. */
export function correct({ state }: Sight, { used }: MeterCorrection): void {
  if (state.kind !== "concurrency") correctCounter(state, used, state.atMs);
}
