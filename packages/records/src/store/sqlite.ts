/** Records in a SQLite file (WAL). Several processes may write it; each waits for the others. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { openDatabase } from "@headgate/state/sqlite-file";
import { RECORDS_FILE } from "./schema.ts";
import type { Sql, SqlDriver, SqlRow } from "./sql.ts";

const BUSY_MS = 5_000;
const MAX_STATEMENTS = 256;
/** 16 MB of pages of 4 KB. */
const CHECKPOINT_PAGES = 4_096;

export interface SqliteInput {
  readonly path: string;
  readonly warn: (message: string) => void;
  readonly nowMs: number;
  /** How long a write waits for another process's. */
  readonly busyMs?: number;
}

/** @throws StoreSettingError where the file is another program's, is newer, or cannot be opened */
export function sqliteDriver({ path, warn, nowMs, busyMs = BUSY_MS }: SqliteInput): SqlDriver {
  const db = openDatabase({ kind: RECORDS_FILE, path, busyMs, warn, nowMs });
  // At each checkpoint SQLite writes the changed pages once more, so fewer checkpoints cost less.
  db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  const sql = sqlOf(db);
  /** A connection has one transaction at a time. */
  let last: Promise<unknown> = Promise.resolve();
  const inTransaction = async <T>(run: (own: Sql) => Promise<T>): Promise<T> => {
    db.exec("BEGIN IMMEDIATE");
    try {
      const result = await run(sql);
      db.exec("COMMIT");
      return result;
    } catch (error) {
      // SQLite itself rolls back on some errors, such as a full disk.
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
  };
  return {
    ...sql,
    transaction(run) {
      const result = last.then(() => inTransaction(run));
      last = result.catch(() => {});
      return result;
    },
    async compact() {
      db.exec("PRAGMA incremental_vacuum");
    },
    async close() {
      db.close();
    },
  };
}

function sqlOf(db: DatabaseSync): Sql {
  const prepared = new Map<string, StatementSync>();
  return {
    async all(text, values = []) {
      let statement = prepared.get(text);
      if (statement === undefined) {
        if (prepared.size === MAX_STATEMENTS) prepared.clear();
        statement = db.prepare(text);
        prepared.set(text, statement);
      }
      return statement.all(...values) as SqlRow[];
    },
  };
}
