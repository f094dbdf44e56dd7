/**
 * How one meter counts: the reference that every shared limits must equal (`redis/lua.ts` says the same in Lua; a
 * property test compares them number by number, so keep the order of every sum and product).
 *
 * Pure: a state goes in, a state comes out. What is looked at is a `Sight`: the state as it is at a moment. Only a take,
 * a settlement, a correction or a clock that jumped back makes it the new state.
 */
import type { MeterClaim, MeterCorrection, MeterSettlement, MeterShape } from "@headgate/contract";

/**
 * Clocks of machines that share limits may differ by this much. A caller that is behind by no more is taken to live in
 * the shared limits' present; one that is further behind shows that the clock was set back.
 */
export const SKEW_MS = 5_000;

export interface Lease {
  readonly need: number;
  readonly expiresAtMs: number;
}

export type MeterState =
  | { readonly kind: "concurrency"; readonly leases: ReadonlyMap<string, Lease> }
  | {
      readonly kind: "sliding";
      readonly atMs: number;
      readonly partMs: number;
      /** Units by the number of the part they were taken in, ascending. */
      readonly parts: readonly (readonly [part: number, units: number])[];
    }
  | { readonly kind: "bucket"; readonly atMs: number; readonly used: number; readonly amount: number }
  | {
      readonly kind: "calendar";
      readonly atMs: number;
      readonly used: number;
      /** When counting began from nothing. */
      readonly sinceMs: number;
      /** 0 while no one has said. */
      readonly endsAtMs: number;
    };

/** A state at a moment. */
export interface Sight {
  readonly state: MeterState;
  /** The shared limits' clock. */
  readonly nowMs: number;
  /** The clock was set back: this sight must be kept, so that what was counted ends a window from now. */
  readonly jumped: boolean;
}

/** What is known of a meter besides its state. */
export interface MeterFacts {
  readonly shape: MeterShape;
  readonly amount?: number;
  readonly endsAtMs?: number;
}

/** A calendar claim that does not say when its period ends never begins anew. */
const NEVER_MS = Number.MAX_SAFE_INTEGER;

const clock = (atMs: number, nowMs: number): number =>
  nowMs < atMs && nowMs >= atMs - SKEW_MS ? atMs : nowMs;

/**
 * The meter as it is at `nowMs`. `claims`: the facts are a claim's, so its end of the period is believed.
 * `leaseMs`: how long a place in flight is held without a renewal.
 */
export function look(
  state: MeterState | undefined,
  facts: MeterFacts,
  nowMs: number,
  leaseMs: number,
  claims: boolean,
): Sight {
  const { shape } = facts;
  switch (shape.kind) {
    case "concurrency":
      return lookAtLeases(state?.kind === "concurrency" ? state.leases : NO_LEASES, nowMs, leaseMs);
    case "sliding":
      return lookAtParts(state?.kind === "sliding" ? state : undefined, shape, nowMs);
    case "bucket":
      return lookAtBucket(state?.kind === "bucket" ? state : undefined, facts, shape.windowMs, nowMs, claims);
    case "calendar":
      return lookAtPeriod(state?.kind === "calendar" ? state : undefined, facts, nowMs, claims);
  }
}

const NO_LEASES: ReadonlyMap<string, Lease> = new Map();

function lookAtLeases(leases: ReadonlyMap<string, Lease>, nowMs: number, leaseMs: number): Sight {
  const live = new Map<string, Lease>();
  let jumped = false;
  for (const [ticket, lease] of leases) {
    if (lease.expiresAtMs <= nowMs) continue;
    if (lease.expiresAtMs > nowMs + leaseMs + SKEW_MS) {
      live.set(ticket, { need: lease.need, expiresAtMs: nowMs + leaseMs });
      jumped = true;
    } else live.set(ticket, lease);
  }
  return { state: { kind: "concurrency", leases: live }, nowMs, jumped };
}

type Sliding = MeterState & { kind: "sliding" };
type SlidingShape = MeterShape & { kind: "sliding" };

