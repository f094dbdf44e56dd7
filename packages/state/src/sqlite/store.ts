/**
 * The default store: one SQLite file (WAL). What is cooling down is written before the call returns (some ten µs: a write into the
 * log, no fsync, so a kill loses nothing, a power cut perhaps the last second). All else is written behind.
 */
import type { DatabaseSync } from "node:sqlite";
import {
  type CooldownRecord,
  type Failure,
  type MeterRecord,
  present,
  type StateStore,
} from "@headgate/contract";
import { type Clock, systemClock } from "../clock.ts";
import { LOOK_HERE_MS, leaderLocks } from "../leader-locks.ts";
import { WriteBehind } from "../write-behind.ts";
import { sqliteKept } from "./kept.ts";
import { sqliteLocks } from "./leader-locks.ts";
import { transaction } from "./node-sqlite.ts";
import { openDatabase } from "./open.ts";
import { STATE_FILE } from "./schema.ts";

export interface SqliteOptions {
  readonly path: string;
  /** How long counters and kept records may wait to be written; 1000 at most. */
  readonly flushMs?: number;
  /** How long a write waits for another process's, at most. */
  readonly busyMs?: number;
  /** Called seldom, with a sentence for the user. */
  readonly warn?: (message: string) => void;
  readonly clock?: Clock;
  readonly lockTtlMs?: number;
}

const FLUSH_MS = 250;
const MAX_FLUSH_MS = 1_000;
const BUSY_MS = 100;

/** @throws StoreSettingError when the file is another program's, is newer, or cannot be opened */
export function sqliteStore(options: SqliteOptions): StateStore {
  const clock = options.clock ?? systemClock;
  const warn = options.warn ?? (() => {});
  const { path } = options;
  const db = openDatabase({
    kind: STATE_FILE,
    path,
    busyMs: options.busyMs ?? BUSY_MS,
    warn,
    nowMs: clock.nowMs(),
  });
  const records = sqliteRecords(db);
  /** Cooldowns whose immediate write failed. */
  const late = new Map<string, CooldownRecord>();
  const meters = new Map<string, MeterRecord>();
  const gone = new Set<string>();
  let closed = false;

  const behind = new WriteBehind({
    everyMs: Math.min(options.flushMs ?? FLUSH_MS, MAX_FLUSH_MS),
    clock,
    warn,
    where: path,
    write() {
      transaction(db, () => {
        for (const id of gone) records.forget(id);
        for (const record of late.values()) records.putCooldown(record);
        for (const record of meters.values()) records.putMeter(record);
        kept.write();
      });
      for (const waiting of [gone, late, meters]) waiting.clear();
      kept.written();
    },
  });
  const touch = (): void => behind.touch();
  const kept = sqliteKept(db, clock.nowMs, touch, () => behind.flush());

  const locks = leaderLocks(sqliteLocks(db, clock), {
    clock,
    ttlMs: options.lockTtlMs,
    lookMs: LOOK_HERE_MS,
  });

  return {
    async load() {
      behind.flush();
      return { cooldowns: records.cooldowns(), meters: records.meters() };
    },
    saveCooldowns(cooldowns) {
      for (const { id } of cooldowns) {
        gone.delete(id);
        late.delete(id);
      }
      try {
        if (cooldowns.length === 1) for (const one of cooldowns) records.putCooldown(one);
        else transaction(db, () => cooldowns.forEach(records.putCooldown));
      } catch (error) {
        for (const one of cooldowns) late.set(one.id, one);
        behind.failed(error);
      }
    },
    saveMeters(changed) {
      for (const record of changed) {
        gone.delete(record.id);
        meters.set(record.id, record);
      }
      touch();
    },
    forget(ids) {
      for (const id of ids) {
        late.delete(id);
        meters.delete(id);
        gone.add(id);
      }
      touch();
    },
    kept,
    leaderLock: locks.hold,
    async close() {
      if (closed) return;
      closed = true;
      await locks.close();
      behind.close();
      db.close();
    },
  };
}

function sqliteRecords(db: DatabaseSync) {
  const putCooldown = db.prepare(
    `INSERT INTO cooldown (id, until_ms, streak, failure, since_ms, hits) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET until_ms = excluded.until_ms, streak = excluded.streak, failure = excluded.failure,
       since_ms = excluded.since_ms, hits = excluded.hits`,
  );
  const putMeter = db.prepare(
    "INSERT INTO meter (id, data) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data",
  );
  const forgetCooldown = db.prepare("DELETE FROM cooldown WHERE id = ?");
  const forgetMeter = db.prepare("DELETE FROM meter WHERE id = ?");
  return {
    putCooldown({ id, untilMs, streak, failure, sinceMs, hits }: CooldownRecord): void {
      // One that was cleared, or whose cause is gone.
      if (untilMs === 0) forgetCooldown.run(id);
      else {
        const why = failure === undefined ? null : JSON.stringify(failure);
        putCooldown.run(id, untilMs, streak, why, sinceMs ?? null, hits ?? null);
      }
    },
    putMeter({ id, data }: MeterRecord): void {
      putMeter.run(id, data);
    },
    forget(id: string): void {
      forgetCooldown.run(id);
      forgetMeter.run(id);
    },
    cooldowns: (): CooldownRecord[] =>
      db
        .prepare("SELECT id, until_ms, streak, failure, since_ms, hits FROM cooldown")
        .all()
        .map(({ id, until_ms, streak, failure, since_ms, hits }) => ({
          id: String(id),
          untilMs: Number(until_ms),
          streak: Number(streak),
          // Written by this program only: the file is its own.
          ...present({
            failure: failure === null ? undefined : (JSON.parse(String(failure)) as Failure),
            sinceMs: since_ms === null ? undefined : Number(since_ms),
            hits: hits === null ? undefined : Number(hits),
          }),
        })),
    meters: (): MeterRecord[] =>
      db
        .prepare("SELECT id, data FROM meter")
        .all()
        .map(({ id, data }) => ({ id: String(id), data: String(data) })),
  };
}
