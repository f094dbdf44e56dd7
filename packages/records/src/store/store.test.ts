/** One contract for both databases. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { UsageRecord } from "@headgate/contract";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sealOf } from "../seal.ts";
import { freePort, PostgresServer, postgresIsHere } from "../testing/postgres-server.ts";
import { attemptOf, NOON_MS, recordOf } from "../testing/samples.ts";
import { openStore } from "./open-store.ts";
import { postgresDriver } from "./postgres.ts";
import { DAY_MS, HOUR_MS } from "./rollup.ts";
import { sqliteDriver } from "./sqlite.ts";
import { RecordStore } from "./store.ts";

const written = (...records: UsageRecord[]) => records.map((record) => ({ json: JSON.stringify(record) }));
const ever = { sinceMs: NOON_MS - DAY_MS, untilMs: NOON_MS + DAY_MS };

interface Place {
  open(secret?: string): RecordStore;
  clean(): Promise<void>;
}

function contract(name: string, start: () => Promise<Place>): void {
  describe(name, () => {
    let place: Place;
    let store: RecordStore;
    beforeAll(async () => {
      place = await start();
    }, 60_000);
    beforeEach(async () => {
      await place.clean();
      store = place.open();
    });
    afterEach(() => store.close());

    it("finds a record by its id, the newest where a client used the id again", async () => {
      const first = recordOf({ id: "same", status: 200 });
      const second = recordOf({ id: "same", atMs: NOON_MS + 10, status: 201 });
      await store.write(written(first, second));
      expect(await store.find("same")).toEqual({ record: second, others: 1 });
      expect(await store.find("other")).toBeUndefined();
    });

    it("lists by filter, the newest first", async () => {
      const [a, b, c] = [
        recordOf({ atMs: NOON_MS }),
        recordOf({ atMs: NOON_MS + 1_000, outcome: "refused" }),
        recordOf({ atMs: NOON_MS + 2_000, model: "other" }),
      ];
      await store.write(written(b, c, a));
      expect(await store.list({ limit: 10 })).toEqual([c, b, a]);
      expect(await store.list({ limit: 1 })).toEqual([c]);
      expect(await store.list({ limit: 10, outcome: "refused" })).toEqual([b]);
      expect(await store.list({ limit: 10, model: "other", provider: "groq" })).toEqual([c]);
      expect(await store.list({ limit: 10, sinceMs: NOON_MS + 1_000, untilMs: NOON_MS + 1_200 })).toEqual([
        b,
      ]);
      expect(await store.list({ limit: 10, client: "another" })).toEqual([]);
    });

    it("sums requests where they were served, and tokens and cost where each attempt was", async () => {
      await store.write(
        written(
          recordOf({
            attempts: [
              attemptOf({ outcome: "broken", usage: { inputTokens: 7, outputTokens: 1 }, costNanoUsd: 40 }),
              attemptOf({ provider: "mistral", model: "m", key: "MISTRAL_API_KEY", costNanoUsd: 60 }),
            ],
            served: { provider: "mistral", model: "m", upstream: "m", key: "MISTRAL_API_KEY" },
          }),
          recordOf({ outcome: "refused", attempts: [attemptOf({ outcome: "failed", class: "rate_limit" })] }),
        ),
      );
      const rows = await store.usage({ ...ever, by: "provider" });
      expect(
        rows.map(
          ({ name, requests, succeeded, attempts, failed_attempts: failed, tokens, cost_usd: cost }) => [
            name,
            requests,
            succeeded,
            attempts,
            failed,
            tokens.input,
            cost,
          ],
        ),
      ).toEqual([
        ["groq", 1, 0, 2, 2, 17, 4e-8],
        ["mistral", 1, 1, 1, 0, 10, 6e-8],
      ]);
      const [total] = await store.usage(ever);
      expect(total).toMatchObject({ requests: 2, succeeded: 1, attempts: 3, asked_usd: 4e-6, unpriced: 0 });
    });

    it("groups by client, model, key and day, and keeps names that clients invent out of the groups", async () => {
      await store.write(
        written(
          recordOf({ client: "a", atMs: NOON_MS - DAY_MS }),
          recordOf({ client: "b", model: "free", route: "free" }),
        ),
      );
      const { route: _, served: __, ...unknown } = recordOf({ model: "x\n9".repeat(20), attempts: [] });
      await store.write(written(unknown));
      const names = async (by: "client" | "model" | "key" | "day") =>
        (await store.usage({ ...ever, sinceMs: NOON_MS - 2 * DAY_MS, by })).map(({ name }) => name);
      expect(await names("client")).toEqual(["a", "b", "master"]);
      expect(await names("model")).toEqual(["(unknown)", "free", "groq-llama"]);
      expect(await names("key")).toEqual(["", "GROQ_API_KEY"]);
      expect(await names("day")).toEqual(["2026-11-20", "2026-11-21"]);
    });

    it("gives percentiles that are at most 5 % off", async () => {
      const records = Array.from({ length: 100 }, (_, at) => recordOf({ durationMs: 10 * (at + 1) }));
      await store.write(written(...records));
      const [row] = await store.usage(ever);
      expect(Math.abs((row?.duration_ms.p50 ?? 0) / 500 - 1)).toBeLessThan(0.05);
      expect(Math.abs((row?.duration_ms.p95 ?? 0) / 950 - 1)).toBeLessThan(0.05);
      expect(row?.ttft_ms).toEqual({ p50: null, p95: null });
    });

    it("counts a batch once, though its answer was lost and it came again", async () => {
      const records = written(recordOf(), recordOf());
      await store.write(records, "batch");
      await store.write(records, "batch");
      expect((await store.usage(ever))[0]?.requests).toBe(2);
      expect(await store.list({ limit: 10 })).toHaveLength(2);
    });

    it("adds up what two gateways write", async () => {
      const other = place.open();
      // Two SQLite connections of one thread would wait for each other; open.test.ts has two threads.
      for (const one of [store, other, store, other]) await one.write(written(recordOf(), recordOf()));
      await Promise.all([store, store].map((one) => one.write(written(recordOf()))));
      expect((await store.usage(ever))[0]).toMatchObject({ requests: 10, attempts: 10 });
      expect(await other.list({ limit: 100 })).toHaveLength(10);
      await other.close();
    });

    it("tells what went to each key, for forecasts", async () => {
      await store.write(written(recordOf(), recordOf({ attempts: [attemptOf({ key: "GROQ_API_KEY_2" })] })));
      expect(await store.rates(NOON_MS - HOUR_MS, NOON_MS + HOUR_MS)).toEqual([
        { provider: "groq", model: "groq-llama", key: "GROQ_API_KEY", attempts: 1, tokens: 15 },
        { provider: "groq", model: "groq-llama", key: "GROQ_API_KEY_2", attempts: 1, tokens: 15 },
      ]);
      expect(await store.rates(NOON_MS + HOUR_MS, NOON_MS + DAY_MS)).toEqual([]);
    });

    it("deletes records by age, and keeps their sums", async () => {
      const old = recordOf({ atMs: NOON_MS - 10 * DAY_MS });
      const fresh = recordOf();
      await store.write(written(old, fresh));
      await store.sweep({ keepMs: 5 * DAY_MS, maxBytes: 1e9 }, NOON_MS);
      expect(await store.list({ limit: 10 })).toEqual([fresh]);
      const [row] = await store.usage({ sinceMs: NOON_MS - 20 * DAY_MS, untilMs: NOON_MS + 1_000 });
      expect(row?.requests).toBe(2);
    });

    it("deletes the oldest records beyond the size", async () => {
      const records = Array.from({ length: 10 }, (_, at) => recordOf({ atMs: NOON_MS + at }));
      await store.write(written(...records));
      const bytes = JSON.stringify(records[0]).length;
      await store.sweep({ keepMs: DAY_MS, maxBytes: 3.5 * bytes }, NOON_MS);
      expect(await store.list({ limit: 10 })).toEqual(records.slice(-3).reverse());
    });

    it("deletes nothing recent when the clock was set years ahead", async () => {
      await store.write(written(recordOf()));
      await store.sweep({ keepMs: 5 * DAY_MS, maxBytes: 1e9 }, NOON_MS + 4_000 * DAY_MS);
      expect(await store.list({ limit: 10 })).toHaveLength(1);
      expect((await store.usage(ever))[0]?.requests).toBe(1);
    });

    it("keeps text that would harm a label or a statement", async () => {
      const hostile = recordOf({
        id: "a",
        model: "m\u0000\n'; DROP TABLE usage_record; --",
        client: "c\nlabel 1",
      });
      await store.write(written(hostile));
      expect((await store.find("a"))?.record).toEqual(hostile);
      expect((await store.usage({ ...ever, by: "client" }))[0]?.name).toBe("c·label 1");
    });

    it("keeps bodies that only the right secret opens", async () => {
      await store.close();
      store = place.open("a secret");
      const record = recordOf({ id: "b" });
      const bodies = { uid: record.uid, request: "my question" };
      await store.write([{ json: JSON.stringify(record), bodies }]);
      expect((await store.find("b"))?.bodies).toEqual(bodies);
      const other = place.open("another");
      expect(await other.find("b")).toEqual({ record, sealed: true, others: 0 });
      await other.close();
      await store.sweep({ keepMs: DAY_MS, maxBytes: 0 }, NOON_MS);
      expect(await store.find("b")).toBeUndefined();
    });
  });
}

const seal = (secret: string | undefined) => (secret === undefined ? undefined : sealOf(secret));
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

contract("records in SQLite", async () => {
  let path = "";
  return {
    open: (secret) => new RecordStore(sqliteDriver({ path, warn: () => {}, nowMs: NOON_MS }), seal(secret)),
    async clean() {
      const folder = mkdtempSync(join(tmpdir(), "headgate-records-"));
      folders.push(folder);
      path = join(folder, "records.db");
    },
  };
});

describe.skipIf(!postgresIsHere)("with a PostgreSQL server", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  }, 60_000);
  afterAll(() => server.stop(), 60_000);

  const query = async (text: string): Promise<void> => {
    const client = postgres(server.url, { max: 1, onnotice: () => {} });
    await client.unsafe(text);
    await client.end();
  };
  const clean = () => query("DROP SCHEMA public CASCADE; CREATE SCHEMA public");

  contract("records in PostgreSQL", async () => ({
    open: (secret) => new RecordStore(postgresDriver(server.url), seal(secret)),
    clean,
  }));

  it("adds up what two gateways write at the same moment", async () => {
    await clean();
    const stores = [0, 1].map(() => new RecordStore(postgresDriver(server.url), undefined));
    await Promise.all(
      stores.flatMap((one) => Array.from({ length: 10 }, () => one.write(written(recordOf(), recordOf())))),
    );
    const rows = await stores[0]?.usage(ever);
    expect(rows?.[0]).toMatchObject({ requests: 40, attempts: 40 });
    await Promise.all(stores.map((one) => one.close()));
  });

  it("refuses tables that a newer version made", async () => {
    await clean();
    const store = await openStore({ kind: "postgres", url: server.url }, undefined, () => {});
    await store.close();
    await query("UPDATE headgate_schema SET version = 99");
    await expect(openStore({ kind: "postgres", url: server.url }, undefined, () => {})).rejects.toThrow(
      /newer Headgate \(version 99.*Update Headgate/,
    );
  });

  it("waits for a server that is away, and says so", async () => {
    const warnings: string[] = [];
    const away = `postgres://headgate@127.0.0.1:${await freePort()}/postgres`;
    const store = await openStore({ kind: "postgres", url: away }, undefined, (text) => warnings.push(text));
    expect(warnings).toEqual([expect.stringMatching(/cannot be reached.*records wait for it/)]);
    await store.close();
  });
});

it("names the variable of an address that is none", () => {
  expect(() => postgresDriver("mysql://x")).toThrow(/HEADGATE_DATABASE_URL.*postgres:\/\//);
});
