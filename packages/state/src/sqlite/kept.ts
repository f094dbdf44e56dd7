/** Records by key, with an expiry and an order of reading. Puts and reads are gathered; the owner writes them. */
import type { DatabaseSync } from "node:sqlite";
import type { KeptRecord, KeptStore } from "@headgate/contract";

export interface SqliteKept extends KeptStore {
  /** Writes what is gathered; inside the owner's transaction. */
  write(): void;
  /** What was written stays. */
  written(): void;
}

interface Waiting {
  readonly record: KeptRecord;
  readonly readAtMs: number;
}

/** `touch` is called when something is gathered, `flush` before a question that only the file can answer. */
export function sqliteKept(
  db: DatabaseSync,
  nowMs: () => number,
  touch: () => void,
  flush: () => void,
): SqliteKept {
  const puts = new Map<string, Waiting>();
  const reads = new Map<string, readonly [space: string, key: string, atMs: number]>();
  const select = db.prepare("SELECT value FROM kept WHERE space = ? AND key = ? AND expires_at_ms > ?");
  const upsert = db.prepare(
    `INSERT INTO kept (space, key, value, expires_at_ms, read_at_ms, bytes) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (space, key) DO UPDATE SET value = excluded.value, expires_at_ms = excluded.expires_at_ms,
       read_at_ms = excluded.read_at_ms, bytes = excluded.bytes`,
  );
  const seen = db.prepare("UPDATE kept SET read_at_ms = max(read_at_ms, ?3) WHERE space = ?1 AND key = ?2");
  const remove = db.prepare("DELETE FROM kept WHERE space = ? AND key = ?");
  const removeExpired = db.prepare("DELETE FROM kept WHERE expires_at_ms <= ?");
  const removeBeyond = db.prepare(
    `DELETE FROM kept WHERE rowid IN (
       SELECT rowid FROM (
         SELECT rowid, sum(bytes) OVER (ORDER BY read_at_ms DESC, key DESC) AS total FROM kept WHERE space = ?
       ) WHERE total > ?)`,
  );
  const pairOf = (space: string, key: string): string => JSON.stringify([space, key]);
  return {
    async get(space, key, atMs) {
      const pair = pairOf(space, key);
      const waiting = puts.get(pair);
      if (waiting !== undefined) {
        if (waiting.record.expiresAtMs <= atMs) return undefined;
        puts.set(pair, { record: waiting.record, readAtMs: atMs });
        return waiting.record.value;
      }
      const value = select.get(space, key, atMs)?.value;
      if (!(value instanceof Uint8Array)) return undefined;
      reads.set(pair, [space, key, atMs]);
      touch();
      return value;
    },
    put(record) {
      puts.set(pairOf(record.space, record.key), { record, readAtMs: nowMs() });
      touch();
    },
    async delete(space, key) {
      const waited = puts.delete(pairOf(space, key));
      reads.delete(pairOf(space, key));
      return remove.run(space, key).changes > 0 || waited;
    },
    sweep(atMs, maxBytes) {
      flush();
      removeExpired.run(atMs);
      for (const [space, most] of Object.entries(maxBytes)) removeBeyond.run(space, most);
      db.exec("PRAGMA incremental_vacuum");
    },
    write() {
      for (const { record, readAtMs } of puts.values()) {
        const { space, key, value, expiresAtMs } = record;
        upsert.run(space, key, value, expiresAtMs, readAtMs, value.byteLength);
      }
      for (const [space, key, atMs] of reads.values()) seen.run(space, key, atMs);
    },
    written() {
      puts.clear();
      reads.clear();
    },
  };
}