function lookAtParts(state: Sliding | undefined, shape: SlidingShape, callerMs: number): Sight {
  const partMs = shape.windowMs / shape.slices;
  if (state === undefined) {
    return { state: { kind: "sliding", atMs: callerMs, partMs, parts: [] }, nowMs: callerMs, jumped: false };
  }
  const nowMs = clock(state.atMs, callerMs);
  const current = Math.floor(nowMs / partMs);
  const parts: [number, number][] = [];
  for (const [part, units] of state.parts) {
    // What lies ahead of the clock, or was counted in parts of another width, counts as taken now.
    const at = state.partMs === partMs ? Math.min(part, current) : current;
    if ((at + 1) * partMs + shape.windowMs <= nowMs) continue;
    const last = parts.at(-1);
    if (last?.[0] === at) last[1] += units;
    else parts.push([at, units]);
  }
  return { state: { kind: "sliding", atMs: nowMs, partMs, parts }, nowMs, jumped: nowMs < state.atMs };
}

type Bucket = MeterState & { kind: "bucket" };

function lookAtBucket(
  state: Bucket | undefined,
  facts: MeterFacts,
  windowMs: number,
  callerMs: number,
  claims: boolean,
): Sight {
  const amount = facts.amount ?? state?.amount ?? 0;
  if (state === undefined) {
    return { state: { kind: "bucket", atMs: callerMs, used: 0, amount }, nowMs: callerMs, jumped: false };
  }
  const nowMs = clock(state.atMs, callerMs);
  const back = (Math.max(0, nowMs - state.atMs) * amount) / windowMs;
  let used = Math.max(0, state.used - back);
  // Never more than one window's worth is missing, whatever was said or charged.
  if (claims) used = Math.min(used, amount);
  return { state: { kind: "bucket", atMs: nowMs, used, amount }, nowMs, jumped: nowMs < state.atMs };
}

type Period = MeterState & { kind: "calendar" };

function lookAtPeriod(
  state: Period | undefined,
  facts: MeterFacts,
  callerMs: number,
  claims: boolean,
): Sight {
  const nowMs = state === undefined ? callerMs : clock(state.atMs, callerMs);
  const saidMs = facts.endsAtMs ?? NEVER_MS;
  const jumped = state !== undefined && nowMs < state.atMs;
  if (state === undefined || nowMs >= state.endsAtMs) {
    const endsAtMs = saidMs > nowMs ? saidMs : 0;
    return { state: { kind: "calendar", atMs: nowMs, used: 0, sinceMs: nowMs, endsAtMs }, nowMs, jumped };
  }
  // The newest word on the period's end is believed; a word about a period that is over is not news.
  const endsAtMs = claims && saidMs > nowMs ? saidMs : state.endsAtMs;
  const sinceMs = Math.min(state.sinceMs, nowMs);
  return { state: { kind: "calendar", atMs: nowMs, used: state.used, sinceMs, endsAtMs }, nowMs, jumped };
}

/** What counts as used. */
export function usedOf(state: MeterState): number {
  let used = 0;
  if (state.kind === "concurrency") for (const { need } of state.leases.values()) used += need;
  else if (state.kind === "sliding") for (const [, units] of state.parts) used += units;
  else used = state.used;
  return used;
}

/**
 * When `need` fits, ms since the epoch: `nowMs` where it fits now, undefined where no one knows (a place in flight) or
 * it never does (more than the whole amount).
 */
export function opensAt({ state, nowMs }: Sight, claim: MeterClaim, wanted: number): number | undefined {
  let over = usedOf(state) + wanted - claim.amount;
  if (over <= 0) return nowMs;
  if (wanted > claim.amount) return undefined;
  switch (state.kind) {
    case "concurrency":
      return undefined;
    case "bucket":
      return claim.shape.kind === "bucket" ? nowMs + (over * claim.shape.windowMs) / claim.amount : undefined;
    case "calendar":
      return state.endsAtMs;
    case "sliding":
      if (claim.shape.kind !== "sliding") return undefined;
      for (const [part, units] of state.parts) {
        over -= units;
        if (over <= 0) return (part + 1) * state.partMs + claim.shape.windowMs;
      }
      return undefined;
  }
}

