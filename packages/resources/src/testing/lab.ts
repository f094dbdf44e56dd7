/** A scheduler and a machine for its unit tests. */
import { createScheduler } from "../core/scheduler.ts";
import type { Decision, ModelNeed, SchedulerConfig, SchedulerEvent } from "../core/types.ts";
import type { DeviceId } from "../driver.ts";
import { GIB } from "./fakes.ts";

interface Present {
  readonly need: ModelNeed;
  readonly parts: ReadonlyMap<DeviceId, number>;
}

type Load = Extract<Decision, { type: "load" }>;

/** A scheduler with a machine that answers looks at once, and loads and unloads on demand. */
export function lab(gpusGib: readonly number[], config: Partial<SchedulerConfig> = {}) {
  const clock = { ms: 1_000 };
  /** Used by other programs, on each GPU. */
  const others = { bytes: 0 };
  /** The same, on one of them. */
  const othersOn = gpusGib.map(() => 0);
  const loads = new Map<string, Load>();
  const unloads = new Map<string, number>();
  const log: string[] = [];
  const present = new Map<string, Present>();
  const lingering: Present[] = [];
  const needs = new Map<string, ModelNeed>();
  let ids = 0;
  const scheduler = createScheduler({
    devices: gpusGib.map((_, index) => ({ id: `cuda:${index}` as const, headroomBytes: 0 })),
    backends: [{ id: "fake", slots: undefined }],
    ...config,
  });
  /** What a load takes of each device: what the scheduler set aside there for the model without work. */
  const setAside = (key: string): Map<DeviceId, number> => {
    const one = scheduler.snapshot(clock.ms).residencies.find((residency) => residency.key === key);
    const jobBytes = needs.get(key)?.transientBytes ?? 0;
    return new Map((one?.parts ?? []).map((part) => [part.device, part.chargeBytes - jobBytes]));
  };
  const send = (event: SchedulerEvent): Decision[] => {
    if (event.type === "know") needs.set(event.need.spec.key, event.need);
    const all: Decision[] = [];
    const inbox = [event];
    for (let next = inbox.shift(); next !== undefined; next = inbox.shift()) {
      for (const decision of scheduler.step(next, clock.ms)) {
        all.push(decision);
        if (decision.type === "load") {
          loads.set(decision.key, decision);
          const need = needs.get(decision.key);
          if (need !== undefined) present.set(decision.key, { need, parts: setAside(decision.key) });
        }
        if (decision.type === "unload") unloads.set(decision.key, decision.epoch);
        if (decision.type === "inspect") {
          const models = Array.from(present.values(), ({ need, parts }) => {
            const { bytes } = need;
            const [device, ...more] = parts.keys();
            const placed = more.length === 0 ? { device } : {};
            return { need, bytes, gpuBytes: bytes, busy: undefined, loading: false, ...placed };
          });
          inbox.push({ type: "found", backend: decision.backend, stamp: decision.stamp, models });
        }
        if (decision.type === "measure") {
          const devices = gpusGib.map((gib, index) => {
            const device = `cuda:${index}` as const;
            let usedBytes = others.bytes + (othersOn[index] ?? 0);
            for (const { parts } of [...present.values(), ...lingering]) usedBytes += parts.get(device) ?? 0;
            return { device, totalBytes: gib * GIB, usedBytes };
          });
          inbox.push({ type: "reading", startedMs: clock.ms, devices });
        }
        if (decision.type === "grant" || decision.type === "load" || decision.type === "unload") {
          log.push(`${decision.type} ${decision.key.slice("fake/".length)}`);
        }
      }
    }
    return all;
  };
  const unloaded = (key: string): Decision[] => {
    const epoch = unloads.get(key);
    if (epoch === undefined) throw new Error(`${key} is not being unloaded`);
    present.delete(key);
    return send({ type: "unloaded", key, epoch });
  };
  send({ type: "tick" });
  return {
    clock,
    log,
    others,
    othersOn,
    scheduler,
    send,
    ask(need: ModelNeed, options: { priority?: number } = {}): number {
      needs.set(need.spec.key, need);
      send({ type: "arrive", waiter: ++ids, need, ...options });
      return ids;
    },
    loaded(key: string): Decision[] {
      const load = loads.get(key);
      const need = needs.get(key);
      if (load === undefined || need === undefined) throw new Error(`${key} is not being loaded`);
      return send({ type: "loaded", key, epoch: load.epoch, bytes: need.bytes, gpuBytes: need.bytes });
    },
    /** A residency that was there before the scheduler, with so many GiB on each GPU; its backend does not report them. */
    found(need: ModelNeed, gib: readonly number[]): Decision[] {
      const parts = gib.map((one, index) => [`cuda:${index}` as DeviceId, one * GIB] as const);
      needs.set(need.spec.key, need);
      present.set(need.spec.key, { need, parts: new Map(parts) });
      return send({ type: "tick" });
    },
    /** Unloaded, and its memory stays for now on these devices. */
    unloadedLeaving(key: string, devices: readonly DeviceId[]): Decision[] {
      const one = present.get(key);
      if (one !== undefined) {
        lingering.push({
          need: one.need,
          parts: new Map([...one.parts].filter(([device]) => devices.includes(device))),
        });
      }
      return unloaded(key);
    },
    /** What stayed is given back. */
    giveBack: () => void lingering.splice(0),
    unloaded,
    release: (lease: number) => send({ type: "release", lease, outcome: "done" }),
    pass(ms: number): void {
      const endMs = clock.ms + ms;
      for (; clock.ms < endMs; clock.ms = Math.min(endMs, clock.ms + 1_000)) send({ type: "tick" });
      send({ type: "tick" });
    },
    state: (key: string) =>
      scheduler.snapshot(clock.ms).residencies.find((one) => one.key === key)?.state ?? "cold",
    chargedGib: () => scheduler.snapshot(clock.ms).devices.map((one) => Math.round(one.committedBytes / GIB)),
    returningGib: () =>
      scheduler.snapshot(clock.ms).devices.map((one) => Math.round(one.returningBytes / GIB)),
    othersGib: () => scheduler.snapshot(clock.ms).devices.map((one) => Math.round(one.externalBytes / GIB)),
    deviceOf: (key: string) =>
      scheduler.snapshot(clock.ms).residencies.find((one) => one.key === key)?.device,
  };
}
