/** The rule for a leader lock's row; what the stores make of it is in their contract. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it, onTestFinished } from "vitest";
import { systemClock } from "./clock.ts";
import { acquireRow } from "./leader-locks.ts";
import { holdProcessLock } from "./process-lock.ts";
import { sqliteLocks } from "./sqlite/leader-locks.ts";
import { openDatabase } from "./sqlite/open.ts";
import { STATE_FILE } from "./sqlite/schema.ts";

const row = { holder: "one", token: 1_000, expiresAtMs: 2_000 };

it("a leader lock is free when it has no holder, when it has expired, or when this very holder is gone", () => {
  const held = { row, held: false };
  expect(acquireRow(row, "two", 6_000, 1_999)).toEqual(held);
  expect(acquireRow(row, "two", 6_000, 1_999, "an earlier holder")).toEqual(held);
  const taken = (nowMs: number) => ({
    row: { holder: "two", token: Math.max(1_001, nowMs), expiresAtMs: nowMs + 6_000 },
    held: true,
  });
  expect(acquireRow(row, "two", 6_000, 10, "one")).toEqual(taken(10));
  expect(acquireRow(row, "two", 6_000, 2_000)).toEqual(taken(2_000));
  expect(acquireRow({ ...row, holder: undefined }, "two", 6_000, 10)).toEqual(taken(10));
});

it("in SQLite, of two processes that see that the holder is gone one gets the leader lock; one that only waits blocks no writer", async () => {
  const folder = mkdtempSync(join(tmpdir(), "headgate-locks-"));
  const path = join(folder, "state.db");
  const open = () => openDatabase({ kind: STATE_FILE, path, busyMs: 100, warn: () => {}, nowMs: Date.now() });
  const [one, two, writer] = [open(), open(), new DatabaseSync(path)];
  onTestFinished(() => {
    for (const db of [one, two, writer]) db.close();
    rmSync(folder, { recursive: true });
  });
  const yours = sqliteLocks(two, systemClock);
  let meanwhile = (): void => {};
  // The clock is read between the look and the write, which is when another process may be faster.
  const nowMs = (): number => {
    meanwhile();
    return Date.now();
  };
  const mine = sqliteLocks(one, { ...systemClock, nowMs });
  const [dying, next, late] = [holdProcessLock(folder), holdProcessLock(folder), holdProcessLock(folder)];
  const first = (await mine.acquire("writer", dying.path, 60_000)) ?? Number.POSITIVE_INFINITY;
  writer.exec("BEGIN IMMEDIATE");
  expect(await yours.acquire("writer", next.path, 60_000)).toBeUndefined();
  writer.exec("ROLLBACK");
  dying.end(false);
  let faster: Promise<number | undefined> | undefined;
  meanwhile = () => {
    faster ??= yours.acquire("writer", next.path, 60_000);
  };
  expect(await mine.acquire("writer", late.path, 60_000)).toBeUndefined();
  expect(await faster).toBeGreaterThan(first);
  expect(await mine.renew("writer", dying.path, 60_000)).toBe(false);
  for (const processLock of [next, late]) processLock.end(true);
});
