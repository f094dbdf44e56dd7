/** The thread: what is written is read, also by another process, after a kill, and where the file is no good. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openRecords, readRecords } from "./open.ts";
import { attemptOf, NOON_MS, recordOf } from "./testing/samples.ts";

let folder: string;
let path: string;
let warnings: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "headgate-records-"));
  path = join(folder, "records.db");
  warnings = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = () =>
  openRecords({
    place: { kind: "sqlite", path },
    retention: { keepMs: 1e12, maxBytes: 1e9 },
    warn: (text) => warnings.push(text),
  });
const read = async () => {
  const reader = await readRecords({ kind: "sqlite", path }, undefined);
  if (reader === undefined) throw new Error("there is no file");
  return reader;
};

describe("records of a gateway", () => {
  it("answer at once for what was written before, and outlive the gateway", async () => {
    const records = await open();
    const record = recordOf({ id: "one" });
    records.write(record);
    expect(await records.find("one")).toEqual({ record, others: 0 });
    expect(await records.list({ limit: 5 })).toEqual([record]);
    records.write(recordOf({ attempts: [attemptOf()] }));
    await records.close();
    const reader = await read();
    const ever = { sinceMs: NOON_MS - 1, untilMs: NOON_MS + 60_000 };
    expect((await reader.usage(ever))[0]?.requests).toBe(2);
    expect(await reader.rates(ever.sinceMs, ever.untilMs)).toHaveLength(1);
    await reader.close();
    expect(warnings).toEqual([]);
  });

  it("lose at most a second to a kill", async () => {
    const script = fileURLToPath(new URL("./testing/crash-writer.ts", import.meta.url));
    const child = spawn(process.execPath, ["--conditions=@headgate/source", script, path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const printed: [number: number, atMs: number][] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      const [number = 0, atMs = 0] = line.split(" ").map(Number);
      printed.push([number, atMs]);
      if (printed.length === 150) child.kill("SIGKILL");
    }
    if (child.signalCode === null) await once(child, "exit");
    const killedMs = printed.at(-1)?.[1] ?? 0;
    const due = printed.findLast(([, atMs]) => atMs < killedMs - 1_000)?.[0] ?? 0;
    const reader = await read();
    const [row] = await reader.usage({ sinceMs: 0, untilMs: killedMs + 60_000 });
    await reader.close();
    expect(row?.requests).toBeGreaterThanOrEqual(due);
  });

  it("are refused where the file is another program's or a newer version's", async () => {
    writeFileSync(path, "my own notes, not a database at all");
    await expect(open()).rejects.toThrow(/not Headgate's/);
    rmSync(path);
    await (await open()).close();
    const db = new DatabaseSync(path);
    db.exec("PRAGMA user_version = 99");
    db.close();
    await expect(open()).rejects.toThrow(/newer Headgate \(version 99/);
  });

  it("begin anew where the file is damaged, and say what is lost", async () => {
    const first = await open();
    for (let more = 0; more < 200; more += 1) first.write(recordOf());
    await first.close();
    const bytes = new Uint8Array(16_384).fill(0x5a);
    const { openSync, writeSync, closeSync } = await import("node:fs");
    const file = openSync(path, "r+");
    writeSync(file, bytes, 0, bytes.length, 4_096);
    closeSync(file);
    const second = await open();
    await second.close();
    expect(warnings).toEqual([
      expect.stringMatching(/is damaged.*usage records, rollups and client keys of earlier runs are lost/),
    ]);
  });

  it("of two gateways go into one file", async () => {
    const [a, b] = await Promise.all([open(), open()]);
    for (let more = 0; more < 50; more += 1) for (const one of [a, b]) one.write(recordOf());
    await Promise.all([a.close(), b.close()]);
    const reader = await read();
    expect(await reader.list({ limit: 1_000 })).toHaveLength(100);
    await reader.close();
    expect(warnings).toEqual([]);
  });

  it("are not there before a gateway ran", async () => {
    expect(await readRecords({ kind: "sqlite", path }, undefined)).toBeUndefined();
  });
});
