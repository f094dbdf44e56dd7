/** What the file holds. A step is never changed once it was released: the next one changes what it made. */
import type { DatabaseSync } from "node:sqlite";
import { transaction } from "./node-sqlite.ts";

/** "HdGt": names the file's program (https://www.sqlite.org/fileformat.html#application_id). */
export const APPLICATION_ID = 0x48644774;

const STEPS: readonly string[] = [
  `CREATE TABLE cooldown (
     id TEXT PRIMARY KEY, until_ms REAL NOT NULL, streak INTEGER NOT NULL, failure TEXT
   ) WITHOUT ROWID, STRICT;
   CREATE TABLE meter (id TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID, STRICT;
   CREATE TABLE kept (
     space TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
     expires_at_ms REAL NOT NULL, read_at_ms REAL NOT NULL, bytes INTEGER NOT NULL,
     PRIMARY KEY (space, key)
   ) STRICT;
   CREATE INDEX kept_by_expiry ON kept (expires_at_ms);
   CREATE INDEX kept_by_read ON kept (space, read_at_ms, bytes);
   CREATE TABLE leader_lock (
     name TEXT PRIMARY KEY, holder TEXT, token INTEGER NOT NULL, expires_at_ms REAL NOT NULL
   ) WITHOUT ROWID, STRICT;`,
  // Files of version 1 that were written before the tables had these names.
  `CREATE TABLE IF NOT EXISTS cooldown (
     id TEXT PRIMARY KEY, until_ms REAL NOT NULL, streak INTEGER NOT NULL, failure TEXT
   ) WITHOUT ROWID, STRICT;
   CREATE TABLE IF NOT EXISTS leader_lock (
     name TEXT PRIMARY KEY, holder TEXT, token INTEGER NOT NULL, expires_at_ms REAL NOT NULL
   ) WITHOUT ROWID, STRICT;`,
  // Absent in records of before.
  "ALTER TABLE cooldown ADD COLUMN since_ms REAL; ALTER TABLE cooldown ADD COLUMN hits INTEGER;",
];

export const SCHEMA_VERSION = STEPS.length;

const pragma = (db: DatabaseSync, name: string): number =>
  Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0] ?? 0);

export const applicationId = (db: DatabaseSync): number => pragma(db, "application_id");
export const userVersion = (db: DatabaseSync): number => pragma(db, "user_version");

/** Brings an empty or older file to this version. Several processes may try at once: one does it. */
export function migrate(db: DatabaseSync): void {
  if (userVersion(db) === SCHEMA_VERSION) return;
  transaction(db, () => {
    for (let version = userVersion(db); version < SCHEMA_VERSION; version += 1) db.exec(STEPS[version] ?? "");
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`);
  });
}
