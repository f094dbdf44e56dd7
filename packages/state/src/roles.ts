/** A role that one process at a time holds: taken for a while, renewed, and lost when it cannot be renewed in time. */
import type { Role } from "@headgate/contract";
import type { Clock } from "./clock.ts";
import { lifeIsOver } from "./life.ts";

/** Where it is written who holds what. */
export interface RoleTable {
  /**
   * The token, or undefined while another holds the role. A holder is its life's path, or any other name that no one else
   * has; where the table is of one machine, a holder whose life is over holds nothing.
   */
  acquire(name: string, holder: string, ttlMs: number): Promise<number | undefined>;
  /** False when the holder holds it no more. */
  renew(name: string, holder: string, ttlMs: number): Promise<boolean>;
  release(name: string, holder: string): Promise<void>;
}

interface RoleOptions {
  /** How long a role outlives a holder that vanished. */
  readonly ttlMs: number;
  readonly clock: Clock;
}

const ROLE_TTL_MS = 6_000;
/** Who waits on a table of this machine looks so often: a look is a read, and some 25 µs to see whether the holder lives. */
export const LOOK_HERE_MS = 250;

/** A store's roles: those that are held go back when the store closes, and those that wait are told. */
export function roleDesk(
  table: RoleTable,
  {
    clock,
    ttlMs = ROLE_TTL_MS,
    lookMs = ttlMs / 4,
  }: { readonly clock: Clock; readonly ttlMs?: number | undefined; readonly lookMs?: number },
) {
  const closing = new AbortController();
  const held = new Set<Role>();
  return {
    /** @param life of the process that acts, which need not be this one */
    async hold(name: string, signal: AbortSignal, life?: string): Promise<Role> {
      const either = AbortSignal.any([signal, closing.signal]);
      const options = { ttlMs, clock, lookMs: Math.min(lookMs, ttlMs / 4) };
      const role = await holdRole(table, name, life ?? crypto.randomUUID(), either, options);
      held.add(role);
      role.lost.addEventListener("abort", () => held.delete(role), { once: true });
      return role;
    },
    async close(): Promise<void> {
      closing.abort(new Error("the store was closed"));
      await Promise.all([...held].map((role) => role.release()));
    },
  };
}

async function holdRole(
  table: RoleTable,
  name: string,
  holder: string,
  signal: AbortSignal,
  { ttlMs, clock, lookMs }: RoleOptions & { readonly lookMs: number },
): Promise<Role> {
  for (;;) {
    signal.throwIfAborted();
    const askedMs = clock.monotonicMs();
    // A store that cannot be reached now may be back later: whoever waits for a role waits.
    const token = await table.acquire(name, holder, ttlMs).catch(() => undefined);
    if (token !== undefined) {
      const role = keepRole(table, name, holder, token, askedMs, { ttlMs, clock });
      if (!signal.aborted) return role;
      await role.release();
    } else await pause(lookMs, signal, clock);
  }
}

function pause(ms: number, signal: AbortSignal, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      signal.removeEventListener("abort", done);
      stop();
      resolve();
    };
    const stop = clock.after(ms, done);
    signal.addEventListener("abort", done, { once: true });
  });
}

function keepRole(
  table: RoleTable,
  name: string,
  holder: string,
  token: number,
  askedMs: number,
  { ttlMs, clock }: RoleOptions,
): Role {
  const lost = new AbortController();
  let deadlineMs = askedMs + ttlMs;
  let stop = (): void => {};
  const lose = (why: string): void => lost.abort(new Error(`the role "${name}" was lost: ${why}`));
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
      // What cannot be released now runs out by itself.
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
 * The rule for a table in which a role is a row. The new row, or undefined while another holds the role. A token is
 * at least the time, so that it grows even when the table is lost; an expiry far ahead tells of a clock set back.
 * @param gone a holder that is proven to act no more
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

/** The holder whose life is over, as the row names it. */
export const goneHolder = (row: Row | undefined): string | undefined =>
  row?.holder !== undefined && lifeIsOver(row.holder) ? row.holder : undefined;

/** Roles of one process, or of those that ask it. */
export function memoryRoles(clock: Clock): RoleTable {
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