const addTo = (state: Sliding, part: number, units: number): Sliding => {
  const at = state.parts.findIndex(([number]) => number >= part);
  const found = at === -1 ? undefined : state.parts[at];
  const parts = [...state.parts];
  if (found?.[0] === part) parts[at] = [part, Math.max(0, found[1] + units)];
  else if (units > 0) parts.splice(at === -1 ? parts.length : at, 0, [part, units]);
  return { ...state, parts };
};

/** The state after a take. */
export function take({ state, nowMs }: Sight, need: number, ticket: string, leaseMs: number): MeterState {
  switch (state.kind) {
    case "concurrency": {
      const held = state.leases.get(ticket)?.need ?? 0;
      const lease = { need: held + need, expiresAtMs: nowMs + leaseMs };
      return { ...state, leases: new Map(state.leases).set(ticket, lease) };
    }
    case "sliding":
      return addTo(state, Math.floor(nowMs / state.partMs), need);
    case "bucket":
    case "calendar":
      return { ...state, used: state.used + need };
  }
}

/** The state after a settlement: the difference between what was taken and what was used. */
export function settle({ state, nowMs }: Sight, settled: MeterSettlement, ticket: string): MeterState {
  if (state.kind === "concurrency") {
    const leases = new Map(state.leases);
    leases.delete(ticket);
    return { ...state, leases };
  }
  return charge({ state, nowMs }, settled, settled.used - settled.reserved);
}

/** The state after what was used elsewhere is added to it. */
export function add({ state, nowMs }: Sight, used: MeterSettlement): MeterState {
  const after = charge({ state, nowMs }, used, used.used);
  // Much of what was used in a long outage has come back by now: no more than one window's worth is missing.
  if (after.kind !== "bucket" || after.amount === 0 || state.kind !== "bucket") return after;
  return { ...after, used: Math.min(after.used, Math.max(state.used, after.amount)) };
}

function charge({ state, nowMs }: Pick<Sight, "state" | "nowMs">, settled: MeterSettlement, units: number) {
  switch (state.kind) {
    case "concurrency":
      return state;
    case "sliding": {
      if (settled.shape.kind !== "sliding") return state;
      const part = Math.min(Math.floor(settled.takenAtMs / state.partMs), Math.floor(nowMs / state.partMs));
      if ((part + 1) * state.partMs + settled.shape.windowMs <= nowMs) return state;
      return addTo(state, part, units);
    }
    case "bucket":
      return { ...state, used: Math.max(0, state.used + units) };
    case "calendar": {
      const endsAtMs = settled.endsAtMs ?? NEVER_MS;
      if (endsAtMs <= nowMs || (endsAtMs !== state.endsAtMs && settled.takenAtMs < state.sinceMs))
        return state;
      return { ...state, used: Math.max(0, state.used + units) };
    }
  }
}

/** The state after the upstream's own word. What is in flight is known best here, so a word on it changes nothing. */
export function correct({ state, nowMs }: Sight, { used }: MeterCorrection): MeterState {
  switch (state.kind) {
    case "concurrency":
      return state;
    case "bucket":
    case "calendar":
      return { ...state, used: Math.max(0, used) };
    case "sliding": {
      let over = usedOf(state) - Math.max(0, used);
      if (over <= 0) return addTo(state, Math.floor(nowMs / state.partMs), -over);
      // The oldest go first: what remains is the newest, which comes back last.
      const parts: [number, number][] = [];
      for (const [part, units] of state.parts) {
        const gone = Math.min(units, over);
        over -= gone;
        if (units - gone > 0) parts.push([part, units - gone]);
      }
      return { ...state, parts };
    }
  }
}
