/** Where a model that is not loaded could go, and who would have to leave for it. Decides nothing. */
import type { DeviceId } from "../driver.ts";
import { capacityBytes, chargeOn, type Device, roomBytes } from "./ledger.ts";
import {
  areTwins,
  chargeBytes,
  claimMs,
  expectedInMs,
  isCommitted,
  isIdle,
  isPinned,
  isUnserved,
  type Residency,
  worth,
} from "./residency.ts";
import { backendOf, type Core, soonMs } from "./state.ts";
import type { RefusalReason } from "./types.ts";

export type Plan =
  | {
      readonly kind: "go";
      readonly device: DeviceId;
      readonly victims: readonly Residency[];
      /** Room that is left once it is there. */
      readonly spareBytes: number;
    }
  /** Time or the work that is under way makes room on this device. */
  | { readonly kind: "later"; readonly device: DeviceId; readonly atMs: number; readonly why: string }
  /** Only others can make room: who uses memory here uncounted, who pinned models, a backend that cannot be reached. */
  | { readonly kind: "stuck"; readonly why: string }
  | { readonly kind: "never"; readonly reason: RefusalReason; readonly message: string };

/** What older heads that have waited too long are to get next, which nobody younger may take. */
export interface Claims {
  readonly devices: Map<DeviceId, Claim>;
  readonly backends: Set<string>;
}

export interface Claim {
  /** What all of them need there together. */
  readonly bytes: number;
  /** Since when the first of them has waited too long. */
  readonly sinceMs: number;
}

/** When `victim` may be made to go for `target`: now and idle, now although in use, at a time, never. */
type Availability = "idle" | "busy" | "never" | number;

const LATER = Number.POSITIVE_INFINITY;

const swapMs = (victim: Residency, target: Residency): number =>
  victim.need.loadCostMs + target.need.loadCostMs;

/**
 * How long `victim` keeps working although `target` waits: a quantum of θ × what swapping the two costs, and a second one
 * for those who have waited for it longer than `target`'s head. Whom it leaves behind starts again at the end of all queues.
 */
export function turnEndMs(core: Core, victim: Residency, target: Residency): number {
  const ahead = arrivedBefore(victim, target) ? 2 : 1;
  return victim.readyMs + ahead * core.settings.quantumFactor * swapMs(victim, target);
}

function arrivedBefore({ queue: { head: a } }: Residency, { queue: { head: b } }: Residency): boolean {
  if (a === undefined || b === undefined) return false;
  return a.orderMs < b.orderMs || (a.orderMs === b.orderMs && a.seq < b.seq);
}

export const isUrgent = (core: Core, target: Residency, nowMs: number): boolean =>
  nowMs - claimMs(target) >= core.settings.maxHeadWaitMs;

function availability(
  core: Core,
  victim: Residency,
  target: Residency,
  urgent: boolean,
  nowMs: number,
): Availability {
  if (isPinned(victim) || victim.state === "suspect" || backendOf(core, victim).status !== "up")
    return "never";
  // What is being loaded for someone serves them first.
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
  const endMs = turnEndMs(core, victim, target);
  return endMs > nowMs ? endMs : "busy";
}

/**
 * An idle model that is expected back within half a swap there and back keeps its place for a while: those who wait for
 * it to go first pay for the swap with their waiting, as whoever rents pays the price once before buying.
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
 * Where clients tend to give up soon, a swap is not begun for one who has only just come: the load would serve nobody. Who
 * is still there after a while means it. Nobody is kept waiting by this where everyone stays.
 */
export function earnestAtMs(core: Core, victim: Residency, target: Residency): number {
  const { head } = target.queue;
  if (head === undefined) return 0;
  const proofMs = core.settings.earnestFactor * core.givingUp * swapMs(victim, target);
  return head.arrivedMs + Math.min(proofMs, soonMs(core));
}

/** When it came into memory or is to come. */
const cameMs = (residency: Residency): number =>
  residency.state === "ready" ? residency.readyMs : residency.sinceMs;

interface Candidate {
  readonly victim: Residency;
  readonly bytes: number;
  readonly slot: boolean;
  readonly busy: boolean;
  /** The same model with other options: it has to go whatever memory there is. */
  readonly twin: boolean;
}

