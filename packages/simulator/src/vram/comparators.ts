/**
 * Other schedulers, each in its plain form and each given more than it has in practice: exact figures of memory at no delay, and
 * no model evicted before it served the waiter that it was loaded for.
 */
import type { Decision, SchedulerEvent } from "@headgate/resources";
import { areTwins, type SimModel, type Trace } from "./trace.ts";
import type { Policy } from "./world.ts";

interface Rules {
  readonly name: string;
  /** No waiter is served before an earlier one. */
  readonly strict?: boolean;
  /** One job at a time. */
  readonly single?: boolean;
  /** All others are unloaded before a load. */
  readonly exclusive?: boolean;
  readonly infinite?: boolean;
  readonly evicts: "least-recently-used" | "lowest-credit";
}

export const COMPARATORS: readonly Rules[] = [
  { name: "semaphore of one", strict: true, single: true, exclusive: true, evicts: "least-recently-used" },
  { name: "exclusive swap", exclusive: true, evicts: "least-recently-used" },
  { name: "strict FIFO, LRU", strict: true, evicts: "least-recently-used" },
  { name: "bypass, LRU", evicts: "least-recently-used" },
  { name: "bypass, Landlord", evicts: "lowest-credit" },
];

export const INFINITE: Rules = { name: "infinite memory", infinite: true, evicts: "least-recently-used" };

interface Slot {
  readonly model: SimModel;
  state: "cold" | "reserved" | "loading" | "ready" | "leaving";
  running: number;
  waiting: number;
  served: boolean;
  lastUsedMs: number;
  credit: number;
  epoch: number;
  cooldownUntilMs: number;
}

interface Waiter {
  readonly id: number;
  readonly slot: Slot;
}

const CRASH_COOLDOWN_MS = 1_000;

