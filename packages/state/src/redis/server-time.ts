/**
 * The server's clock, which the replicas count by. A replica's own clock is used while it is near; one that is far from the
 * server's, or that is set, is corrected, so that it ends no count of the other replicas.
 */
import { type CooldownRecord, present, type SharedLimits } from "@headgate/contract";
import type { Clock } from "../clock.ts";
import { SKEW_MS } from "../limits/rules.ts";

/** Smaller jumps of the own clock are within the skew that the rules allow. */
const JUMP_MS = 2_000;

export interface ServerTime {
  toServer(ownMs: number): number;
  toOwn(serverMs: number): number;
  /** Reads the server's clock; without an answer the last correction holds. */
  measure(): Promise<void>;
}

/** For a clock that counts as the server's, as one that a test passes in. */
export const sameTime: ServerTime = {
  toServer: (ownMs) => ownMs,
  toOwn: (serverMs) => serverMs,
  measure: async () => {},
};

export function serverTime(clock: Clock, readServerMs: () => Promise<number>): ServerTime {
  let correctionMs = 0;
  let originMs = clock.nowMs() - clock.monotonicMs();
  const measure = async (): Promise<void> => {
    const serverMs = await readServerMs().catch(() => undefined);
    if (serverMs === undefined) return;
    const aheadMs = serverMs - clock.nowMs();
    correctionMs = Math.abs(aheadMs) > SKEW_MS ? aheadMs : 0;
    originMs = clock.nowMs() - clock.monotonicMs();
  };
  /** Until the server answers, no time counts as passed. */
  const look = (): void => {
    const jumpMs = clock.nowMs() - clock.monotonicMs() - originMs;
    if (Math.abs(jumpMs) < JUMP_MS) return;
    originMs += jumpMs;
    correctionMs -= jumpMs;
    void measure();
  };
  const toServer = (ownMs: number): number => {
    look();
    return ownMs + correctionMs;
  };
  return {
    toServer,
    toOwn(serverMs) {
      look();
      return serverMs - correctionMs;
    },
    measure,
  };
}

/** Limits that count by the server's clock, for a caller that names moments of its own. */
export function inServerTime(limits: SharedLimits, { toServer, toOwn }: ServerTime): SharedLimits {
  const ends = <T extends { readonly endsAtMs?: number }>(facts: T): T =>
    facts.endsAtMs === undefined ? facts : { ...facts, endsAtMs: toServer(facts.endsAtMs) };
  const taken = <T extends { readonly endsAtMs?: number; readonly takenAtMs: number }>(settled: T): T => ({
    ...ends(settled),
    takenAtMs: toServer(settled.takenAtMs),
  });
  return {
    async reserve(claims, nowMs) {
      const theirs = claims.map((claim) => ({ ...claim, meters: claim.meters.map(ends) }));
      const grant = await limits.reserve(theirs, toServer(nowMs));
      if (grant.ticket !== undefined || grant.opensAtMs === undefined) return grant;
      return present({ ...grant, opensAtMs: toOwn(grant.opensAtMs) });
    },
    settle: (ticket, meters, nowMs) => limits.settle(ticket, meters.map(taken), toServer(nowMs)),
    correct: (corrections, nowMs) => limits.correct(corrections.map(ends), toServer(nowMs)),
    addUsed: (used, nowMs) => limits.addUsed(used.map(taken), toServer(nowMs)),
  };
}

export const cooldownToServer =
  ({ toServer }: ServerTime) =>
  (record: CooldownRecord): CooldownRecord => ({ ...record, untilMs: toServer(record.untilMs) });

export const cooldownToOwn =
  ({ toOwn }: ServerTime) =>
  (record: CooldownRecord): CooldownRecord => ({ ...record, untilMs: toOwn(record.untilMs) });
