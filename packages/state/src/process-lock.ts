/**
 * Shows that a process of this machine is gone: it holds a lock on a small file of its own for as long as it acts, and
 * the kernel releases it when the process ends, however it ends. A process that is stopped, busy or slow keeps it. The
 * lock is SQLite's exclusive one (https://www.sqlite.org/lockingv3.html): Node has no flock, a process id may be another's
 * by now or mean nothing in another container, and some systems refuse a connection to a socket whose queue is full.
 */
import { closeSync, openSync, readdirSync, rmSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { sqliteModule } from "./sqlite/node-sqlite.ts";

export interface ProcessLock {
  /** Where others look. Only SQLite may open it: closing any other handle of this process would release the lock. */
  readonly path: string;
  /** Releases the lock: this process acts no more. @param remove false to leave the file, so that others can see that it is over */
  end(remove: boolean): void;
}

const NAME = /^process-[0-9a-f-]{36}\.lock$/;
/** A file is made before it is locked, so a younger one is never removed. */
const FRESH_MS = 60_000;

/** @throws the system's or SQLite's error where no file can be locked */
export function holdProcessLock(folder: string): ProcessLock {
  const path = join(folder, `process-${crypto.randomUUID()}.lock`);
  closeSync(openSync(path, "ax", 0o600));
  try {
    return lockFile(path);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}

/**
 * The lock of which a folder has one.
 * @returns undefined where another process holds it
 * @throws the system's or SQLite's error where the file cannot be locked at all
 */
export function holdOnlyLock(path: string): ProcessLock | undefined {
  closeSync(openSync(path, "a", 0o600));
  try {
    return lockFile(path);
  } catch (error) {
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
}

/** https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

function lockFile(path: string): ProcessLock {
  const { DatabaseSync } = sqliteModule();
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    // No second file beside it: nothing is ever written.
    db.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    db.close();
    throw error;
  }
  return {
    path,
    end(remove) {
      if (!db.isOpen) return;
      db.close();
      if (remove) rmSync(path, { force: true });
    },
  };
}

/** True only when the lock is seen to be free. A file that is missing, cannot be read or is not such a path shows nothing. */
export function processLockReleased(path: string): boolean {
  if (!isAbsolute(path)) return false;
  const { DatabaseSync } = sqliteModule();
  try {
    // Read-only: it makes no file where there is none.
    const db = new DatabaseSync(path, { readOnly: true, timeout: 0 });
    try {
      // Takes a shared lock, which fails while another process holds the exclusive one.
      db.prepare("SELECT 1 FROM sqlite_schema").get();
      return true;
    } finally {
      db.close();
    }
  } catch {
    return false;
  }
}

/** Removes the files of ended processes. Called by a new leader: no process tests these locks any more. */
export function sweepProcessLocks(folder: string, nowMs: number): void {
  try {
    for (const name of readdirSync(folder)) {
      if (!NAME.test(name)) continue;
      const path = join(folder, name);
      const madeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? nowMs;
      if (nowMs - madeMs > FRESH_MS && processLockReleased(path)) rmSync(path, { force: true });
    }
  } catch {
    // Empty files do no harm: the next leader may remove them.
  }
}
