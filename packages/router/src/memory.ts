/**
 * What the router remembers between requests: cooldowns, meters and model stats, by stable identities, so that all of it outlives
 * a swap of the table and, with a store, the process.
 */
import { type CooldownRecord, type MeterRecord, present, type Remembered } from "@headgate/contract";
import { type Cooldown, endCooldown, MAX_COOLDOWN_MS, openCooldown } from "./cooldown.ts";
import { type Learned, Meter, type MeterSpec, readStored, type Stored } from "./limits/meter.ts";
import { SharedAccounts } from "./limits/shared-account.ts";
import { type ModelStats, newStats, restoreStats } from "./model-stats.ts";
import { Sessions } from "./sessions.ts";

/** Before the id of model stats among a store's meters. */
const STATS = "stats|";

/** A limit that was learned, as it was before it was forgotten. */
export interface ForgottenLimit {
  readonly spec: MeterSpec;
  readonly learned: Learned;
}

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
  /** When each identity was cleared last, ms since the epoch. */
  readonly #clearedAtMs = new Map<string, number>();
  readonly #changedStats = new Set<string>();
  #restoredAtMs = 0;
  readonly sessions = new Sessions();
  readonly sharedAccounts = new SharedAccounts();
  /** The operator's ceiling over everything that costs; set before the first candidate is tried. */
  spendLimit: MeterSpec | undefined;

  /** The cooldown of one identity; the same object every time. */
  cooldown(id: string): Cooldown {
    let cooldown = this.#cooldowns.get(id);
    if (cooldown === undefined) {
      cooldown = openCooldown(id);
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
    const records = [...this.#changedCooldowns].map(({ id, untilMs, streak, failure, sinceMs, hits }) => ({
      id,
      untilMs,
      streak,
      ...(sinceMs === 0 ? {} : { sinceMs, hits }),
      ...present({ failure, clearedAtMs: this.#clearedAtMs.get(id) }),
    }));
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
    this.applyCooldowns(cooldowns, nowMs);
    for (const { id, data } of meters) {
      if (id.startsWith(STATS)) {
        restoreStats(this.stats(id.slice(STATS.length)), data);
        continue;
      }
      const stored = readStored(data);
      if (stored !== undefined) this.#stored.set(id, stored);
    }
  }

  /**
   * Applies cooldowns that began or were cleared in another or an earlier process. The later end holds, except that a clear
   * ends what began before it.
   */
  applyCooldowns(records: readonly CooldownRecord[], nowMs: number): void {
    const cleared = new Map<string, number>();
    for (const { id, clearedAtMs } of records)
      if (clearedAtMs !== undefined && clearedAtMs > (this.#clearedAtMs.get(id) ?? 0))
        cleared.set(id, clearedAtMs);
    this.#forget(cleared);
    for (const record of records) this.#applyCooldown(record, nowMs);
  }

  #applyCooldown(
    { id, untilMs, streak, failure, sinceMs, hits = streak }: CooldownRecord,
    nowMs: number,
  ): void {
    const cooldown = this.cooldown(id);
    // A clock that was wrong when it was written must not keep it closed for ever.
    const until = Math.min(untilMs, nowMs + MAX_COOLDOWN_MS);
    if (until <= cooldown.untilMs) return;
    cooldown.untilMs = until;
    cooldown.streak = Math.max(cooldown.streak, streak);
    cooldown.hits = Math.max(cooldown.hits, hits);
    if (sinceMs !== undefined)
      cooldown.sinceMs = cooldown.sinceMs === 0 ? sinceMs : Math.min(cooldown.sinceMs, sinceMs);
    if (failure !== undefined) cooldown.failure = failure;
  }

  /**
   * Ends the cooldowns of these identities and forgets the limits that were learned for them. What is used stays counted.
   * `changedCooldowns` then tells other processes to do the same.
   * @returns the forgotten limits
   */
  clear(ids: Iterable<string>, nowMs: number): ForgottenLimit[] {
    const cleared = new Map<string, number>();
    for (const id of ids) {
      // Strictly later than the last one, so that other processes notice this one too.
      cleared.set(id, Math.max(nowMs, (this.#clearedAtMs.get(id) ?? 0) + 1));
      this.#changedCooldowns.add(this.cooldown(id));
    }
    return this.#forget(cleared);
  }

  #forget(cleared: ReadonlyMap<string, number>): ForgottenLimit[] {
    if (cleared.size === 0) return [];
    for (const [id, clearedAtMs] of cleared) {
      this.#clearedAtMs.set(id, clearedAtMs);
      const cooldown = this.#cooldowns.get(id);
      if (cooldown !== undefined && cooldown.sinceMs <= clearedAtMs) endCooldown(cooldown);
    }
    const forgotten: ForgottenLimit[] = [];
    for (const { spec } of [...this.#stored.values(), ...this.#meters.values()]) {
      const owner = spec.id.slice(0, spec.id.lastIndexOf("|"));
      if (!cleared.has(owner) && !cleared.has(owner.split("~", 1)[0] ?? owner)) continue;
      // A stored one becomes a meter here, so that the store forgets it too.
      const meter = this.#meters.get(spec.id) ?? this.meter(spec);
      if (meter.learned !== undefined) forgotten.push({ spec: meter.spec, learned: meter.learned });
      if (meter.learned !== undefined || meter.limitProbe !== undefined) meter.unlearn();
      else meter.forgetEvidence();
    }
    return forgotten;
  }

  /** The wall clock was set by `deltaMs` while no time passed: what was to last a minute still lasts a minute. */
  shift(deltaMs: number): void {
    for (const cooldown of this.#cooldowns.values()) {
      if (cooldown.untilMs !== 0) cooldown.untilMs = Math.max(1, cooldown.untilMs + deltaMs);
      if (cooldown.sinceMs !== 0) cooldown.sinceMs = Math.max(1, cooldown.sinceMs + deltaMs);
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
      this.#clearedAtMs.delete(id);
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
