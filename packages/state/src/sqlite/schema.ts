/** What the files hold, and how an older one becomes a newer one. */
import type { DatabaseSync } from "node:sqlite";
import { transaction } from "./node-sqlite.ts";

/** One kind of file: how it names itself, and what it holds. */
export interface FileKind {
  /** Names the file's program (https://www.sqlite.org/fileformat.html#application_id). */
  readonly applicationId: number;
  /** The schema, one step per version. A step is never changed once it was released: the next one changes what it made. */
  readonly steps: readonly string[];
  /** What is lost where the file is damaged, for the warning. */
  readonly content: string;
}

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

/** The router's memory; its application id is "HdGt". */
export const STATE_FILE: FileKind = {
  applicationId: 0x48644774,
  steps: STEPS,
  content: "cooldowns, counters and stored responses",
};

const pragma = (db: DatabaseSync, name: string): number =>
  Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0] ?? 0);

export const applicationId = (db: DatabaseSync): number => pragma(db, "application_id");
export const userVersion = (db: DatabaseSync): number => pragma(db, "user_version");

/** Brings an empty or older file to this version. Several processes may try at once: one does it. */
export function migrate(db: DatabaseSync, { steps, applicationId }: FileKind): void {
  if (userVersion(db) === steps.length) return;
  transaction(db, () => {
    for (let version = userVersion(db); version < steps.length; version += 1) db.exec(steps[version] ?? "");
    db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${steps.length}`);
  });
}