function planOn(
  core: Core,
  target: Residency,
  device: Device,
  claims: Claims,
  urgent: boolean,
  nowMs: number,
): Plan {
  const id = device.config.id;
  const backend = backendOf(core, target);
  const room = roomBytes(device);
  if (room === undefined) return { kind: "stuck", why: `how much memory ${id} has is unknown` };
  const need = chargeBytes(target);
  const claim = claims.devices.get(id);
  const candidates: Candidate[] = [];
  let free = room;
  let freeSlots = backend.slots ?? LATER;
  let fixed = 0;
  let fixedSlots = 0;
  let besides = 0;
  let atMs = LATER;
  let twinBlocks: Residency | undefined;
  for (const other of core.residencies.values()) {
    if (other === target || !isCommitted(other)) continue;
    const bytes = chargeOn(other, id);
    const slot = backend.slots !== undefined && other.need.spec.backend === backend.id;
    const twin = areTwins(other, target);
    if (bytes === 0 && !slot && !twin) continue;
    free -= bytes;
    if (slot) freeSlots -= 1;
    if (claim !== undefined && cameMs(other) >= claim.sinceMs) besides += bytes;
    const when = availability(core, other, target, urgent, nowMs);
    if (twin && (typeof when === "number" || when === "never")) twinBlocks = other;
    if (when === "never") {
      fixed += bytes;
      if (slot) fixedSlots += 1;
    } else if (typeof when === "number") atMs = Math.min(atMs, when);
    else candidates.push({ victim: other, bytes, slot, busy: when === "busy", twin });
  }
  if (need > room - fixed) {
    return {
      kind: "stuck",
      why: `${id} has ${gib(room - fixed)} beside what cannot leave it, and ${gib(need)} are needed`,
    };
  }
  if (fixedSlots >= (backend.slots ?? LATER)) {
    return { kind: "stuck", why: `${backend.id} holds what cannot leave it` };
  }
  // What fits beside them and beside all that came since, whoever else leaves, does not keep them waiting.
  const inTheWay = claim !== undefined && claim.bytes + besides + need > room - fixed;
  if (inTheWay || claims.backends.has(backend.id)) {
    return { kind: "later", device: id, atMs: LATER, why: "those who have waited too long come first" };
  }
  const shortBytes = need - free;
  const shortSlots = 1 - freeSlots;
  if (twinBlocks !== undefined) {
    return {
      kind: "later",
      device: id,
      atMs,
      why: `${twinBlocks.key} is loaded, and there is only one of the two`,
    };
  }
  const victims = choose(candidates, shortBytes, shortSlots, nowMs);
  if (victims !== undefined) return { kind: "go", device: id, victims, spareBytes: free - need };
  const why = shortSlots > 0 ? `${backend.id} is full` : `${gib(shortBytes)} too little on ${id}`;
  return { kind: "later", device: id, atMs, why };
}

/** The cheapest that give enough: idle before busy, least worth first; then whoever is not needed after all stays. */
function choose(
  candidates: Candidate[],
  shortBytes: number,
  shortSlots: number,
  nowMs: number,
): Residency[] | undefined {
  candidates.sort(
    (a, b) =>
      Number(b.twin) - Number(a.twin) ||
      Number(a.busy) - Number(b.busy) ||
      worth(a.victim, nowMs) - worth(b.victim, nowMs),
  );
  const taken: Candidate[] = [];
  let bytes = 0;
  let slots = 0;
  for (const candidate of candidates) {
    if (!candidate.twin && bytes >= shortBytes && (slots >= shortSlots || !candidate.slot)) continue;
    taken.push(candidate);
    bytes += candidate.bytes;
    slots += Number(candidate.slot);
  }
  if (bytes < shortBytes || slots < shortSlots) return undefined;
  const victims: Residency[] = [];
  for (const candidate of taken.reverse()) {
    const without = bytes - candidate.bytes;
    const slotsWithout = slots - Number(candidate.slot);
    if (!candidate.twin && without >= shortBytes && slotsWithout >= shortSlots) {
      bytes = without;
      slots = slotsWithout;
    } else victims.push(candidate.victim);
  }
  return victims;
}

/** What a reload of all victims costs; those in use cost their work too. */
const priceOf = (victims: readonly Residency[]): number =>
  victims.reduce((sum, victim) => sum + victim.need.loadCostMs * (isIdle(victim) ? 1 : 2), 0);

/** The best device: without victims the one with the least room left over, else the one with the cheapest victims. */
export function plan(core: Core, target: Residency, claims: Claims, nowMs: number): Plan {
  const urgent = isUrgent(core, target, nowMs);
  const need = chargeBytes(target);
  let best: Plan | undefined;
  let bestRank = LATER;
  let known = 0;
  let pending = false;
  let largest = 0;
  let together = 0;
  for (const device of core.devices) {
    if (device.class !== target.need.deviceClass) continue;
    const capacity = capacityBytes(device);
    if (capacity === undefined) {
      if (device.readMs === undefined) pending = true;
      continue;
    }
    known += 1;
    largest = Math.max(largest, capacity);
    together += capacity;
    if (need > capacity) continue;
    const found = planOn(core, target, device, claims, urgent, nowMs);
    const rank =
      found.kind === "go"
        ? found.victims.length === 0
          ? found.spareBytes / 2 ** 50
          : 1 + priceOf(found.victims)
        : found.kind === "later"
          ? 2 ** 50
          : 2 ** 51;
    if (best === undefined || rank < bestRank) {
      best = found;
      bestRank = rank;
    }
  }
  if (best !== undefined) return best;
  if (pending) return { kind: "stuck", why: "memory has not been measured yet" };
  return never(core, target, need, known, largest, together);
}

function never(
  core: Core,
  target: Residency,
  need: number,
  known: number,
  largest: number,
  together: number,
): Plan {
  const { deviceClass } = target.need;
  if (known === 0) {
    const some = core.devices.some((device) => device.class === deviceClass);
    return some
      ? {
          kind: "never",
          reason: "memory-unknown",
          message: `${target.key} is not loaded: how much ${deviceClass} memory there is cannot be measured; declare a budget for it`,
        }
      : {
          kind: "never",
          reason: "too-large",
          message: `${target.key} needs a ${deviceClass} device, and there is none`,
        };
  }
  if (need <= together) {
    return {
      kind: "never",
      reason: "needs-split",
      message: `${target.key} needs ${gib(need)} and fits only when it is split over several devices (the largest has ${gib(largest)}); choose a smaller one or a smaller context`,
    };
  }
  return {
    kind: "never",
    reason: "too-large",
    message: `${target.key} needs ${gib(need)}, and the largest ${deviceClass} device has ${gib(largest)} for models; choose a smaller one or a smaller context`,
  };
}

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
