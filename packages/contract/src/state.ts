/**
 * State that outlives a process or is shared by several. The router decides and keeps everything in memory; a store
 * persists it. `packages/state` has the stores; the router and the runtime depend only on these types.
 */
import type { Failure } from "./failure.ts";

/** How one limit is counted. The same rules hold in the router (in memory) and in a store that several processes share. */
export type MeterShape =
  /** In flight: a unit is free again when the attempt settles. */
  | { readonly kind: "concurrency" }
  /**
   * Each unit is free again one window after it was taken. Counted in `slices` equal parts of the window; a part leaves
   * when its end is a window ago, so that no unit is freed early.
   */
  | { readonly kind: "sliding"; readonly windowMs: number; readonly slices: number }
  /** Refills continuously, `amount` per window; never more than `amount` at once. */
  | { readonly kind: "bucket"; readonly windowMs: number }
  /** Resets as a whole at one moment, such as midnight in Los Angeles; the claim states it. */
  | { readonly kind: "calendar" };

/** The amount of a claim that is no limit: its meter is only counted, by all processes together. */
export const COUNTED_ONLY = 1e12;

/** What one attempt claims from one meter. In flight, only whole numbers. */
export interface MeterClaim {
  /** Stable over restarts and processes; holds no secret. */
  readonly id: string;
  readonly shape: MeterShape;
  /** The meter's capacity. */
  readonly amount: number;
  /** The amount to reserve. */
  readonly need: number;
  /** `calendar` and `byPeriod`: when the period ends, ms since the epoch. */
  readonly endsAtMs?: number;
  /** `sliding`: units taken from this moment on are counted apart, ms since the epoch. */
  readonly periodStartMs?: number;
  /** `sliding`: only those units count against the amount. */
  readonly byPeriod?: true;
}

/** One candidate of a request, for shared limits. */
export interface Claim {
  readonly meters: readonly MeterClaim[];
  /** Identities that must not be cooling down. */
  readonly cooldowns: readonly string[];
}

/** The real amount of a meter's reservation. */
export interface MeterSettlement {
  readonly id: string;
  readonly shape: MeterShape;
  /** The amount reserved. */
  readonly reserved: number;
  /** The amount used; the difference is freed or charged. */
  readonly used: number;
  /** When it was taken, ms since the epoch: the difference belongs to that slice. */
  readonly takenAtMs: number;
  readonly endsAtMs?: number;
}

/** The upstream's own count of a meter, which replaces the count of every process. */
export interface MeterCorrection {
  readonly id: string;
  readonly shape: MeterShape;
  readonly used: number;
  readonly endsAtMs?: number;
}

/** What a meter had counted before a grant: all of it, and the units taken from the claim's `periodStartMs` on. */
export type CountedBefore = readonly [used: number, inPeriod: number];

export type SharedGrant =
  | {
      readonly index: number;
      readonly ticket: string;
      readonly opensAtMs?: undefined;
      /** By the order of the granted claim's meters. */
      readonly counted: readonly CountedBefore[];
    }
  /** No claim fits. `opensAtMs`: when the first may fit, where that is known. */
  | {
      readonly index: -1;
      readonly ticket?: undefined;
      readonly opensAtMs?: number;
      readonly counted?: undefined;
    };

/** Limits that several processes share. Clock: the caller's, ms since the epoch. */
export interface SharedLimits {
  /**
   * Reserves the first claim that fits, all of it or nothing. One round trip.
   * @throws when the store cannot be reached in time; the caller then counts on its own
   */
  reserve(claims: readonly Claim[], nowMs: number): Promise<SharedGrant>;
  /** Not awaited; while the store is away it is queued. Exactly once per ticket. */
  settle(ticket: string, meters: readonly MeterSettlement[], nowMs: number): void;
  /** Not awaited. */
  correct(corrections: readonly MeterCorrection[], nowMs: number): void;
  /** What was used while the store was away. Not awaited. */
  addUsed(settlements: readonly MeterSettlement[], nowMs: number): void;
}

/** The end of a cooldown, and its reason. */
export interface CooldownRecord {
  /** `<provider>`, `<provider>@<key>`, `<provider>@<key>/<model>`; a key is shown as a digest. */
  readonly id: string;
  readonly untilMs: number;
  readonly streak: number;
  readonly failure?: Failure;
  /** When the first failure since the last success was seen, ms since the epoch; absent in older records. */
  readonly sinceMs?: number;
  /** Failures since then; absent in older records. */
  readonly hits?: number;
  /**
   * When an operator cleared this identity last, ms since the epoch: cooldowns that began before end in every process, and
   * each forgets the limits that it learned for the identity.
   */
  readonly clearedAtMs?: number;
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
  /** Expires at, ms since the epoch. */
  readonly expiresAtMs: number;
}

export interface Remembered {
  readonly cooldowns: readonly CooldownRecord[];
  readonly meters: readonly MeterRecord[];
}

/** A leader lock that one process at a time holds, such as the one that loads and unloads models. */
export interface LeaderLock {
  /** Grows with every holder, so that a late message of an earlier holder can be recognised. */
  readonly token: number;
  /** Aborted when the leader lock is lost. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

export interface StateStore {
  /** The state that an earlier process saved. */
  load(): Promise<Remembered>;
  /** Durable when it returns (on this machine: a kill -9 afterwards loses nothing). Few, so it may be slow. */
  saveCooldowns(records: readonly CooldownRecord[]): void;
  /** Written behind, in batches, at least once a second. */
  saveMeters(records: readonly MeterRecord[]): void;
  /** Deletes cooldowns and meters that are no longer referenced. */
  forget(ids: readonly string[]): void;
  readonly kept: KeptStore;
  /** Set when several processes share this store. */
  readonly shared?: SharedLimits;
  /** Cooldowns that another process saved. */
  onCooldowns?(listener: (records: readonly CooldownRecord[]) => void): void;
  /**
   * Waits until the leader lock is free, then holds it.
   * @param processLock path of a file lock that the acting process holds until it ends; one path per call.
   *   A store on this machine detects that the file lock is released, by a kill too, and frees the leader lock at once. Without
   *   it, or from another machine, the leader lock of a lost holder expires after its time to live.
   */
  leaderLock(name: string, signal: AbortSignal, processLock?: string): Promise<LeaderLock>;
  /**
   * The same among the processes of one state directory, where the store has a file there besides a shared server; this lock
   * works while the server is away. Absent: `leaderLock` already is such a lock.
   */
  leaderLockHere?(name: string, signal: AbortSignal, processLock?: string): Promise<LeaderLock>;
  /** Writes what is queued and closes. */
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
