/** One contract for both databases, and what a gateway sees of a change that another process makes. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clientIdIn } from "@headgate/contract";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { DatabasePlace } from "../place.ts";
import { freePort, PostgresServer, postgresIsHere } from "../testing/postgres-server.ts";
import { type OpenClients, openClients, openLiveClients } from "./live.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 12);
const hashOf = (key: string): string => createHash("sha256").update(key).digest("hex");

function contract(name: string, start: () => Promise<{ place: DatabasePlace; stop(): Promise<void> }>): void {
  describe(name, () => {
    let place: DatabasePlace;
    let stop: () => Promise<void>;
    let nowMs = NOW_MS;
    const opened: OpenClients[] = [];
    const open = async (warn: (text: string) => void = (text) => expect.fail(text)): Promise<OpenClients> => {
      const live = await openLiveClients({ place, warn, nowMs: () => nowMs });
      opened.push(live);
      return live;
    };
    beforeAll(async () => {
      ({ place, stop } = await start());
    }, 60_000);
    afterEach(async () => {
      await Promise.all(opened.map((live) => live.close()));
      opened.length = 0;
      nowMs = NOW_MS;
    });
    afterAll(() => stop());

    it("keeps a hash of each key, and nothing that opens anything", async () => {
      const live = await open();
      const { id, key } = await live.add({ name: "a", rules: { rpm: 3 }, expires_at_ms: NOW_MS + 5 });
      expect(clientIdIn(key)).toBe(id);
      expect(live.current()).toEqual([
        {
          id,
          name: "a",
          rules: { rpm: 3 },
          keys: [{ hash: hashOf(key) }],
          created_at_ms: NOW_MS,
          expires_at_ms: NOW_MS + 5,
        },
      ]);
    });

    it("edits by name or id; null removes, and what is not named stays", async () => {
      const live = await open();
      const { id } = await live.add({ name: "b", rules: { rpm: 3, tpm: 5 } });
      await live.edit(id, { rules: { rpm: null, rpd: 7 }, expires_at_ms: NOW_MS + 9 });
      expect(await live.edit("b", { rules: {} })).toMatchObject({
        rules: { tpm: 5, rpd: 7 },
        expires_at_ms: NOW_MS + 9,
      });
      expect(await live.edit("b", { rules: {}, expires_at_ms: null })).not.toHaveProperty("expires_at_ms");
    });

    it("rotates: the old key ends after the grace period, and never later than an earlier one said", async () => {
      const live = await open();
      const first = await live.add({ name: "c", rules: {} });
      const second = await live.rotate("c", 1_000);
      nowMs += 500;
      const third = await live.rotate("c", 10_000);
      const [client] = (await live.list()).filter((one) => one.name === "c");
      expect(client?.keys).toEqual([
        { hash: hashOf(third.key) },
        { hash: hashOf(second.key), until_ms: NOW_MS + 10_500 },
        { hash: hashOf(first.key), until_ms: NOW_MS + 1_000 },
      ]);
      nowMs += 1_000;
      await live.rotate("c", 0);
      expect((await live.list()).find((one) => one.name === "c")?.keys).toHaveLength(1);
    });

    it("revokes for good; the name may be used again", async () => {
      const live = await open();
      const { id } = await live.add({ name: "d", rules: {} });
      await expect(live.add({ name: "d", rules: {} })).rejects.toMatchObject({ code: "client_exists" });
      expect(await live.revoke("d")).toMatchObject({ keys: [], revoked_at_ms: NOW_MS });
      await expect(live.rotate("d", 0)).rejects.toThrow(/the client "d" is revoked/);
      await expect(live.edit("never", { rules: {} })).rejects.toMatchObject({ code: "unknown_client" });
      const again = await live.add({ name: "d", rules: {} });
      expect(again.id).not.toBe(id);
    });

    it("shows another process's change within a second", async () => {
      const [gateway, command] = [
        await open(),
        await openClients({ place, warn: () => {}, nowMs: () => nowMs }),
      ];
      const seen: number[] = [];
      gateway.onChange((clients) => seen.push(clients.filter((one) => one.name === "e").length));
      const startedAtMs = performance.now();
      await command.add({ name: "e", rules: {} });
      await expect.poll(() => seen.at(-1), { timeout: 1_000, interval: 20 }).toBe(1);
      expect(performance.now() - startedAtMs).toBeLessThan(1_000);
      await command.close();
    });

    it("lets only one of many that add a name at once have it", async () => {
      const [a, b] = [await open(), await open()];
      const tries = await Promise.allSettled(
        Array.from({ length: 10 }, (_, at) => (at % 2 === 0 ? a : b).add({ name: "f", rules: {} })),
      );
      expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect((await a.list()).filter((one) => one.name === "f")).toHaveLength(1);
    });
  });
}

contract("clients in SQLite", async () => {
  const folder = mkdtempSync(join(tmpdir(), "headgate-clients-"));
  return {
    place: { kind: "sqlite", path: join(folder, "records.db") },
    stop: async () => rmSync(folder, { recursive: true }),
  };
});

describe.skipIf(!postgresIsHere)("with a server", () => {
  contract("clients in PostgreSQL", async () => {
    const server = await PostgresServer.start();
    return { place: { kind: "postgres", url: server.url }, stop: () => server.stop() };
  });
});

it("has no list while its server was never there, and says so once", async () => {
  const warnings: string[] = [];
  const live = await openLiveClients({
    place: { kind: "postgres", url: `postgres://headgate@127.0.0.1:${await freePort()}/postgres` },
    warn: (text) => warnings.push(text),
    nowMs: () => NOW_MS,
  });
  expect(live.current()).toBeUndefined();
  expect(warnings).toEqual([
    expect.stringMatching(/the list of clients cannot be read .* the last one stays/),
  ]);
  await live.close();
});
