/**
 * Cached answers outside of the gateway's memory: in a SQLite file of their own, or beside what a store on a server keeps. Each
 * is encrypted, under its key. What cannot be read is a miss.
 */
import { rmSync } from "node:fs";
import type { CacheStore, KeptStore } from "@headgate/contract";
import { type Clock, systemClock } from "../clock.ts";
import { messageOf } from "../failures.ts";
import { textSeal } from "../seal.ts";
import { sqliteKept } from "../sqlite/kept.ts";
import { transaction } from "../sqlite/node-sqlite.ts";
import { isDamage, openDatabase } from "../sqlite/open.ts";
import type { FileKind } from "../sqlite/schema.ts";
import { WriteBehind } from "../write-behind.ts";

const SPACE = "cache";
const FLUSH_MS = 250;
const SWEEP_MS = 60_000;
/** Another process's write holds a write of the cache up for so long at most; the event loop waits with it. */
const BUSY_MS = 50;

/** Its application id is "HdGc". */
const CACHE_FILE: FileKind = {
  applicationId: 0x48644763,
  steps: [
    `CREATE TABLE kept (
       space TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
       expires_at_ms REAL NOT NULL, read_at_ms REAL NOT NULL, bytes INTEGER NOT NULL,
       PRIMARY KEY (space, key)
     ) STRICT;
     CREATE INDEX kept_by_expiry ON kept (expires_at_ms);
     CREATE INDEX kept_by_read ON kept (space, read_at_ms, bytes);`,
  ],
  content: "cached answers",
};

export interface CacheInput {
  /** Beyond it the least recently read are deleted. */
  readonly maxBytes: number;
  readonly secret: string;
  readonly warn: (message: string) => void;
  readonly clock?: Clock;
}

/** @throws StoreSettingError where the file is another program's, or cannot be opened */
export function sqliteCache(path: string, input: CacheInput): CacheStore {
  const clock = input.clock ?? systemClock;
  const { warn } = input;
  const open = () => {
    const db = openDatabase({ kind: CACHE_FILE, path, busyMs: BUSY_MS, warn, nowMs: clock.nowMs() });
    const kept = sqliteKept(
      db,
      clock.nowMs,
      () => behind.touch(),
      () => behind.flush(),
    );
    const behind = new WriteBehind({
      everyMs: FLUSH_MS,
      clock,
      warn,
      where: path,
      write() {
        try {
          transaction(db, () => kept.write());
        } finally {
          // What cannot be written is a miss later; it must not fill the memory.
          kept.written();
        }
      },
    });
    return { db, kept, behind };
  };
  let file = open();
  const store = keptCache(
    {
      get: (...args) => file.kept.get(...args),
      put: (record) => file.kept.put(record),
      delete: (...args) => file.kept.delete(...args),
      sweep: (...args) => file.kept.sweep(...args),
    },
    {
      ...input,
      onFailure(error) {
        if (!isDamage(error)) return false;
        warn(`${path} is damaged (${messageOf(error)}); the cache begins anew.`);
        file.db.close();
        for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
        file = open();
        return true;
      },
    },
  );
  return {
    ...store,
    async close() {
      await store.close();
      file.behind.close();
      file.db.close();
    },
  };
}

/** @param kept of a store that the caller closes */
export function keptCache(
  kept: KeptStore,
  {
    maxBytes,
    secret,
    warn,
    clock = systemClock,
    onFailure = () => false,
  }: CacheInput & { readonly onFailure?: (error: unknown) => boolean },
): CacheStore {
  const seal = textSeal(secret, "headgate cache");
  let failing = false;
  const failed = (error: unknown): void => {
    if (onFailure(error)) return;
    if (!failing) warn(`the cache cannot be read (${messageOf(error)}); requests go on without it`);
    failing = true;
  };
  const sweeper = setInterval(() => {
    try {
      kept.sweep(clock.nowMs(), { [SPACE]: maxBytes });
    } catch (error) {
      failed(error);
    }
  }, SWEEP_MS).unref();
  return {
    async get(key) {
      try {
        const sealed = await kept.get(SPACE, key, clock.nowMs());
        failing = false;
        return sealed === undefined ? undefined : seal.open(sealed, key);
      } catch (error) {
        failed(error);
        return undefined;
      }
    },
    put(key, text, expiresAtMs) {
      kept.put({ space: SPACE, key, value: seal.close(text, key), expiresAtMs });
    },
    async close() {
      clearInterval(sweeper);
    },
  };
}
