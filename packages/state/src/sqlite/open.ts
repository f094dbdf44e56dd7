/** Opens the file, makes it where there is none, and states what to do about one that cannot be used. */
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { messageOf, StoreSettingError } from "../failures.ts";
import { sqliteCode, sqliteModule } from "./node-sqlite.ts";
import { applicationId, type FileKind, migrate, userVersion } from "./schema.ts";

const MAGIC = "SQLite format 3\0";
const BUSY = 5;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;
/** A whole check reads the whole file; beyond this size a start would be felt. */
const CHECKED_BYTES = 64 * 1024 * 1024;

/** Two processes may make one file at the same moment. The later one tries again this often, after this long, in ms. */
const OPEN_TRIES = 30;
const OPEN_RETRY_MS = 20;

export interface OpenOptions {
  readonly kind: FileKind;
  readonly path: string;
  /** How long a write waits for another process's, at most; the event loop waits with it. */
  readonly busyMs: number;
  readonly warn: (message: string) => void;
  readonly nowMs: number;
}

/** @throws StoreSettingError when the file is another program's, is newer, or cannot be opened */
export function openDatabase(options: OpenOptions): DatabaseSync {
  const { path } = options;
  prepareFolder(path);
  refuseForeign(path);
  try {
    return openPatiently(options);
  } catch (error) {
    if (!isDamage(error)) throw explain(error, path);
  }
  const aside = setAside(path, options.nowMs);
  options.warn(
    `${path} is damaged. It was set aside as ${aside} and a new one was begun: ${options.kind.content} of earlier runs are lost.`,
  );
  try {
    return open(options);
  } catch (error) {
    throw explain(error, path);
  }
}

export const isDamage = (error: unknown): boolean => {
  const code = sqliteCode(error);
  return code === CORRUPT || code === NOT_A_DATABASE || error instanceof Damage;
};

class Damage extends Error {}

function openPatiently(options: OpenOptions): DatabaseSync {
  for (let tries = 1; ; tries += 1) {
    try {
      return open(options);
    } catch (error) {
      if (sqliteCode(error) !== BUSY || tries === OPEN_TRIES) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, OPEN_RETRY_MS);
  }
}

function open({ kind, path, busyMs }: OpenOptions): DatabaseSync {
  const { DatabaseSync } = sqliteModule();
  const fresh = !existsSync(path) || statSync(path).size === 0;
  // Made here first, so that no other user can read it, not even for a moment.
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
  const db = new DatabaseSync(path, { timeout: busyMs });
  try {
    // Before WAL begins, so that the file itself names its program.
    if (fresh) db.exec("PRAGMA auto_vacuum = INCREMENTAL");
    refuse(db, path, kind);
    migrate(db, kind);
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    if (!fresh && statSync(path).size <= CHECKED_BYTES) check(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function check(db: DatabaseSync): void {
  const [first] = Object.values(db.prepare("PRAGMA quick_check(1)").get() ?? {});
  if (first !== "ok") throw new Damage(String(first));
}

function prepareFolder(path: string): void {
  const folder = dirname(path);
  try {
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StoreSettingError(
      `the folder ${folder} cannot be made: ${messageOf(error)}. Name another with HEADGATE_STATE_DIR.`,
      { cause: error },
    );
  }
}

/** A file that never was a database belongs to the user, unless its start was wiped. */
function refuseForeign(path: string): void {
  const head = Buffer.alloc(MAGIC.length);
  let length = 0;
  try {
    if (!existsSync(path)) return;
    const file = openSync(path, "r");
    try {
      length = readSync(file, head);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw explain(error, path);
  }
  const wiped = head.every((byte) => byte === 0);
  if (length === 0 || wiped || existsSync(`${path}-wal`) || head.toString("latin1") === MAGIC) return;
  throw foreign(path, "it is no SQLite database");
}

function refuse(db: DatabaseSync, path: string, { applicationId: own, steps }: FileKind): void {
  // In this order: another process that makes the file now commits both together.
  const tables = db.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.n;
  const id = applicationId(db);
  if (id !== own && !(id === 0 && tables === 0)) throw foreign(path, "another program's database");
  const version = userVersion(db);
  if (version <= steps.length) return;
  throw new StoreSettingError(
    `${path} was written by a newer Headgate (version ${version} of the file; this one reads up to ${steps.length}). Update Headgate, or move the file away to start with an empty one.`,
  );
}

const foreign = (path: string, why: string): StoreSettingError =>
  new StoreSettingError(
    `${path} is not Headgate's (${why}); it was left as it is. Move it away, or name another folder with HEADGATE_STATE_DIR.`,
  );

function explain(error: unknown, path: string): Error {
  if (error instanceof StoreSettingError) return error;
  return new StoreSettingError(
    `${path} cannot be opened: ${messageOf(error)}. It must be readable and writable, on a disk that is not full.`,
    { cause: error },
  );
}

/** Where the damaged file is now. Its log goes with it: it may hold what can be rescued. */
function setAside(path: string, nowMs: number): string {
  const date = new Date(nowMs).toISOString().replaceAll(/[:.]/g, "-");
  const aside = `${path}.damaged-${date}`;
  for (const suffix of ["", "-wal", "-shm"]) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  return aside;
}
