import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { StoreSettingError } from "./failures.ts";
import { openStore } from "./open-store.ts";
import { claim, MINUTE, meter } from "./testing/claims.ts";
import { RedisServer, redisIsHere } from "./testing/redis-server.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "headgate-open-"));
  path = join(folder, "state.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

const cooldown = (id: string, untilMs: number) => ({ id, untilMs, streak: 1 });

describe("opening the configured store", () => {
  it("keeps nothing on disk when memory alone is configured", async () => {
    const store = await openStore({ memory: true, path });
    store.saveCooldowns([cooldown("a", 1)]);
    await store.close();
    expect(store.shared).toBeUndefined();
    expect(existsSync(path)).toBe(false);
  });

  it("keeps a file, in which one process needs no shared limits", async () => {
    const store = await openStore({ path });
    store.saveCooldowns([cooldown("a", 1)]);
    await store.close();
    expect(store.shared).toBeUndefined();
    const again = await openStore({ path });
    expect((await again.load()).cooldowns).toEqual([cooldown("a", 1)]);
    await again.close();
  });

  it("refuses settings that contradict each other, or name no store, and leaves nothing open", async () => {
    const refused = async (options: Parameters<typeof openStore>[0], why: string) => {
      const opening = openStore(options);
      await expect(opening).rejects.toThrow(StoreSettingError);
      await expect(opening).rejects.toThrow(why);
    };
    await refused({}, "HEADGATE_STATE_DIR or HEADGATE_REDIS_URL");
    await refused({ memory: true, redisUrl: "redis://x" }, "choose one");
    await refused({ redisUrl: "http://x", path }, "HEADGATE_REDIS_URL");
    // A file that is still open has its log beside it.
    expect(existsSync(`${path}-wal`)).toBe(false);
  });

  it.skipIf(!redisIsHere)(
    "remembers in the file while Redis is away, and the longer cooldown counts",
    async () => {
      const server = await new RedisServer().start();
      onTestFinished(() => server.stop());
      const nowMs = Date.now();
      const first = await openStore({ path, redisUrl: server.url });
      first.saveCooldowns([cooldown("a", nowMs + 5_000), cooldown("b", nowMs + 5_000)]);
      first.saveMeters([{ id: "m", data: "1" }]);
      await first.close();
      await server.kill();

      const logged: string[] = [];
      const alone = await openStore({ path, redisUrl: server.url, warn: (text) => logged.push(text) });
      expect(logged).toHaveLength(1);
      expect((await alone.load()).cooldowns.map(({ id }) => id)).toEqual(["a", "b"]);
      expect((await alone.load()).meters).toEqual([{ id: "m", data: "1" }]);
      await expect(alone.shared?.reserve([claim([meter("rpm", MINUTE, 1)])], nowMs)).rejects.toThrow(
        "is away",
      );
      await alone.close();

      await server.start();
      const other = await openStore({ redisUrl: server.url });
      other.saveCooldowns([cooldown("a", nowMs + 9_000), cooldown("b", nowMs + 1_000)]);
      await other.close();
      const both = await openStore({ path, redisUrl: server.url });
      expect(new Set((await both.load()).cooldowns)).toEqual(
        new Set([cooldown("a", nowMs + 9_000), cooldown("b", nowMs + 5_000)]),
      );
      await both.close();
      await server.stop();
    },
  );
});
