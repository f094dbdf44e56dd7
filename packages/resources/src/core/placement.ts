/** Placement: where a model that is not loaded could go, and what would be evicted for it. Decides nothing. */
import type { DeviceId } from "../driver.ts";
import { capacityBytes, chargeOn, type Device, roomBytes } from "./device-memory.ts";
import { availability, isUrgent, LATER } from "./eviction.ts";
import {
  areTwins,
  chargeBytes,
  chargedLeases,
  isCommitted,
  isIdle,
  type Part,
  type Residency,
  shareOf,
  wholeOn,
  worth,
} from "./residency.ts";
import { devicesToSplitOver, spareBytes, spread } from "./split.ts";
import { backendOf, type Core } from "./state.ts";
import type { RefusalReason } from "./types.ts";

export type Placement =
  | {
      readonly kind: "go";
      readonly parts: readonly Part[];
      readonly victims: readonly Residency[];
      /** Room that is left once it is there. */
      readonly spareBytes: number;
    }
  /** Time, or work under way, makes room: the wanted bytes by device. */
  | {
      readonly kind: "later";
      readonly wants: readonly (readonly [DeviceId, number])[];
      readonly why: string;
    }
  /** Room depends on others: programs that use memory here, pinned models, a backend that cannot be reached. */
  | { readonly kind: "stuck"; readonly why: string }
  | { readonly kind: "never"; readonly reason: RefusalReason; readonly message: string };

/** What older heads that have waited too long get next; no younger waiter may take it. */
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

/** When it came into memory or is to come. */
const cameMs = (residency: Residency): number =>
  residency.state === "ready" ? residency.readyMs : residency.sinceMs;

interface Candidate {
  readonly victim: Residency;
  /** On each device of the plan. */
  readonly bytes: readonly number[];
  readonly slot: boolean;
  readonly busy: boolean;
  /** The same model with other options: it has to go whatever memory there is. */
  readonly twin: boolean;
}

/** One device of a plan, and what is left of it for the target. */
interface Ground {
  readonly device: Device;
  readonly id: DeviceId;
  readonly claim: Claim | undefined;
  /** Beside all that are there or planned. */
  free: number;
  /** Beside models that cannot be evicted; of that, beside the claim and all that came since. */
  open: number;
  unclaimed: number;
}

/** A plan for one device, or for a model that is split over these. */
function placementOn(
  core: Core,
  target: Residency,
  devices: readonly Device[],
  claims: Claims,
  urgent: boolean,
  nowMs: number,
): Placement {
  const where = devices.map((device) => device.config.id).join("+");
  const split = devices.length > 1;
  const backend = backendOf(core, target);
  const grounds: Ground[] = [];
  for (const device of devices) {
    const { id } = device.config;
    const room = roomBytes(device);
    if (room === undefined) return { kind: "stuck", why: `how much memory ${id} has is unknown` };
    const claim = claims.devices.get(id);
    grounds.push({ device, id, claim, free: room, open: room, unclaimed: room - (claim?.bytes ?? 0) });
  }
  const need = chargeBytes(target);
  const jobs = target.need.transientBytes * chargedLeases(target);
  /** What of it the target could take, with the work that it is charged for. */
  const usable = (left: (ground: Ground, index: number) => number): number => {
    if (!split) return left(grounds[0] as Ground, 0);
    return grounds.reduce((sum, ground, index) => sum + spareBytes(left(ground, index), jobs), jobs);
  };
  const candidates: Candidate[] = [];
  let freeSlots = backend.slots ?? LATER;
  let fixedSlots = 0;
  let twinBlocks: Residency | undefined;
  for (const other of core.residencies.values()) {
    if (other === target || !isCommitted(other)) continue;
    const slot = backend.slots !== undefined && other.need.spec.backend === backend.id;
    const twin = areTwins(other, target);
    const bytes = grounds.map(({ id }) => chargeOn(other, id));
    if (!slot && !twin && bytes.every((one) => one === 0)) continue;
    const when = availability(core, other, target, urgent, nowMs);
    if (slot) freeSlots -= 1;
    for (const [index, ground] of grounds.entries()) {
      const here = bytes[index] ?? 0;
      ground.free -= here;
      if (ground.claim !== undefined && cameMs(other) >= ground.claim.sinceMs) ground.unclaimed -= here;
      if (when !== "never") continue;
      ground.open -= here;
      ground.unclaimed -= here;
    }
    if (twin && (typeof when === "number" || when === "never")) twinBlocks = other;
    if (when === "never") fixedSlots += Number(slot);
    else if (typeof when !== "number")
      candidates.push({ victim: other, bytes, slot, busy: when === "busy", twin });
  }
  const open = usable((ground) => ground.open);
  if (need > open) {
    return {
      kind: "stuck",
      why: `${where} has ${gib(open)} beside what cannot leave it, and ${gib(need)} are needed`,
    };
  }
  if (fixedSlots >= (backend.slots ?? LATER)) {
    return { kind: "stuck", why: `${backend.id} holds what cannot leave it` };
  }
  const later = (why: string): Placement => {
    const parts = partsFor(grounds, (ground) => ground.open, need - jobs, jobs);
    const wants = parts.map((part) => [part.device, shareOf(part, need - jobs) + jobs] as const);
    return { kind: "later", wants, why };
  };
  // What fits beside them and beside all that came since, whatever else is evicted, does not delay them. A backend that
  // splits a model cannot be kept off a device, so a split one waits.
  const claimed = grounds.some(({ claim }) => claim !== undefined);
  const inTheWay = claimed && (split || need > usable((ground) => ground.unclaimed));
  if (inTheWay || claims.backends.has(backend.id))
    return later("waiters that have waited too long come first");
  if (twinBlocks !== undefined) return later(`${twinBlocks.key} is loaded, and there is only one of the two`);
  const shortSlots = 1 - freeSlots;
  const fits = (freed: readonly number[]): boolean =>
    need <= usable((ground, index) => ground.free + (freed[index] ?? 0));
  const freed = grounds.map(() => 0);
  const victims = choose(candidates, freed, fits, shortSlots, nowMs);
  if (victims === undefined) {
    const short = need - usable((ground) => ground.free);
    return later(shortSlots > 0 ? `${backend.id} is full` : `${gib(short)} too little on ${where}`);
  }
  return {
    kind: "go",
    parts: partsFor(grounds, (ground, index) => ground.free + (freed[index] ?? 0), need - jobs, jobs),
    victims,
    spareBytes: usable((ground) => ground.free) - need,
  };
}

