/** The file itself: killed in mid-traffic, damaged, foreign, newer, locked. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { StoreSettingError } from "../failures.ts";
import { eventually } from "../testing/eventually.ts";
import { withoutSqliteWarning } from "./node-sqlite.ts";
import { STATE_FILE } from "./schema.ts";
import { type SqliteOptions, sqliteStore } from "./store.ts";

let folder: string;
let path: string;
let warnings: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "headgate-state-"));
  path = join(folder, "own", "state.db");
  warnings = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (options: Partial<SqliteOptions> = {}) =>
  sqliteStore({ path, warn: (text) => warnings.push(text), ...options });
const cooldownOf = (id: string) => ({ id, untilMs: 5, streak: 1 });

describe("a SQLite store's file", () => {
  it("holds every cooldown and counters at most a second old after a kill in mid-traffic", async () => {
    const script = join(import.meta.dirname, "..", "testing", "crash-writer.ts");
    const child = spawn(process.execPath, ["--conditions=@headgate/source", script, path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let last = 0;
    const lines = createInterface({ input: child.stdout });
    let startMs: number | undefined;
    let killedMs = 0;
    for await (const line of lines) {
      last = Number(line);
      // Counted from its first output: on a busy machine it takes long to start.
      startMs ??= performance.now();
      // After some flushes, at an arbitrary point of its work.
      if (killedMs === 0 && last > 500 && performance.now() - startMs > 700) {
        child.kill("SIGKILL");
        killedMs = Date.now();
      }
    }
    if (child.signalCode === null) await once(child, "exit");
    expect(child.signalCode).toBe("SIGKILL");
    const store = open();
    const { cooldowns, meters } = await store.load();
    await store.close();
    const found = new Set(cooldowns.map(({ id }) => id));
    const lost = Array.from({ length: last }, (_, i) => `p${i + 1}`).filter((id) => !found.has(id));
    expect(lost).toEqual([]);
    expect(killedMs - Number(meters.find(({ id }) => id === "clock")?.data)).toBeLessThanOrEqual(1_000);
    expect(warnings).toEqual([]);
  });

  it("can be read by its owner alone, and so can its folder", async () => {
    const store = open();
    store.saveCooldowns([cooldownOf("a")]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "own")).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(join(folder, "own"))) {
      expect(statSync(join(folder, "own", name)).mode & 0o077).toBe(0);
    }
    await store.close();
    chmodSync(path, 0o644);
    await open().close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("is set aside with a warning when it is damaged", async () => {
    const first = open();
    first.saveCooldowns(Array.from({ length: 500 }, (_, i) => cooldownOf(`provider-${i}@key/model`)));
    await first.close();
    const bytes = readFileSync(path);
    bytes.fill(0x5a, 4_096, 20_000);
    writeFileSync(path, bytes);
    const second = open({ clock: { ...(await import("../clock.ts")).systemClock, nowMs: () => 0 } });
    expect((await second.load()).cooldowns).toEqual([]);
    second.saveCooldowns([cooldownOf("new")]);
    await second.close();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/damaged.*damaged-1970-01-01T00-00-00-000Z.*cooldowns.*lost/);
    expect(readFileSync(`${path}.damaged-1970-01-01T00-00-00-000Z`)).toEqual(bytes);
    const third = open();
    expect((await third.load()).cooldowns).toEqual([cooldownOf("new")]);
    await third.close();
    expect(warnings).toHaveLength(1);
  });

  it("begins anew where a power cut left nothing but zeros", async () => {
    await open().close();
    writeFileSync(path, Buffer.alloc(8_192));
    await open().close();
    expect(warnings).toHaveLength(1);
  });

  it("is left alone when it belongs to another program", async () => {
    await open().close();
    const other = join(folder, "other.db");
    const db = new DatabaseSync(other);
    db.exec("CREATE TABLE theirs (a)");
    db.close();
    const before = readFileSync(other);
    expect(() => open({ path: other })).toThrow(StoreSettingError);
    expect(() => open({ path: other })).toThrow(/not Headgate's.*another program's.*HEADGATE_STATE_DIR/);
    expect(readFileSync(other)).toEqual(before);
    const notes = join(folder, "notes.txt");
    writeFileSync(notes, "my own notes, not a database at all");
    expect(() => open({ path: notes })).toThrow(/no SQLite database.*left as it is/);
    expect(readFileSync(notes, "utf8")).toBe("my own notes, not a database at all");
    expect(warnings).toEqual([]);
  });

  it("of a version without the moment and the count of failures is read, and gets them", async () => {
    await open().close();
    const db = new DatabaseSync(path);
    db.exec(`ALTER TABLE cooldown DROP COLUMN since_ms; ALTER TABLE cooldown DROP COLUMN hits;
      INSERT INTO cooldown (id, until_ms, streak) VALUES ('old', 5, 1); PRAGMA user_version = 2`);
    db.close();
    const store = open();
    const now = { ...cooldownOf("now"), sinceMs: 3, hits: 2 };
    store.saveCooldowns([now]);
    expect((await store.load()).cooldowns).toEqual([now, cooldownOf("old")]);
    await store.close();
    expect(warnings).toEqual([]);
  });

  it("is left alone when a newer version wrote it", async () => {
    await open().close();
    const db = new DatabaseSync(path);
    db.exec(`PRAGMA user_version = ${STATE_FILE.steps.length + 1}`);
    db.close();
    expect(() => open()).toThrow(/newer Headgate.*Update Headgate/);
  });

  it("cannot be a folder, or lie below a file", () => {
    expect(() => open({ path: folder })).toThrow(StoreSettingError);
    writeFileSync(join(folder, "file"), "x");
    expect(() => open({ path: join(folder, "file", "state.db") })).toThrow(
      /HEADGATE_STATE_DIR|cannot be opened/,
    );
  });

  it("is opened once another process that makes it at the same moment has let go of it", async () => {
    await open().close();
    const holder = new Worker(
      `const { DatabaseSync } = require("node:sqlite");
       const { parentPort, workerData } = require("node:worker_threads");
       const db = new DatabaseSync(workerData);
       db.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
       parentPort.postMessage("held");
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
       db.exec("COMMIT");
       db.close();`,
      { eval: true, workerData: path },
    );
    const ended = once(holder, "exit");
    await once(holder, "message");
    const store = open({ busyMs: 1 });
    await ended;
    await store.close();
    expect(warnings).toEqual([]);
  });

  it("may be locked or full for a while: one warning, nothing is lost, and no request fails", async () => {
    const store = open({ busyMs: 1, flushMs: 5 });
    const lock = new DatabaseSync(path);
    lock.exec("BEGIN IMMEDIATE");
    store.saveCooldowns([cooldownOf("late")]);
    store.saveMeters([{ id: "m", data: "1" }]);
    store.kept.put({ space: "s", key: "k", value: new Uint8Array([7]), expiresAtMs: Date.now() + 60_000 });
    await eventually(() => warnings.length > 0);
    expect(await store.kept.get("s", "k", Date.now())).toEqual(new Uint8Array([7]));
    store.saveMeters([{ id: "m", data: "2" }]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/cannot be written.*locked/);
    lock.exec("ROLLBACK");
    lock.close();
    await eventually(() => warnings.length > 1);
    expect(warnings[1]).toMatch(/can be written again/);
    const other = open();
    expect(await other.load()).toEqual({ cooldowns: [cooldownOf("late")], meters: [{ id: "m", data: "2" }] });
    expect(await other.kept.get("s", "k", Date.now())).toEqual(new Uint8Array([7]));
    await other.close();
    await store.close();
  });

  it("is written behind within the configured time, many changes at once", async () => {
    const runs: { ms: number; run: () => void }[] = [];
    const clock = {
      nowMs: Date.now,
      monotonicMs: () => 0,
      after(ms: number, run: () => void) {
        runs.push({ ms, run });
        return () => {};
      },
    };
    const store = open({ clock, flushMs: 5_000 });
    const other = open();
    for (let i = 0; i < 100; i += 1) store.saveMeters([{ id: "m", data: String(i) }]);
    expect(runs.map(({ ms }) => ms)).toEqual([1_000]);
    expect((await other.load()).meters).toEqual([]);
    runs[0]?.run();
    expect((await other.load()).meters).toEqual([{ id: "m", data: "99" }]);
    await other.close();
    await store.close();
  });

  it("keeps a leader lock across processes, frees it when its holder vanished, and is not fooled by a clock set back", async () => {
    let nowMs = Date.now();
    const clock = { ...(await import("../clock.ts")).systemClock, nowMs: () => nowMs };
    const [a, b] = [open({ clock, lockTtlMs: 40 }), open({ clock, lockTtlMs: 40 })];
    const db = new DatabaseSync(path);
    const vanished = await a.leaderLock("writer", new AbortController().signal);
    db.exec("UPDATE leader_lock SET holder = 'a process that vanished'");
    await eventually(() => vanished.lost.aborted);
    const waiting = b.leaderLock("writer", new AbortController().signal);
    nowMs -= 86_400_000;
    await eventually(
      () => Number(db.prepare("SELECT expires_at_ms AS at FROM leader_lock").get()?.at) <= nowMs + 40,
    );
    nowMs += 41;
    expect((await waiting).token).toBeGreaterThan(vanished.token);
    db.close();
    await a.close();
    await b.close();
  });
});

describe("Node's warning that SQLite is experimental", () => {
  it("is not shown, and every other warning is", () => {
    const shown: string[] = [];
    const emit = vi
      .spyOn(process, "emitWarning")
      .mockImplementation((warning) => void shown.push(String(warning)));
    const result = withoutSqliteWarning(() => {
      process.emitWarning(
        "SQLite is an experimental feature and might change at any time",
        "ExperimentalWarning",
      );
      process.emitWarning("something else");
      return 5;
    });
    process.emitWarning("afterwards");
    emit.mockRestore();
    expect(result).toBe(5);
    expect(shown).toEqual(["something else", "afterwards"]);
  });
});
