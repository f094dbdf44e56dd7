/** A leader lock that one process at a time holds: taken for a while, renewed, and lost when it cannot be renewed in time. */
import { type LeaderLock, pause } from "@headgate/contract";
import type { Clock } from "./clock.ts";
import { processLockReleased } from "./process-lock.ts";

/** The table of leader locks and their holders. */
export interface LockTable {
  /**
   * The token, or undefined while another holds the leader lock. A holder is named by its process lock's path, or by any other unique name;
   * where the table is of one machine, a holder whose process lock is released holds nothing.
   */
  acquire(name: string, holder: string, ttlMs: number): Promise<number | undefined>;
  /** False when the holder no longer holds it. */
  renew(name: string, holder: string, ttlMs: number): Promise<boolean>;
  release(name: string, holder: string): Promise<void>;
}

interface LockOptions {
  /** How long a leader lock outlives a holder that vanished. */
  readonly ttlMs: number;
  readonly clock: Clock;
}

const LOCK_TTL_MS = 6_000;
/** How often a waiting process looks at a table of this machine, in ms. A look is a read, and some 25 µs to test the holder's process lock. */
export const LOOK_HERE_MS = 250;

/** A store's leader locks. When the store closes, held locks are released and waiting calls fail. */
export function leaderLocks(
  table: LockTable,
  {
    clock,
    ttlMs = LOCK_TTL_MS,
    lookMs = ttlMs / 4,
  }: { readonly clock: Clock; readonly ttlMs?: number | undefined; readonly lookMs?: number },
) {
  const closing = new AbortController();
  const held = new Set<LeaderLock>();
  return {
    /** @param processLock of the acting process, which need not be this one */
    async hold(name: string, signal: AbortSignal, processLock?: string): Promise<LeaderLock> {
      const either = AbortSignal.any([signal, closing.signal]);
      const options = { ttlMs, clock, lookMs: Math.min(lookMs, ttlMs / 4) };
      const leaderLock = await holdLock(table, name, processLock ?? crypto.randomUUID(), either, options);
      held.add(leaderLock);
      leaderLock.lost.addEventListener("abort", () => held.delete(leaderLock), { once: true });
      return leaderLock;
    },
    async close(): Promise<void> {
      closing.abort(new Error("the store was closed"));
      await Promise.all([...held].map((leaderLock) => leaderLock.release()));
    },
  };
}

async function holdLock(
  table: LockTable,
  name: string,
  holder: string,
  signal: AbortSignal,
  { ttlMs, clock, lookMs }: LockOptions & { readonly lookMs: number },
): Promise<LeaderLock> {
  for (;;) {
    signal.throwIfAborted();
    const requestedMs = clock.monotonicMs();
    // A store that cannot be reached now may be back later, so the wait goes on.
    const token = await table.acquire(name, holder, ttlMs).catch(() => undefined);
    if (token !== undefined) {
      const leaderLock = keepLock(table, name, holder, token, requestedMs, { ttlMs, clock });
      if (!signal.aborted) return leaderLock;
      await leaderLock.release();
    } else await pause(lookMs, signal, clock);
  }
}

function keepLock(
  table: LockTable,
  name: string,
  holder: string,
  token: number,
  requestedMs: number,
  { ttlMs, clock }: LockOptions,
): LeaderLock {
  const lost = new AbortController();
  let deadlineMs = requestedMs + ttlMs;
  let stop = (): void => {};
  const lose = (why: string): void => lost.abort(new Error(`the leader lock "${name}" was lost: ${why}`));
  const renew = async (): Promise<void> => {
    const sentMs = clock.monotonicMs();
    if (sentMs >= deadlineMs) lose("it could not be renewed in time");
    else
      try {
        if (await table.renew(name, holder, ttlMs)) deadlineMs = sentMs + ttlMs;
        else lose("another process holds it");
      } catch {
        // Tried again below, until the time is up.
      }
    if (!lost.signal.aborted) again();
  };
  const again = (): void => {
    const leftMs = deadlineMs - clock.monotonicMs();
    stop = clock.after(Math.max(0, Math.min(ttlMs / 3, leftMs)), () => void renew());
  };
  again();
  return {
    token,
    lost: lost.signal,
    async release() {
      stop();
      if (lost.signal.aborted) return;
      lose("it was released");
      // What cannot be released now expires by itself.
      await table.release(name, holder).catch(() => {});
    },
  };
}

export interface Row {
  holder: string | undefined;
  token: number;
  expiresAtMs: number;
}

/**
 * The rule for a table in which a leader lock is a row. The new row, or undefined while another holds the leader lock. A token is
 * at least the time, so that it grows even when the table is lost; an expiry far ahead shows that the clock was set back.
 * @param gone a holder whose process lock is released
 */
export function acquireRow(
  row: Row | undefined,
  holder: string,
  ttlMs: number,
  nowMs: number,
  gone?: string,
): { readonly row: Row; readonly held: boolean } {
  const free = row?.holder === undefined || row.holder === gone || row.expiresAtMs <= nowMs;
  if (row === undefined || free) {
    const token = Math.max((row?.token ?? 0) + 1, Math.floor(nowMs));
    return { row: { holder, token, expiresAtMs: nowMs + ttlMs }, held: true };
  }
  return { row: { ...row, expiresAtMs: Math.min(row.expiresAtMs, nowMs + ttlMs) }, held: false };
}

/** The holder whose process lock is released, as the row names it. */
export const goneHolder = (row: Row | undefined): string | undefined =>
  row?.holder !== undefined && processLockReleased(row.holder) ? row.holder : undefined;

/** Leader locks of one process, or of the stores that share its memory. */
export function memoryLocks(clock: Clock): LockTable {
  const rows = new Map<string, Row>();
  return {
    async acquire(name, holder, ttlMs) {
      const before = rows.get(name);
      const { row, held } = acquireRow(before, holder, ttlMs, clock.nowMs(), goneHolder(before));
      rows.set(name, row);
      return held ? row.token : undefined;
    },
    async renew(name, holder, ttlMs) {
      const row = rows.get(name);
      if (row?.holder !== holder) return false;
      row.expiresAtMs = clock.nowMs() + ttlMs;
      return true;
    },
    async release(name, holder) {
      const row = rows.get(name);
      if (row?.holder === holder) row.holder = undefined;
    },
  };
}
