/**
 * What the router remembers between requests: cooldowns, meters and model stats, by stable identities, so that all of it outlives
 * a swap of the table and, with a store, the process.
 */
import { type CooldownRecord, type MeterRecord, present, type Remembered } from "@headgate/contract";
import { type Cooldown, MAX_COOLDOWN_MS } from "./cooldown.ts";
import { Meter, type MeterSpec, readStored, type Stored } from "./limits/meter.ts";
import { type ModelStats, newStats, restoreStats } from "./model-stats.ts";
import { Sessions } from "./sessions.ts";

/** Before the id of model stats among a store's meters. */
const STATS = "stats|";

export class Memory {
  readonly #cooldowns = new Map<string, Cooldown>();
  readonly #meters = new Map<string, Meter>();
  readonly #stats = new Map<string, ModelStats>();
  /** Stored meters that no candidate has used yet. */
  readonly #stored = new Map<string, Stored>();
  /** Limits that no fragment states, by the candidate they were learned for. */
  readonly #learnedMeters = new Map<string, Meter[]>();
  readonly #changedMeters = new Set<Meter>();
  readonly #changedCooldowns = new Set<Cooldown>();
  readonly #changedStats = new Set<string>();
  #restoredAtMs = 0;
  readonly sessions = new Sessions();

  /** The cooldown of one identity; the same object every time. */
  cooldown(id: string): Cooldown {
    let cooldown = this.#cooldowns.get(id);
    if (cooldown === undefined) {
      cooldown = { id, untilMs: 0, streak: 0, probeAtMs: 0 };
      this.#cooldowns.set(id, cooldown);
    }
    return cooldown;
  }

  meter(spec: MeterSpec): Meter {
    let meter = this.#meters.get(spec.id);
    if (meter === undefined || !sameSpec(meter.spec, spec)) {
      const before = meter;
      meter = new Meter(spec, (changed) => this.#changedMeters.add(changed));
      const stored = this.#stored.get(spec.id);
      if (before !== undefined) meter.continue(before);
      else if (stored !== undefined) meter.restore(stored, this.#restoredAtMs);
      this.#stored.delete(spec.id);
      this.#meters.set(spec.id, meter);
    }
    return meter;
  }

  /** Limits learned for a candidate beside those that its fragment states. */
  learnedMeters(candidateId: string): Meter[] {
    let list = this.#learnedMeters.get(candidateId);
    if (list === undefined) {
      list = [];
      this.#learnedMeters.set(candidateId, list);
      for (const { spec } of [...this.#stored.values()])
        if (spec.id.startsWith(`${candidateId}|`) && spec.declared === undefined) list.push(this.meter(spec));
    }
    return list;
  }

  stats(id: string): ModelStats {
    let stats = this.#stats.get(id);
    if (stats === undefined) {
      stats = newStats();
      this.#stats.set(id, stats);
    }
    return stats;
  }

  statsChanged(id: string): void {
    this.#changedStats.add(id);
  }

  cooldownChanged(cooldown: Cooldown): void {
    this.#changedCooldowns.add(cooldown);
  }

  /** Cooldowns that changed since the last call. */
  changedCooldowns(): CooldownRecord[] {
    const records = [...this.#changedCooldowns].map(({ id, untilMs, streak, failure }) =>
      present({ id, untilMs, streak, failure }),
    );
    this.#changedCooldowns.clear();
    return records;
  }

  get hasChangedCooldowns(): boolean {
    return this.#changedCooldowns.size > 0;
  }

  /** Meters and model stats that changed since the last call. */
  changedMeters(nowMs: number): MeterRecord[] {
    const records = [...this.#changedMeters].map((meter) => meter.record(nowMs));
    for (const id of this.#changedStats)
      records.push({ id: STATS + id, data: JSON.stringify(this.stats(id)) });
    this.#changedMeters.clear();
    this.#changedStats.clear();
    return records;
  }

  /** Applies what a store remembers. */
  restore({ cooldowns, meters }: Remembered, nowMs: number): void {
    this.#restoredAtMs = nowMs;
    for (const record of cooldowns) this.applyCooldown(record, nowMs);
    for (const { id, data } of meters) {
      if (id.startsWith(STATS)) {
        restoreStats(this.stats(id.slice(STATS.length)), data);
        continue;
      }
      const stored = readStored(data);
      if (stored !== undefined) this.#stored.set(id, stored);
    }
  }

  /** Applies a cooldown that began in another or an earlier process. The later end holds. */
  applyCooldown({ id, untilMs, streak, failure }: CooldownRecord, nowMs: number): void {
    const cooldown = this.cooldown(id);
    // A clock that was wrong when it was written must not keep it closed for ever.
    const until = Math.min(untilMs, nowMs + MAX_COOLDOWN_MS);
    if (until <= cooldown.untilMs) return;
    cooldown.untilMs = until;
    cooldown.streak = Math.max(cooldown.streak, streak);
    if (failure !== undefined) cooldown.failure = failure;
  }

  /** The wall clock was set by `deltaMs` while no time passed: what was to last a minute still lasts a minute. */
  shift(deltaMs: number): void {
    for (const cooldown of this.#cooldowns.values()) {
      if (cooldown.untilMs !== 0) cooldown.untilMs = Math.max(1, cooldown.untilMs + deltaMs);
      if (cooldown.probeAtMs !== 0) cooldown.probeAtMs = Math.max(1, cooldown.probeAtMs + deltaMs);
    }
    for (const meter of this.#meters.values()) meter.shift(deltaMs);
  }

  /**
   * Drops cooldowns of what no table names any more: a person switches a provider off and on to have it tried again.
   * @returns the forgotten ids, for the store
   */
  keepOnly(ids: ReadonlySet<string>): string[] {
    const forgotten: string[] = [];
    for (const id of this.#cooldowns.keys()) {
      if (ids.has(id)) continue;
      this.#cooldowns.delete(id);
      forgotten.push(id);
    }
    return forgotten;
  }
}

const sameSpec = (a: MeterSpec, b: MeterSpec): boolean =>
  a.declared === b.declared &&
  a.shape.kind === b.shape.kind &&
  a.zone === b.zone &&
  a.rolling === b.rolling &&
  a.verified === b.verified;