export function comparator(rules: Rules, trace: Trace): Policy {
  const slots = new Map<string, Slot>();
  for (const model of trace.models) {
    slots.set(model.need.spec.key, {
      model,
      state: "cold",
      running: 0,
      waiting: 0,
      served: true,
      lastUsedMs: 0,
      credit: 0,
      epoch: 0,
      cooldownUntilMs: 0,
    });
  }
  const waiters = new Map<number, Waiter>();
  const leases = new Map<number, Slot>();
  let external = 0;
  let leaseIds = 0;
  let floor = 0;
  let out: Decision[] = [];

  const charge = (slot: Slot): number =>
    slot.model.need.bytes + slot.model.need.transientBytes * Math.max(1, slot.running);
  const renew = (slot: Slot): void => {
    slot.credit = floor + (slot.model.need.loadCostMs * 2 ** 30) / slot.model.need.bytes;
  };
  const free = (counts: (slot: Slot) => boolean): number => {
    if (rules.infinite === true) return Number.POSITIVE_INFINITY;
    let bytes = trace.totalBytes - external;
    for (const slot of slots.values()) if (counts(slot)) bytes -= charge(slot);
    return bytes;
  };
  const planned = (slot: Slot): boolean => slot.state !== "cold" && slot.state !== "leaving";
  const present = (slot: Slot): boolean => slot.state !== "cold" && slot.state !== "reserved";

  const canRun = (slot: Slot): boolean => {
    if (slot.state !== "ready" || slot.running >= slot.model.need.concurrency) return false;
    if (rules.single === true && leases.size > 0) return false;
    const more = slot.running > 0 ? slot.model.need.transientBytes : 0;
    return Math.min(free(planned), free(present)) >= more;
  };
  const canGo = (slot: Slot): boolean =>
    slot.state === "ready" && slot.running === 0 && (slot.served || slot.waiting === 0);

  const isExclusive = (a: Slot, b: Slot): boolean =>
    rules.infinite !== true && (rules.exclusive === true || areTwins(a.model, b.model));

  const makeRoom = (target: Slot, nowMs: number): void => {
    if (target.cooldownUntilMs > nowMs) return;
    const others = [...slots.values()].filter((slot) => slot !== target && slot.state !== "cold");
    const order = (slot: Slot): number => (rules.evicts === "lowest-credit" ? slot.credit : slot.lastUsedMs);
    const idle = others.filter(canGo).sort((a, b) => order(a) - order(b));
    const need = charge(target);
    let room = free(planned);
    const victims: Slot[] = [];
    if (rules.exclusive === true) {
      if (others.some((slot) => slot.state !== "leaving" && !canGo(slot))) return;
      victims.push(...idle);
    } else {
      const twins = others.filter(
        (slot) => rules.infinite !== true && slot.state !== "leaving" && areTwins(slot.model, target.model),
      );
      if (twins.some((slot) => !canGo(slot))) return;
      for (const slot of [...twins, ...idle.filter((one) => !twins.includes(one))]) {
        if (room >= need && !twins.includes(slot)) break;
        room += charge(slot);
        victims.push(slot);
      }
      if (room < need) return;
    }
    target.state = "reserved";
    for (const slot of victims) {
      floor = Math.max(floor, slot.credit);
      slot.state = "leaving";
      out.push({
        type: "unload",
        key: slot.model.need.spec.key,
        epoch: ++slot.epoch,
        spec: slot.model.need.spec,
      });
    }
  };

  const startLoads = (): void => {
    for (const slot of slots.values()) {
      if (slot.state !== "reserved" || free(present) < charge(slot)) continue;
      if ([...slots.values()].some((one) => present(one) && isExclusive(one, slot))) continue;
      slot.state = "loading";
      slot.served = false;
      const { key } = slot.model.need.spec;
      out.push({ type: "load", key, epoch: ++slot.epoch, spec: slot.model.need.spec, devices: ["cuda:0"] });
    }
  };

  const pump = (nowMs: number): void => {
    const blocked = new Set<Slot>();
    for (const { id, slot } of waiters.values()) {
      if (blocked.has(slot)) continue;
      if (canRun(slot)) {
        waiters.delete(id);
        slot.waiting -= 1;
        slot.running += 1;
        slot.served = true;
        slot.lastUsedMs = nowMs;
        renew(slot);
        leases.set(++leaseIds, slot);
        out.push({
          type: "grant",
          lease: leaseIds,
          waiter: id,
          key: slot.model.need.spec.key,
          devices: ["cuda:0"],
        });
        continue;
      }
      blocked.add(slot);
      if (slot.state === "cold") makeRoom(slot, nowMs);
      if (rules.strict === true) break;
    }
    startLoads();
  };

  const apply = (event: SchedulerEvent, nowMs: number): void => {
    switch (event.type) {
      case "arrive": {
        const slot = slots.get(event.need.spec.key);
        if (slot === undefined) throw new Error(`${rules.name}: no model ${event.need.spec.key}`);
        slot.waiting += 1;
        waiters.set(event.waiter, { id: event.waiter, slot });
        return;
      }
      case "abort": {
        const waiter = waiters.get(event.waiter);
        if (waiter === undefined) return;
        waiters.delete(event.waiter);
        waiter.slot.waiting -= 1;
        return;
      }
      case "release": {
        const slot = leases.get(event.lease);
        if (slot === undefined) throw new Error(`${rules.name}: lease ${event.lease} is released twice`);
        leases.delete(event.lease);
        slot.running -= 1;
        slot.lastUsedMs = nowMs;
        return;
      }
      case "loaded": {
        const slot = slots.get(event.key);
        if (slot === undefined) return;
        slot.state = "ready";
        slot.lastUsedMs = nowMs;
        renew(slot);
        return;
      }
      case "load-failed": {
        const slot = slots.get(event.key);
        if (slot === undefined) return;
        slot.state = "cold";
        slot.cooldownUntilMs = nowMs + CRASH_COOLDOWN_MS;
        out.push({ type: "wake", atMs: slot.cooldownUntilMs });
        return;
      }
      case "unloaded": {
        const slot = slots.get(event.key);
        if (slot !== undefined) slot.state = "cold";
      }
    }
  };

  return {
    name: rules.name,
    clairvoyant: {
      infinite: rules.infinite === true,
      external(bytes) {
        external = bytes;
      },
    },
    step(event, nowMs) {
      out = [];
      apply(event, nowMs);
      pump(nowMs);
      return out;
    },
  };
}