/** Where it goes when this much is left of each device: its memory in proportion to that, its jobs on each. */
function partsFor(
  grounds: readonly Ground[],
  left: (ground: Ground, index: number) => number,
  baseBytes: number,
  jobBytes: number,
): readonly Part[] {
  const [only] = grounds;
  if (grounds.length === 1 && only !== undefined) return wholeOn(only.id);
  const devices = grounds.map(({ device }) => device);
  const lefts = grounds.map((ground, index) => Math.max(0, left(ground, index)));
  const spares = lefts.map((bytes) => spareBytes(bytes, jobBytes));
  const parts = spread(devices, lefts);
  const fits = parts.every((part) => {
    const index = devices.findIndex(({ config }) => config.id === part.device);
    return shareOf(part, baseBytes) <= (spares[index] ?? 0);
  });
  // Where little is left the jobs take most of it.
  return fits ? parts : spread(devices, spares);
}

/**
 * The cheapest that give enough: idle before busy, least worth first; then those that are not needed after all stay. `freed`
 * becomes what they free on each device.
 */
function choose(
  candidates: Candidate[],
  freed: number[],
  fits: (freed: readonly number[]) => boolean,
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
  let slots = 0;
  let enough = fits(freed);
  const count = (candidate: Candidate, sign: 1 | -1): void => {
    for (const [index, bytes] of candidate.bytes.entries()) freed[index] = (freed[index] ?? 0) + sign * bytes;
    slots += sign * Number(candidate.slot);
    enough = fits(freed);
  };
  for (const candidate of candidates) {
    if (!candidate.twin && enough && (slots >= shortSlots || !candidate.slot)) continue;
    taken.push(candidate);
    count(candidate, 1);
  }
  if (!enough || slots < shortSlots) return undefined;
  const victims: Residency[] = [];
  for (const candidate of taken.reverse()) {
    if (!candidate.twin) {
      count(candidate, -1);
      if (enough && slots >= shortSlots) continue;
      count(candidate, 1);
    }
    victims.push(candidate.victim);
  }
  return victims;
}

/** What a reload of all victims costs; those in use cost their work too. */
const priceOf = (victims: readonly Residency[]): number =>
  victims.reduce((sum, victim) => sum + victim.loadMs * (isIdle(victim) ? 1 : 2), 0);

/**
 * The best device: without victims the one with the least room left over, else the one with the cheapest victims. All of
 * them where none alone can hold it and its backend splits models.
 */
export function placementFor(core: Core, target: Residency, claims: Claims, nowMs: number): Placement {
  const urgent = isUrgent(core, target, nowMs);
  const need = chargeBytes(target);
  let best: Placement | undefined;
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
    const found = placementOn(core, target, [device], claims, urgent, nowMs);
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
  const over = devicesToSplitOver(core, target, need);
  const jobs = target.need.transientBytes * chargedLeases(target);
  const most = over.reduce((sum, device) => sum + spareBytes(capacityBytes(device) ?? 0, jobs), jobs);
  if (over.length > 0 && need <= most) return placementOn(core, target, over, claims, urgent, nowMs);
  return never(core, target, need, known, largest, together);
}

function never(
  core: Core,
  target: Residency,
  need: number,
  known: number,
  largest: number,
  together: number,
): Placement {
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
  if (target.need.splits && known > 1) {
    return {
      kind: "never",
      reason: "too-large",
      message: `${target.key} needs ${gib(need)}, and all ${known} ${deviceClass} devices together have ${gib(together)} for models and for its work on each; choose a smaller one or a smaller context`,
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
