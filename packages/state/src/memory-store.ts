/** A store in this process's memory: for tests, and for a gateway that is configured to keep nothing. */
import {
  type Claim,
  type CooldownRecord,
  type KeptRecord,
  type KeptStore,
  type MeterRecord,
  present,
  type SharedLimits,
  type StateStore,
} from "@headgate/contract";
import { type Clock, systemClock } from "./clock.ts";
import { LOOK_HERE_MS, type LockTable, leaderLocks, memoryLocks } from "./leader-locks.ts";
import { grantOf, SharedLimitsCore } from "./limits/core.ts";

export interface MemoryOptions {
  readonly clock?: Clock;
  /** What several stores of one process share, as replicas would. One's own unless given. */
  readonly memory?: SharedMemory;
  /** Whether the stores of one memory count together. */
  readonly shared?: boolean;
  readonly lockTtlMs?: number;
}

type Listener = (records: readonly CooldownRecord[]) => void;

/** What outlives a store in memory: two stores on one memory are two processes on one database. */
export class SharedMemory {
  readonly cooldowns = new Map<string, CooldownRecord>();
  readonly meters = new Map<string, MeterRecord>();
  readonly kept = new Map<string, KeptRecord>();
  readonly listeners = new Set<{ readonly owner: unknown; readonly listener: Listener }>();
  readonly locks: LockTable;
  readonly limits: SharedLimitsCore;
  #tickets = 0;

  constructor(clock: Clock = systemClock, leaseMs = 24 * 60 * 60 * 1000) {
    this.locks = memoryLocks(clock);
    this.limits = new SharedLimitsCore({ leaseMs, untilMs: (id) => this.cooldowns.get(id)?.untilMs ?? 0 });
  }

  nextTicket(): string {
    this.#tickets += 1;
    return `m-${this.#tickets.toString(36)}`;
  }
}

export function memoryStore(options: MemoryOptions = {}): StateStore {
  const clock = options.clock ?? systemClock;
  const memory = options.memory ?? new SharedMemory(clock);
  const owner = {};
  const locks = leaderLocks(memory.locks, { clock, ttlMs: options.lockTtlMs, lookMs: LOOK_HERE_MS });
  return {
    load: async () => ({ cooldowns: [...memory.cooldowns.values()], meters: [...memory.meters.values()] }),
    saveCooldowns(records) {
      for (const record of records) memory.cooldowns.set(record.id, record);
      for (const { owner: other, listener } of memory.listeners) if (other !== owner) listener(records);
    },
    saveMeters(records) {
      for (const record of records) memory.meters.set(record.id, record);
    },
    forget(ids) {
      for (const id of ids) {
        memory.cooldowns.delete(id);
        memory.meters.delete(id);
      }
      memory.limits.forget(ids);
    },
    kept: memoryKept(memory.kept),
    ...present({ shared: options.shared === true ? memoryLimits(memory) : undefined }),
    onCooldowns(listener) {
      memory.listeners.add({ owner, listener });
    },
    leaderLock: locks.hold,
    async close() {
      await locks.close();
      for (const entry of memory.listeners) if (entry.owner === owner) memory.listeners.delete(entry);
    },
  };
}

function memoryLimits(memory: SharedMemory): SharedLimits {
  const { limits } = memory;
  return {
    async reserve(claims: readonly Claim[], nowMs: number) {
      const ticket = memory.nextTicket();
      const verdict = limits.reserve(ticket, claims, nowMs);
      return grantOf(verdict, ticket);
    },
    settle(ticket, meters, nowMs) {
      limits.settle(ticket, meters, nowMs);
    },
    correct: (corrections, nowMs) => limits.correct(corrections, nowMs),
    addUsed: (used, nowMs) => limits.addUsed(used, nowMs),
  };
}

/** Spaces and keys are any text: the pair as JSON cannot be mistaken for another. */
const pairOf = (space: string, key: string): string => JSON.stringify([space, key]);

/** The order of a map is the order of reading: what is read moves to the end. */
export function memoryKept(records: Map<string, KeptRecord> = new Map()): KeptStore {
  return {
    async get(space, key, nowMs) {
      const pair = pairOf(space, key);
      const record = records.get(pair);
      if (record === undefined || record.expiresAtMs <= nowMs) return undefined;
      records.delete(pair);
      records.set(pair, record);
      return record.value;
    },
    put(record) {
      const pair = pairOf(record.space, record.key);
      records.delete(pair);
      records.set(pair, record);
    },
    delete: async (space, key) => records.delete(pairOf(space, key)),
    sweep(nowMs, maxBytes) {
      const bytes = new Map<string, number>();
      for (const [pair, { space, value, expiresAtMs }] of records) {
        if (expiresAtMs <= nowMs) records.delete(pair);
        else bytes.set(space, (bytes.get(space) ?? 0) + value.byteLength);
      }
      for (const [pair, { space, value }] of records) {
        const total = bytes.get(space) ?? 0;
        if (total <= (maxBytes[space] ?? Number.POSITIVE_INFINITY)) continue;
        records.delete(pair);
        bytes.set(space, total - value.byteLength);
      }
    },
  };
}
