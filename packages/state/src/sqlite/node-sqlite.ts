/** Node's own SQLite, loaded when first wanted. Early releases of Node 24 warn that it is experimental: no user's concern. */
import type { DatabaseSync } from "node:sqlite";

export type SqliteModule = typeof import("node:sqlite");

let loaded: SqliteModule | undefined;

export function sqliteModule(): SqliteModule {
  loaded ??= withoutSqliteWarning(() => process.getBuiltinModule("node:sqlite"));
  return loaded;
}

/** Runs `load` and swallows the one warning it may give; every other warning is shown. */
export function withoutSqliteWarning<T>(load: () => T): T {
  const emit = process.emitWarning;
  process.emitWarning = ((warning: string | Error, ...rest: never[]) => {
    if (!/\bSQLite is an experimental feature\b/.test(String(warning))) emit.call(process, warning, ...rest);
  }) as typeof process.emitWarning;
  try {
    return load();
  } finally {
    process.emitWarning = emit;
  }
}

/** Everything in `run` or nothing of it. */
export function transaction<T>(db: DatabaseSync, run: () => T): T {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = run();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    // SQLite itself rolls back on some errors, such as a full disk.
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

/** SQLite's result code, such as 11 for a damaged file; undefined when the error is no such thing. */
export function sqliteCode(error: unknown): number | undefined {
  const code = error instanceof Error && "errcode" in error ? error.errcode : undefined;
  // The low byte is the primary code: https://www.sqlite.org/rescode.html
  return typeof code === "number" ? code & 0xff : undefined;
}
