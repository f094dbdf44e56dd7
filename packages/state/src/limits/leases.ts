/** Attempts in flight as leases: one that no process renews ends by itself, so a process that ended holds none for ever. */

export interface Lease {
  readonly need: number;
  readonly expiresAtMs: number;
}

export interface Leases {
  readonly kind: "concurrency";
  /** By ticket. */
  readonly leases: Map<string, Lease>;
}

/**
 * The leases that have not expired at `nowMs`, as a copy.
 * @param latestMs no lease expires later: a later one shows that the clock was set back, and is cut to `leaseMs`
 */
export function leasesAt(
  state: Leases | undefined,
  nowMs: number,
  leaseMs: number,
  latestMs: number,
): { readonly state: Leases; readonly jumped: boolean } {
  const leases = new Map<string, Lease>();
  let jumped = false;
  for (const [ticket, lease] of state?.leases ?? []) {
    if (lease.expiresAtMs <= nowMs) continue;
    const ahead = lease.expiresAtMs > latestMs;
    leases.set(ticket, ahead ? { need: lease.need, expiresAtMs: nowMs + leaseMs } : lease);
    jumped ||= ahead;
  }
  return { state: { kind: "concurrency", leases }, jumped };
}

export function leased({ leases }: Leases): number {
  let used = 0;
  for (const { need } of leases.values()) used += need;
  return used;
}

/** The wall clock was set by `deltaMs` while no time passed. */
export function shiftLeases({ leases }: Leases, deltaMs: number): void {
  for (const [ticket, { need, expiresAtMs }] of leases)
    leases.set(ticket, { need, expiresAtMs: expiresAtMs + deltaMs });
}

export function addLease({ leases }: Leases, ticket: string, need: number, expiresAtMs: number): void {
  leases.set(ticket, { need: (leases.get(ticket)?.need ?? 0) + need, expiresAtMs });
}
