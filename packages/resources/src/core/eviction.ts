/** Eviction: how long a model in memory stays there although another has waiters. Decides nothing. */
import { claimMs, expectedInMs, isIdle, isPinned, isUnserved, type Residency } from "./residency.ts";
import { backendOf, type Core, soonMs } from "./state.ts";

/** When `victim` may be made to go for `target`: now and idle, now although in use, at a time, never. */
export type Availability = "idle" | "busy" | "never" | number;

export const LATER = Number.POSITIVE_INFINITY;

const swapMs = (victim: Residency, target: Residency): number => victim.loadMs + target.loadMs;

/**
 * How long `victim` keeps working although `target` waits: a quantum of θ × what swapping the two costs, and a second one
 * for waiters older than `target`'s head. Its other waiters start again at the end of all queues.
 */
function quantumEndMs(core: Core, victim: Residency, target: Residency): number {
  const ahead = arrivedBefore(victim, target) ? 2 : 1;
  return victim.readyMs + ahead * core.settings.quantumFactor * swapMs(victim, target);
}

function arrivedBefore({ queue: { head: a } }: Residency, { queue: { head: b } }: Residency): boolean {
  if (a === undefined || b === undefined) return false;
  return a.orderMs < b.orderMs || (a.orderMs === b.orderMs && a.seq < b.seq);
}

export const isUrgent = (core: Core, target: Residency, nowMs: number): boolean =>
  nowMs - claimMs(target) >= core.settings.maxHeadWaitMs;

export function availability(
  core: Core,
  victim: Residency,
  target: Residency,
  urgent: boolean,
  nowMs: number,
): Availability {
  if (isPinned(victim) || victim.state === "suspect" || backendOf(core, victim).status !== "up")
    return "never";
  // What is loaded for a waiter serves that waiter first.
  if (victim.state !== "ready" || isUnserved(victim)) return LATER;
  if (victim.staysUntilMs > nowMs) return victim.staysUntilMs;
  if (isIdle(victim)) {
    if (urgent) return "idle";
    const keptUntilMs = Math.max(
      victim.readyMs + victim.need.minResidencyMs,
      patientUntilMs(core, victim, target, nowMs),
      earnestAtMs(core, victim, target),
    );
    return keptUntilMs > nowMs ? keptUntilMs : "idle";
  }
  if (!urgent) return LATER;
  const endMs = quantumEndMs(core, victim, target);
  return endMs > nowMs ? endMs : "busy";
}

/**
 * An idle model that is expected back within half a swap there and back stays for a while: those that wait for
 * it to go first wait as long as the swap costs (the ski-rental rule).
 */
function patientUntilMs(core: Core, victim: Residency, target: Residency, nowMs: number): number {
  const { gapMs } = victim;
  const priceMs = swapMs(victim, target);
  if (gapMs === undefined || target.queue.length === 0) return 0;
  const expectedUntilMs = (victim.lastArrivalMs ?? 0) + 2 * gapMs;
  if (expectedUntilMs <= nowMs || expectedInMs(victim, nowMs) > priceMs / 2) return 0;
  return Math.min(expectedUntilMs, target.queue.haveWaitedAtMs(core.settings.patienceFactor * priceMs));
}

/**
 * Where clients tend to give up soon, a swap is not begun for a waiter that has only just come: the load might serve no request.
 * It begins once the waiter has stayed for a while. Where all clients stay, this delays none.
 */
function earnestAtMs(core: Core, victim: Residency, target: Residency): number {
  const { head } = target.queue;
  if (head === undefined) return 0;
  const proofMs = core.settings.earnestFactor * core.givingUp * swapMs(victim, target);
  return head.arrivedMs + Math.min(proofMs, soonMs(core));
}
