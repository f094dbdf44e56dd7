/** The queue of batches in both databases: shared by several processes under leases, each line ended once. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BatchStore, NewLine } from "@headgate/contract";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DatabasePlace } from "../place.ts";
import { PostgresServer, postgresIsHere } from "../testing/postgres-server.ts";
import { openBatches } from "./batch-store.ts";

const NOW_MS = Date.UTC(2026, 10, 21);
const LEASE_MS = 60_000;

function suite(place: () => DatabasePlace): void {
  const stores: BatchStore[] = [];
  const open = (secret = "s".repeat(20)): BatchStore => {
    const store = openBatches({
      place: place(),
      secret: () => secret,
      keepMs: 1_000,
      fileBytes: 1e6,
      allBytes: 1e9,
      warn: (text) => expect.fail(text),
    });
    stores.push(store);
    return store;
  };
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
  });
  let made = 0;
  async function batchOf(store: BatchStore, lines: number): Promise<string> {
    made += 1;
    const id = `batch_${made}`;
    await store.create({
      id,
      kind: "openai",
      owner: "me",
      plan: { endpoint: "/v1/chat/completions", window: "24h", invalid: "fail" },
      createdMs: NOW_MS + made,
      expiresMs: NOW_MS + 86_400_000,
    });
    const all = Array.from(
      { length: lines },
      (_, at): NewLine => ({ customId: `r-${at}`, body: `{"n":${at}}` }),
    );
    await store.addLines(id, 0, all, NOW_MS);
    await store.prepared(id, NOW_MS);
    return id;
  }
  const collected = async <T>(all: AsyncIterable<T>): Promise<T[]> => {
    const list: T[] = [];
    for await (const one of all) list.push(one);
    return list;
  };
  const END = { ok: true, result: '{"status":200}', costNanoUsd: 5 };

  it("several processes take each line once, and all of them", async () => {
    const replicas = [open(), open(), open()];
    const id = await batchOf(replicas[0] ?? open(), 120);
    const taken: number[] = [];
    await Promise.all(
      replicas.map(async (store) => {
        for (;;) {
          const lines = await store.claim(id, 7, NOW_MS, LEASE_MS);
          if (lines.length === 0) return;
          taken.push(...lines.map(({ at }) => at));
          for (const line of lines) expect(await store.finish(line, END)).toBe(true);
        }
      }),
    );
    expect(taken.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 120 }, (_, at) => at));
    const [store = open()] = replicas;
    expect(await store.settle(NOW_MS)).toBe(true);
    expect(await store.batch(id)).toMatchObject({ state: "completed", endedMs: NOW_MS });
    expect(await store.counts(id)).toMatchObject({ total: 120, succeeded: 120, open: 0, costNanoUsd: 600 });
    expect((await collected(store.ended(id, true))).map(({ customId }) => customId)).toEqual(
      Array.from({ length: 120 }, (_, at) => `r-${at}`),
    );
  });

  it("a lease that ended is another process's, and the first one's late answer is not kept", async () => {
    const [first, second] = [open(), open()];
    const id = await batchOf(first, 1);
    const [line] = await first.claim(id, 1, NOW_MS, LEASE_MS);
    if (line === undefined) throw new Error("no line");
    expect(line).toMatchObject({ customId: "r-0", body: '{"n":0}', tries: 1 });
    expect(await second.claim(id, 1, NOW_MS + LEASE_MS - 1, LEASE_MS)).toEqual([]);
    await first.renew([line], NOW_MS + 30_000, LEASE_MS);
    expect(await second.claim(id, 1, NOW_MS + LEASE_MS, LEASE_MS)).toEqual([]);
    const [again] = await second.claim(id, 1, NOW_MS + 30_000 + LEASE_MS, LEASE_MS);
    expect(again).toMatchObject({ at: 0, tries: 2 });
    expect(await first.finish(line, { ...END, result: '"late"' })).toBe(false);
    expect(again && (await second.finish(again, { ...END, result: '"kept"' }))).toBe(true);
    expect(again && (await second.finish(again, { ...END, result: '"twice"' }))).toBe(false);
    expect(await collected(first.ended(id))).toEqual([
      { at: 0, customId: "r-0", ok: true, result: '"kept"' },
    ]);
  });

  it("a line that is given back waits until its time", async () => {
    const store = open();
    const id = await batchOf(store, 1);
    const [line] = await store.claim(id, 1, NOW_MS, LEASE_MS);
    if (line !== undefined) await store.release(line, NOW_MS + 5_000);
    expect(await store.claim(id, 1, NOW_MS + 4_999, LEASE_MS)).toEqual([]);
    expect(await store.claim(id, 1, NOW_MS + 5_000, LEASE_MS)).toHaveLength(1);
  });

  it("a batch that expires or is cancelled ends its open lines without a result, and keeps the others", async () => {
    const store = open();
    for (const how of ["expired", "cancelled"] as const) {
      const id = await batchOf(store, 3);
      const claimed = await store.claim(id, 2, NOW_MS, LEASE_MS);
      expect(claimed).toHaveLength(2);
      const [one, two] = claimed;
      if (one === undefined || two === undefined) throw new Error("no lines");
      await store.finish(one, END);
      const lateMs = NOW_MS + 86_400_000;
      if (how === "cancelled") {
        await store.cancel(id, NOW_MS);
        expect(await store.settle(NOW_MS)).toBe(false);
        await store.finish(two, END);
        expect(await store.settle(NOW_MS)).toBe(true);
      } else expect(await store.settle(lateMs)).toBe(true);
      expect((await store.batch(id))?.state).toBe(how);
      if (how === "expired") expect(await store.finish(two, END)).toBe(false);
      const results = (await collected(store.ended(id))).map(({ result }) => result !== undefined);
      expect(results).toEqual(how === "expired" ? [true, false, false] : [true, true, false]);
      expect(await store.counts(id)).toMatchObject({ unrun: how === "expired" ? 2 : 1 });
    }
  });

  it("a preparation that was left begins anew in one other process", async () => {
    const [first, second] = [open(), open()];
    made += 1;
    const id = `batch_${made}`;
    const plan = { endpoint: "/v1/embeddings", file: "file-x", window: "24h", invalid: "fail" } as const;
    await first.create({ id, kind: "openai", owner: "me", plan, createdMs: NOW_MS, expiresMs: NOW_MS + 1e6 });
    await first.addLines(id, 0, [{ customId: "r", body: "{}" }], NOW_MS);
    expect(await second.adopt(NOW_MS + 59_999)).toBeUndefined();
    expect((await second.adopt(NOW_MS + 61_000))?.id).toBe(id);
    expect(await first.adopt(NOW_MS + 61_000)).toBeUndefined();
    await expect(first.addLines(id, 1, [{ customId: "s", body: "{}" }], NOW_MS)).rejects.toThrow(
      /another process/,
    );
    expect(await second.counts(id)).toMatchObject({ total: 0 });
    await second.prepared(id, NOW_MS, [{ code: "empty_file", message: "It is empty.", line: 1 }]);
    expect(await first.batch(id)).toMatchObject({ state: "failed", problems: [{ code: "empty_file" }] });
  });

  it("another secret opens nothing", async () => {
    const mine = open();
    const file = { id: `file-${made}`, owner: "me", name: "a", createdMs: NOW_MS, expiresMs: NOW_MS + 1e6 };
    async function* bytes(): AsyncGenerator<Buffer> {
      yield Buffer.from([0, 255, 10]);
    }
    await mine.writeFile(file, bytes());
    expect(Buffer.concat(await collected(mine.readFile(file.id)))).toEqual(Buffer.from([0, 255, 10]));
    await expect(collected(open("t".repeat(20)).readFile(file.id))).rejects.toThrow(/another secret/);
  });
}

describe("in SQLite", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "headgate-batch-store-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  suite(() => ({ kind: "sqlite", path: join(folder, "records.db") }));
});

describe.skipIf(!postgresIsHere)("in PostgreSQL", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  }, 60_000);
  afterAll(() => server.stop());
  suite(() => ({ kind: "postgres", url: server.url }));
});
