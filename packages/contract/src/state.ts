/**
 * What must outlive a process or be shared by several, and where it may live. The router decides and keeps everything
 * in memory; a store remembers it. `packages/state` has the stores; the router and the runtime know only these types.
 */
import type { Failure } from "./failure.ts";

/** How one limit is counted. The same rules hold in the router (in memory) and in a store that several processes share. */
export type MeterShape =
  /** In flight: what is taken comes back when the attempt settles. */
  | { readonly kind: "concurrency" }
  /**
   * Each unit comes back one window after it was taken. Counted in `slices` equal parts of the window; a part leaves
   * when its end is a window ago, so a unit is never given back early.
   */
  | { readonly kind: "sliding"; readonly windowMs: number; readonly slices: number }
  /** Comes back continuously, `amount` per window; never more than `amount` at once. */
  | { readonly kind: "bucket"; readonly windowMs: number }
  /** Everything comes back at one moment, such as midnight in Los Angeles; the claim says which. */
  | { readonly kind: "calendar" };

/** What one attempt wants from one meter. In flight, only whole numbers. */
export interface MeterClaim {
  /** Stable over restarts and processes; holds no secret. */
  readonly id: string;
  readonly shape: MeterShape;
  /** How much fits. */
  readonly amount: number;
  /** How much is wanted. */
  readonly need: number;
  /** `calendar`: when the period ends, ms since the epoch. */
  readonly endsAtMs?: number;
}

/** One candidate of a request, as shared limits sees it. */
export interface Claim {
  readonly meters: readonly MeterClaim[];
  /** Identities that must not rest. */
  readonly cooldowns: readonly string[];
}

/** What a meter's reservation really came to. */
export interface MeterSettlement {
  readonly id: string;
  readonly shape: MeterShape;
  /** Taken at reservation. */
  readonly reserved: number;
  /** Really used; the difference is given back or charged. */
  readonly used: number;
  /** When it was taken, ms since the epoch: the difference belongs to that slice. */
  readonly takenAtMs: number;
  readonly endsAtMs?: number;
}

/** The upstream's own word on a meter: what is used counts as this, in every process. */
export interface MeterCorrection {
  readonly id: string;
  readonly shape: MeterShape;
  readonly used: number;
  readonly endsAtMs?: number;
}

export type SharedGrant =
  | { readonly index: number; readonly ticket: string; readonly opensAtMs?: undefined }
  /** None is open. `opensAtMs`: when the first may be, where that is known. */
  | { readonly index: -1; readonly ticket?: undefined; readonly opensAtMs?: number };

/** Limits that several processes share. Clock: the caller's, ms since the epoch. */
export interface SharedLimits {
  /**
   * Takes, at once and wholly, what the first open claim wants. One round trip.
   * @throws when the store cannot be reached in time; the caller then counts for itself
   */
  reserve(claims: readonly Claim[], nowMs: number): Promise<SharedGrant>;
  /** Not awaited; what cannot be delivered is delivered when the store is back. Exactly once per ticket. */
  settle(ticket: string, meters: readonly MeterSettlement[], nowMs: number): void;
  /** Not awaited. */
  correct(corrections: readonly MeterCorrection[], nowMs: number): void;
  /** What was used while the store was away. Not awaited. */
  addUsed(settlements: readonly MeterSettlement[], nowMs: number): void;
}

/** Until when something is cooling down, and why. */
export interface CooldownRecord {
  /** `<provider>`, `<provider>@<key>`, `<provider>@<key>/<model>`; a key shows as a digest, never as itself. */
  readonly id: string;
  readonly untilMs: number;
  readonly streak: number;
  readonly failure?: Failure;
}

/** A meter's counters; `data` is JSON text that only the router reads. */
export interface MeterRecord {
  readonly id: string;
  readonly data: string;
}

/** Everything else that is kept by key: stored responses, sessions, learned speeds. */
export interface KeptRecord {
  readonly space: string;
  readonly key: string;
  readonly value: Uint8Array;
  /** Gone from then on, ms since the epoch. */
  readonly expiresAtMs: number;
}

export interface Remembered {
  readonly cooldowns: readonly CooldownRecord[];
  readonly meters: readonly MeterRecord[];
}

/** A leader lock that one process at a time holds, such as the one that loads and unloads models. */
export interface LeaderLock {
  /** Grows with every holder: a later holder's is greater, so that a late word of an earlier one can be told. */
  readonly token: number;
  /** Aborted when the leader lock is lost. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

export interface StateStore {
  /** What an earlier process left. */
  load(): Promise<Remembered>;
  /** Durable when it returns (on this machine: a kill -9 afterwards loses nothing). Few, so it may be slow. */
  saveCooldowns(records: readonly CooldownRecord[]): void;
  /** Written behind, in batches, at least once a second. */
  saveMeters(records: readonly MeterRecord[]): void;
  /** Forgets cooldowns and meters that nothing names any more. */
  forget(ids: readonly string[]): void;
  readonly kept: KeptStore;
  /** Set when several processes share this store. */
  readonly shared?: SharedLimits;
  /** Cooldowns that another process saved. */
  onCooldowns?(listener: (records: readonly CooldownRecord[]) => void): void;
  /**
   * Waits until the leader lock is free, then holds it.
   * @param processLock path of a file lock that the acting process holds until it ends; one path per call.
   *   A store on this machine sees that the file lock is released, by a kill too, and frees the leader lock at once. Without
   *   it, or where it cannot be seen, a leader lock outlives a holder that vanished by its time to live.
   */
  leaderLock(name: string, signal: AbortSignal, processLock?: string): Promise<LeaderLock>;
  /**
   * The same among the processes of one state directory alone, where the store has a file there beside a shared server: such
   * a leader lock lasts while the server is away. Absent: `leader lock` is that already.
   */
  leaderLockHere?(name: string, signal: AbortSignal, processLock?: string): Promise<LeaderLock>;
  /** Writes what is waiting and closes. */
  close(): Promise<void>;
}

export interface KeptStore {
  get(space: string, key: string, nowMs: number): Promise<Uint8Array | undefined>;
  /** Written behind; a `get` of the same process sees it at once. */
  put(record: KeptRecord): void;
  delete(space: string, key: string): Promise<boolean>;
  /** Drops what has expired and, beyond `maxBytes` of a space, what was least recently read. */
  sweep(nowMs: number, maxBytes: Readonly<Record<string, number>>): void;
}
